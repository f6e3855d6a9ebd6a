# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Engine for exported graphs with ONNX Runtime on a CPU, without torch.

The graph computes the image and the unit vector from prepared joint positions.
:mod:`skeleton_dml_ros.embedding.export` writes it into the model's folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.huge_pages import use_huge_pages
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.embedding.model_engine import ModelEngine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.shared_files import import_failure

GRAPHS = {"onnx": "float32.onnx", "int8": "int8.onnx"}
"""Engines that run a graph, and the graph's file in the model's folder."""

PRECISIONS = {"onnx": "float32", "int8": "int8"}
"""Their precision."""

POSITIONS, EMBEDDINGS, IMAGES = "positions", "embeddings", "images"
"""Names in a graph: (batch, frames, bodies, 25, 3) float32 to (batch, dimension) and to
(batch, 3, height, width)."""

DIGEST = "model_digest"
"""Entry of a graph's metadata: the digest of the model that it was exported from."""

MAX_THREADS = 4
"""Maximum number of threads; more gain nothing for one clip."""


class GraphError(SkeletonDmlError):
    """A model's exported graph is missing, damaged, or of another model."""


class OnnxEngine(ModelEngine):
    """Embeds clips with a model's exported graph.

    Args:
        model: from :func:`skeleton_dml_ros.embedding.model.load_model`.
        name: ``onnx``, float32, or ``int8``.
        threads: number of threads; None for the number of cores, at most four.

    Raises:
        GraphError: the model has no such graph, or the file is damaged or of another model.
        SkeletonDmlError: ONNX Runtime is not installed.
    """

    def __init__(self, model: Model, name: str = "int8", threads: int | None = None) -> None:
        path = model.folder / GRAPHS[name]
        if threads is None:
            threads = min(os.cpu_count() or 1, MAX_THREADS)
        self._session: Any = open_graph(path, threads)
        digest = self._session.get_modelmeta().custom_metadata_map.get(DIGEST)
        if digest != model.digest:
            raise GraphError(
                f"{path} was exported from another model than {model.folder} holds; export it "
                f"again: skeleton-dml export {model.folder} --to {name}"
            )
        use_huge_pages()
        super().__init__(model, "onnx", PRECISIONS[name], "cpu")

    def _compute(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._run(EMBEDDINGS, clips)

    def _draw(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._run(IMAGES, clips)

    def _run(self, output: str, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        result: NDArray[np.float32] = self._session.run([output], {POSITIONS: clips})[0]
        return result

    def _free(self) -> None:
        self._session = None


def has_graph(model: Model, name: str) -> bool:
    """Whether the model's folder has the graph of this engine."""
    return (model.folder / GRAPHS[name]).is_file()


def open_graph(path: Path, threads: int) -> Any:
    """A session of ONNX Runtime for the graph.

    Its threads spin within a batch, which saves a fifth of the time, and sleep between batches.

    Raises:
        GraphError: the file is missing or damaged.
        SkeletonDmlError: ONNX Runtime is not installed.
    """
    runtime = _onnx_runtime()
    if not path.is_file():
        name = next((name for name, file in GRAPHS.items() if file == path.name), path.stem)
        raise GraphError(
            f"{path.parent} holds no {path.name}; export it: "
            f"skeleton-dml export {path.parent} --to {name}"
        )
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.force_spinning_stop", "1")
    # Its warnings are about the export and of no use here.
    options.log_severity_level = 3
    try:
        # ONNX Runtime refuses a path that is not UTF-8.
        return runtime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        # ONNX Runtime's errors have no common class below Exception.
        reason = str(error).splitlines()[0]
        raise GraphError(f"{path} cannot be used: {reason}; export it again") from None


def _onnx_runtime() -> ModuleType:
    try:
        import onnxruntime
    except ModuleNotFoundError:
        raise SkeletonDmlError(
            "onnxruntime is not installed, and an exported model needs it; "
            "pip install 'skeleton_dml_ros[onnx]', or take --engine torch"
        ) from None
    except Exception as error:
        raise SkeletonDmlError(
            f"{import_failure('onnxruntime', error)}, or take --engine torch"
        ) from None
    module: ModuleType = onnxruntime
    return module
