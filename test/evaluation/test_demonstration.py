# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The demonstration's script and its sums."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from skeleton_dml_ros.datasets.synthetic_actor import Act, action_names
from skeleton_dml_ros.evaluation.demonstration import (
    ENROLLED_FIRST,
    ENROLLED_LATER,
    IOU,
    Chapter,
    DemonstrationFigures,
    Scene,
    demonstrate,
    first_scene,
    missed,
    occurrence_of,
    outcome,
    script,
    second_scene,
    unknown_actions,
    unknown_clip,
)
from skeleton_dml_ros.evaluation.streams.matching import Occurrence
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.recognition.segmentation import trim
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25

SECOND = 1_000_000_000


def reported(label: str, start: float, end: float, person: str = "Ada") -> Recognition:
    start_ns, end_ns = round(start * SECOND), round(end * SECOND)
    return Recognition(
        clip_id=f"camera/{person}/{start_ns}",
        input_name="camera",
        person_ids=(person,),
        start_ns=start_ns,
        end_ns=end_ns,
        decided_ns=end_ns,
        position=(0.0, 0.0, 3.0),
        verdict=Verdict.KNOWN if label else Verdict.UNKNOWN,
        label=label,
    )


def done(label: str, start: float, end: float, person: str = "Ada") -> Occurrence:
    return Occurrence(label, round(start * SECOND), round(end * SECOND), person)


def chapter(occurrences: list[Occurrence], recognitions: list[Recognition]) -> Chapter:
    people = tuple(dict.fromkeys(occurrence.person for occurrence in occurrences))
    frames = tuple(
        SkeletonFrame(second * SECOND, (), np.zeros((0, 25, 3), np.float32), NTU_25)
        for second in range(31)
    )
    scene = Scene(people, frames, tuple(occurrences))
    return Chapter(scene, ("wave", "kick"), tuple(recognitions))


def test_the_same_seed_plays_the_same_scene() -> None:
    def played(seed: int) -> tuple[bytes, tuple[Occurrence, ...]]:
        scene = first_scene(np.random.default_rng(seed), 0)
        return b"".join(frame.positions.tobytes() for frame in scene.frames), scene.occurrences

    assert played(1) == played(1)
    assert played(1)[1] != played(2)[1]


def test_all_other_actions_of_the_actor_are_unknown() -> None:
    assert set(unknown_actions()) | {*ENROLLED_FIRST, ENROLLED_LATER} == set(action_names())
    assert not set(unknown_actions()) & {*ENROLLED_FIRST, ENROLLED_LATER}


@pytest.mark.parametrize("seed", range(3))
def test_each_person_does_known_and_unknown_actions(seed: int) -> None:
    generator = np.random.default_rng(seed)
    first = first_scene(generator, 0)
    second = second_scene(generator, first.end_ns + 5 * SECOND)
    assert not set(first.people) & set(second.people)
    for person in first.people:
        labels = [one.label for one in first.occurrences if one.person == person]
        assert set(ENROLLED_FIRST) <= set(labels)
        assert labels.count(ENROLLED_LATER) == 1
        assert sum(label in unknown_actions() for label in labels) == 4
    for person in second.people:
        labels = [one.label for one in second.occurrences if one.person == person]
        assert labels.count(ENROLLED_LATER) == 2
        assert sum(label in unknown_actions() for label in labels) == 3


@pytest.mark.parametrize("seed", range(3))
def test_people_stand_too_far_apart_to_form_pairs(seed: int) -> None:
    hips = NTU_25.index("spine_base")
    for frame in first_scene(np.random.default_rng(seed), 0).frames[::30]:
        places = frame.positions[:, hips]
        for index, place in enumerate(places):
            apart = np.linalg.norm(np.delete(places, index, axis=0) - place, axis=1)
            assert np.nanmin(apart, initial=np.inf) > RecognitionSettings().pair_distance


def test_a_scene_continues_where_the_previous_one_ended() -> None:
    scene = second_scene(np.random.default_rng(0), 90 * SECOND)
    stamps = np.array([frame.stamp_ns for frame in scene.frames])
    assert scene.start_ns == stamps[0] == 90 * SECOND
    assert scene.end_ns == stamps[-1]
    assert np.ptp(np.diff(stamps)) <= 1
    assert scene.frames[0].person_ids == scene.people
    assert len(scene.frames[-1].person_ids) < len(scene.people)


def test_people_leave_after_their_last_action() -> None:
    scene = first_scene(np.random.default_rng(3), 0)
    for person in scene.people:
        there = [frame.stamp_ns for frame in scene.frames if person in frame.person_ids]
        last = max(one.end_ns for one in scene.occurrences if one.person == person)
        assert last + SECOND < there[-1] < last + 3 * SECOND


def test_the_teacher_shows_each_action_once() -> None:
    shown = demonstrate(("wave", "bow"), np.random.default_rng(0))
    assert [one.label for one in shown] == ["wave", "bow"]
    for demonstration in shown:
        movement = trim(demonstration.recording, RecognitionSettings().segmentation)
        assert 1.0 < movement.duration < demonstration.recording.duration - 1.0


def test_a_script_has_every_label_with_pauses_in_between() -> None:
    steps = script(["wave", "bow", "wave"], np.random.default_rng(0))
    assert sorted(step.label for step in steps if isinstance(step, Act)) == ["bow", "wave", "wave"]
    for step, after in pairwise(steps):
        assert isinstance(step, Act) != isinstance(after, Act)


def test_a_report_belongs_to_its_persons_occurrence() -> None:
    occurrences = [done("wave", 1, 3), done("bow", 4, 6), done("kick", 1, 3, "Ben")]
    assert occurrence_of(reported("wave", 2.5, 5.8), occurrences) == occurrences[1]
    assert occurrence_of(reported("", 1, 3, "Ben"), occurrences) == occurrences[2]
    assert occurrence_of(reported("wave", 7, 9), occurrences) is None


@pytest.mark.parametrize(
    ("label", "did", "right"),
    [
        ("wave", "wave", True),
        ("kick", "wave", False),
        ("", "wave", False),
        ("", "bow", True),
        ("wave", "bow", False),
        ("wave", None, False),
        ("", None, None),
    ],
)
def test_a_report_is_right_or_wrong_or_neither(
    label: str, did: str | None, right: bool | None
) -> None:
    during = done(did, 1, 3) if did else None
    assert outcome(reported(label, 1, 3), during, ("wave", "kick")) is right


def test_the_clip_to_teach_covers_most_of_the_action() -> None:
    occurrences = [done("throw", 1, 3), done("throw", 5, 7, "Ben"), done("bow", 9, 11)]
    part, whole = reported("", 1, 2), reported("", 5, 6.9, "Ben")
    others = [reported("wave", 1, 3), reported("", 9, 11)]
    assert unknown_clip("throw", [part, whole, *others], occurrences) == whole
    assert unknown_clip("throw", others, occurrences) is None
    barely = reported("", 2.5, 4.5)
    assert unknown_clip("throw", [barely], occurrences) is None


def test_the_figures_count_each_occurrence_once() -> None:
    told = chapter(
        [done("wave", 1, 3), done("kick", 4, 6), done("bow", 7, 9), done("squat", 10, 12)],
        [
            reported("wave", 1, 3),
            reported("", 4, 6),
            reported("kick", 7, 8),
            reported("wave", 8, 9),
            reported("", 10, 12),
            reported("kick", 20, 22),
        ],
    )
    figures = DemonstrationFigures.of([told, told])
    assert (figures.enrolled, figures.recognised) == (4, 2)
    assert (figures.others, figures.accepted, figures.false_alarms) == (4, 2, 2)
    assert figures.recall == 0.5
    assert figures.wrong_share == 1.0
    assert figures.hours == pytest.approx(60 / 3600)
    assert missed(told) == [told.scene.occurrences[1]]


def test_a_report_that_covers_too_little_does_not_count() -> None:
    barely = chapter([done("wave", 1, 11)], [reported("wave", 1, 1 + 10 * IOU - 0.1)])
    enough = chapter([done("wave", 1, 11)], [reported("wave", 1, 1 + 10 * IOU + 0.1)])
    assert missed(barely) == list(barely.scene.occurrences)
    assert missed(enough) == []
    assert [DemonstrationFigures.of([one]).recognised for one in (barely, enough)] == [0, 1]


@pytest.mark.parametrize(
    ("recognised", "accepted", "false_alarms", "passed"),
    [(18, 2, 0, True), (17, 0, 0, False), (20, 1, 1, True), (20, 2, 1, False), (20, 3, 0, False)],
)
def test_it_passes_with_90_percent_recognised_and_10_percent_accepted(
    recognised: int, accepted: int, false_alarms: int, passed: bool
) -> None:
    figures = DemonstrationFigures(20, recognised, 20, accepted, false_alarms, 0.1)
    assert figures.passed is passed


def test_without_enrolled_actions_it_does_not_pass() -> None:
    assert not DemonstrationFigures(0, 0, 10, 0, 0, 0.1).passed
