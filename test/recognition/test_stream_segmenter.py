# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from acting import BOW, FRAME, KICK, SECOND, WAVE, frames, script

from skeleton_dml_ros.recognition.clips import Clip
from skeleton_dml_ros.recognition.event import TimeReset
from skeleton_dml_ros.recognition.settings import RecognitionSettings, Segmentation
from skeleton_dml_ros.recognition.status import Counters
from skeleton_dml_ros.recognition.stream_segmenter import StreamSegmenter
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import KINECT_V1_20, NTU_25

WAVING = script((None, 1), (WAVE, 1.2), (None, 1.5))
LIMBO = script((None, 1), (WAVE, 0.8))


class Segmented:
    """A segmenter and its results."""

    def __init__(self, settings: RecognitionSettings | None = None) -> None:
        self.counters = Counters()
        self.segmenter = StreamSegmenter(settings or RecognitionSettings(), self.counters)
        self.results: list[Clip | TimeReset] = []

    def play(self, stream: Iterable[SkeletonFrame], *, finish: bool = True) -> None:
        for frame in stream:
            self.results += self.segmenter.push(frame)
        if finish:
            self.results += self.segmenter.finish()

    @property
    def clips(self) -> list[Clip]:
        return [result for result in self.results if isinstance(result, Clip)]

    @property
    def resets(self) -> list[TimeReset]:
        return [result for result in self.results if isinstance(result, TimeReset)]


def same(first: Clip, second: Clip) -> bool:
    return first.clip_id == second.clip_id and np.array_equal(
        first.sequence.positions, second.sequence.positions, equal_nan=True
    )


def test_a_clip_has_the_raw_frames() -> None:
    segmented = Segmented()
    stream = list(frames({"7": WAVING}))
    segmented.play(stream)
    (clip,) = segmented.clips
    first = next(i for i, frame in enumerate(stream) if frame.stamp_ns == clip.sequence.start_ns)
    for index, positions in enumerate(clip.sequence.positions):
        np.testing.assert_array_equal(positions, stream[first + index].positions)
    assert clip.sequence.layout is NTU_25


def test_a_late_frame_is_ignored_and_counted() -> None:
    stream = list(frames({"7": WAVING}))
    orderly, shuffled = Segmented(), Segmented()
    orderly.play(frame for index, frame in enumerate(stream) if index % 10 != 4)
    late = [frame for index, frame in enumerate(stream) if index % 10 != 4]
    late += [frame for index, frame in enumerate(stream) if index % 10 == 4]
    late.sort(key=lambda frame: frame.stamp_ns + (2.5 * FRAME if frame in stream[4::10] else 0))
    shuffled.play(late)
    assert shuffled.counters.counts()["frames that came late"] == len(stream[4::10])
    assert not shuffled.resets
    assert same(orderly.clips[0], shuffled.clips[0])


def test_time_running_backwards_frame_by_frame_gives_no_clip() -> None:
    segmented = Segmented()
    segmented.play(reversed(list(frames({"7": WAVING}))))
    assert segmented.clips == []
    assert segmented.resets
    assert segmented.segmenter.people == 1


def test_a_clock_that_is_set_back_resets_inputs_ahead_of_it() -> None:
    segmented = Segmented()
    segmented.play(frames({"7": LIMBO}, start_ns=500 * SECOND), finish=False)
    segmented.results += segmented.segmenter.advance(503 * SECOND, "camera")
    assert len(segmented.clips) == 1
    segmented.play(frames({"8": LIMBO}, start_ns=503 * SECOND), finish=False)
    segmented.results += segmented.segmenter.advance(SECOND, "camera")
    assert [reset.after_ns for reset in segmented.resets] == [SECOND]
    assert segmented.segmenter.people == 0
    segmented.play(frames({"8": WAVING}, start_ns=SECOND))
    assert len(segmented.resets) == 1
    assert len(segmented.clips) == 2


def test_a_jittering_clock_changes_nothing() -> None:
    still, jittering = Segmented(), Segmented()
    for segmented, jitter in ((still, 0), (jittering, SECOND // 5)):
        for index, frame in enumerate(frames({"7": WAVING})):
            segmented.results += segmented.segmenter.push(frame)
            segmented.results += segmented.segmenter.advance(
                frame.stamp_ns + jitter * (index % 2), frame.input_name
            )
    assert not jittering.resets
    assert same(still.clips[0], jittering.clips[0])


def test_people_who_left_are_forgotten_when_their_frames_are_too_old() -> None:
    segmented = Segmented(RecognitionSettings(buffer_seconds=20))
    segmented.play(frames({"7": WAVING}), finish=False)
    assert segmented.segmenter.people == 1
    segmented.results += segmented.segmenter.advance(10 * SECOND, "camera")
    assert segmented.segmenter.people == 0
    assert len(segmented.segmenter.recording("7", 0, 2**62)) == len(WAVING)
    segmented.results += segmented.segmenter.advance(60 * SECOND, "camera")
    assert not segmented.segmenter._inputs


def test_a_new_person_replaces_the_one_who_left_first() -> None:
    segmented = Segmented(RecognitionSettings(max_people=2))
    for number, name in enumerate("abcd"):
        segmented.play(frames({name: LIMBO[:20]}, start_ns=(1 + 5 * number) * SECOND), finish=False)
    assert sorted(segmented.segmenter._inputs["camera"].tracks) == ["c", "d"]
    assert "people too many" not in segmented.counters.counts()


@pytest.mark.parametrize("order", [["a", "b", "c"], ["c", "b", "a"]])
def test_which_people_are_tracked_does_not_depend_on_their_order(order: list[str]) -> None:
    segmented = Segmented(RecognitionSettings(max_people=2))
    segmented.play(frames(dict.fromkeys(order, WAVING)), finish=False)
    assert sorted(segmented.segmenter._inputs["camera"].tracks) == ["a", "b"]


def test_a_change_of_layout_ends_the_movement() -> None:
    segmented = Segmented()
    segmented.play(frames({"7": LIMBO}), finish=False)
    later = SECOND + len(LIMBO) * FRAME
    for index in range(60):
        positions = np.ones((1, 20, 3)) + np.arange(20)[:, None] / 10
        segmented.results += segmented.segmenter.push(
            SkeletonFrame(later + index * FRAME, ["7"], positions, KINECT_V1_20)
        )
    (clip,) = segmented.clips
    assert clip.sequence.layout is NTU_25
    assert segmented.counters.counts()["people whose layout changed"] == 1
    assert segmented.segmenter.recording("7", 0, 2**62).layout is KINECT_V1_20


def test_intermittent_confidences_do_not_split_a_movement() -> None:
    """A person without confidences is joined, and left again, by one who has them."""
    plain, mixed = Segmented(), Segmented()
    plain.play(frames({"7": WAVING}))
    for index, frame in enumerate(frames({"7": WAVING})):
        if 40 <= index < 50:
            frame = replace(frame, confidences=np.full((1, 25), 0.5, dtype=np.float32))
        mixed.results += mixed.segmenter.push(frame)
    mixed.results += mixed.segmenter.finish()
    (clip,), (expected,) = mixed.clips, plain.clips
    assert same(clip, expected)
    assert "people whose layout changed" not in mixed.counters.counts()
    assert expected.sequence.confidence is None
    assert clip.sequence.confidence is not None
    first = round((clip.sequence.start_ns - SECOND) / FRAME)
    given = np.arange(first, first + len(clip.sequence))
    np.testing.assert_array_equal(
        clip.sequence.confidence[:, 0, 3], np.where((given >= 40) & (given < 50), 0.5, 1.0)
    )


def test_a_person_without_visible_hips_moves_and_has_a_position() -> None:
    poses = WAVING.copy()
    poses[:, [0, *range(12, 20)]] = np.nan
    whole, hidden = Segmented(), Segmented()
    whole.play(frames({"7": WAVING}))
    hidden.play(frames({"7": poses}))
    (clip,), (expected,) = hidden.clips, whole.clips
    assert clip.clip_id == expected.clip_id
    assert clip.position == pytest.approx((0, 0.5, 3), abs=0.5)


def test_new_thresholds_apply_from_the_next_frame() -> None:
    segmented = Segmented()
    stream = list(frames({"7": script((None, 1), (WAVE, 1.2), (None, 2), (BOW, 1.2), (None, 1))}))
    segmented.play(stream[:100], finish=False)
    assert len(segmented.clips) == 1
    deaf = replace(RecognitionSettings(), segmentation=Segmentation(start_speed=9.0))
    assert segmented.segmenter.change(deaf) == []
    segmented.play(stream[100:])
    assert len(segmented.clips) == 1


def test_a_change_of_method_ends_all_movements() -> None:
    segmented = Segmented()
    segmented.play(frames({"7": LIMBO}), finish=False)
    windows = replace(RecognitionSettings(), segmentation=Segmentation(method="windows"))
    assert len(segmented.segmenter.change(windows)) == 1
    kicking = script(*[(KICK, 1.0)] * 5)
    segmented.play(frames({"7": kicking}, start_ns=SECOND + len(LIMBO) * FRAME))
    assert segmented.clips
    assert all(clip.sequence.duration <= 2.5 for clip in segmented.clips)


def test_an_input_too_fast_for_the_buffer_is_still_segmented() -> None:
    segmented = Segmented()
    stream = script((None, 6), *[(WAVE, 7.2)] * 8, (None, 10))
    for index, pose in enumerate(stream):
        segmented.results += segmented.segmenter.push(
            SkeletonFrame(SECOND + index * FRAME // 6, ["7"], pose[None], NTU_25)
        )
    clip = segmented.clips[0]
    assert len(clip.sequence) > 7 * 6 * 30
