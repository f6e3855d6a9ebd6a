# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from acting import BOW, FRAME, KICK, SECOND, WAVE, decisions, frames, play, recognizer, script

from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.skeleton.frame import SkeletonFrame


def greeting(distance: float = 0.8, late: float = 0.3) -> dict[str, np.ndarray]:
    """Two people who do different things at about the same time."""
    return {
        "a": script((None, 1), (WAVE, 1.4), (None, 3)),
        "b": script((None, 1 + late), (KICK, 1.4), (None, 3 - late), x=distance),
    }


def who(events: list[Recognition]) -> list[tuple[str, ...]]:
    return sorted(event.person_ids for event in events)


@pytest.mark.parametrize("late", [0.0, 0.1, 0.3])
def test_the_movement_that_ends_first_waits_for_the_other(tmp_path: Path, late: float) -> None:
    (event,) = decisions(play(recognizer(tmp_path), frames(greeting(late=late))))
    assert event.person_ids == ("a", "b")
    begin, end = event.start_ns - SECOND, event.end_ns - SECOND
    assert begin == pytest.approx(SECOND, abs=SECOND // 2)
    assert end == pytest.approx((2.4 + late) * SECOND, abs=SECOND // 2)


def test_a_long_movement_is_not_waited_for(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    people = {
        "a": script((None, 2), (WAVE, 1.4), (None, 6)),
        "b": script((None, 1), *[(KICK, 1.0)] * 7, (None, 2), x=0.8),
    }
    events = decisions(play(target, frames(people)))
    assert ("a",) in who(events)
    assert all(len(event.person_ids) == 1 for event in events)
    waved = next(event for event in events if event.person_ids == ("a",))
    assert waved.decided_ns - waved.end_ns < 2 * SECOND


def test_the_other_movement_is_not_cut_by_the_end_of_the_first(tmp_path: Path) -> None:
    people = greeting()
    people["b"] = script((None, 1.3), *[(KICK, 1.4)] * 4, (None, 2), x=0.8)
    together = decisions(play(recognizer(tmp_path / "1"), frames(people)))
    alone = decisions(play(recognizer(tmp_path / "2"), frames({"b": people["b"]})))
    assert who(together) == [("a",), ("b",)]
    other = next(event for event in together if event.person_ids == ("b",))
    assert (other.start_ns, other.end_ns) == (alone[0].start_ns, alone[0].end_ns)


def test_of_three_people_the_nearest_two_are_a_pair_in_any_order(tmp_path: Path) -> None:
    people = {
        name: script((None, 1), (limb, 1.4), (None, 2), x=x)
        for name, limb, x in (("a", WAVE, 0.0), ("b", BOW, 0.9), ("c", KICK, 1.5))
    }
    outcomes = []
    for number, order in enumerate(permutations(people)):
        target = recognizer(tmp_path / str(number))
        events = decisions(play(target, frames({name: people[name] for name in order})))
        outcomes.append([replace(event, latency=0) for event in events])
    assert who(outcomes[0]) in ([("a",), ("b", "c")], [("a", "b"), ("c",)])
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_an_action_is_recognised_beside_another_person_who_moves(tmp_path: Path) -> None:
    target = taught_alone(tmp_path)
    events = decisions(play(target, frames(greeting(), start_ns=60 * SECOND)))
    assert [(event.person_ids, event.label) for event in events] == [(("a",), "wave"), (("b",), "")]


def test_an_enrolled_pair_is_recognised_as_a_pair(tmp_path: Path) -> None:
    target = taught_alone(tmp_path)
    (pair,) = decisions(play(recognizer(tmp_path / "other"), frames(greeting())))
    target.events()
    play(target, frames(greeting(), start_ns=60 * SECOND))
    clip_id = next(clip.clip_id for clip in target._recent if clip.person_ids == pair.person_ids)
    target.enroll_clip(clip_id, "greeting")
    (event,) = decisions(play(target, frames(greeting(), start_ns=120 * SECOND)))
    assert (event.person_ids, event.verdict, event.label) == (
        ("a", "b"),
        Verdict.KNOWN,
        "greeting",
    )


def test_each_person_can_be_enrolled_from_the_clip_of_a_pair(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    play(target, frames(greeting()))
    kept = {clip.person_ids: clip.clip_id for clip in target._recent}
    assert set(kept) == {("a", "b"), ("a",), ("b",)}
    assert target.enroll_clip(kept["a", "b"], "greeting").sequence.bodies == 2
    assert target.enroll_clip(kept["a",], "wave").sequence.bodies == 1


def test_a_pairs_clip_has_the_frames_with_both_people(tmp_path: Path) -> None:
    def with_holes(stream: Iterator[SkeletonFrame]) -> Iterator[SkeletonFrame]:
        for index, frame in enumerate(stream):
            if index % 5 == 2:
                frame = SkeletonFrame(frame.stamp_ns, ["a"], frame.positions[:1], frame.layout)
            yield frame

    target = recognizer(tmp_path)
    (event,) = decisions(play(target, with_holes(frames(greeting()))))
    assert event.person_ids == ("a", "b")
    sequence = target.enroll_clip(event.clip_id, "greeting").sequence
    assert np.isfinite(sequence.positions).all()
    stamps = sequence.start_ns + np.round(sequence.timestamps * SECOND).astype(np.int64)
    assert set(np.round((stamps - SECOND) / FRAME).astype(int) % 5) == {0, 1, 3, 4}


def test_a_waiting_movement_is_decided_when_the_partner_leaves(
    tmp_path: Path,
) -> None:
    people = greeting(late=0.3)
    target = recognizer(tmp_path)
    for frame in frames({"a": people["a"], "b": people["b"][: round(2.0 * 30)]}):
        target.push(frame)
    target.advance(10 * SECOND, "camera")
    assert {name for event in decisions(target.events()) for name in event.person_ids} == {"a", "b"}
    assert not any(len(source.pairing) for source in target._segmenter._inputs.values())


def taught_alone(folder: Path) -> Recognizer:
    target = recognizer(folder, limit=0.25)
    waving = script((None, 1), (WAVE, 1.4), (None, 1))
    (event,) = decisions(play(target, frames({"7": waving})))
    target.enroll_clip(event.clip_id, "wave")
    return target
