# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recordings of one and of two people, and what trains on them within seconds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence
from skeleton_dml_ros.training.configuration import (
    Augmentation,
    Configuration,
    DataSource,
    read_configuration,
)

CLASSES = ("wave", "bow", "hand over", "bow to each other")
PAIRS = (False, False, True, True)
MOVES = ("hand_right", "head", "hand_right", "head")
CLIPS_A_CLASS = 6


def people_clip(label: int, seed: int) -> SkeletonSequence:
    """One person, or two who stand side by side, of whom the first moves a joint."""
    generator = np.random.default_rng((label, seed))
    bodies = 2 if PAIRS[label] else 1
    frames = int(generator.integers(20, 40))
    positions = np.repeat(REST_POSE[None, None], frames, axis=0).repeat(bodies, axis=1) * 0.5
    positions = positions + generator.normal(scale=0.005, size=positions.shape) + [0, 0, 3]
    positions[:, 1:] += [0.9, 0, 0.2]
    joint = NTU_25.index(MOVES[label])
    positions[:, 0, joint, 1] += 0.4 * np.sin(np.linspace(0, np.pi, frames))
    return SkeletonSequence(positions, np.arange(frames) / 30, NTU_25)


@pytest.fixture(scope="session")
def people_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive, people.npz, of two classes of one person and two of pairs."""
    folder = tmp_path_factory.mktemp("people")
    labels = [label for label in range(len(CLASSES)) for _ in range(CLIPS_A_CLASS)]
    clips = [people_clip(label, seed) for seed, label in enumerate(labels)]
    subjects = [1 + number % 3 for number in range(len(labels))]
    archive = archive_of(clips, labels, CLASSES)
    write_archive(folder / "people.npz", dataclasses.replace(archive, subjects=np.array(subjects)))
    return folder


@pytest.fixture(scope="session")
def configuration(training_configuration: Path) -> Configuration:
    """Trains on clips of one person."""
    return read_configuration(training_configuration)


@pytest.fixture(scope="session")
def people_configuration(configuration: Configuration, people_folder: Path) -> Configuration:
    """Trains on clips of one person and of two."""
    return dataclasses.replace(
        configuration,
        data=(DataSource("people.npz"),),
        validation=(),
        data_folder=str(people_folder),
        mirroring=dataclasses.replace(configuration.mirroring, symmetric=(), either_side=()),
        augmentation=Augmentation(image_rotation=5),
    )
