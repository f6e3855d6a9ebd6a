# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Training speed, compared with the paper's method.

The baseline reads 256x256 images from a folder with a DataLoader, as ``ImageFolder`` does, and trains a
ResNet18 in float32 with batches of 32.  This package keeps joints in memory, augments and draws images
per batch, and trains in the faster precision; measured on images of the paper's size and of the
model's.  All use the same loss and see the same number of clips.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torch.utils.flop_counter import FlopCounterMode

from skeleton_dml_ros.benchmarks.machine import machine
from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.datasets.synthetic_actor import Person, action_names, perform
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.representations.skeleton_dml import FaithfulSkeletonDML, SkeletonDML
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import Configuration, DataSource, Sampling
from skeleton_dml_ros.training.distributed import Workers, training_device
from skeleton_dml_ros.training.loop import read_data
from skeleton_dml_ros.training.objective import TrainingObjective
from skeleton_dml_ros.training.optimisation import computes_in_bfloat16
from skeleton_dml_ros.training.sampling import batches
from skeleton_dml_ros.training.step import make_state, step, training_mode

PAPER_SIZE = FaithfulSkeletonDML.size
"""Height and width of the paper's image."""

PAPER_BATCH = Sampling(classes=8, clips=4)
"""The paper's batch: 32 clips, 4 per class."""

PAPER_LEARNING_RATE = 1e-6

PEOPLE_AN_ACTION = 8
"""Synthetic people who perform each action."""

MATRIX = 2048
"""Rows and columns of the matrices whose product measures the machine's peak."""


@dataclass(frozen=True)
class TrainMeasurement:
    """Speed of one method.

    Attributes:
        name: shown to users.
        image: height and width.
        precision: of the network.
        batch: clips per step.
        clips: number of clips trained on.
        seconds: duration.
        flops: floating-point operations per clip, forward and backward.
        peak: operations per second of a product of two large matrices in this precision.
    """

    name: str
    image: tuple[int, int]
    precision: str
    batch: int
    clips: int
    seconds: float
    flops: float
    peak: float

    @property
    def clips_a_second(self) -> float:
        """Clips per second."""
        return self.clips / self.seconds

    @property
    def share_of_peak(self) -> float:
        """Operations per second as a share of the peak."""
        return self.clips_a_second * self.flops / self.peak


@dataclass(frozen=True)
class TrainBenchmark:
    """Result of the benchmark.

    Attributes:
        measurements: the paper's method, this package's at the paper's size, and at its own.
        device: of the computation.
        threads: of torch.
        machine: processor, and versions of Python and numpy.
    """

    measurements: tuple[TrainMeasurement, ...]
    device: str
    threads: int
    machine: str


def benchmark_train(
    clips: int,
    device: str,
    image: tuple[int, int] = (SkeletonDML.height, SkeletonDML.width),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> TrainBenchmark:
    """Train on the same number of clips with each method.

    Args:
        clips: minimum number of clips.
        device: ``cpu``, ``cuda`` or ``auto``.
        image: height and width of the package's image.
        progress: called with the number of methods done and of all methods.

    Raises:
        SkeletonDmlError: pillow, which reads the baseline's images, is not installed.
    """
    target = training_device(device)
    with tempfile.TemporaryDirectory() as folder:
        configuration, recorded = _recordings(Path(folder), image)
        large = replace(
            configuration,
            representation={"name": "skeleton_dml", "height": PAPER_SIZE, "width": PAPER_SIZE},
        )
        methods: list[Callable[[], TrainMeasurement]] = [
            lambda: _paper_method(recorded, Path(folder), clips, target),
            lambda: _own_method(large, recorded, clips, target),
            lambda: _own_method(configuration, recorded, clips, target),
        ]
        measured = []
        for number, method in enumerate(methods, start=1):
            measured.append(method())
            progress(number, len(methods))
    return TrainBenchmark(tuple(measured), str(target), torch.get_num_threads(), machine())


def _recordings(folder: Path, image: tuple[int, int]) -> tuple[Configuration, LabelledClips]:
    """Clips of the synthetic actor, and a configuration that trains on them."""
    generator = np.random.default_rng(0)
    names = action_names()
    labels = [label for label in range(len(names)) for _ in range(PEOPLE_AN_ACTION)]
    sequences = [perform(names[label], Person.sample(generator), generator) for label in labels]
    write_archive(folder / "actor.npz", archive_of(sequences, labels, names))
    configuration = Configuration(
        name="benchmark",
        data=(DataSource("actor.npz"),),
        data_folder=str(folder),
        representation={"name": "skeleton_dml", "height": image[0], "width": image[1]},
    )
    return configuration, read_data(configuration)[0]


def _own_method(
    configuration: Configuration, recorded: LabelledClips, clips: int, device: torch.device
) -> TrainMeasurement:
    torch.manual_seed(0)
    network = ActionEmbedder(configuration.architecture)
    state = make_state(configuration, network, len(recorded.class_names), device, Workers())
    recorded = recorded.on(device)
    generator = torch.Generator(device).manual_seed(0)
    random = np.random.default_rng(0)
    sampling = configuration.sampling
    plan = list(
        batches(recorded.labels, sampling, random, clips + sampling.classes * sampling.clips)
    )
    training_mode(state)

    def train(indices: NDArray[np.intp]) -> object:
        return step(state, recorded, indices, generator, 1.0, 0)

    seconds = _timed(plan, train, device)
    height = int(configuration.representation["height"])
    width = int(configuration.representation["width"])
    half = computes_in_bfloat16(configuration.optimisation, device)
    return TrainMeasurement(
        name="skeleton_dml_ros",
        image=(height, width),
        precision="bfloat16" if half else "float32",
        batch=len(plan[0]),
        clips=sum(map(len, plan[1:])),
        seconds=seconds,
        flops=_flops(network, height, width),
        peak=_peak(torch.bfloat16 if half else torch.float32, device),
    )


class _ImageFolder(Dataset[tuple[Tensor, int]]):
    """Images in a folder per class, read one by one like torchvision's ImageFolder."""

    def __init__(self, files: list[Path], labels: list[int]) -> None:
        self._files = files
        self._labels = labels

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        from PIL import Image

        with Image.open(self._files[index]) as image:
            values = np.asarray(image.convert("RGB"), dtype=np.float32) / 255
        return torch.from_numpy(values).permute(2, 0, 1), self._labels[index]


def _paper_method(
    recorded: LabelledClips, folder: Path, clips: int, device: torch.device
) -> TrainMeasurement:
    torch.manual_seed(0)
    files = _write_images(recorded, folder / "images")
    configuration = Configuration(name="paper", data=())
    network = ActionEmbedder(configuration.architecture).to(device).train()
    dimension = configuration.architecture.embedding_dimension
    objective = TrainingObjective(configuration.objective, dimension, len(recorded.class_names))
    objective.to(device)
    parameters = [*network.parameters(), *objective.parameters()]
    optimiser = torch.optim.RMSprop(parameters, lr=PAPER_LEARNING_RATE)
    size = PAPER_BATCH.classes * PAPER_BATCH.clips
    random = np.random.default_rng(0)
    plan = list(batches(recorded.labels, PAPER_BATCH, random, clips + size))
    loader: DataLoader[Any] = DataLoader(
        _ImageFolder(files, recorded.labels.tolist()),
        batch_sampler=[batch.tolist() for batch in plan],
    )
    loaded: Iterator[Any] = iter(loader)

    def train(_: NDArray[np.intp]) -> object:
        images, labels = next(loaded)
        loss, _parts = objective(network.raw(images.to(device)), labels.to(device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        # Usual loops read the loss in each step.
        return loss.item()

    seconds = _timed(plan, train, device)
    return TrainMeasurement(
        name="the paper's: DataLoader of images, float32",
        image=(PAPER_SIZE, PAPER_SIZE),
        precision="float32",
        batch=size,
        clips=sum(map(len, plan[1:])),
        seconds=seconds,
        flops=_flops(network, PAPER_SIZE, PAPER_SIZE),
        peak=_peak(torch.float32, device),
    )


def _write_images(recorded: LabelledClips, folder: Path) -> list[Path]:
    try:
        from PIL import Image
    except ImportError:
        raise SkeletonDmlError(
            "the baseline reads its images with pillow; pip install 'skeleton_dml_ros[plots]'"
        ) from None
    representation = FaithfulSkeletonDML(PAPER_SIZE)
    files = []
    for index, label in enumerate(recorded.labels):
        positions = recorded.positions(np.array([index]), torch.device("cpu"))
        values = (255 * representation(positions)[0]).round().to(torch.uint8)
        path = folder / recorded.class_names[label] / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(values.permute(1, 2, 0).numpy()).save(path)
        files.append(path)
    return files


def _timed(
    plan: list[NDArray[np.intp]], train: Callable[[NDArray[np.intp]], object], device: torch.device
) -> float:
    """Seconds of all batches except the first, which warms up."""
    train(plan[0])
    _finish(device)
    begin = time.perf_counter()
    for indices in plan[1:]:
        train(indices)
    _finish(device)
    return time.perf_counter() - begin


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _flops(network: ActionEmbedder, height: int, width: int) -> float:
    """Operations per clip, forward and backward."""
    device = next(network.parameters()).device
    counter = FlopCounterMode(display=False)
    with counter:
        network.raw(torch.rand(2, 3, height, width, device=device)).sum().backward()  # type: ignore[no-untyped-call]
    return counter.get_total_flops() / 2


def _peak(kind: torch.dtype, device: torch.device) -> float:
    """Operations per second of a product of two large matrices."""
    first = torch.rand(MATRIX, MATRIX, device=device).to(kind)
    second = torch.rand(MATRIX, MATRIX, device=device).to(kind)
    taken = []
    for _ in range(5):
        _finish(device)
        begin = time.perf_counter()
        first @ second
        _finish(device)
        taken.append(time.perf_counter() - begin)
    return 2 * MATRIX**3 / min(taken)
