# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.benchmarks import parse as module
from skeleton_dml_ros.benchmarks.parse import ROUNDS, benchmark_parse, read_by_lines
from skeleton_dml_ros.datasets.ntu import read_skeleton_file
from skeleton_dml_ros.datasets.synthetic_ntu import write_release
from skeleton_dml_ros.errors import SkeletonDmlError


def test_each_round_compares_the_reader_with_the_baseline() -> None:
    measured = benchmark_parse(files=12, frames=75)
    assert len(measured.own) == len(measured.baseline) == ROUNDS
    assert measured.ratios[0] == measured.baseline[0] / measured.own[0]
    assert 60 < measured.frames < 90


def test_both_readers_give_the_same_positions(tmp_path: Path) -> None:
    release = write_release(tmp_path, classes=(1, 50), subjects=2, clips=12, frames=8)
    for name in release.samples:
        path = tmp_path / f"{name}.skeleton"
        np.testing.assert_array_equal(read_by_lines(path), read_skeleton_file(path).positions)


def test_files_of_a_release_are_read_where_there_are_some(tmp_path: Path) -> None:
    write_release(tmp_path / "raw" / "deeper", classes=4, clips=1, frames=8)
    done: list[tuple[int, int]] = []
    measured = benchmark_parse(3, 75, tmp_path / "raw", progress=lambda *two: done.append(two))
    assert (measured.files, measured.synthetic) == (3, False)
    assert done[-1] == (2 * 3 * ROUNDS, 2 * 3 * ROUNDS)
    with pytest.raises(SkeletonDmlError, match=r"holds no \.skeleton file"):
        benchmark_parse(3, 75, tmp_path / "raw" / "none")


def test_readers_that_disagree_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read_by_lines", lambda path: np.zeros((1, 1, 25, 3)))
    with pytest.raises(SkeletonDmlError, match=r"the two readers disagree on"):
        benchmark_parse(files=1, frames=8)
