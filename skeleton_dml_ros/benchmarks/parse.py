# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Reading ``.skeleton`` files, against the way in which they are usually read.

The baseline is what readers of NTU RGB+D do: a line at a time with ``readline``, each line taken
apart with ``split``, each value turned into a number with ``float``.  It gives the same positions
and checks nothing.  Both read the same files, in turn all of them, in one process and one thread;
what is counted is the time of the processor, so that other programs on the machine do not matter, and
files lie in the operating system's memory, so that the disk does not either.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.benchmarks.machine import machine
from skeleton_dml_ros.datasets.ntu import read_skeleton_file
from skeleton_dml_ros.datasets.ntu120 import missing_skeletons
from skeleton_dml_ros.datasets.synthetic_ntu import write_release
from skeleton_dml_ros.errors import SkeletonDmlError

FILES_OF_THE_RELEASE = 114_480
"""Samples of NTU RGB+D 120, those among them whose skeletons are missing."""

ROUNDS = 5
"""How often each file is read in each way."""


@dataclass(frozen=True)
class ParseBenchmark:
    """What was measured.

    Attributes:
        files: that were read.
        synthetic: whether they were made for this.
        frames: of a file, on average.
        bodies: in a frame, on average.
        kilobytes: of a file, on average.
        own: (rounds,) processor seconds a file of this package's reader.
        baseline: (rounds,) the same of the baseline.
        machine: processor, and versions of Python and numpy.
    """

    files: int
    synthetic: bool
    frames: float
    bodies: float
    kilobytes: float
    own: tuple[float, ...]
    baseline: tuple[float, ...]
    machine: str

    @property
    def ratios(self) -> tuple[float, ...]:
        """(rounds,) how many times as fast as the baseline the own reader is."""
        return tuple(slow / fast for slow, fast in zip(self.baseline, self.own, strict=True))


def benchmark_parse(
    files: int,
    frames: int,
    folder: str | Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ParseBenchmark:
    """Read the same files in both ways.

    Args:
        files: how many.
        frames: of a file that is made, on average.
        folder: of a release; left out, files are made, with all kinds that a release has.
        progress: is told how many of how many readings are done.

    Raises:
        SkeletonDmlError: the folder holds no file, one is damaged, or both ways disagree.
    """
    if folder is not None:
        listed = missing_skeletons()
        found = sorted(path for path in Path(folder).rglob("*.skeleton") if path.stem not in listed)
        if not found:
            raise SkeletonDmlError(f"{folder} holds no .skeleton file; give a release's folder")
        # Evenly out of all, since setups and classes follow one another.
        chosen = [found[index] for index in np.linspace(0, len(found) - 1, files).astype(int)]
        return _measure(list(dict.fromkeys(chosen)), False, progress)
    with tempfile.TemporaryDirectory() as temporary:
        classes = min(files, 120)
        release = write_release(temporary, classes, clips=-(-files // classes), frames=frames)
        made = [release.folder / f"{name}.skeleton" for name in release.samples]
        return _measure(made[:files], True, progress)


def _measure(
    files: Sequence[Path], synthetic: bool, progress: Callable[[int, int], None]
) -> ParseBenchmark:
    frames, bodies = [], []
    for file in files:
        sequence = read_skeleton_file(file)
        expected = read_by_lines(file)
        # The baseline keeps what the sensor says of joints that it did not track.
        is_seen = np.isfinite(sequence.positions)
        if expected.shape != is_seen.shape or (expected != sequence.positions)[is_seen].any():
            raise SkeletonDmlError(f"the two ways of reading {file} disagree")
        frames.append(len(sequence))
        bodies.append(np.isfinite(sequence.positions[..., 0]).any(axis=2).sum())
    own, baseline = np.zeros(ROUNDS), np.zeros(ROUNDS)
    ways = ((baseline, read_by_lines), (own, read_skeleton_file))
    done = 0
    for round_number in range(ROUNDS):
        # File after file in one way: what the other has left in the caches is not this one's doing.
        for times, read in ways:
            start = time.process_time()
            for file in files:
                read(file)
            times[round_number] = time.process_time() - start
            done += len(files)
            progress(done, len(ways) * ROUNDS * len(files))
    return ParseBenchmark(
        files=len(files),
        synthetic=synthetic,
        frames=float(np.mean(frames)),
        bodies=float(np.sum(bodies) / np.sum(frames)),
        kilobytes=float(np.mean([file.stat().st_size for file in files]) / 1000),
        own=tuple((own / len(files)).tolist()),
        baseline=tuple((baseline / len(files)).tolist()),
        machine=machine(),
    )


def read_by_lines(path: str | Path) -> NDArray[np.float32]:
    """The baseline: (frames, bodies, 25, 3) positions, NaN where a body is away."""
    seen: dict[str, dict[int, list[list[float]]]] = {}
    with Path(path).open() as file:
        frames = int(file.readline())
        for frame in range(frames):
            for _ in range(int(file.readline())):
                body = file.readline().split()[0]
                joints = [
                    [float(value) for value in file.readline().split()]
                    for _ in range(int(file.readline()))
                ]
                seen.setdefault(body, {})[frame] = joints
    positions = np.full((frames, len(seen), 25, 3), np.nan, dtype=np.float32)
    for index, appearances in enumerate(seen.values()):
        for frame, joints in appearances.items():
            positions[frame, index] = np.array(joints, dtype=np.float32)[:, :3]
    return positions
