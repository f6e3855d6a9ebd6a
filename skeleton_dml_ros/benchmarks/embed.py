# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Embedding speed of the model's engines, compared with the paper's method.

The baseline is a ResNet18 in float32 on 256x256 pixels, computed by torch.  The same network on the
model's image shows the gain of the smaller image; the exported graphs, or half precision on a GPU, show
the gain of the engine.  All embed the same prepared clips in turn, in one process with the same number
of threads; preparation is measured separately.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from skeleton_dml_ros.benchmarks.machine import machine
from skeleton_dml_ros.datasets.synthetic_actor import Person, action_names, perform
from skeleton_dml_ros.embedding.architecture import Architecture
from skeleton_dml_ros.embedding.cuda_engine import CudaEngine
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.embedding.onnx_engine import GRAPHS, OnnxEngine, has_graph
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.representations.skeleton_dml import FaithfulSkeletonDML

PAPER_SIZE = FaithfulSkeletonDML.size
"""Height and width of the paper's image."""

BATCHES = (1, 8, 64)
"""Clips embedded at once: one, the usual case on a robot, up to an engine's maximum."""

BLOCK = 5
"""Consecutive rounds of one method before the next method's turn."""

Compute = Callable[[NDArray[np.float32]], object]


@dataclass(frozen=True)
class EmbedMeasurement:
    """Speed of one method.

    Attributes:
        name: shown to users.
        engine: ``torch``, ``cuda``, ``onnx`` or ``int8``.
        image: height and width of a person's image.
        seconds: of each round, by batch size.
    """

    name: str
    engine: str
    image: tuple[int, int]
    seconds: dict[int, tuple[float, ...]]

    def milliseconds(self, batch: int, percentile: float = 50) -> float:
        """Milliseconds of a batch: the median of the rounds, or another percentile."""
        return 1000 * float(np.percentile(self.seconds[batch], percentile))


@dataclass(frozen=True)
class EmbedBenchmark:
    """Result of the benchmark.

    Attributes:
        measurements: the paper's method, torch at the model's size, and each exported graph or the
            GPU's engine.
        preparation_seconds: median seconds of cleaning, mapping, normalising and resampling a clip.
        frames: mean frames of a clip before preparation.
        threads: number of threads.
        device: name of the device.
        machine: processor, and versions of Python and numpy.
    """

    measurements: tuple[EmbedMeasurement, ...]
    preparation_seconds: float
    frames: float
    threads: int
    device: str
    machine: str

    def faster(self, method: int, than: int = 0, batch: int = 1) -> float:
        """Speed of one method relative to another, by the medians of a batch."""
        first, second = self.measurements[than], self.measurements[method]
        return first.milliseconds(batch) / second.milliseconds(batch)


def benchmark_embed(
    model: Model,
    rounds: int,
    threads: int | None = None,
    batches: tuple[int, ...] = BATCHES,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> EmbedBenchmark:
    """Embed the same clips by each method.

    Args:
        model: whose network, image and graphs are measured.
        rounds: number of times that each method embeds each batch.
        threads: number of threads; None for torch's default.
        batches: batch sizes.
        device: ``cpu`` measures the exported graphs, ``cuda`` the GPU's engine.
        progress: called with the number of measurements done and of all measurements.

    Raises:
        SkeletonDmlError: a graph is damaged or of another model, or the device does not exist.
    """
    before = torch.get_num_threads()
    threads = threads or before
    torch.set_num_threads(threads)
    try:
        return _measure(model, rounds, threads, batches, device, progress)
    finally:
        torch.set_num_threads(before)


def _measure(
    model: Model,
    rounds: int,
    threads: int,
    batches: tuple[int, ...],
    device: str,
    progress: Callable[[int, int], None],
) -> EmbedBenchmark:
    generator = np.random.default_rng(0)
    actions = action_names()
    recorded = [
        perform(actions[number % len(actions)], Person.sample(generator), generator)
        for number in range(max(batches))
    ]
    preparing = []
    prepared = []
    for clip in recorded:
        begin = time.perf_counter()
        prepared.append(model.card.preparation(clip))
        preparing.append(time.perf_counter() - begin)
    clips = np.stack(prepared)

    own = TorchEngine(model, device)
    height, width = own.image(recorded[0]).shape[1:]
    described: list[tuple[str, str, tuple[int, int], Compute]] = [
        (
            "the paper's: torch, float32",
            "torch",
            (PAPER_SIZE, PAPER_SIZE),
            _paper_method(own.device),
        ),
        ("torch, float32", "torch", (height, width), own.embed_prepared),
    ]
    if own.device.type == "cuda":
        half = CudaEngine(model, device)
        described.append(
            ("torch, float16, CUDA graphs", "cuda", (height, width), half.embed_prepared)
        )
    for name in GRAPHS:
        if own.device.type == "cpu" and has_graph(model, name):
            engine = OnnxEngine(model, name, threads)
            precision = engine.key.precision
            described.append(
                (f"ONNX Runtime, {precision}", name, (height, width), engine.embed_prepared)
            )
    seconds: list[dict[int, list[float]]] = [{} for _ in described]
    total, done = len(batches) * rounds, 0
    for batch in batches:
        given = clips[:batch]
        for begin_round in range(0, rounds, BLOCK):
            block = min(BLOCK, rounds - begin_round)
            for taken, (_, _, _, compute) in zip(seconds, described, strict=True):
                # Refills the caches after another method.
                compute(given)
                for _ in range(block):
                    begin = time.perf_counter()
                    compute(given)
                    taken.setdefault(batch, []).append(time.perf_counter() - begin)
            done += block
            progress(done, total)
    return EmbedBenchmark(
        measurements=tuple(
            EmbedMeasurement(
                name, engine, image, {batch: tuple(each) for batch, each in taken.items()}
            )
            for (name, engine, image, _), taken in zip(described, seconds, strict=True)
        ),
        preparation_seconds=float(np.median(preparing)),
        frames=float(np.mean([len(clip) for clip in recorded])),
        threads=threads,
        device=own.device_name,
        machine=machine(),
    )


def _paper_method(device: torch.device) -> Compute:
    """Torchvision's ResNet18 on the paper's image; random weights, which do not change the time."""
    network = ActionEmbedder(Architecture()).eval().to(device)
    representation = FaithfulSkeletonDML(PAPER_SIZE)

    @torch.inference_mode()
    def compute(clips: NDArray[np.float32]) -> object:
        # One clip at a time, as the paper's evaluation does.
        positions = torch.from_numpy(clips)
        return [network(representation(one[None].to(device))).cpu() for one in positions]

    return compute
