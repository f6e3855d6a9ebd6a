# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from skeleton_dml_ros.datasets.archive import read_archive, write_archive
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import DataSource
from skeleton_dml_ros.training.data import read_clips
from skeleton_dml_ros.training.reading import ConfigurationError


@pytest.fixture(scope="module")
def folder(training_configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of four classes with six clips each, by subjects 1 to 3, and a split of them."""
    folder = tmp_path_factory.mktemp("data")
    archive = read_archive(training_configuration.parent / "motions.npz")
    clips = len(archive)
    archive = replace(
        archive,
        subjects=1 + np.arange(clips) % 3,
        names=tuple(f"clip_{(7 * index) % clips:02d}" for index in range(clips)),
    )
    write_archive(folder / "motions.npz", archive)
    split = {"auxiliary": ["wave_right", "bow", "lunge"], "validation": ["bow"]}
    (folder / "split.yaml").write_text(yaml.safe_dump(split | {"evaluation": ["wave_left"]}))
    return folder


def read(folder: Path, source: DataSource) -> LabelledClips:
    return read_clips([source], folder, Preparation(frames=12), 12)


@pytest.mark.parametrize(
    ("part", "classes"),
    [
        ("auxiliary", ("bow", "lunge", "wave_right")),
        ("training", ("lunge", "wave_right")),
        ("validation", ("bow",)),
        ("evaluation", ("wave_left",)),
    ],
)
def test_a_part_of_a_split_is_its_classes(folder: Path, part: str, classes: tuple[str]) -> None:
    source = DataSource("motions.npz", split="split.yaml", part=part)  # type: ignore[arg-type]
    clips = read(folder, source)
    assert clips.class_names == classes
    assert len(clips) == 6 * len(classes)


def test_only_narrows_a_part(folder: Path) -> None:
    source = DataSource("motions.npz", split="split.yaml", only=("bow", "wave_left"))
    assert read(folder, source).class_names == ("bow",)


def test_people_are_chosen_by_their_numbers(folder: Path) -> None:
    assert len(read(folder, DataSource("motions.npz", subjects=(1, 3)))) == 16
    assert len(read(folder, DataSource("motions.npz", leave_out_subjects=(2,)))) == 16
    assert len(read(folder, DataSource("motions.npz", subjects=(1,), leave_out_subjects=(3,)))) == 8


def test_the_first_clips_of_each_class_are_those_by_name(folder: Path) -> None:
    archive = read_archive(folder / "motions.npz")
    some = read(folder, DataSource("motions.npz", clips_a_class=2))
    for label, class_name in enumerate(some.class_names):
        of_class = archive.labels == archive.class_names.index(class_name)
        names = sorted(np.array(archive.names)[of_class])
        assert sorted(some.names[some.labels == label]) == names[:2]


def test_of_two_people_the_one_who_moves_more_can_be_taken_alone(folder: Path) -> None:
    archive = read_archive(folder / "motions.npz")
    still = np.repeat(archive.positions_mm[:1], len(archive.positions_mm), axis=0)
    pairs = replace(archive, positions_mm=np.concatenate([still, archive.positions_mm], axis=1))
    write_archive(folder / "pairs.npz", pairs)
    alone = read(folder, DataSource("pairs.npz", people="mover"))
    assert set(read(folder, DataSource("pairs.npz")).bodies) == {2}
    assert set(alone.bodies) == {1}
    np.testing.assert_array_equal(alone.rows, read(folder, DataSource("motions.npz")).rows)


def test_a_subject_that_the_archive_does_not_have_is_named(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"has no subject 9; it has 1, 2, 3"):
        read(folder, DataSource("motions.npz", subjects=(9,)))
