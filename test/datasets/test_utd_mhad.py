# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.datasets.utd_mhad import UtdMhadError, read_clip, read_utd_mhad


def test_the_released_files_equal_the_archive_to_the_millimetre(shared_data: Path) -> None:
    released = read_utd_mhad(shared_data / "utd_mhad_raw")
    archive = read_archive(shared_data / "utd_mhad.npz")
    assert len(released) == 107
    assert released.class_names == archive.class_names
    assert released.fps == archive.fps
    assert set(released.subjects) == {1}
    for index, name in enumerate(released.names):
        same = archive.index(name)
        assert released.labels[index] == archive.labels[same]
        difference = released.clip(index).positions - archive.clip(same).positions
        assert np.abs(difference).max() < 0.0011


def test_the_files_may_lie_in_the_folder_itself(shared_data: Path) -> None:
    folder = shared_data / "utd_mhad_raw" / "Skeleton"
    assert len(read_utd_mhad(folder)) == 107


def test_a_folder_without_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UtdMhadError, match="holds no UTD-MHAD skeletons"):
        read_utd_mhad(tmp_path)


def test_a_damaged_file_is_refused(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "utd_mhad_raw" / "Skeleton" / "a1_s1_t1_skeleton.mat"
    content = source.read_bytes()
    damaged = tmp_path / source.name
    for part in (b"", b"no MATLAB file", content[:1000]):
        damaged.write_bytes(part)
        with pytest.raises(UtdMhadError, match="a1_s1_t1_skeleton"):
            read_clip(damaged)


def test_a_file_of_another_set_is_refused(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "utd_mhad_raw" / "Skeleton" / "a1_s1_t1_skeleton.mat"
    shutil.copyfile(source, tmp_path / "a28_s1_t1_skeleton.mat")
    with pytest.raises(UtdMhadError, match="not named like a clip of UTD-MHAD"):
        read_utd_mhad(tmp_path)
    with pytest.raises(UtdMhadError, match="there is no file"):
        read_clip(tmp_path / "a1_s1_t1_skeleton.mat")
