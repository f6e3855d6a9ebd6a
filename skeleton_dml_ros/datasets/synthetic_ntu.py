# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write a small synthetic stand-in for NTU RGB+D 120, whose recordings may not be redistributed.

It has the release's names, class numbers and file format, including the protocol's references.  Each
class has one invented movement between two random poses.  Everything that runs on the release runs on
it, but its figures say nothing about the release or the method.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skeleton_dml_ros.datasets.ntu import (
    FRAMES_PER_SECOND,
    MUTUAL_ACTIONS,
    SampleName,
    parse_sample_name,
)
from skeleton_dml_ros.datasets.ntu120 import (
    CLASS_NAMES,
    FIRST_ACTION_OF_120,
    missing_skeletons,
)
from skeleton_dml_ros.datasets.ntu_writer import FIRST_BODY_ID, write_skeleton_file
from skeleton_dml_ros.datasets.synthetic_actor import Person, Sensor, Viewpoint
from skeleton_dml_ros.datasets.synthetic_actor.body import (
    ARMS,
    SPINE,
    Floats,
    joint_positions,
)
from skeleton_dml_ros.datasets.synthetic_actor.motions import trajectory
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

PERFORMERS = {1: (8, 1, 3, 4, 2, 7), 18: (8, 41, 42, 43, 44, 45)}
"""People by setup; the first is the performer of the references."""

CAMERAS = {3: 0.0, 2: np.pi / 4, 1: -np.pi / 4}
"""Viewing angle by camera, the references' camera first."""

REPLICATIONS = (1, 2)

LISTED = "S001C003P005R002A004"
"""A sample whose skeletons the data set's authors list as incomplete."""

CLASS_SEED = 120
"""Seed of the classes' movements, whatever the other seeds."""

AMPLITUDE, REPEAT_DEVIATION = 0.12, 0.06
"""Differences in poses between people, and between one person's repetitions: standard deviations of arm
directions (unit vectors) and trunk angles (radians)."""


@dataclass(frozen=True)
class SyntheticRelease:
    """What was written.

    Attributes:
        folder: of the ``.skeleton`` files.
        samples: names of the intact ones, in ascending order.
        listed: names of samples to be excluded.
        damaged: names of truncated samples.
    """

    folder: Path
    samples: tuple[str, ...]
    listed: tuple[str, ...]
    damaged: tuple[str, ...]


def write_release(
    folder: str | Path,
    classes: int | Sequence[int] = len(CLASS_NAMES),
    subjects: int = 2,
    clips: int = 4,
    frames: int = 32,
    seed: int = 0,
    damaged: int = 0,
) -> SyntheticRelease:
    """Write a release of ``.skeleton`` files.

    Some files show the peculiarities of the real release: CRLF, frames without people, bodies that
    appear late, leave early or change their order, a third body that hardly moves, a flat object
    taken for a body, inferred or lost joints, and a sample that the authors list as incomplete.

    Args:
        folder: created if missing.
        classes: the number of classes, the first ones, or their numbers from 1.
        subjects: people in each class, up to 6.
        clips: samples of each class, up to 6 per person; the first of A1, A7, ... is the protocol's
            reference.
        frames: mean length of a sample.
        seed: of everything but the classes' movements.
        damaged: number of samples, the last ones, that are truncated.

    Raises:
        SkeletonDmlError: there are not as many classes, people or samples.
    """
    actions = range(1, classes + 1) if isinstance(classes, int) else classes
    if not actions or not all(1 <= action <= len(CLASS_NAMES) for action in actions):
        raise SkeletonDmlError(f"classes is {classes}; give numbers from 1 to {len(CLASS_NAMES)}")
    if not 1 <= subjects <= len(PERFORMERS[1]):
        raise SkeletonDmlError(f"subjects is {subjects}; give 1 to {len(PERFORMERS[1])}")
    if not 1 <= clips <= subjects * len(CAMERAS) * len(REPLICATIONS):
        raise SkeletonDmlError(f"clips is {clips}; give 1 to 6 for each of {subjects} subjects")
    if frames < 8:
        raise SkeletonDmlError(f"frames is {frames}; give at least 8")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    samples = sorted(
        (sample for action in actions for sample in _samples(action, subjects, clips)), key=str
    )
    for sample in samples:
        _write_sample(folder, sample, frames, seed)
    names = [str(sample) for sample in samples]
    whole = len(names) - damaged
    for name in names[whole:]:
        path = folder / f"{name}.skeleton"
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
    listed = parse_sample_name(LISTED)
    if listed.action in actions:
        _write_sample(folder, listed, frames, seed)
    return SyntheticRelease(
        folder,
        tuple(names[:whole]),
        (LISTED,) if listed.action in actions else (),
        tuple(names[whole:]),
    )


def _samples(action: int, subjects: int, clips: int) -> list[SampleName]:
    """Names of a class's samples."""
    setup = 1 if action < FIRST_ACTION_OF_120 else 18
    everything = [
        SampleName(setup, camera, performer, replication, action)
        for replication, camera, performer in itertools.product(
            REPLICATIONS, CAMERAS, PERFORMERS[setup][:subjects]
        )
    ]
    return [sample for sample in everything if str(sample) not in missing_skeletons()][:clips]


def _write_sample(folder: Path, sample: SampleName, frames: int, seed: int) -> None:
    generator = np.random.default_rng(
        [seed, sample.camera, sample.performer, sample.replication, sample.action]
    )
    length = int(generator.integers(round(0.75 * frames), round(1.25 * frames) + 1))
    mutual = sample.action in MUTUAL_ACTIONS
    awkward = int(generator.integers(8))
    bodies = [_performance(sample, 0, length, generator)]
    if mutual:
        bodies.append(_performance(sample, 1, length, generator))
    if awkward == 2:
        bodies.append(_thing(length, generator))
    if awkward == 3 and mutual:
        bodies.append(_bystander(length, generator))
    positions = np.stack(bodies, axis=1)
    if awkward == 4:
        positions[length // 2 : length // 2 + 2] = np.nan
    if awkward == 5:
        positions[: length // 6, -1] = np.nan
        positions[-length // 6 :, -1] = np.nan
    confidence = np.isfinite(positions[..., 0]).astype(np.float32)
    if awkward == 6:
        hands = [NTU_25.index(name) for name in ("hand_tip_left", "thumb_left", "foot_right")]
        confidence[length // 3 : length // 2, :, hands] *= 0.5
    sequence = SkeletonSequence(
        positions, np.arange(length) / FRAMES_PER_SECOND, NTU_25, confidence=confidence
    )
    write_skeleton_file(
        folder / f"{sample}.skeleton",
        sequence,
        body_ids=[FIRST_BODY_ID + int(one) for one in generator.permutation(len(bodies))],
        newline="\r\n" if awkward == 1 else "\n",
        changing_order=awkward in (3, 7),
    )


def _performance(
    sample: SampleName, role: int, length: int, generator: np.random.Generator
) -> Floats:
    """(frames, 25, 3): one person in the class's movement; in mutual actions, two face each other."""
    person = Person.sample(np.random.default_rng([sample.performer, role]), left_handed=False)
    own = np.random.default_rng([sample.performer, sample.action, role])
    rest = person.rest.vector()
    knots, values = [0.0], [rest]
    poses, repetitions = _class_poses(sample.action, role)
    poses = [pose + AMPLITUDE * _variation(own) for pose in poses]
    for pose in poses * repetitions:
        knots.append(knots[-1] + float(generator.uniform(0.8, 1.2)))
        values.append(rest + pose + REPEAT_DEVIATION * _variation(generator))
    knots.append(knots[-1] + float(generator.uniform(0.8, 1.2)))
    values.append(rest)
    times = np.linspace(0, knots[-1], length)
    joints = joint_positions(
        person.body, trajectory(np.array(knots), np.array(values), times), person.stance
    )
    place = Viewpoint(
        yaw=CAMERAS[sample.camera] + float(generator.normal(0, 0.1)),
        distance=float(generator.uniform(2.5, 3.5)),
    )
    if sample.action in MUTUAL_ACTIONS:
        side = (1, -1)[role]
        place = Viewpoint(side * np.pi / 2 + place.yaw, place.distance, lateral=-0.4 * side)
    return Sensor(lost_per_second=0.0, spikes_per_second=0.0).observe(
        place.from_body(joints), generator
    )


def _class_poses(action: int, role: int) -> tuple[list[Floats], int]:
    """The class's two poses relative to the rest pose, and the number of their alternations."""
    generator = np.random.default_rng([CLASS_SEED, action, role])
    poses = []
    for _ in range(2):
        pose = np.zeros_like(_AT_EASE)
        for start in range(ARMS.start, ARMS.stop, 3):
            towards = generator.normal(size=3)
            # Arms reach sideways, up and forward, not through the chest or far behind.
            towards = np.abs(towards) * (1, np.sign(towards[1]), 1) / np.linalg.norm(towards)
            pose[start : start + 3] = towards - _AT_EASE[start : start + 3]
        pose[SPINE] = generator.normal(0, (0.25, 0.12, 0.2))
        poses.append(pose)
    idle = int(generator.integers(4))
    if idle < 2:
        for pose in poses:
            pose[ARMS.start + 9 * idle : ARMS.start + 9 * idle + 9] = 0
    return poses, int(generator.integers(1, 3))


_AT_EASE = Person.average().rest.vector()


def _variation(generator: np.random.Generator) -> Floats:
    varied = np.zeros_like(_AT_EASE)
    varied[ARMS] = generator.normal(size=ARMS.stop - ARMS.start)
    varied[SPINE] = generator.normal(size=SPINE.stop - SPINE.start)
    return varied


def _bystander(length: int, generator: np.random.Generator) -> Floats:
    """(frames, 25, 3): a person who stands in the background and hardly moves."""
    person = Person.sample(generator)
    poses = np.repeat(person.rest.vector()[None], length, axis=0)
    place = Viewpoint(distance=4.0, lateral=1.0)
    joints = place.from_body(joint_positions(person.body, poses, person.stance))
    return joints + generator.normal(0, 0.003, joints.shape)


def _thing(length: int, generator: np.random.Generator) -> Floats:
    """(frames, 25, 3): furniture taken for a body: much wider than high, and jittery."""
    spread = np.array([0.5, 0.08, 0.1])
    shape = generator.normal(size=(len(NTU_25.joint_names), 3))
    flicker = 0.3 * generator.normal(size=(length, *shape.shape))
    return np.asarray((shape + flicker) * spread + np.array([0.8, -0.6, 3.0]))
