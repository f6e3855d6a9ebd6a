# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.ntu import NtuError, read_skeleton_file
from skeleton_dml_ros.datasets.ntu_writer import write_skeleton_file
from skeleton_dml_ros.skeleton.layouts import KINECT_V1_20, NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def sequence(frames: int = 4, bodies: int = 2) -> SkeletonSequence:
    positions = np.random.default_rng(0).normal((0, 0, 3), 0.4, size=(frames, bodies, 25, 3))
    return SkeletonSequence(positions, np.arange(frames) / 30, NTU_25)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("changing_order", [False, True])
def test_written_files_are_read_back(tmp_path: Path, newline: str, changing_order: bool) -> None:
    positions = sequence().positions.copy()
    positions[2, 1] = np.nan
    positions[1, 0, 7] = np.nan
    confidence = np.isfinite(positions[..., 0]).astype(np.float32)
    confidence[3, 1, 4] = 0.5
    written = sequence().replace(positions=positions, confidence=confidence)
    write_skeleton_file(
        tmp_path / "a.skeleton", written, newline=newline, changing_order=changing_order
    )
    again = read_skeleton_file(tmp_path / "a.skeleton")
    # Seven digits are kept.
    np.testing.assert_allclose(again.positions, written.positions, rtol=1e-6)
    np.testing.assert_array_equal(again.confidence, confidence)


def test_the_order_of_bodies_changes_on_request(tmp_path: Path) -> None:
    path = tmp_path / "a.skeleton"
    write_skeleton_file(path, sequence(), body_ids=[71, 72], changing_order=True)
    first_words = [line.split()[0] for line in path.read_text().splitlines()]
    assert [word for word in first_words if word in ("71", "72")] == ["71", "72", "72", "71"] * 2


def test_orientations_have_unit_length(tmp_path: Path) -> None:
    write_skeleton_file(tmp_path / "a.skeleton", sequence(1, 1))
    lines = (tmp_path / "a.skeleton").read_text().splitlines()
    joints = np.array([line.split() for line in lines[4:]], dtype=float)
    assert joints.shape == (25, 12)
    np.testing.assert_allclose(np.linalg.norm(joints[:, 7:11], axis=1), 1, atol=1e-5)


def test_wrong_layouts_and_ids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NtuError, match="1 ids for 2 bodies"):
        write_skeleton_file(tmp_path / "a.skeleton", sequence(), body_ids=[71])
    other = SkeletonSequence(np.zeros((1, 1, 20, 3)), np.zeros(1), KINECT_V1_20)
    with pytest.raises(NtuError, match="layout is kinect_v1_20; give ntu_25"):
        write_skeleton_file(tmp_path / "a.skeleton", other)
