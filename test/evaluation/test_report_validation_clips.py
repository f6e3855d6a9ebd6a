# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A run's validation clips, found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.report.validation_clips import validation_clips
from skeleton_dml_ros.skeleton.layouts import COCO_17, NTU_25, Layout
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def clips(layout: Layout, count: int, seed: int) -> list[SkeletonSequence]:
    generator = np.random.default_rng(seed)
    shape = (4, 1, len(layout.joint_names), 3)
    return [
        SkeletonSequence(generator.normal(size=shape).round(3), np.arange(4) / 30, layout)
        for _ in range(count)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two archives with other joints, and one class of other names in both."""
    first = archive_of(clips(NTU_25, 4, 0), [0, 0, 1, 2], ["wave", "bow", "kick"])
    second = archive_of(clips(COCO_17, 3, 1), [0, 0, 1], ["Kick-a-ball", "clap"])
    write_archive(tmp_path / "first.npz", first)
    write_archive(tmp_path / "second.npz", second)
    return tmp_path


def record(folder: Path, *validation: dict[str, Any]) -> dict[str, Any]:
    content = {
        "name": "run",
        "data": [{"archive": "first.npz"}],
        "validation": list(validation),
        "data_folder": str(folder),
    }
    return {"configuration": content}


def test_validation_clips_are_those_of_the_chosen_classes(folder: Path) -> None:
    found = validation_clips(record(folder, {"archive": "first.npz", "leave_out": ["bow"]}))
    assert found is not None
    archive, source = found
    assert source == "first.npz"
    assert archive.class_names == ("kick", "wave")
    assert archive.labels.tolist() == [1, 1, 0]
    assert archive.names == ("clip_0000", "clip_0001", "clip_0003")
    np.testing.assert_array_equal(
        archive.clip(2).positions, clips(NTU_25, 4, 0)[3].positions.astype(np.float32)
    )


def test_several_archives_share_class_names_and_layout(folder: Path) -> None:
    second = {"archive": "second.npz", "same_as": {"Kick-a-ball": "kick"}}
    found = validation_clips(record(folder, {"archive": "first.npz"}, second))
    assert found is not None
    archive, source = found
    assert source == "first.npz, second.npz"
    assert archive.layout == NTU_25
    assert archive.class_names == ("bow", "clap", "kick", "wave")
    assert archive.labels.tolist() == [3, 3, 0, 2, 2, 2, 1]


def test_pairs_are_reduced_to_the_mover_as_in_training(folder: Path) -> None:
    still = clips(NTU_25, 2, 0)
    pairs = []
    for body, clip in enumerate(still):
        both = np.repeat(clip.positions[:1].repeat(4, axis=0), 2, axis=1)
        both[:, body] = clip.positions[:, 0]
        pairs.append(SkeletonSequence(both, clip.timestamps, NTU_25))
    write_archive(folder / "pairs.npz", archive_of(pairs, [0, 1], ["push", "kick"]))
    found = validation_clips(record(folder, {"archive": "pairs.npz", "people": "mover"}))
    assert found is not None
    archive, _ = found
    assert archive.bodies == 1
    for index, clip in enumerate(still):
        np.testing.assert_array_equal(archive.clip(index).positions, clip.positions)


def test_a_record_without_validation_data_gives_none(folder: Path) -> None:
    assert validation_clips({}) is None
    assert validation_clips(record(folder)) is None


def test_moved_data_is_found_in_another_folder(folder: Path, tmp_path: Path) -> None:
    moved = record(tmp_path / "gone", {"archive": "first.npz"})
    with pytest.raises(SkeletonDmlError, match=r"gone.first\.npz.*give --data-folder"):
        validation_clips(moved)
    assert validation_clips(moved, folder) is not None
