# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Choose an engine: the given one, or the fastest available.

torch is imported only if it is used, since importing it takes most of the start-up time.
"""

from __future__ import annotations

import importlib.util
import logging
import time
from pathlib import Path

import numpy as np

from skeleton_dml_ros.embedding.dummy_clip import dummy_clip
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.embedding.model_engine import ModelEngine
from skeleton_dml_ros.embedding.onnx_engine import GRAPHS, OnnxEngine, has_graph
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.shared_files import failing_import, import_failure

logger = logging.getLogger(__name__)

ENGINES = ("auto", "torch", "cuda", *GRAPHS)
"""Choices: the fastest; torch in float32, or in half precision on a GPU; ONNX Runtime in float32 or
int8."""

TRIALS = 5
"""Clips that are embedded to measure an engine, after a first one."""

NVIDIA_DEVICES = ("/dev/nvidia0", "/dev/nvhost-gpu", "/dev/nvgpu")
"""Device files; a machine with a CUDA GPU has one of them.  Asking torch would import it."""


def make_engine(model: Model, engine: str = "auto", device: str = "auto") -> ModelEngine:
    """Make the engine that embeds clips with a model.

    ``auto`` is ``cuda`` if there is a GPU.  Otherwise it is the fastest exported graph in the model's
    folder, measured on a few clips, or torch on the CPU without one.  The log says which and why.

    Args:
        model: from :func:`skeleton_dml_ros.embedding.model.load_model`.
        engine: one of :data:`ENGINES`.
        device: ``cpu``, ``cuda``, ``cuda:1``, ..., or ``auto``; exported graphs compute on the CPU.

    Raises:
        SkeletonDmlError: the engine does not exist; or it, its graph, the device or a package
            cannot be used.
    """
    if engine not in ENGINES:
        raise SkeletonDmlError(f"engine is {engine!r}; give {', '.join(ENGINES)}")
    try:
        return _make_engine(model, engine, device)
    except Exception as error:
        package = failing_import(error)
        if package is None:
            raise
        raise SkeletonDmlError(import_failure(package, error)) from error


def _make_engine(model: Model, engine: str, device: str) -> ModelEngine:
    if engine in GRAPHS:
        if device not in ("auto", "cpu"):
            raise SkeletonDmlError(
                f"engine {engine} computes on the CPU, not on {device!r}; give device cpu, or "
                "engine torch"
            )
        return OnnxEngine(model, engine)
    if engine == "torch":
        return _torch_engine(model, device)
    if engine == "cuda":
        if device == "cpu":
            raise SkeletonDmlError(
                "engine cuda computes on a GPU, not on the CPU; give device auto, or another engine"
            )
        return _cuda_engine(model, device)
    if device == "cpu" or (device == "auto" and not cuda_is_there()):
        return _fastest_on_cpu(model)
    chosen = _cuda_engine(model, device)
    logger.info("engine cuda on %s", chosen.device_name)
    return chosen


def gpu_may_be_there() -> bool:
    """Whether the machine has a GPU that CUDA might use."""
    return any(Path(path).exists() for path in NVIDIA_DEVICES)


def cuda_is_there() -> bool:
    """Whether torch can compute on a GPU; torch is imported only if the machine may have one."""
    if not gpu_may_be_there():
        return False
    try:
        import torch
    except Exception as error:
        logger.warning("the GPU is not used: %s", import_failure("torch", error))
        return False
    return torch.cuda.is_available()


def _fastest_on_cpu(model: Model) -> ModelEngine:
    exported = [name for name in GRAPHS if has_graph(model, name)]
    if not exported:
        logger.info(
            "engine torch on cpu: the model was not exported; several times as fast and sooner "
            "started is skeleton-dml export %s --to int8",
            model.folder,
        )
        return _torch_engine(model, "cpu")
    if importlib.util.find_spec("onnxruntime") is None:
        logger.info(
            "engine torch on cpu: onnxruntime is not installed, which computes the exported model "
            "several times as fast; pip install 'skeleton_dml_ros[onnx]'"
        )
        return _torch_engine(model, "cpu")
    try:
        engines = {name: OnnxEngine(model, name) for name in exported}
    except SkeletonDmlError as error:
        logger.warning("engine torch on cpu: %s", error)
        return _torch_engine(model, "cpu")
    seconds = {name: seconds_a_clip(one) for name, one in engines.items()}
    chosen = min(seconds, key=seconds.__getitem__)
    logger.info(
        "engine %s on cpu: %s; torch was not tried, since its import takes seconds",
        chosen,
        ", ".join(f"{name} {1000 * value:.1f} ms a clip" for name, value in seconds.items()),
    )
    return engines[chosen]


def seconds_a_clip(engine: ModelEngine) -> float:
    """Median time of embedding one clip, after a first one."""
    clip = dummy_clip()
    engine.embed([clip])
    taken = []
    for _ in range(TRIALS):
        started = time.perf_counter()
        engine.embed([clip])
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


def _torch_engine(model: Model, device: str) -> ModelEngine:
    from skeleton_dml_ros.embedding.torch_engine import TorchEngine

    return TorchEngine(model, device)


def _cuda_engine(model: Model, device: str) -> ModelEngine:
    import torch

    from skeleton_dml_ros.embedding.cuda_engine import CudaEngine

    if device == "auto" and not torch.cuda.is_available():
        raise SkeletonDmlError(
            "engine cuda needs a GPU that torch can use, and finds none; give engine auto, torch, "
            f"{', '.join(GRAPHS)}"
        )
    return CudaEngine(model, "cuda" if device == "auto" else device)
