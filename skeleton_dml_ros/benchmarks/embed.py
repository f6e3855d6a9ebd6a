# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From joints to the unit vector, against the paper's own way.

The baseline is the paper's: a ResNet18 in float32, computed by torch layer by layer, on an image of
256x256 pixels.  The same network on the image that the model has tells what the image's size is
worth; the exported graphs, or half precision on a GPU, what the engine is worth.  All compute the
same clips, block after block in turn, in one process, with the same number of threads, from prepared
joints on; preparing is measured apart.
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
"""Clips that are embedded at once: one, as a robot mostly does, and as many as an engine takes."""

BLOCK = 5
"""Rounds of one way before the next one's turn comes."""

Compute = Callable[[NDArray[np.float32]], object]


@dataclass(frozen=True)
class Way:
    """One way from joints to the unit vector.

    Attributes:
        name: for people.
        engine: ``torch``, ``cuda``, ``onnx`` or ``int8``.
        image: height and width of a person's image.
        seconds: by clips in a batch, what each of the rounds took.
    """

    name: str
    engine: str
    image: tuple[int, int]
    seconds: dict[int, tuple[float, ...]]

    def milliseconds(self, batch: int, percentile: float = 50) -> float:
        """What a batch takes: the median of the rounds, or another percentile."""
        return 1000 * float(np.percentile(self.seconds[batch], percentile))


@dataclass(frozen=True)
class EmbedBenchmark:
    """What was measured.

    Attributes:
        ways: the paper's, torch at the model's size, and each exported graph or the GPU's engine.
        preparation_seconds: of cleaning, mapping, normalising and resampling a clip, the median.
        frames: of a clip before that, on average.
        threads: that computed.
        device: that computed, for people.
        machine: processor, and versions of Python and numpy.
    """

    ways: tuple[Way, ...]
    preparation_seconds: float
    frames: float
    threads: int
    device: str
    machine: str

    def faster(self, way: int, than: int = 0, batch: int = 1) -> float:
        """How many times as fast one way is as another, by the medians of a batch."""
        return self.ways[than].milliseconds(batch) / self.ways[way].milliseconds(batch)


def benchmark_embed(
    model: Model,
    rounds: int,
    threads: int | None = None,
    batches: tuple[int, ...] = BATCHES,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> EmbedBenchmark:
    """Embed the same clips in each way.

    Args:
        model: whose network, image and graphs are measured.
        rounds: how often each batch is embedded in each way.
        threads: that compute; None takes what torch would.
        batches: clips that go through the network at once.
        device: ``cpu`` measures the exported graphs, ``cuda`` the GPU's engine.
        progress: is told how many of how many measurements are done.

    Raises:
        SkeletonDmlError: a graph of the model is damaged or of another model, or there is no such
            device.
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
        ("the paper's: torch, float32", "torch", (PAPER_SIZE, PAPER_SIZE), _papers_way(own.device)),
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
                # What another way has left in the caches is not this one's doing.
                compute(given)
                for _ in range(block):
                    begin = time.perf_counter()
                    compute(given)
                    taken.setdefault(batch, []).append(time.perf_counter() - begin)
            done += block
            progress(done, total)
    return EmbedBenchmark(
        ways=tuple(
            Way(name, engine, image, {batch: tuple(each) for batch, each in taken.items()})
            for (name, engine, image, _), taken in zip(described, seconds, strict=True)
        ),
        preparation_seconds=float(np.median(preparing)),
        frames=float(np.mean([len(clip) for clip in recorded])),
        threads=threads,
        device=own.device_name,
        machine=machine(),
    )


def _papers_way(device: torch.device) -> Compute:
    """ResNet18 as torchvision has it, on the paper's image.  Its weights do not change the time."""
    network = ActionEmbedder(Architecture()).eval().to(device)
    representation = FaithfulSkeletonDML(PAPER_SIZE)

    @torch.inference_mode()
    def compute(clips: NDArray[np.float32]) -> object:
        # One clip at a time, as the paper's evaluation does.
        positions = torch.from_numpy(clips)
        return [network(representation(one[None].to(device))).cpu() for one in positions]

    return compute
