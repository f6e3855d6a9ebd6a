# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Trackers that give a person a new id in the middle of an action."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from acting import BOW, FRAME, KICK, SECOND, WAVE, decisions, play, recognizer, script
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25

WAVING = script((None, 1), (WAVE, 1.5), (None, 1))
MIDDLE = 30 + 22
"""Index of a frame in the middle of the action."""


def stream(*people: dict[str, NDArray[np.float32]]) -> Iterator[SkeletonFrame]:
    """Frames of the people, {id: pose (25, 3)}, one after the other."""
    for index, here in enumerate(people):
        positions = np.array(list(here.values())).reshape(-1, 25, 3)
        yield SkeletonFrame(SECOND + index * FRAME, list(here), positions, NTU_25)


def clips_of(folder: Path, *people: dict[str, NDArray[np.float32]]) -> list[tuple[str, float]]:
    """Person and duration in seconds of each clip."""
    folder.mkdir(exist_ok=True)
    with recognizer(folder) as target:
        seen = decisions(play(target, stream(*people)))
    return [("+".join(one.person_ids), (one.end_ns - one.start_ns) / SECOND) for one in seen]


@pytest.mark.parametrize("lost", [0, 5, 12])
def test_a_new_id_in_mid_action_gives_the_same_clips_with_the_new_id(
    tmp_path: Path, lost: int
) -> None:
    def clips(name: str) -> list[tuple[str, float]]:
        return clips_of(
            tmp_path / name,
            *({"1": pose} for pose in WAVING[:MIDDLE]),
            *({} for _ in range(lost)),
            *({name: pose} for pose in WAVING[MIDDLE + lost :]),
        )

    unchanged, changed = clips("1"), clips("2")
    assert [seconds for _, seconds in changed] == [seconds for _, seconds in unchanged]
    assert changed[-1][0] == "2"
    if lost <= 5:
        assert len(changed) == 1


def test_an_id_that_changes_with_every_frame_gives_one_clip(tmp_path: Path) -> None:
    (clip,) = clips_of(tmp_path, *({str(n): pose} for n, pose in enumerate(WAVING)))
    assert clip[1] > 1


def test_a_new_id_elsewhere_or_after_the_gap_is_a_new_person(tmp_path: Path) -> None:
    elsewhere = [{"2": pose + np.array([1.5, 0, 0], np.float32)} for pose in WAVING[MIDDLE:]]
    clips = clips_of(tmp_path / "a", *({"1": pose} for pose in WAVING[:MIDDLE]), *elsewhere)
    assert [who for who, _ in clips] == ["1", "2"]
    clips = clips_of(
        tmp_path / "b",
        *({"1": pose} for pose in WAVING[:MIDDLE]),
        *({} for _ in range(17)),
        *({"2": pose} for pose in WAVING[MIDDLE - 10 :]),
    )
    assert [who for who, _ in clips] == ["1", "2"]


def test_a_new_id_beside_the_old_one_is_a_new_person(tmp_path: Path) -> None:
    people = [{"1": pose} for pose in WAVING[:MIDDLE]]
    people += [
        {"1": pose, "2": pose + np.array([0.2, 0, 0], np.float32)} for pose in WAVING[MIDDLE:]
    ]
    assert [who for who, _ in clips_of(tmp_path, *people)] == ["1+2"]


def crossing(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """(frames, 2, 25, 3): two people who walk past each other, one behind the other."""
    walk = np.linspace(-1.2, 1.2, len(first), dtype=np.float32)[:, None]
    one, two = first.copy(), second.copy()
    one[..., 0] += walk
    two[..., 0] -= walk
    two[..., 2] += np.float32(0.6)
    return np.stack([one, two], axis=1)


def test_two_people_who_cross_are_not_swapped_when_one_gets_a_new_id(tmp_path: Path) -> None:
    poses = crossing(script((WAVE, 3)), script((KICK, 3)))
    hidden = range(42, 50)
    people = []
    for index, (front, back) in enumerate(poses):
        here = {"front": front}
        if index not in hidden:
            here["back" if index < 42 else "new"] = back
        people.append(here)
    with recognizer(tmp_path) as target:
        for frame in stream(*people):
            target.push(frame)
        front = target._segmenter.recording("front", 0, 0)
        back = target._segmenter.recording("new", 0, 0)
    np.testing.assert_array_equal(front.positions[:, 0], poses[:, 0])
    seen = [index for index in range(len(poses)) if index not in hidden]
    np.testing.assert_array_equal(back.positions[:, 0], poses[seen, 1])


def test_two_people_who_both_get_new_ids_side_by_side_are_not_swapped(tmp_path: Path) -> None:
    one, two = script((BOW, 2)), script((KICK, 2)) + np.array([0.25, 0, 0], np.float32)
    people = [{"a": first, "b": second} for first, second in zip(one[:30], two[:30], strict=True)]
    people += [{} for _ in range(6)]
    people += [{"c": second, "d": first} for first, second in zip(one[36:], two[36:], strict=True)]
    with recognizer(tmp_path) as target:
        for frame in stream(*people):
            target.push(frame)
        for person, poses in (("c", two), ("d", one)):
            recording = target._segmenter.recording(person, 0, 0).positions[:, 0]
            assert len(recording) in (24, 54)
            np.testing.assert_array_equal(recording, poses[np.r_[:30, 36:60]][-len(recording) :])
