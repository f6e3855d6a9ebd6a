# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Demonstration of the whole task with a synthetic actor instead of a camera.

A teacher shows three actions once each.  Other people then perform these and other actions, at their
own pace and seen from other sides, and idle in between.  One unknown action is taught from the very
clip that the robot reported; new people perform it too, and from then on it counts as known.

This module writes the script and computes the figures; ``skeleton-dml demo`` plays and shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from skeleton_dml_ros.datasets.synthetic_actor import (
    Act,
    Idle,
    Person,
    Sensor,
    Viewpoint,
    action_names,
    perform_stream,
)
from skeleton_dml_ros.evaluation.streams.figures import StreamFigures, pooled
from skeleton_dml_ros.evaluation.streams.matching import (
    Detection,
    Occurrence,
    detections,
    match_events,
    temporal_iou,
)
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

ENROLLED_FIRST = ("wave", "kick", "jumping_jack")
"""Actions that the teacher shows."""

ENROLLED_LATER = "throw"
"""Action that is taught from a clip reported as unknown."""

MIN_RECALL, MAX_FALSE_ACCEPTS = 0.90, 0.10
"""What the demonstration promises: minimum share of known occurrences recognised, and maximum share of
other occurrences wrongly accepted."""

IOU = 0.3
"""Minimum intersection over union of a report's and an occurrence's intervals."""

PAUSE = (1.4, 2.4)
"""Minimum and maximum seconds between two actions of a person."""

SPEED = (0.8, 1.25)
"""Minimum and maximum speed of an action relative to the average person."""

INPUT = "camera"

FIRST_PEOPLE, SECOND_PEOPLE = ("Ada", "Ben", "Cleo"), ("Dina", "Emil", "Faye")


@dataclass(frozen=True)
class Demonstration:
    """One action, shown once.

    Attributes:
        label: of the action.
        recording: of the teacher, with idling before and after.
    """

    label: str
    recording: SkeletonSequence


@dataclass(frozen=True)
class Scene:
    """What a camera sees, and what really happens.

    Attributes:
        people: their ids.
        frames: in order of time.
        occurrences: actions performed, in order of time.
    """

    people: tuple[str, ...]
    frames: tuple[SkeletonFrame, ...]
    occurrences: tuple[Occurrence, ...]

    @property
    def start_ns(self) -> int:
        """Stamp of the first frame."""
        return self.frames[0].stamp_ns

    @property
    def end_ns(self) -> int:
        """Stamp of the last frame."""
        return self.frames[-1].stamp_ns


def demonstrate(labels: Sequence[str], generator: np.random.Generator) -> list[Demonstration]:
    """A teacher who faces the camera shows each action once."""
    teacher = Person.sample(generator, left_handed=False)
    return [
        Demonstration(
            label,
            perform_stream([Idle(1.0), Act(label), Idle(1.0)], teacher, generator).sequence,
        )
        for label in labels
    ]


def script(labels: Sequence[str], generator: np.random.Generator) -> list[Act | Idle]:
    """Actions in random order and at random speeds, with pauses in between."""
    steps: list[Act | Idle] = [Idle(float(generator.uniform(0.5, 2.5)))]
    for index in generator.permutation(len(labels)):
        steps.append(Act(labels[index], float(generator.uniform(*SPEED))))
        steps.append(Idle(float(generator.uniform(*PAUSE))))
    return steps


def play(
    scripts: Sequence[tuple[str, Sequence[Act | Idle]]],
    generator: np.random.Generator,
    start_ns: int,
) -> Scene:
    """New people side by side in front of one camera; each leaves after their script.

    Args:
        scripts: id and script of each person.
        generator: chooses people and places.
        start_ns: stamp of the first frame.
    """
    camera = Viewpoint.sample(generator)
    sensor = Sensor(stamp_jitter=0.0)
    places = 2.0 * (np.arange(len(scripts)) - (len(scripts) - 1) / 2)
    performances = []
    for (person_id, steps), place in zip(scripts, places, strict=True):
        viewpoint = replace(
            Viewpoint.sample(generator),
            distance=float(generator.uniform(2.6, 4.0)),
            lateral=float(place + generator.uniform(-0.15, 0.15)),
            camera_height=camera.camera_height,
            camera_pitch=camera.camera_pitch,
        )
        # Labels name the side of the body, so nobody is left-handed.
        person = Person.sample(generator, left_handed=False)
        performances.append(
            perform_stream(steps, person, generator, viewpoint, sensor, person_id, start_ns)
        )
    longest = max(performances, key=lambda performance: len(performance.sequence)).sequence
    frames = []
    for index, second in enumerate(longest.timestamps):
        there = [
            (person_id, performance.sequence.positions[index, 0])
            for (person_id, _), performance in zip(scripts, performances, strict=True)
            if index < len(performance.sequence)
        ]
        frames.append(
            SkeletonFrame(
                input_name=INPUT,
                stamp_ns=start_ns + round(float(second) * NANOSECONDS_PER_SECOND),
                person_ids=tuple(person_id for person_id, _ in there),
                positions=np.stack([positions for _, positions in there]),
                layout=longest.layout,
            )
        )
    occurrences = [
        Occurrence(action.label, action.start_ns, action.end_ns, action.person_id)
        for performance in performances
        for action in performance.actions
    ]
    occurrences.sort(key=lambda occurrence: occurrence.start_ns)
    return Scene(tuple(person_id for person_id, _ in scripts), tuple(frames), tuple(occurrences))


def first_scene(generator: np.random.Generator, start_ns: int) -> Scene:
    """Three people; each does five known actions and five others, among them the one taught later."""
    scripts = []
    for person in FIRST_PEOPLE:
        enrolled = [*ENROLLED_FIRST, *_some(ENROLLED_FIRST, 2, generator)]
        others = [ENROLLED_LATER, *_some(unknown_actions(), 4, generator)]
        scripts.append((person, script([*enrolled, *others], generator)))
    return play(scripts, generator, start_ns)


def second_scene(generator: np.random.Generator, start_ns: int) -> Scene:
    """Three other people; each does the new action twice, two known ones, and three others."""
    scripts = []
    for person in SECOND_PEOPLE:
        enrolled = [ENROLLED_LATER, ENROLLED_LATER, *_some(ENROLLED_FIRST, 2, generator)]
        others = _some(unknown_actions(), 3, generator)
        scripts.append((person, script([*enrolled, *others], generator)))
    return play(scripts, generator, start_ns)


def unknown_actions() -> tuple[str, ...]:
    """All actions of the actor that are never taught."""
    return tuple(name for name in action_names() if name not in (*ENROLLED_FIRST, ENROLLED_LATER))


def _some(names: Sequence[str], count: int, generator: np.random.Generator) -> list[str]:
    """``count`` different names."""
    return [names[index] for index in generator.choice(len(names), count, replace=False)]


def occurrence_of(recognition: Recognition, occurrences: Sequence[Occurrence]) -> Occurrence | None:
    """The occurrence of the clip's person that overlaps the clip most."""
    clip = Detection(
        recognition.label, recognition.start_ns, recognition.end_ns, recognition.person_ids[0]
    )
    during = [one for one in occurrences if one.person == clip.person]
    best = max(during, key=lambda one: temporal_iou(one, clip), default=None)
    return best if best is not None and temporal_iou(best, clip) > 0 else None


def unknown_clip(
    label: str, recognitions: Sequence[Recognition], occurrences: Sequence[Occurrence]
) -> Recognition | None:
    """The unknown-action report that covers most of an occurrence of a label.

    It stands for the person who answers the robot's question; None if the robot has not asked.
    """
    asked = []
    for recognition in recognitions:
        done = occurrence_of(recognition, occurrences)
        if recognition.verdict is Verdict.UNKNOWN and done is not None and done.label == label:
            clip = Detection("", recognition.start_ns, recognition.end_ns, done.person)
            asked.append((temporal_iou(done, clip), recognition))
    overlap, best = max(asked, key=lambda pair: pair[0], default=(0.0, None))
    return best if overlap >= IOU else None


@dataclass(frozen=True)
class Chapter:
    """A scene, and what was recognised in it.

    Attributes:
        scene: what happened.
        enrolled: labels known at that time.
        recognitions: what was reported.
    """

    scene: Scene
    enrolled: tuple[str, ...]
    recognitions: tuple[Recognition, ...]

    def figures(self) -> StreamFigures:
        """Match the reports to the occurrences."""
        seconds = (self.scene.end_ns - self.scene.start_ns) / NANOSECONDS_PER_SECOND
        return match_events(
            self.scene.occurrences, detections(self.recognitions), self.enrolled, seconds, IOU
        )


@dataclass(frozen=True)
class DemonstrationFigures:
    """Figures over all scenes.

    Attributes:
        enrolled: occurrences of actions known at that time.
        recognised: those of them reported with the right label.
        others: occurrences of unknown actions.
        accepted: those of them reported as a known action.
        false_alarms: known actions reported while their person was idle.
        hours: length of the stream.
    """

    enrolled: int
    recognised: int
    others: int
    accepted: int
    false_alarms: int
    hours: float

    @classmethod
    def of(cls, chapters: Sequence[Chapter]) -> DemonstrationFigures:
        """The sums over at least one chapter."""
        whole = pooled([chapter.figures() for chapter in chapters])
        return cls(
            enrolled=whole.enrolled,
            recognised=whole.recognised,
            others=whole.unknown,
            accepted=whole.accepted,
            false_alarms=whole.false_alarms,
            hours=whole.hours,
        )

    @property
    def recall(self) -> float:
        """Share of known occurrences that were recognised."""
        return self.recognised / self.enrolled if self.enrolled else 0.0

    @property
    def wrong_share(self) -> float:
        """Wrong acceptances, false alarms included, per other occurrence."""
        return (self.accepted + self.false_alarms) / self.others if self.others else 0.0

    @property
    def passed(self) -> bool:
        """Whether recall and wrong acceptances keep the promise."""
        return self.recall >= MIN_RECALL and self.wrong_share <= MAX_FALSE_ACCEPTS


def outcome(
    recognition: Recognition, done: Occurrence | None, enrolled: Sequence[str]
) -> bool | None:
    """Whether a report is right; None if the person idled and nothing was reported.

    Args:
        recognition: the report.
        done: what the person did, None for idling.
        enrolled: labels known at that time.
    """
    if done is None:
        return False if recognition.label else None
    if done.label in enrolled:
        return recognition.label == done.label
    return not recognition.label


def missed(chapter: Chapter) -> list[Occurrence]:
    """Occurrences of known actions that no report with the right label covers."""
    return [
        done
        for done in chapter.scene.occurrences
        if done.label in chapter.enrolled
        and not any(
            found.label == done.label
            and found.person == done.person
            and temporal_iou(done, found) >= IOU
            for found in detections(chapter.recognitions)
        )
    ]
