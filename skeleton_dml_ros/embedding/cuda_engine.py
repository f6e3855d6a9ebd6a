# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Half-precision engine on a CUDA device, with CUDA graphs.

For one clip, launching the network's many small kernels takes a GPU longer than computing them.  A
CUDA graph launches all kernels of one batch shape, from joints to the unit vector, at once.  There
are graphs for a few batch sizes, and batches are padded to the next one.  All graphs are recorded
when the engine is made, so the first clip is as fast as the others.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.embedding.model_engine import LARGEST_BATCH
from skeleton_dml_ros.embedding.preparation import MAX_BODIES
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.skeleton.layouts import NTU_25

logger = logging.getLogger(__name__)

BATCHES = (1, 2, 4, 8, 16, 32, LARGEST_BATCH)
"""Batch sizes with a graph."""

WARM_UPS = 3
"""Warm-up runs before recording, in which libraries choose kernels and allocate memory."""


class CudaEngine(TorchEngine):
    """Embeds clips in half precision; the image and the last layer are computed in float32.

    Without graphs the result is the same: on the CPU, for models that keep each clip's number of
    frames, and if recording fails, which is logged.

    Args:
        model: from :func:`skeleton_dml_ros.embedding.model.load_model`.
        device: ``cuda``, ``cuda:1``, ...

    Raises:
        SkeletonDmlError: as for :class:`TorchEngine`.
    """

    precision = "float16"

    def __init__(self, model: Model, device: str = "cuda") -> None:
        super().__init__(model, device)
        assert self._network is not None
        self._network.trunk.half()
        self._graphs: dict[tuple[int, int], _Graph] = {}
        frames = model.card.preparation.frames
        if self.device.type == "cuda" and frames:
            self._record(frames)

    @torch.inference_mode()
    def _compute(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        graph = self._graphs.get((padded_size(len(clips)), clips.shape[2]))
        if graph is not None:
            return graph.compute(clips)
        embeddings: NDArray[np.float32] = (
            self._embed(torch.from_numpy(clips).to(self.device)).cpu().numpy()
        )
        return embeddings

    def _embed(self, positions: Tensor) -> Tensor:
        assert self._network is not None
        images = self._representation(positions)
        halved = images.to(torch.float16, memory_format=torch.channels_last)
        features = self._network.trunk(halved).to(torch.float32)
        return functional.normalize(self._network.embedder(features), dim=1)

    def _free(self) -> None:
        self._graphs.clear()
        super()._free()

    @torch.inference_mode()
    def _record(self, frames: int) -> None:
        """Record a graph for each batch size, for one person and for two."""
        try:
            with torch.cuda.device(self.device):
                # Only one graph runs at a time, and its result is copied before the next one runs.
                pool = torch.cuda.graph_pool_handle()
                for bodies in range(1, MAX_BODIES + 1):
                    for size in BATCHES:
                        shape = (size, frames, bodies, len(NTU_25.joint_names), 3)
                        self._graphs[size, bodies] = _Graph(self, shape, pool)
        except RuntimeError as error:
            self._graphs.clear()
            logger.warning(
                "%s: CUDA graphs cannot be recorded, so a clip takes longer: %s",
                self.device_name,
                str(error).splitlines()[0],
            )


class _Graph:
    """CUDA graph of one batch shape, with its input and output memory.

    Args:
        engine: whose computation is recorded, on the current device.
        shape: of the positions.
        pool: memory pool, shared by graphs that never run at the same time.
    """

    def __init__(self, engine: CudaEngine, shape: tuple[int, ...], pool: Any) -> None:
        self._device = engine.device
        self._host = torch.zeros(shape, pin_memory=True)
        self._positions = torch.zeros(shape, device=engine.device)
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                engine._embed(self._positions)
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        # Other threads may use the device meanwhile.
        with torch.cuda.graph(self._graph, pool=pool, capture_error_mode="thread_local"):
            self._embeddings = engine._embed(self._positions)

    def compute(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embeddings of at most as many clips as the graph's batch size."""
        with torch.cuda.device(self._device):
            self._host[: len(clips)] = torch.from_numpy(clips)
            self._positions.copy_(self._host, non_blocking=True)
            self._graph.replay()
            embeddings: NDArray[np.float32] = self._embeddings[: len(clips)].cpu().numpy()
        return embeddings


def padded_size(clips: int) -> int:
    """Smallest batch size that holds this many clips, or the largest size if none does."""
    return next((size for size in BATCHES if size >= clips), BATCHES[-1])
