# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml

from skeleton_dml_ros.datasets import ntu120, utd_mhad
from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of, read_archive
from skeleton_dml_ros.datasets.ntu import parse_sample_name
from skeleton_dml_ros.datasets.splits import (
    OneShotSplit,
    SplitError,
    clips_of_part,
    get_split,
    references_of,
    split_names,
)
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def archive(class_names: tuple[str, ...], labels: list[int]) -> SkeletonArchive:
    clip = SkeletonSequence(np.zeros((1, 1, 25, 3)), np.zeros(1), NTU_25)
    names = [f"{class_names[label]}_{index}" for index, label in enumerate(labels)]
    return archive_of([clip] * len(labels), labels, class_names, names=names)


@pytest.mark.parametrize("name", split_names())
def test_built_in_splits_are_complete(name: str) -> None:
    split = get_split(name)
    assert split.name == name
    everything = ntu120.CLASS_NAMES if name.startswith("ntu120") else utd_mhad.CLASS_NAMES
    assert Counter(split.auxiliary + split.evaluation) == Counter(everything)
    assert set(split.part("training")) | set(split.validation) == set(split.auxiliary)
    assert len(split.references) == len(split.evaluation)


def test_the_numbers_of_the_ntu_protocol(shared_data: Path) -> None:
    folder = shared_data / "ntu120"
    split = get_split("ntu120_one_shot")
    with gzip.open(folder / "sample_names.txt.gz", "rt") as file:
        names = file.read().split()
    actions = Counter(parse_sample_name(name).action for name in names)
    assert len(names) == sum(actions.values()) == 113_945

    def samples(part: str) -> int:
        return sum(actions[ntu120.CLASS_NAMES.index(name) + 1] for name in split.part(part))

    assert samples("auxiliary") == 95_001
    assert len(split.references) == 20
    assert samples("evaluation") - len(split.references) == 18_924
    assert (len(split.part("training")), len(split.validation)) == (80, 20)
    assert ntu120.VALIDATION_ACTIONS[:2] + ntu120.VALIDATION_ACTIONS[-1:] == (2, 8, 116)
    assert list(split.references) == (folder / "one_shot_references.txt").read_text().split()
    assert set(split.references) <= set(names)
    rows = (folder / "action_names.tsv").read_text().splitlines()
    assert [row.split("\t")[1] for row in rows] == list(ntu120.CLASS_NAMES)


def test_the_listed_samples_are_those_of_the_authors(shared_data: Path) -> None:
    folder = shared_data / "ntu120"
    text = (folder / "NTU_RGBD120_samples_with_missing_skeletons.txt").read_text()
    listed = {line for line in text.split() if line.startswith("S0")}
    assert ntu120.missing_skeletons() == listed
    assert len(listed) == 535
    with gzip.open(folder / "sample_names.txt.gz", "rt") as file:
        assert not listed & set(file.read().split())


@pytest.mark.parametrize("auxiliary", [23, 19, 15, 11, 7, 3])
def test_the_splits_of_utd_mhad_fit_the_recordings(shared_data: Path, auxiliary: int) -> None:
    recordings = read_archive(shared_data / "utd_mhad.npz")
    split = get_split(f"utd_mhad_{auxiliary}")
    assert len(split.auxiliary) == auxiliary
    references = references_of(recordings, split)
    assert [recordings.labels[index] for index in references] == list(range(auxiliary, 27))
    assert (recordings.subjects[references] == 1).all()
    clips = [clips_of_part(recordings, split, part) for part in ("auxiliary", "evaluation")]
    assert sorted(np.concatenate(clips)) == list(range(861))


def test_a_custom_split_is_a_yaml_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        yaml.safe_dump({"validation": ["wave"], "evaluation": ["jump"], "references": ["jump_1"]})
    )
    recordings = archive(("bow", "jump", "wave"), [0, 1, 2, 1])
    split = get_split(path, recordings.class_names)
    assert split == OneShotSplit("mine", ("bow", "wave"), ("wave",), ("jump",), ("jump_1",))
    assert clips_of_part(recordings, split, "training").tolist() == [0]
    assert clips_of_part(recordings, split, "evaluation").tolist() == [1, 3]
    assert references_of(recordings, split).tolist() == [1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1, 2]", "is not a mapping"),
        ("{a: [", "is not YAML"),
        ("{classes: [a]}", "has a key 'classes'; give a mapping with keys auxiliary, validation"),
        ("{evaluation: jump}", "evaluation is 'jump'; give a list of names"),
        ("{evaluation: [1]}", r"evaluation is \[1\]; give a list of names"),
        ("{evaluation: [a]}", "has no class under auxiliary"),
        ("{auxiliary: [a]}", "has no class under evaluation"),
        ("{auxiliary: [a], evaluation: [a]}", "has class 'a' in both auxiliary and evaluation"),
        ("{auxiliary: [a, a], evaluation: [b]}", "names 'a' twice under auxiliary"),
        ("{auxiliary: [a], validation: [c], evaluation: [b]}", "validates on class 'c'"),
        ("{auxiliary: [a], evaluation: [b], references: [x, y]}", "2 references for 1 evaluation"),
    ],
)  # fmt: skip
def test_an_invalid_split_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(content)
    with pytest.raises(SplitError, match=message):
        get_split(path)


def test_an_unknown_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SplitError, match="there is no split 'utd_mhad_22'; give one of ntu120_one"):
        get_split("utd_mhad_22")
    with pytest.raises(SplitError, match="cannot be read: No such file"):
        get_split(tmp_path / "none.yaml")
    with pytest.raises(SplitError, match="no part 'test'; give one of auxiliary, training"):
        get_split("utd_mhad_23").part("test")


def test_a_split_that_does_not_fit_the_archive_is_refused() -> None:
    recordings = archive(("bow", "jump"), [0, 1])
    split = OneShotSplit("mine", ("bow",), (), ("jump",), ("jump_7",))
    with pytest.raises(SplitError, match="needs the reference 'jump_7', which is not"):
        references_of(recordings, split)
    with pytest.raises(SplitError, match="'bow_0' of split mine is of class 'bow', not 'jump'"):
        references_of(recordings, OneShotSplit("mine", ("bow",), (), ("jump",), ("bow_0",)))
    with pytest.raises(SplitError, match="has no references; use random ones"):
        references_of(recordings, OneShotSplit("mine", ("bow",), (), ("jump",)))
    with pytest.raises(SplitError, match="needs class 'kick', which the archive lacks"):
        clips_of_part(recordings, OneShotSplit("mine", ("kick",), (), ("jump",)), "auxiliary")
