# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import threading
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
    LimbEngine,
    decisions,
    frames,
    motion,
    play,
    recognizer,
    script,
)
from waiting import wait_until

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.clips import UnknownClipError
from skeleton_dml_ros.recognition.event import Dropped, TimeReset, Verdict
from skeleton_dml_ros.recognition.recognizer import ClosedError, Recognizer
from skeleton_dml_ros.recognition.settings import (
    RecognitionSettings,
    Segmentation,
    SettingError,
    Unknowns,
)
from skeleton_dml_ros.recognition.stream_segmenter import UnknownPersonError
from skeleton_dml_ros.recognition.tracks import NoFramesError
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import layout_from_joint_names
from skeleton_dml_ros.skeleton.sequence import SkeletonError

ALONE = script((None, 1), (WAVE, 1.2), (None, 1.5), (BOW, 1.2), (None, 1))


def wait_for(event: threading.Event) -> None:
    event.wait(10)


def enrolled(folder: Path, **options: object) -> Recognizer:
    """A recogniser that knows how to wave."""
    target = recognizer(folder, **options)  # type: ignore[arg-type]
    (clip,) = decisions(play(target, frames({"7": script((None, 1), (WAVE, 1.2), (None, 1))})))
    target.enroll_clip(clip.clip_id, "wave")
    return target


def test_an_enrolled_clip_is_recognised_from_then_on(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    first, second = decisions(play(target, frames({"7": ALONE})))
    assert first.verdict is second.verdict is Verdict.NO_REFERENCES
    target.enroll_clip(first.clip_id, "wave")
    known, unknown = decisions(play(target, frames({"7": ALONE}, start_ns=60 * SECOND)))
    assert (known.verdict, known.label, known.kind) == (
        Verdict.KNOWN,
        "wave",
        ReferenceKind.ACTION,
    )
    assert known.distance < 0.1
    assert (unknown.verdict, unknown.label, unknown.kind) == (Verdict.UNKNOWN, "", None)
    assert unknown.candidates[0].label == "wave"
    target.enroll_clip(unknown.clip_id, "bow")
    events = decisions(play(target, frames({"7": ALONE}, start_ns=120 * SECOND)))
    assert [event.label for event in events] == ["wave", "bow"]


def test_a_recognition_has_people_time_position_and_score(tmp_path: Path) -> None:
    target = enrolled(tmp_path)
    poses = script((None, 1), (WAVE, 1.2), (None, 1), x=0.4)
    (event,) = decisions(play(target, frames({"7": poses}, start_ns=100 * SECOND)))
    assert event.clip_id == f"camera/7/{event.start_ns}"
    assert (event.input_name, event.person_ids) == ("camera", ("7",))
    assert event.start_ns == pytest.approx(101 * SECOND, abs=SECOND // 3)
    assert event.end_ns == pytest.approx(102.2 * SECOND, abs=SECOND // 3)
    assert event.end_ns < event.decided_ns < event.end_ns + SECOND
    assert event.position == pytest.approx((0.4, 0, 3), abs=0.01)
    assert event.score <= 0.4
    assert 1 >= event.confidence >= event.threshold == 0.5
    assert event.latency > 0
    assert event.visibility == 1


def test_an_ignored_movement_is_known_and_never_reported(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    first, _ = decisions(play(target, frames({"7": ALONE})))
    target.enroll_clip(first.clip_id, "scratching", ReferenceKind.IGNORE)
    ignored, unknown = decisions(play(target, frames({"7": ALONE}, start_ns=60 * SECOND)))
    assert (ignored.verdict, ignored.kind, ignored.report) == (
        Verdict.KNOWN,
        ReferenceKind.IGNORE,
        False,
    )
    assert unknown.verdict is Verdict.UNKNOWN


def test_people_are_classified_independently_in_any_order(tmp_path: Path) -> None:
    people = {
        "a": script((None, 1), (WAVE, 1.2), (None, 2), x=-2),
        "b": script((None, 1.5), (BOW, 1.2), (None, 2), x=0),
        "c": script((None, 1), (KICK, 1.2), (None, 2), x=2),
    }
    forwards = decisions(play(recognizer(tmp_path / "1"), frames(people)))
    backwards = decisions(
        play(recognizer(tmp_path / "2"), frames(dict(reversed(list(people.items())))))
    )
    assert {event.person_ids for event in forwards} == {("a",), ("b",), ("c",)}
    assert [replace(event, latency=0) for event in forwards] == [
        replace(event, latency=0) for event in backwards
    ]


def together(distance: float, second: str | None = WAVE) -> dict[str, np.ndarray]:
    return {
        "a": script((None, 1), (WAVE, 1.2), (None, 1.5)),
        "b": script((None, 1.1), (second, 1.2), (None, 1.4), x=distance),
    }


def test_two_people_who_move_near_each_other_are_a_pair(tmp_path: Path) -> None:
    (event,) = decisions(play(recognizer(tmp_path), frames(together(0.8))))
    assert event.person_ids == ("a", "b")
    assert event.clip_id == f"camera/a+b/{event.start_ns}"
    assert event.position[0] == pytest.approx(0.4, abs=0.05)
    swapped = dict(reversed(list(together(0.8).items())))
    (again,) = decisions(play(recognizer(tmp_path / "2"), frames(swapped)))
    assert replace(again, latency=0) == replace(event, latency=0)


def test_a_pair_is_matched_with_pairs_and_each_person_with_single_people(tmp_path: Path) -> None:
    known = []
    alone = {"a": together(0.8)["a"]}
    for name, lesson in (("pair", together(0.8)), ("single", alone)):
        target = recognizer(tmp_path / name)
        (event,) = decisions(play(target, frames(lesson)))
        target.enroll_clip(event.clip_id, "dance")
        events = decisions(play(target, frames(together(0.8), start_ns=100 * SECOND)))
        known.append([one.person_ids for one in events if one.verdict is Verdict.KNOWN])
    # Each of the two moves as the pair does.
    assert known == [[("a", "b")], [("a",), ("b",)]]


def test_people_apart_or_not_moving_are_not_a_pair(tmp_path: Path) -> None:
    apart = decisions(play(recognizer(tmp_path / "1"), frames(together(2.0))))
    assert sorted(event.person_ids for event in apart) == [("a",), ("b",)]
    standing_by = decisions(play(recognizer(tmp_path / "2"), frames(together(0.8, None))))
    assert [event.person_ids for event in standing_by] == [("a",)]
    never = RecognitionSettings(pair_distance=0)
    single = decisions(play(recognizer(tmp_path / "3", never), frames(together(0.8))))
    assert sorted(event.person_ids for event in single) == [("a",), ("b",)]


def test_equal_ids_of_two_inputs_are_different_people(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    left, right = (
        frames({"1": script((None, 1), (limb, 1.2), (None, 1.5))}, camera=camera)
        for limb, camera in ((WAVE, "left"), (BOW, "right"))
    )
    for first, second in zip(left, right, strict=True):
        target.push(first)
        target.push(second)
    target.finish()
    events = decisions(target.events())
    assert [event.input_name for event in events] == ["left", "right"]
    assert len({event.clip_id for event in events}) == 2


def test_a_repeated_stamp_is_ignored_and_counted(tmp_path: Path) -> None:
    target, reference = recognizer(tmp_path / "1"), recognizer(tmp_path / "2")
    doubled = (frame for frame in frames({"7": ALONE}) for _ in range(2))
    events = decisions(play(target, doubled))
    expected = decisions(play(reference, frames({"7": ALONE})))
    assert [event.clip_id for event in events] == [event.clip_id for event in expected]
    assert target.status.counts["frames with a stamp that stands still"] == len(ALONE)


def test_a_jump_ahead_closes_the_clip_before_it(tmp_path: Path) -> None:
    poses = script((None, 1), (WAVE, 0.9))
    target = recognizer(tmp_path)
    for frame in frames({"7": poses}):
        target.push(frame)
    assert target.events() == []
    target.push(next(iter(frames({"7": ALONE}, start_ns=3600 * SECOND))))
    (event,) = decisions(target.events())
    assert event.end_ns < 4 * SECOND


def test_time_running_backwards_resets_the_input(tmp_path: Path) -> None:
    target = enrolled(tmp_path)
    half = script((None, 1), (WAVE, 0.6))
    for frame in frames({"7": half}, start_ns=500 * SECOND):
        target.push(frame)
    again = play(target, frames({"7": ALONE}, start_ns=SECOND))
    reset = again[0]
    assert isinstance(reset, TimeReset)
    assert (reset.input_name, reset.after_ns) == ("camera", SECOND)
    known, unknown = decisions(again)
    assert (known.label, unknown.label) == ("wave", "")
    assert known.start_ns < 10 * SECOND


def test_a_person_who_leaves_ends_the_clip_and_may_return(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    there = script((None, 1), (WAVE, 0.9))
    for frame in frames({"7": there}):
        target.push(frame)
    end = SECOND + len(there) * FRAME
    target.advance(end + SECOND // 4, "camera")
    assert target.events() == []
    target.advance(end + SECOND, "camera")
    (event,) = decisions(target.events())
    assert event.person_ids == ("7",)
    assert target.status.people == 0
    back = decisions(play(target, frames({"7": ALONE}, start_ns=end + 5 * SECOND)))
    assert len(back) == 2


def test_frames_of_others_end_the_movements_of_people_who_left(tmp_path: Path) -> None:
    people = {"gone": script((None, 1), (WAVE, 0.9)), "stays": script((None, 5), x=2)}
    target = recognizer(tmp_path)
    for frame in frames(people):
        target.push(frame)
    assert [event.person_ids for event in decisions(target.events())] == [("gone",)]


def broken(
    stream: Iterator[SkeletonFrame], joints: list[int], value: float
) -> Iterator[SkeletonFrame]:
    for index, frame in enumerate(stream):
        positions = frame.positions.copy()
        if index % 3 == 0:
            positions[:, joints] = value
        yield SkeletonFrame(
            frame.stamp_ns, frame.person_ids, positions, frame.layout, input_name=frame.input_name
        )


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_dropouts_in_every_third_frame_change_no_decision(tmp_path: Path, value: float) -> None:
    target = enrolled(tmp_path)
    stream = frames({"7": ALONE}, start_ns=60 * SECOND)
    events = decisions(play(target, broken(stream, [9, 10, 11, 3], value)))
    assert [event.label for event in events] == ["wave", ""]
    assert all(0.9 < event.visibility < 1 for event in events)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_people_without_joints_are_counted_and_ignored(tmp_path: Path, value: float) -> None:
    target = recognizer(tmp_path)
    stream = broken(frames({"7": ALONE}), list(range(25)), value)
    assert len(decisions(play(target, stream))) == 2
    assert target.status.counts["people without a joint"] == -(-len(ALONE) // 3)


def test_a_poorly_seen_clip_is_not_classified(tmp_path: Path) -> None:
    target = enrolled(tmp_path)
    poses = ALONE.copy()
    poses[:, [i for i in range(25) if i not in (0, 8, 9, 10, 4, 3)]] = np.nan
    events = decisions(play(target, frames({"7": poses}, start_ns=60 * SECOND)))
    assert events
    assert {event.verdict for event in events} == {Verdict.POORLY_SEEN}
    assert not any(event.report for event in events)


def test_one_frame_or_none_gives_no_clip(tmp_path: Path) -> None:
    assert play(recognizer(tmp_path / "1"), iter([])) == []
    assert play(recognizer(tmp_path / "2"), frames({"7": ALONE[:1]})) == []


def test_a_layout_that_cannot_be_mapped_is_refused_and_the_stream_continues(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    no_hips = layout_from_joint_names(["head", "shoulder_left", "shoulder_right"])
    with pytest.raises(SkeletonError, match="has no joint hip_left"):
        target.push(SkeletonFrame(1, ["7"], np.ones((1, 3, 3)), no_hips))
    assert len(decisions(play(target, frames({"7": ALONE})))) == 2


def test_people_beyond_the_maximum_are_counted_and_not_followed(tmp_path: Path) -> None:
    target = recognizer(tmp_path, RecognitionSettings(max_people=2))
    people = {
        name: script((None, 1), (WAVE, 1.2), (None, 1), x=x)
        for name, x in (("a", -3), ("b", 0), ("c", 3))
    }
    events = decisions(play(target, frames(people)))
    assert sorted(event.person_ids for event in events) == [("a",), ("b",)]
    assert target.status.counts["people too many"] == len(people["a"])


def test_an_unknown_action_is_reported_once_with_a_count(tmp_path: Path) -> None:
    target = enrolled(tmp_path, settings=RecognitionSettings(unknowns=Unknowns(interval=0)))
    bows = script((None, 1), *[(BOW, 1.2), (None, 1.5)] * 3, (KICK, 1.2), (None, 1))
    events = decisions(play(target, frames({"7": bows}, start_ns=60 * SECOND)))
    assert [(event.report, event.repetitions) for event in events] == [
        (True, 0), (False, 1), (False, 2), (True, 0),
    ]  # fmt: skip


def test_reports_keep_their_interval(tmp_path: Path) -> None:
    target = enrolled(tmp_path, settings=RecognitionSettings(unknowns=Unknowns(interval=10)))
    poses = script(
        (None, 1), (BOW, 1.2), (None, 1.5), (KICK, 1.2), (None, 8), (KICK, 1.2), (None, 1)
    )
    events = decisions(play(target, frames({"7": poses}, start_ns=60 * SECOND)))
    assert [event.report for event in events] == [True, False, True]


def test_a_clip_is_kept_for_a_while_and_then_refused(tmp_path: Path) -> None:
    target = recognizer(tmp_path, RecognitionSettings(max_clips=2, max_clip_age=20))
    events = decisions(
        play(target, frames({"7": script((None, 1), *[(WAVE, 1.2), (None, 1.5)] * 3)}))
    )
    with pytest.raises(
        UnknownClipError, match="the last 2 are kept for 20 s, the latest is 'camera/7"
    ):
        target.enroll_clip(events[0].clip_id, "wave")
    assert target.enroll_clip(events[2].clip_id, "wave").source == events[2].clip_id
    target.advance(events[2].decided_ns + 30 * SECOND, "camera")
    with pytest.raises(UnknownClipError, match="there is no clip yet"):
        target.enroll_clip(events[2].clip_id, "wave")


def test_an_enrolled_interval_equals_the_live_clip(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    (event,) = decisions(play(target, frames({"7": script((None, 2), (WAVE, 1.2), (None, 2))})))
    by_clip = target.enroll_clip(event.clip_id, "wave").sequence
    by_span = target.enroll_span("camera/7", 0, 10 * SECOND, "wave").sequence
    by_recording = target.enroll(target._segmenter.recording("7", 0, 10 * SECOND), "wave").sequence
    np.testing.assert_array_equal(by_span.positions, by_clip.positions)
    np.testing.assert_array_equal(by_recording.positions, by_clip.positions)
    assert by_span.start_ns == by_clip.start_ns == event.start_ns


def test_the_error_for_an_unknown_person_lists_all_people(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    play(target, frames({"7": ALONE}))
    with pytest.raises(
        UnknownPersonError, match="person '8' was not seen recently; seen: camera/7"
    ):
        target.enroll_span("8", 0, SECOND, "wave")
    with pytest.raises(NoFramesError, match=r"not seen between 50\.000 and 60\.000 s; .*from 1\.0"):
        target.enroll_span("7", 50 * SECOND, 60 * SECOND, "wave")
    with pytest.raises(SkeletonDmlError, match="label '' is empty"):
        target.enroll_span("7", 0, 10 * SECOND, "")
    play(target, frames({"7": ALONE}, camera="other"))
    with pytest.raises(UnknownPersonError, match="exists in several inputs"):
        target.enroll_span("7", 0, SECOND, "wave")


def test_overlapping_windows_give_one_event_for_one_action(tmp_path: Path) -> None:
    windows = RecognitionSettings(segmentation=Segmentation(method="windows", window=2.0))
    target = enrolled(tmp_path, limit=0.6)
    target.settings = windows
    poses = script((None, 2), (WAVE, 1.2), (None, 4), (WAVE, 1.2), (None, 4))
    events = decisions(play(target, frames({"9": poses}, start_ns=60 * SECOND)))
    assert [event.label for event in events if event.label] == ["wave", "wave"]


def test_settings_can_change_while_the_stream_runs(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    stream = frames({"7": ALONE})
    for _ in range(30 + 36 + 20):
        target.push(next(stream))
    deaf = Segmentation(start_speed=9.0)
    target.settings = replace(target.settings, segmentation=deaf)
    assert len(decisions(play(target, stream))) == 1
    windows = Segmentation(method="windows", window=2.0)
    target.settings = replace(target.settings, segmentation=windows)
    assert len(decisions(play(target, frames({"7": ALONE}, start_ns=60 * SECOND)))) >= 1
    with pytest.raises(SettingError, match="people is 0"):
        replace(target.settings, max_people=0)


def test_live_gives_the_same_decisions_as_offline(tmp_path: Path) -> None:
    offline = decisions(play(enrolled(tmp_path / "1"), frames({"7": ALONE}, start_ns=60 * SECOND)))
    target = enrolled(tmp_path / "2", live=True)
    live = decisions(play(target, frames({"7": ALONE}, start_ns=60 * SECOND)))
    target.close()
    assert [(event.clip_id, event.verdict, event.label, event.distance) for event in live] == [
        (event.clip_id, event.verdict, event.label, event.distance) for event in offline
    ]


def test_a_clip_is_classified_with_the_references_of_the_time_it_closed(tmp_path: Path) -> None:
    engine = LimbEngine()
    target = enrolled(tmp_path, live=True, engine=engine)
    go_on = threading.Event()
    waiting = threading.Event()

    def hold() -> None:
        if threading.current_thread().name == "embedding":
            waiting.set()
            go_on.wait(10)

    engine.before = hold
    poses = script((None, 1), (BOW, 1.2), (None, 1.5))
    for frame in frames({"7": poses}, start_ns=60 * SECOND):
        target.push(frame)
    assert waiting.wait(10)
    # Another process teaches; by this recogniser it would wait for the engine.
    target._library.enroll(list(target._recent)[-1].sequence, "bow")
    go_on.set()
    assert target.drain(10)
    (event,) = decisions(target.events())
    assert event.verdict is Verdict.UNKNOWN
    (later,) = decisions(play(target, frames({"7": poses}, start_ns=120 * SECOND)))
    assert later.label == "bow"
    target.close()


def test_clips_beyond_the_queue_are_dropped_oldest_first_and_reported(tmp_path: Path) -> None:
    engine = LimbEngine()
    go_on = threading.Event()
    engine.before = lambda: wait_for(go_on)
    target = recognizer(
        tmp_path, RecognitionSettings(queue_size=2, batch_size=1), live=True, engine=engine
    )
    poses = script((None, 1), *[(WAVE, 1.0), (None, 1.5)] * 6)
    for frame in frames({"7": poses}):
        target.push(frame)
    go_on.set()
    assert target.drain(10)
    events = target.events()
    target.close()
    dropped = [event for event in events if isinstance(event, Dropped)]
    classified = decisions(events)
    assert len(dropped) + len(classified) == 6
    assert len(dropped) == target.status.counts["clips dropped"] >= 3
    assert "more than 2 clips wait" in dropped[0].reason
    assert max(event.end_ns for event in classified) > max(
        int(event.clip_id.rpartition("/")[2]) for event in dropped
    )
    assert target.enroll_clip(dropped[-1].clip_id, "wave").label == "wave"


def test_closing_drops_waiting_clips_and_returns_at_once(tmp_path: Path) -> None:
    engine = LimbEngine()
    go_on = threading.Event()
    engine.before = lambda: wait_for(go_on)
    target = recognizer(tmp_path, RecognitionSettings(batch_size=1), live=True, engine=engine)
    for frame in frames({"7": script((None, 1), *[(WAVE, 1.0), (None, 1.5)] * 3)}):
        target.push(frame)
    threading.Timer(0.2, go_on.set).start()
    target.close()
    reasons = [event.reason for event in target.events() if isinstance(event, Dropped)]
    assert "the recogniser was closed" in reasons
    assert not target.status.alive


def test_an_engine_error_drops_one_clip_and_the_stream_continues(tmp_path: Path) -> None:
    engine = LimbEngine()
    failures = [RuntimeError("out of memory")]

    def fail_once() -> None:
        if failures:
            raise failures.pop()

    engine.before = fail_once
    target = recognizer(tmp_path, live=True, engine=engine)
    first = play(target, frames({"7": script((None, 1), (WAVE, 1.2), (None, 1))}))
    (dropped,) = first
    assert isinstance(dropped, Dropped)
    assert "out of memory" in dropped.reason
    later = play(target, frames({"7": ALONE}, start_ns=60 * SECOND))
    assert len(decisions(later)) == 2
    assert target.status.alive
    target.close()


def test_events_can_be_passed_to_a_callback(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    heard: list[object] = []
    target._on_event = heard.append
    play(target, frames({"7": ALONE}))
    assert len(heard) == 2
    assert target.events() == []


def test_people_are_tracked_by_the_inputs_ids(tmp_path: Path) -> None:
    poses = motion(WAVE, 1.2)
    target = recognizer(tmp_path)
    people = {"anna/2": np.concatenate([script((None, 1)), poses, script((None, 1))])}
    (event,) = decisions(play(target, frames(people)))
    assert event.clip_id == f"camera/anna/2/{event.start_ns}"


def test_each_inputs_clock_closes_its_own_clips(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    there = script((None, 1), (WAVE, 0.9))
    far = 10**9 * SECOND
    for left, right in zip(
        frames({"1": there}, camera="left"),
        frames({"2": there}, start_ns=far, camera="right"),
        strict=True,
    ):
        target.push(left)
        target.push(right)
    assert target.last_stamps() == {
        "left": SECOND + (len(there) - 1) * FRAME,
        "right": far + (len(there) - 1) * FRAME,
    }
    target.advance(far + 10 * SECOND, "right")
    assert [event.input_name for event in decisions(target.events())] == ["right"]
    assert target.status.people == 1
    target.advance(10 * SECOND, "left")
    (event,) = decisions(target.events())
    assert event.input_name == "left"
    # What the other clock says makes no clip of this one too old.
    target.advance(far + 1000 * SECOND, "right")
    assert target.clip(event.clip_id).input_name == "left"
    target.advance(10 * SECOND, "nobody has heard of it")
    assert target.events() == []


def test_a_clock_that_is_set_back_resets_its_input(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    for camera in ("left", "right"):
        for frame in frames({"7": ALONE[:60]}, start_ns=100 * SECOND, camera=camera):
            target.push(frame)
    target.advance(102 * SECOND, "left")
    target.advance(102 * SECOND - SECOND // 10, "left")
    assert target.events() == []
    target.advance(SECOND, "left")
    (reset,) = target.events()
    assert isinstance(reset, TimeReset)
    assert (reset.input_name, reset.after_ns) == ("left", SECOND)
    assert list(target.last_stamps()) == ["right"]
    # A clock that lags behind the frames is not one that was set back.
    target.advance(101 * SECOND, "right")
    assert target.events() == []


def test_a_reset_input_does_not_affect_others(tmp_path: Path) -> None:
    windows = Segmentation(method="windows", window=2.0)
    settings = RecognitionSettings(segmentation=windows, unknowns=Unknowns(interval=0))
    waving = script((None, 1), (WAVE, 1.2), (None, 1.5))

    def said(name: str, *, reset: bool) -> list[tuple[str, bool, int]]:
        target = enrolled(tmp_path / name, limit=0.1)
        target.settings = settings
        play(target, frames({"7": waving}, start_ns=50 * SECOND, camera="left"))
        for start in (100, 110):
            there = list(frames({"7": ALONE}, start_ns=start * SECOND, camera="right"))
            for frame in there[:100]:
                target.push(frame)
            if reset:
                # It never moves, so that nothing else is said of it.
                target.push(next(frames({"8": waving}, start_ns=start * SECOND, camera="left")))
                target.push(next(frames({"8": waving}, start_ns=SECOND, camera="left")))
            for frame in there[100:]:
                target.push(frame)
        target.finish()
        events = target.events()
        assert any(isinstance(event, TimeReset) for event in events) == reset
        return [
            (event.clip_id, event.report, event.repetitions)
            for event in decisions(events)
            if event.input_name == "right"
        ]

    undisturbed = said("undisturbed", reset=False)
    assert any(repetitions for _, _, repetitions in undisturbed)
    assert said("disturbed", reset=True) == undisturbed


@pytest.mark.parametrize("method", ["motion", "windows"])
def test_people_present_and_moving_are_listed(tmp_path: Path, method: str) -> None:
    settings = RecognitionSettings(segmentation=Segmentation(method=method))
    target = recognizer(tmp_path, settings)
    people = {"gone": script((None, 0.5)), "a": script((None, 1), (WAVE, 1.2), (None, 2), x=2)}
    seen: list[dict[tuple[str, str], bool]] = []
    for frame in frames(people):
        target.push(frame)
        seen.append(target.moving())
    assert seen[0] == {("camera", "gone"): False, ("camera", "a"): False}
    assert seen[60] == {("camera", "a"): True}
    assert seen[-1] == {("camera", "a"): False}


def test_a_clip_is_found_by_its_id(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    first, _ = decisions(play(target, frames({"7": ALONE})))
    clip = target.clip(first.clip_id)
    assert (clip.clip_id, clip.sequence.start_ns) == (first.clip_id, first.start_ns)
    with pytest.raises(UnknownClipError, match="no clip 'camera/7/1'"):
        target.clip("camera/7/1")


def test_only_enrolling_waits_for_a_long_embedding(tmp_path: Path) -> None:
    engine = LimbEngine()
    target = enrolled(tmp_path, live=True, engine=engine)
    at_work, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        if threading.current_thread().name == "embedding":
            at_work.set()
            wait_for(go_on)

    engine.before = hold
    stream = list(frames({"7": ALONE}, start_ns=60 * SECOND))
    between = round(3.5 * SECOND / FRAME)
    for frame in stream[:between]:
        target.push(frame)
    assert at_work.wait(10)
    for frame in stream[between:]:
        target.push(frame)
    finished = threading.Event()

    def use() -> None:
        target.advance(stream[-1].stamp_ns + 2 * SECOND, "camera")
        target.advance(stream[-1].stamp_ns + 3 * SECOND, "camera")
        target.push(next(frames({"7": ALONE}, start_ns=70 * SECOND)))
        assert target.moving() == {("camera", "7"): False}
        assert target.last_stamps() == {"camera": 70 * SECOND}
        assert target.status.waiting == 1
        assert target.status.alive
        clip = list(target._recent)[-1].clip_id
        assert target.clip(clip).clip_id == clip
        target.settings = replace(target.settings, gap=0.6)
        with target.withhold_reports():
            pass
        # Neither does what teaches, where the engine serves several at once.
        reference = target.enroll_clip(clip, "bow")
        target.enroll_span("7", 0, 0, "stand")
        target._library.rename(new_label="bow deeply", reference_id=reference.reference_id)
        assert len(target._library.summaries()) == 3
        target._library.remove(label="stand")
        finished.set()

    user = threading.Thread(target=use)
    user.start()
    user.join(10)
    assert finished.is_set()
    assert not decisions(target.events())
    go_on.set()
    assert target.drain(10)
    assert len(decisions(target.events())) == 2
    target.close()


def test_an_interval_may_be_open_at_both_ends(tmp_path: Path) -> None:
    target = recognizer(tmp_path)
    poses = script((None, 2), (WAVE, 0.8), (None, 2), (BOW, 1.6), (None, 2))
    twitch, main = decisions(play(target, frames({"7": poses})))
    whole = target.enroll_span("7", 0, 0, "bow")
    assert whole.source == f"7/{SECOND}"
    assert (whole.sequence.start_ns, whole.sequence.end_ns) == (main.start_ns, main.end_ns)
    early = target.enroll_span("7", -1, twitch.decided_ns, "wave").sequence
    assert (early.start_ns, early.end_ns) == (twitch.start_ns, twitch.end_ns)
    late = target.enroll_span("camera/7", twitch.decided_ns, -5, "bow").sequence
    assert (late.start_ns, late.end_ns) == (main.start_ns, main.end_ns)


@pytest.mark.parametrize("live", [True, False])
def test_a_dummy_clip_warms_up_the_embedding_thread(tmp_path: Path, live: bool) -> None:
    engine = LimbEngine()
    threads: list[str] = []
    engine.before = lambda: threads.append(threading.current_thread().name)
    target = recognizer(tmp_path, live=live, engine=engine)
    target.warm_up()
    assert threads == ["embedding" if live else threading.current_thread().name]
    assert engine.embedded == 1
    assert target.events() == []
    target.close()
    with pytest.raises(ClosedError):
        target.warm_up()


def fail_with(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            RuntimeError("CUDA out of memory. Tried to allocate 20 MiB.\nSee the manual"),
            r"does not run on its device: CUDA out of memory\. Tried to allocate 20 MiB\.; stop other",
        ),
        (MemoryError(), "does not run on its device: MemoryError; stop other programs"),
        (SkeletonDmlError("the engine was released"), "^the engine was released$"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_warm_up_reports_a_device_that_does_not_work(
    tmp_path: Path, live: bool, error: Exception, line: str
) -> None:
    engine = LimbEngine()
    target = recognizer(tmp_path, live=live, engine=engine)
    engine.before = lambda: fail_with(error)
    with pytest.raises(SkeletonDmlError, match=line) as caught:
        target.warm_up()
    assert "\n" not in str(caught.value)
    engine.before = lambda: fail_with(KeyError("a fault of the package"))
    with pytest.raises(KeyError, match="a fault"):
        target.warm_up()
    engine.before = lambda: None
    assert target.status.alive
    target.warm_up()
    target.close()


def test_a_warm_up_that_times_out_or_is_cancelled_is_reported(tmp_path: Path) -> None:
    engine = LimbEngine()
    at_work, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        at_work.set()
        wait_for(go_on)

    engine.before = hold
    target = recognizer(tmp_path, live=True, engine=engine)
    with pytest.raises(
        SkeletonDmlError, match=r"not embed a first clip within 0\.05 s; increase the timeout"
    ):
        target.warm_up(timeout=0.05)
    assert at_work.wait(10)
    failures: list[SkeletonDmlError] = []

    def try_again() -> None:
        try:
            target.warm_up(timeout=10)
        except SkeletonDmlError as error:
            failures.append(error)

    second = threading.Thread(target=try_again)
    second.start()
    wait_until(lambda: target.status.waiting == 1)
    threading.Timer(0.1, go_on.set).start()
    target.close()
    second.join(10)
    assert [str(error) for error in failures] == [
        "the warm-up was cancelled: the recogniser was closed; try again"
    ]


@pytest.mark.parametrize("live", [True, False])
def test_while_reports_are_withheld_unknown_actions_are_not_reported(
    tmp_path: Path, live: bool
) -> None:
    target = enrolled(
        tmp_path, live=live, settings=RecognitionSettings(unknowns=Unknowns(interval=0))
    )
    bow = script((None, 1), (BOW, 1.2), (None, 1))
    with target.withhold_reports():
        with target.withhold_reports():
            pass
        (shown,) = decisions(play(target, frames({"7": bow}, start_ns=60 * SECOND)))
    assert (shown.verdict, shown.report, shown.repetitions) == (Verdict.UNKNOWN, False, 0)
    asked, again = (
        decisions(play(target, frames({"7": bow}, start_ns=start * SECOND)))[0]
        for start in (70, 80)
    )
    assert (asked.report, asked.repetitions) == (True, 0)
    assert (again.report, again.repetitions) == (False, 1)
    target.close()


def test_a_clip_that_closes_while_reports_are_withheld_is_never_reported(
    tmp_path: Path,
) -> None:
    engine = LimbEngine()
    target = enrolled(tmp_path, live=True, engine=engine)
    go_on = threading.Event()
    engine.before = lambda: wait_for(go_on)
    with target.withhold_reports():
        for frame in frames({"7": script((None, 1), (BOW, 1.2), (None, 1))}, start_ns=60 * SECOND):
            target.push(frame)
    go_on.set()
    target.finish()
    (event,) = decisions(target.events())
    assert (event.verdict, event.report) == (Verdict.UNKNOWN, False)
    target.close()


def test_an_unknown_action_can_require_two_occurrences(tmp_path: Path) -> None:
    settings = RecognitionSettings(unknowns=Unknowns(interval=0, min_occurrences=2))
    target = enrolled(tmp_path, settings=settings)
    bows = script((None, 1), *[(BOW, 1.2), (None, 1.5)] * 3, (KICK, 1.2), (None, 1))
    events = decisions(play(target, frames({"7": bows}, start_ns=60 * SECOND)))
    assert [(event.report, event.repetitions) for event in events] == [
        (False, 0), (True, 1), (False, 2), (False, 0),
    ]  # fmt: skip
