# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import archive_of, read_archive, write_archive
from skeleton_dml_ros.datasets.sbu import (
    CLASS_NAMES,
    SbuError,
    from_normalized,
    in_metres,
    is_normalized,
    read_sbu,
    to_metres,
)
from skeleton_dml_ros.skeleton.layouts import NTU_25, SBU_15
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def bone(positions: np.ndarray, joint: str, other: str) -> float:
    """Median length in metres."""
    ends = positions[..., SBU_15.index(joint), :] - positions[..., SBU_15.index(other), :]
    return float(np.median(np.linalg.norm(ends, axis=-1)))


def write_clip(folder: Path, name: str, values: np.ndarray, ending: str = "") -> Path:
    path = folder / name / "skeleton_pos.txt"
    path.parent.mkdir(parents=True)
    rows = [",".join([str(number), *map(str, row)]) for number, row in enumerate(values, start=1)]
    path.write_text("".join(f"{row}{ending}\n" for row in rows))
    return path


@pytest.mark.parametrize("ending", ["", ","])
def test_the_release_is_read_in_metres(tmp_path: Path, ending: str) -> None:
    values = np.random.default_rng(0).uniform(0.2, 0.8, size=(2, 5, 90)).round(6)
    write_clip(tmp_path, "SBU/s02s01/08/001", values[0], ending)
    write_clip(tmp_path, "SBU/s01s02/03/002", values[1], ending)
    archive = read_sbu(tmp_path)
    assert archive.names == ("s01s02/03/002", "s02s01/08/001")
    assert archive.class_names == CLASS_NAMES
    assert [archive.class_names[label] for label in archive.labels] == ["kick", "punch"]
    assert archive.subjects.tolist() == [0, 1]
    clip = archive.clip(1)
    assert (clip.layout, clip.bodies, len(clip)) == (SBU_15, 2, 5)
    np.testing.assert_allclose(clip.timestamps, np.arange(5) / 15)
    normalized = values[0].reshape(5, 2, 15, 3)
    expected = np.stack(
        [
            1.280 - 2.560 * normalized[..., 0],
            0.960 - 1.920 * normalized[..., 1],
            normalized[..., 2] * 10 / 7.8125,
        ],
        axis=-1,
    )
    np.testing.assert_allclose(clip.positions, expected, atol=5.1e-4)


def test_normalised_recordings_become_people_of_real_size(shared_data: Path) -> None:
    raw = read_archive(shared_data / "sbu_interaction.npz")
    if not is_normalized(raw):
        pytest.skip("the archive of SBU is in metres")
    archive = read_sbu(shared_data / "sbu_interaction.npz")
    assert archive.names == raw.names
    positions = archive.positions_mm / 1000
    for side in ("left", "right"):
        assert 0.38 < bone(positions, f"hip_{side}", f"knee_{side}") < 0.48
        assert 0.24 < bone(positions, f"shoulder_{side}", f"elbow_{side}") < 0.34
    feet = positions[..., SBU_15.index("foot_left"), 1]
    height = np.median(positions[..., SBU_15.index("head"), 1] - feet)
    assert 1.3 < height < 1.6
    # In these axes left cross up is where somebody faces, and partners face each other.
    left = positions[:, :, SBU_15.index("shoulder_left")]
    left = left - positions[:, :, SBU_15.index("shoulder_right")]
    torso = positions[:, :, SBU_15.index("torso")]
    facing = np.cross(left, positions[:, :, SBU_15.index("neck")] - torso)
    assert ((facing * (torso[:, ::-1] - torso)).sum(axis=-1) > 0).mean() > 0.85


def test_an_archive_in_metres_is_not_changed_again(tmp_path: Path) -> None:
    upright = np.zeros((3, 2, 15, 3))
    upright[:, :, SBU_15.index("head"), 1] = 0.6
    clip = SkeletonSequence(upright, np.arange(3) / 15, SBU_15)
    write_archive(tmp_path / "sbu.npz", archive_of([clip], [0], ("kick",), names=["a"]))
    with pytest.raises(SbuError, match="of layout sbu_15 with first clip 'a' does not hold"):
        read_sbu(tmp_path / "sbu.npz")
    other = SkeletonSequence(np.zeros((1, 1, 25, 3)), np.zeros(1), NTU_25)
    with pytest.raises(SbuError, match="of layout ntu_25"):
        from_normalized(archive_of([other], [0], ("kick",)))


def test_archives_of_unknown_sets_change_only_if_normalised() -> None:
    values = np.full((3, 2, 15, 3), 0.5)
    values[:, :, SBU_15.index("head"), 1] = 0.25
    normalized = archive_of([SkeletonSequence(values, np.arange(3) / 15, SBU_15)], [0], ("kick",))
    metric = in_metres(normalized)
    np.testing.assert_array_equal(metric.positions_mm, from_normalized(normalized).positions_mm)
    assert in_metres(metric) is metric
    standing = SkeletonSequence(np.zeros((1, 1, 25, 3)), np.zeros(1), NTU_25)
    other = archive_of([standing], [0], ("kick",))
    assert in_metres(other) is other


def test_the_image_centre_is_in_front_of_the_camera() -> None:
    np.testing.assert_allclose(to_metres(np.array([0.5, 0.5, 1.0])), [0, 0, 1.28], atol=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no frame"),
        ("1,0.5,0.5\n", "damaged at line 1: 3 values instead of a frame number and 2 x 15 x 3"),
        ("1,x\n", "damaged at line 1: could not convert string to float"),
        (",".join(["1"] + ["nan"] * 90), "a value is not finite"),
    ],
)
def test_a_damaged_clip_is_refused(tmp_path: Path, text: str, message: str) -> None:
    write_clip(tmp_path, "s01s02/01/001", np.zeros((1, 90))).write_text(text)
    with pytest.raises(SbuError, match=message) as caught:
        read_sbu(tmp_path)
    assert "skeleton_pos.txt" in str(caught.value)


def test_other_folders_and_archives_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SbuError, match=r"holds no skeleton_pos\.txt; give the folder of s01s02"):
        read_sbu(tmp_path)
    write_clip(tmp_path, "s01s02/09/001", np.zeros((1, 90)))
    with pytest.raises(SbuError, match="is not in a clip's folder"):
        read_sbu(tmp_path)
