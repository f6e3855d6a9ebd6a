# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Speed of reading ``.skeleton`` files, compared with a common reader.

The baseline reads NTU RGB+D's files line by line with ``readline``, ``split`` and ``float``; it gives
the same positions and checks nothing.  Both read the same cached files in one thread.  Only processor
time counts, so that disk and other programs do not matter.
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
"""Samples of NTU RGB+D 120, including those with missing skeletons."""

ROUNDS = 5
"""Number of times that each reader reads each file."""


@dataclass(frozen=True)
class ParseBenchmark:
    """Result of the benchmark.

    Attributes:
        files: number of files.
        synthetic: whether the files were generated.
        frames: mean frames of a file.
        bodies: mean bodies of a frame.
        kilobytes: mean size of a file.
        own: (rounds,) processor seconds per file of this package's reader.
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
        """(rounds,) speed of this package's reader relative to the baseline."""
        return tuple(slow / fast for slow, fast in zip(self.baseline, self.own, strict=True))


def benchmark_parse(
    files: int,
    frames: int,
    folder: str | Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ParseBenchmark:
    """Read the same files with both readers.

    Args:
        files: number of files.
        frames: mean frames of a generated file.
        folder: of a release; without it, files with all peculiarities of a release are generated.
        progress: called with the number of readings done and of all readings.

    Raises:
        SkeletonDmlError: the folder has no file, a file is damaged, or the readers disagree.
    """
    if folder is not None:
        listed = missing_skeletons()
        found = sorted(path for path in Path(folder).rglob("*.skeleton") if path.stem not in listed)
        if not found:
            raise SkeletonDmlError(f"{folder} holds no .skeleton file; give a release's folder")
        # Spread evenly over the sorted files, and thus over setups and classes.
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
        # The baseline keeps positions of joints that were not tracked.
        is_seen = np.isfinite(sequence.positions)
        if expected.shape != is_seen.shape or (expected != sequence.positions)[is_seen].any():
            raise SkeletonDmlError(f"the two readers disagree on {file}")
        frames.append(len(sequence))
        bodies.append(np.isfinite(sequence.positions[..., 0]).any(axis=2).sum())
    own, baseline = np.zeros(ROUNDS), np.zeros(ROUNDS)
    readers = ((baseline, read_by_lines), (own, read_skeleton_file))
    done = 0
    for round_number in range(ROUNDS):
        # One reader reads all files before the other's turn, so that it keeps its own caches.
        for times, read in readers:
            start = time.process_time()
            for file in files:
                read(file)
            times[round_number] = time.process_time() - start
            done += len(files)
            progress(done, len(readers) * ROUNDS * len(files))
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
    """The baseline: (frames, bodies, 25, 3) positions, NaN where a body is absent."""
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
