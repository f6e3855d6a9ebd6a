# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.ntu import NtuError, parse_sample_name, read_skeleton_file
from skeleton_dml_ros.datasets.ntu120 import REFERENCES, missing_skeletons
from skeleton_dml_ros.datasets.synthetic_ntu import write_release
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.resampling import resample


def test_all_classes_and_references_have_the_releases_names(
    tmp_path: Path,
) -> None:
    release = write_release(tmp_path / "raw", subjects=2, clips=2, frames=8)
    samples = [parse_sample_name(name) for name in release.samples]
    assert {sample.action for sample in samples} == set(range(1, 121))
    assert len(samples) == 240
    assert {str(reference) for reference in REFERENCES} <= set(release.samples)
    assert not missing_skeletons() & set(release.samples)
    assert set(release.listed) < missing_skeletons()
    files = {path.stem for path in release.folder.glob("*.skeleton")}
    assert files == {*release.samples, *release.listed}


def test_a_release_is_the_same_each_time(tmp_path: Path) -> None:
    digests = []
    for name in ("one", "two"):
        release = write_release(tmp_path / name, classes=(1, 50), frames=8)
        files = [release.folder / f"{sample}.skeleton" for sample in release.samples]
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert digests[0] == digests[1]
    assert len(set(digests[0])) == len(digests[0])


def test_the_files_include_the_releases_peculiarities(tmp_path: Path) -> None:
    release = write_release(tmp_path, classes=(1, 4, 50, 51), subjects=6, clips=16, frames=12)
    contents = [(tmp_path / f"{name}.skeleton").read_bytes() for name in release.samples]
    assert any(b"\r\n" in content for content in contents)
    assert any(b"\n0\n" in content for content in contents)
    clips = [read_skeleton_file(tmp_path / f"{name}.skeleton") for name in release.samples]
    assert {clip.bodies for clip in clips} == {1, 2, 3}
    there = [np.asarray(np.isfinite(clip.positions[..., 0]).all(axis=2)) for clip in clips]
    assert any(not frames.all() and frames.any(axis=1).all() for frames in there)
    assert any((clip.confidence == 0.5).any() for clip in clips if clip.confidence is not None)


def test_the_classes_can_be_told_apart(tmp_path: Path) -> None:
    release = write_release(tmp_path, classes=10, subjects=2, clips=2)
    hands = [NTU_25.index("wrist_left"), NTU_25.index("wrist_right")]
    paths = {}
    for name in release.samples:
        clip = resample(read_skeleton_file(tmp_path / f"{name}.skeleton"), 16)
        body = clip.positions[:, 0] - clip.positions[:, 0, :1]
        paths[name] = np.nan_to_num(body[:, hands]).ravel()
    references = [name for name in release.samples if "P008" in name]
    right = 0
    for name in set(release.samples) - set(references):
        nearest = min(references, key=lambda one: float(np.linalg.norm(paths[one] - paths[name])))
        right += nearest[-4:] == name[-4:]
    assert right >= 9


def test_damaged_files_are_refused_by_the_reader(tmp_path: Path) -> None:
    release = write_release(tmp_path, classes=2, clips=2, frames=8, damaged=1)
    assert len(release.samples) == 3
    with pytest.raises(NtuError, match=f"{release.damaged[0]}.* damaged"):
        read_skeleton_file(tmp_path / f"{release.damaged[0]}.skeleton")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"classes": 121}, "classes is 121; give numbers from 1 to 120"),
        ({"classes": (0, 3)}, r"classes is \(0, 3\)"),
        ({"subjects": 7}, "subjects is 7; give 1 to 6"),
        ({"subjects": 2, "clips": 13}, "clips is 13; give 1 to 6 for each of 2 subjects"),
        ({"frames": 3}, "frames is 3; give at least 8"),
    ],
)
def test_invalid_arguments_are_refused(tmp_path: Path, wrong: dict[str, int], message: str) -> None:
    with pytest.raises(SkeletonDmlError, match=message):
        write_release(tmp_path, **wrong)
