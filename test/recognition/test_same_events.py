# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The same stamps give the same events, live or offline and in any order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from acting import (
    BOW,
    FRAME,
    KICK,
    SECOND,
    WAVE,
    decisions,
    frames,
    play,
    recognizer,
    script,
)
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.event import Event, Recognition
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.recognition.segmentation import trim
from skeleton_dml_ros.recognition.settings import RecognitionSettings, Segmentation, Unknowns
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

WINDOWS = RecognitionSettings(
    segmentation=Segmentation(method="windows", window=2.0), unknowns=Unknowns(interval=2)
)
MOTION = RecognitionSettings(unknowns=Unknowns(interval=2))


def crowd(generator: np.random.Generator, seconds: float = 14) -> dict[str, NDArray[np.float32]]:
    """Four people with random motions, two of them near each other, seen poorly."""
    people = {}
    for name, x in (("a", 0.0), ("b", 0.9), ("c", 3.0), ("d", -3.0)):
        parts: list[tuple[str | None, float]] = [(None, 1.0)]
        while sum(length for _, length in parts) < seconds:
            limb = (WAVE, BOW, KICK)[generator.integers(3)]
            parts += [
                (limb, float(generator.uniform(0.8, 2))),
                (None, float(generator.uniform(0.3, 3))),
            ]
        poses = script(*parts, x=x)
        poses += generator.normal(scale=0.004, size=poses.shape).astype(np.float32)
        poses[generator.random(poses.shape[:2]) < 0.03] = np.nan
        people[name] = poses
    return people


def stream(
    people: dict[str, NDArray[np.float32]], start_ns: int = 60 * SECOND
) -> list[SkeletonFrame]:
    """A camera's frames of them, with lost people and lost frames."""
    generator = np.random.default_rng(8)
    sent = []
    for frame in frames(people, start_ns=start_ns):
        here = np.flatnonzero(generator.random(len(frame.person_ids)) > 0.02)
        if generator.random() > 0.02:
            sent.append(
                replace(
                    frame,
                    person_ids=tuple(frame.person_ids[index] for index in here),
                    positions=frame.positions[here],
                )
            )
    return sent


def enrolled(folder: Path, settings: RecognitionSettings, *, live: bool = False) -> Recognizer:
    """A recogniser that knows how to wave."""
    target = recognizer(folder, MOTION, live=live, limit=0.3)
    lesson = frames({"7": script((None, 1), (WAVE, 1.2), (None, 1))})
    (clip,) = decisions(play(target, lesson))
    target.enroll_clip(clip.clip_id, "wave")
    target._unknowns.forget("camera")
    target.settings = settings
    return target


def essence(events: list[Event]) -> list[Event]:
    """Events without what differs from one store, or one wall clock, to the next."""
    return [
        replace(
            event,
            latency=0.0,
            reference_id="",
            candidates=(),
            distance=0.0,
            score=0.0,
            confidence=0.0,
        )
        if isinstance(event, Recognition)
        else event
        for event in events
    ]


def any_order(sent: list[SkeletonFrame]) -> Iterator[SkeletonFrame]:
    generator = np.random.default_rng(2)
    for frame in sent:
        order = generator.permutation(len(frame.person_ids))
        yield replace(
            frame,
            person_ids=tuple(frame.person_ids[index] for index in order),
            positions=frame.positions[order],
        )


@pytest.mark.parametrize("settings", [MOTION, WINDOWS], ids=["motion", "windows"])
@pytest.mark.parametrize("seed", [0, 1])
def test_live_and_offline_and_any_order_of_people_give_the_same_events(
    tmp_path: Path, settings: RecognitionSettings, seed: int
) -> None:
    sent = stream(crowd(np.random.default_rng(seed)))
    offline = essence(play(enrolled(tmp_path / "offline", settings), iter(sent)))
    assert {event.verdict.value for event in decisions(offline)} >= {"known", "unknown"}
    assert any(event.report for event in decisions(offline))
    shuffled = essence(play(enrolled(tmp_path / "shuffled", settings), any_order(sent)))
    assert shuffled == offline
    target = enrolled(tmp_path / "live", replace(settings, queue_size=1000), live=True)
    live = essence(play(target, iter(sent)))
    target.close()
    assert live == offline


def test_a_looped_bag_gives_the_same_events_again(tmp_path: Path) -> None:
    sent = stream(crowd(np.random.default_rng(3), seconds=12))
    for live in (False, True):
        target = enrolled(tmp_path / str(live), MOTION, live=live)
        once = essence(play(target, iter(sent)))
        again = essence(play(target, iter(sent)))
        target.close()
        assert again[1:] == once
        assert type(again[0]).__name__ == "TimeReset"


def test_an_additional_clock_changes_only_the_end(tmp_path: Path) -> None:
    sent = stream(crowd(np.random.default_rng(4), seconds=12))
    plain = essence(play(enrolled(tmp_path / "plain", MOTION), iter(sent)))
    target = enrolled(tmp_path / "told", MOTION)
    for frame in sent:
        target.push(frame)
        target.advance(frame.stamp_ns + FRAME // 2, frame.input_name)
    target.finish()
    assert [event.clip_id for event in decisions(target.events())] == [
        event.clip_id for event in decisions(plain)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_part_of_the_stream_is_trimmed_to_the_live_clip(tmp_path: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    limb = (WAVE, BOW, KICK)[seed % 3]
    poses = script((None, 3), (limb, float(generator.uniform(0.8, 1.6))), (None, 3))
    poses += generator.normal(scale=0.004, size=poses.shape).astype(np.float32)
    poses[generator.random(poses.shape[:2]) < 0.05] = np.nan
    poses[generator.random(poses.shape[:2]) < 0.01] = 0
    target = recognizer(tmp_path)
    (event,) = decisions(play(target, frames({"7": poses})))
    clip = target._recent.get(event.clip_id).sequence
    begin = int(generator.integers(0, 30))
    stamps = np.arange(len(poses))[begin:] * FRAME
    recording = SkeletonSequence(
        np.where(np.isfinite(poses).all(axis=-1, keepdims=True), poses, np.nan)[begin:, None],
        (stamps - stamps[0]) / SECOND,
        NTU_25,
        start_ns=SECOND + int(stamps[0]),
    )
    trimmed = trim(recording, target.settings.segmentation)
    assert (trimmed.start_ns, trimmed.end_ns) == (clip.start_ns, clip.end_ns)
    by_span = target.enroll_span("7", SECOND + begin * FRAME, 2**62, "it").sequence
    by_clip = target.enroll_clip(event.clip_id, "it").sequence
    by_recording = target.enroll(recording, "it").sequence
    assert by_span.start_ns == by_clip.start_ns == by_recording.start_ns == event.start_ns
    np.testing.assert_array_equal(by_span.positions, by_clip.positions)
    assert len(by_recording) == len(by_clip)


@pytest.mark.parametrize("settings", [MOTION, WINDOWS], ids=["motion", "windows"])
def test_live_and_offline_give_the_same_events_for_two_clocks(
    tmp_path: Path, settings: RecognitionSettings
) -> None:
    left = stream(crowd(np.random.default_rng(5), seconds=12))
    right = [
        replace(frame, input_name="other", stamp_ns=frame.stamp_ns + 10**9 * SECOND)
        for frame in stream(crowd(np.random.default_rng(6), seconds=12))
    ]

    def events(name: str, live: bool) -> list[Event]:
        target = enrolled(tmp_path / name, replace(settings, queue_size=1000), live=live)
        for one, other in zip(left, right, strict=False):
            for frame in (one, other):
                target.push(frame)
                target.advance(frame.stamp_ns + FRAME // 2, frame.input_name)
        target.finish()
        happened = essence(target.events())
        target.close()
        return happened

    offline = events("offline", live=False)
    assert {event.input_name for event in decisions(offline)} == {"camera", "other"}
    assert events("live", live=True) == offline
    # One input alone says the same of its people, but for what was asked about already.
    alone = enrolled(tmp_path / "alone", settings)
    seen = zip(left, right, strict=False)
    clips = [event.clip_id for event in decisions(play(alone, (one for one, _ in seen)))]
    assert [one.clip_id for one in decisions(offline) if one.input_name == "camera"] == clips
