# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A labelled stream: actions with their times, some of them enrolled by one clip each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.streams.building import Recording, at_stamps, build_stream
from skeleton_dml_ros.evaluation.streams.idle_motion import FRAME_RATE, Gait
from skeleton_dml_ros.evaluation.streams.matching import Occurrence
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

ABSENCE = 3.0
"""Seconds between one person or pair leaving and the next one entering."""


@dataclass(frozen=True)
class Demonstration:
    """A clip that an action is enrolled by.

    Attributes:
        label: the action.
        name: of the clip in its archive.
        sequence: the clip.
    """

    label: str
    name: str
    sequence: SkeletonSequence


@dataclass(frozen=True)
class LabelledStream:
    """A stream with enrolled and unknown actions.

    Attributes:
        recordings: of people, or pairs, who appear one after the other; their ids are ``0``,
            ``1``, ... in order of appearance.
        occurrences: the actions performed.
        demonstrations: one clip of each enrolled action, which is not in the stream.
    """

    recordings: tuple[Recording, ...]
    occurrences: tuple[Occurrence, ...]
    demonstrations: tuple[Demonstration, ...]

    @property
    def enrolled(self) -> tuple[str, ...]:
        """Labels of the enrolled actions."""
        return tuple(demonstration.label for demonstration in self.demonstrations)

    @property
    def seconds_seen(self) -> float:
        """Seconds in which people are seen, summed over people."""
        seen = [_seen(recording.sequence).sum() for recording in self.recordings]
        return float(sum(seen)) / FRAME_RATE

    def frames(self, input_name: str) -> Iterator[SkeletonFrame]:
        """The frames in order of time, as an input of this name would send them."""
        for recording in self.recordings:
            sequence, seen = recording.sequence, _seen(recording.sequence)
            stamps = np.rint(sequence.timestamps * NANOSECONDS_PER_SECOND).astype(np.int64)
            for frame, stamp in enumerate(stamps.tolist()):
                there = np.flatnonzero(seen[frame])
                yield SkeletonFrame(
                    input_name=input_name,
                    stamp_ns=sequence.start_ns + stamp,
                    person_ids=tuple(recording.people[body] for body in there),
                    positions=sequence.positions[frame, there],
                    layout=sequence.layout,
                )

    @cached_property
    def sequence(self) -> SkeletonSequence:
        """The stream as one recording with a body per person, unseen while others are there."""
        first = self.recordings[0].sequence
        bodies = sum(len(recording.people) for recording in self.recordings)
        ends_ns = self.recordings[-1].sequence.end_ns - first.start_ns
        frames = 1 + round(ends_ns * FRAME_RATE / NANOSECONDS_PER_SECOND)
        shape = (frames, bodies, *first.positions.shape[2:])
        positions = np.full(shape, np.nan, dtype=np.float32)
        body = 0
        for recording in self.recordings:
            begin_ns = recording.sequence.start_ns - first.start_ns
            begin = round(begin_ns * FRAME_RATE / NANOSECONDS_PER_SECOND)
            people, length = len(recording.people), len(recording.sequence)
            positions[begin : begin + length, body : body + people] = recording.sequence.positions
            body += people
        return at_stamps(positions, first.layout)

    def archive(self) -> SkeletonArchive:
        """The stream as an archive of one clip; writing and reading it changes nothing."""
        return archive_of([self.sequence], [0], ("stream",), names=["stream"], fps=FRAME_RATE)


def build_labelled_stream(
    archive: SkeletonArchive,
    classes: Sequence[int],
    enrolled: int,
    clips: int = 2,
    seed: int = 0,
    gaits: Sequence[Gait] = (),
) -> LabelledStream:
    """A stream of real clips, in which some of the classes are enrolled by one clip each.

    Person after person, or pair after pair, performs clips of all classes in random order, idles in
    between, and leaves.  The clips that enrol actions are not in the stream.

    Args:
        archive: clips of one body each, or of two each.
        classes: indices of the classes in the stream.
        enrolled: number of random classes that are enrolled.
        clips: maximum clips of each class that each person performs.
        seed: of everything random.
        gaits: how people walk between actions; without, nobody walks.

    Raises:
        SkeletonDmlError: there are too few classes or clips.
    """
    if len(set(classes)) != len(classes) or not 1 <= enrolled <= len(classes):
        raise SkeletonDmlError(
            f"cannot enrol {enrolled} of the classes {list(classes)}; give different classes, and "
            f"enrol 1 to {len(classes)}"
        )
    generator = np.random.default_rng(seed)
    members = {label: np.flatnonzero(archive.labels == label) for label in classes}
    for label, indices in members.items():
        if len(indices) < 2:
            raise SkeletonDmlError(
                f"class {label} has {len(indices)} clips; give at least 2, one to enrol it"
            )
    lessons = [
        int(generator.choice(members[label]))
        for label in generator.permutation(classes)[:enrolled].tolist()
    ]
    recordings: list[Recording] = []
    occurrences: list[Occurrence] = []
    frames = 0
    for subject in np.unique(archive.subjects):
        chosen = [
            index
            for indices in members.values()
            for index in generator.permutation(
                [i for i in indices if archive.subjects[i] == subject and i not in lessons]
            )[:clips]
        ]
        if not chosen:
            continue
        first = sum(len(recording.people) for recording in recordings)
        recording, done = build_stream(
            archive,
            [int(index) for index in generator.permutation(chosen)],
            generator,
            people=[str(first + body) for body in range(archive.bodies)],
            first_frame=frames,
            gaits=gaits,
        )
        recordings.append(recording)
        occurrences += done
        frames += len(recording.sequence) + round(ABSENCE * FRAME_RATE)
    return LabelledStream(
        recordings=tuple(recordings),
        occurrences=tuple(occurrences),
        demonstrations=tuple(
            Demonstration(
                archive.class_names[archive.labels[index]],
                archive.names[index],
                archive.clip(index),
            )
            for index in lessons
        ),
    )


def _seen(sequence: SkeletonSequence) -> NDArray[np.bool_]:
    """(frames, bodies) whether any joint of a body is seen."""
    return np.asarray(np.isfinite(sequence.positions[..., 0]).any(axis=2))
