# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Export a model as an ONNX graph from joint positions to the unit vector; it runs without torch.

Float32, or int8 by static quantisation: weights and activations have 256 steps, with ranges measured
on clips.  The graph is compared with the torch model before it is written.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.embedding.network import network_of
from skeleton_dml_ros.embedding.onnx_engine import (
    DIGEST,
    EMBEDDINGS,
    GRAPHS,
    IMAGES,
    POSITIONS,
    PRECISIONS,
    open_graph,
)
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.representations import Representation
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence

MAX_DIFFERENCE = {"onnx": 1e-3, "int8": 0.25}
"""Maximum mean Euclidean distance between the embeddings of the torch model and of the graph.  Two
clips of one action are about 0.7 apart."""

OPERATORS = ("Conv", "MaxPool", "Add", "Relu")
"""Operators in int8; the embedder's single layer would not become faster."""

BATCH = 16
"""Batch size for export and comparison; the graph takes any number."""


class ExportError(SkeletonDmlError):
    """A model cannot be exported, or its graph gives other results."""


@dataclass(frozen=True)
class Exported:
    """An exported graph.

    Attributes:
        path: of the file.
        clips: number of clips used to compare it with the torch model.
        mean_distance: mean distance between the embeddings of both.
        largest_distance: maximum distance.
    """

    path: Path
    clips: int
    mean_distance: float
    largest_distance: float


def export_model(model: Model, name: str, clips: Sequence[SkeletonSequence]) -> Exported:
    """Write the model's graph into its folder, after comparing it with the torch model.

    Args:
        model: from :func:`skeleton_dml_ros.embedding.model.load_model`.
        name: engine of the graph, ``onnx`` or ``int8``.
        clips: for the comparison and for the ranges of int8; of many actions.

    Raises:
        ExportError: a package is missing; no clip can be embedded; the folder cannot be written;
            or the graph gives other results.
        SkeletonDmlError: a clip has more than two people.
    """
    _check_installed()
    prepared = _prepared(model, clips)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / GRAPHS[name]
        wanted = _write_float32(model, prepared, path)
        if PRECISIONS[name] == "int8":
            _quantise(path, prepared)
        _state_origin(path, model)
        distances = _distances(path, prepared, wanted)
        mean = float(distances.mean())
        if not mean <= MAX_DIFFERENCE[name]:
            raise ExportError(
                f"the graph's embeddings are {mean:.3f} from the model's on average, and "
                f"{MAX_DIFFERENCE[name]:g} is the most; give other or more clips"
            )
        target = model.folder / GRAPHS[name]
        _put(path, target)
    return Exported(target, len(distances), mean, float(distances.max()))


class _Graph(nn.Module):
    """The exported module: image and network."""

    def __init__(self, representation: Representation, network: nn.Module) -> None:
        super().__init__()
        self.representation = representation
        self.network = network

    def forward(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, frames, bodies, 25, 3) to unit vectors and images."""
        images = self.representation(positions)
        return self.network(images), images


def _check_installed() -> None:
    for package in ("onnx", "onnxscript", "onnxruntime"):
        try:
            __import__(package)
        except ModuleNotFoundError:
            raise ExportError(
                f"{package} is not installed, and exporting needs it; "
                "pip install 'skeleton_dml_ros[export]'"
            ) from None


def _prepared(model: Model, clips: Sequence[SkeletonSequence]) -> list[NDArray[np.float32]]:
    """Batches (clips, frames, bodies, 25, 3), each with the same number of people in all clips."""
    if model.card.preparation.frames == 0:
        raise ExportError(
            f"{model.folder} takes clips of their own length (preparation.frames is 0), and a "
            "graph has a fixed one; train a model with a number of frames"
        )
    prepared: dict[int, list[NDArray[np.float32]]] = {}
    for clip in clips:
        with contextlib.suppress(SkeletonError):
            whole = model.card.preparation(clip)
            prepared.setdefault(clip.bodies, []).append(whole)
    if not prepared:
        raise ExportError("none of the clips can be embedded; give clips of whole people")
    return [
        np.stack(alike[begin : begin + BATCH])
        for alike in prepared.values()
        for begin in range(0, len(alike), BATCH)
    ]


def _write_float32(
    model: Model, batches: Sequence[NDArray[np.float32]], path: Path
) -> list[NDArray[np.float32]]:
    """Write the graph; returns the torch model's embeddings of each batch."""
    graph = _Graph(model.representation, network_of(model)).eval()
    frames = model.card.preparation.frames
    # Not one clip or one body, since the exporter takes a size of one for a constant.
    example = torch.linspace(-1, 1, 2 * frames * 2 * 25 * 3).view(2, frames, 2, 25, 3)
    sizes = {0: torch.export.Dim("batch", min=1), 2: torch.export.Dim("bodies", min=1, max=2)}
    with _quiet():
        program = torch.onnx.export(
            graph,
            (example,),
            dynamo=True,
            dynamic_shapes={POSITIONS: sizes},
            input_names=[POSITIONS],
            output_names=[EMBEDDINGS, IMAGES],
            external_data=False,
        )
        assert program is not None  # it is None without dynamo only
        program.save(path)
    with torch.inference_mode():
        return [graph(torch.from_numpy(batch))[0].numpy() for batch in batches]


def _quantise(path: Path, batches: Sequence[NDArray[np.float32]]) -> None:
    """Quantise the graph to int8.

    The image is computed in float32 and quantised at the network's input.
    """
    import onnx
    from onnxruntime.quantization import (
        CalibrationDataReader,
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """Returns the batches, then None."""

        def __init__(self) -> None:
            self._batches: Iterator[NDArray[np.float32]] = iter(batches)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            batch = next(self._batches, None)
            return None if batch is None else {POSITIONS: batch}

    quantised = path.with_suffix(".quantised")
    with _quiet():
        quantize_static(
            path,
            quantised,
            Reader(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(OPERATORS),
            nodes_to_exclude=_drawing(onnx.load(path).graph.node),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
    quantised.replace(path)


def _drawing(nodes: Sequence[Any]) -> list[str]:
    """Names of a graph's nodes that compute the image: those before the first convolution."""
    first = next(index for index, node in enumerate(nodes) if node.op_type == "Conv")
    return [node.name for node in nodes[:first]]


def _state_origin(path: Path, model: Model) -> None:
    """Store the model's digest in the graph, and remove traces of this machine."""
    import onnx

    graph = onnx.load(path)
    del graph.metadata_props[:]
    for node in graph.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    entry = graph.metadata_props.add()
    entry.key, entry.value = DIGEST, model.digest
    onnx.save(graph, path)


def _distances(
    path: Path, batches: Sequence[NDArray[np.float32]], wanted: Sequence[NDArray[np.float32]]
) -> NDArray[np.float64]:
    """(clips,) distances of the graph's embeddings from the expected ones."""
    session = open_graph(path, threads=1)
    given = [session.run([EMBEDDINGS], {POSITIONS: batch})[0] for batch in batches]
    difference = np.concatenate(given).astype(np.float64) - np.concatenate(wanted)
    distances: NDArray[np.float64] = np.linalg.norm(difference, axis=1)
    return distances


def _put(path: Path, target: Path) -> None:
    """Copy a file atomically."""
    temporary = target.with_name(target.name + ".new")
    try:
        with temporary.open("wb") as file:
            file.write(path.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise ExportError(
            f"{target} cannot be written: {error.strerror}; copy the model's folder to a place "
            "where you may write, and export it there"
        ) from None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporters' progress messages."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
