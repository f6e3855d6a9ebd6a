# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.datasets.ntu120 import CLASS_NAMES as NTU_CLASSES
from skeleton_dml_ros.datasets.utd_mhad import CLASS_NAMES as UTD_CLASSES
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.reproduction.material import every_sixth_class, open_material
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def archive_with(path: Path, class_names: tuple[str, ...]) -> Path:
    """An archive with one clip of each class."""
    positions = np.repeat(REST_POSE[None, None], 3, axis=0)
    clip = SkeletonSequence(positions, np.arange(3) / 30, NTU_25)
    labels = list(range(len(class_names)))
    write_archive(path, archive_of([clip] * len(labels), labels, class_names))
    return path


def test_the_split_is_the_one_known_for_the_classes(tmp_path: Path) -> None:
    ntu = open_material(archive_with(tmp_path / "ntu.npz", NTU_CLASSES))
    assert ntu.split.name == "ntu120_one_shot"
    utd = open_material(archive_with(tmp_path / "utd.npz", UTD_CLASSES))
    assert utd.split.name == "utd_mhad_23"


def test_an_archive_of_no_known_set_evaluates_every_sixth_class(tmp_path: Path) -> None:
    names = tuple(f"c{number}" for number in range(13))
    material = open_material(archive_with(tmp_path / "own.npz", names))
    assert material.split.evaluation == ("c0", "c6", "c12")
    assert material.split.validation == ("c1", "c7")
    assert len(material.split.auxiliary) == 10
    assert material.split.references == ()


def test_few_classes_are_split_in_halves_and_too_few_refused() -> None:
    split = every_sixth_class(("a", "b", "c", "d"))
    assert split.evaluation == ("a", "c")
    assert split.auxiliary == ("b", "d")
    with pytest.raises(SkeletonDmlError, match="the archive has 3 classes"):
        every_sixth_class(("a", "b", "c"))


def test_anything_but_the_whole_release_is_no_result(tmp_path: Path) -> None:
    part = open_material(archive_with(tmp_path / "ntu.npz", NTU_CLASSES))
    assert "100 of the protocol's 95001 auxiliary and 20 of its 18944" in part.caveats[0]
    other = open_material(archive_with(tmp_path / "utd.npz", UTD_CLASSES))
    assert "another data set, with the split utd_mhad_23" in other.caveats[0]


def test_a_split_can_be_given(tmp_path: Path) -> None:
    archive = archive_with(tmp_path / "own.npz", ("a", "b", "c", "d"))
    (tmp_path / "mine.yaml").write_text("evaluation: [b, d]\n")
    split = open_material(archive, str(tmp_path / "mine.yaml")).split
    assert (split.auxiliary, split.evaluation) == (("a", "c"), ("b", "d"))
