# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Nothing but the labels tells a run which clips belong together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of, write_archive
from skeleton_dml_ros.datasets.synthetic_actor import Person, action_names, perform
from skeleton_dml_ros.training.configuration import Configuration, DataSource, Mirroring
from skeleton_dml_ros.training.loop import train_network

CLASSES, VALIDATED, CLIPS_A_CLASS = 8, 4, 12


@pytest.fixture(scope="module")
def performed() -> SkeletonArchive:
    """The synthetic actor as several people, in eight actions."""
    actions = action_names()[:CLASSES]
    labels = np.repeat(np.arange(CLASSES), CLIPS_A_CLASS)
    clips = []
    for number, label in enumerate(labels):
        generator = np.random.default_rng(number)
        clips.append(perform(actions[label], Person.sample(generator), generator))
    return archive_of(clips, labels, actions)


def validation_accuracy(
    archive: SkeletonArchive, configuration: Configuration, folder: Path
) -> float:
    """Of a short run on one half of the classes, validated on the other half, percent."""
    folder.mkdir()
    write_archive(folder / "actor.npz", archive)
    validated = archive.class_names[:VALIDATED]
    configuration = replace(
        configuration,
        data=(DataSource("actor.npz", leave_out=validated),),
        validation=(DataSource("actor.npz", only=validated),),
        data_folder=str(folder),
        mirroring=Mirroring(enabled=False),
    )
    run = train_network(configuration, folder / "run", device="cpu")
    return run.history[-1].scalars["validation_accuracy"]


def test_with_shuffled_labels_the_evaluation_falls_to_chance(
    performed: SkeletonArchive, configuration: Configuration, tmp_path: Path
) -> None:
    chance = 100 / VALIDATED
    queries = VALIDATED * (CLIPS_A_CLASS - 1)
    deviation = np.sqrt(chance * (100 - chance) / queries)
    recorded = validation_accuracy(performed, configuration, tmp_path / "recorded")
    assert recorded > chance + 6 * deviation
    labels = np.random.default_rng(0).permutation(performed.labels)
    shuffled = replace(performed, labels=labels)
    by_chance = validation_accuracy(shuffled, configuration, tmp_path / "shuffled")
    assert abs(by_chance - chance) < 2 * deviation
