# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from acting import BOW, FRAME, KICK, SECOND, WAVE, motion, script
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.segmentation import (
    Interval,
    MotionSegmenter,
    WindowSegmenter,
    trim,
)
from skeleton_dml_ros.recognition.settings import Segmentation, SettingError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def segment(poses: NDArray[np.float32], settings: Segmentation | None = None) -> list[Interval]:
    settings = settings or Segmentation()
    kind = MotionSegmenter if settings.method == "motion" else WindowSegmenter
    segmenter = kind(settings)
    found = [segmenter.update(SECOND + index * FRAME, pose) for index, pose in enumerate(poses)]
    found.append(segmenter.finish())
    return [interval for interval in found if interval is not None]


def seconds(interval: Interval) -> tuple[float, float]:
    return (interval.start_ns - SECOND) / SECOND, (interval.end_ns - SECOND) / SECOND


def noisy(poses: NDArray[np.float32], deviation: float = 0.005) -> NDArray[np.float32]:
    noise = np.random.default_rng(0).normal(scale=deviation, size=poses.shape)
    return np.asarray(poses + noise, dtype=np.float32)


@pytest.mark.parametrize("limb", [WAVE, BOW, KICK])
def test_each_movement_becomes_a_clip_from_its_start_to_its_end(limb: str) -> None:
    clips = segment(noisy(script((None, 2), (limb, 1.2), (None, 2), (limb, 1.2), (None, 2))))
    assert len(clips) == 2
    for clip, start in zip(clips, (2.0, 5.2), strict=True):
        begin, end = seconds(clip)
        assert begin == pytest.approx(start, abs=0.3)
        assert end == pytest.approx(start + 1.2, abs=0.3)


def test_noise_and_idling_give_no_clip() -> None:
    sway = script((None, 60))
    sway[:, :, 0] += 0.03 * np.sin(np.arange(len(sway)) / 40)[:, None]
    assert segment(noisy(sway, 0.006)) == []


def test_a_twitch_gives_no_clip() -> None:
    still = script((None, 2))
    assert segment(np.concatenate([still, motion(WAVE, 0.25, height=0.15), still])) == []


def test_a_short_hold_does_not_split_an_action() -> None:
    up = script((WAVE, 1.2))[:18]
    held = np.repeat(up[-1:], 9, axis=0)
    poses = np.concatenate([script((None, 1)), up, held, up[::-1], script((None, 2))])
    assert len(segment(poses)) == 1


def test_an_endless_movement_is_cut_at_the_maximum_duration() -> None:
    poses = script((None, 1), *[(WAVE, 0.8)] * 30)
    lengths = [
        end - begin for begin, end in map(seconds, segment(poses, Segmentation(max_duration=5)))
    ]
    assert max(lengths) <= 5.3
    assert sum(lengths) > 20


def test_clips_of_a_person_never_overlap() -> None:
    generator = np.random.default_rng(1)
    parts = [(WAVE if i % 2 else None, float(generator.uniform(0.3, 1.5))) for i in range(60)]
    clips = segment(noisy(script(*parts)))
    assert len(clips) > 10
    assert all(first.end_ns < second.start_ns for first, second in pairwise(clips))


def test_a_limb_that_is_lost_for_a_while_gives_no_clip() -> None:
    poses = script((None, 4))
    poses[40:70, NTU_25.index("wrist_right")] = np.nan
    poses[70:, NTU_25.index("wrist_right"), 1] += 0.5
    assert segment(poses) == []


def test_walking_past_is_a_movement_and_being_carried_past_is_not() -> None:
    still = script((None, 4))
    still[:, :, 0] += np.linspace(0, 4, len(still))[:, None]
    assert segment(still) == []
    walking = script((None, 1), *[(KICK, 0.6)] * 4, (None, 1))
    walking[:, :, 0] += np.linspace(0, 4, len(walking))[:, None]
    assert len(segment(walking)) >= 1


def test_half_the_frame_rate_gives_the_same_clips() -> None:
    poses = noisy(script((None, 2), (WAVE, 1.5), (None, 2)), 0.003)
    segmenter = MotionSegmenter(Segmentation())
    found = [
        segmenter.update(SECOND + 2 * index * FRAME, pose) for index, pose in enumerate(poses[::2])
    ]
    (slow,) = [interval for interval in found if interval is not None]
    (fast,) = segment(poses)
    assert seconds(slow) == pytest.approx(seconds(fast), abs=0.15)


def test_windows_come_at_regular_intervals_while_a_person_moves() -> None:
    settings = Segmentation(method="windows", window=2.0, stride=0.5)
    windows = segment(script((None, 5), (WAVE, 1.0), (None, 5)), settings)
    assert len(windows) > 3
    for window in windows:
        assert window.end_ns - window.start_ns == 2 * SECOND
        begin, end = seconds(window)
        assert begin < 6.1
        assert end > 5
    gaps = np.diff([window.end_ns for window in windows])
    assert gaps == pytest.approx(SECOND / 2, abs=FRAME)


def recording(poses: NDArray[np.float32]) -> SkeletonSequence:
    stamps = np.arange(len(poses)) * FRAME / SECOND
    return SkeletonSequence(poses[:, None], stamps, NTU_25, start_ns=SECOND)


def test_a_recording_is_trimmed_to_the_live_clip() -> None:
    poses = noisy(script((None, 2), (WAVE, 1.5), (None, 2)))
    (live,) = segment(poses)
    trimmed = trim(recording(poses), Segmentation())
    assert (trimmed.start_ns, trimmed.end_ns) == pytest.approx(
        (live.start_ns, live.end_ns), abs=FRAME
    )
    again = trim(trimmed, Segmentation())
    assert len(again) >= 0.8 * len(trimmed)


def test_of_several_movements_the_longest_is_kept() -> None:
    poses = script((None, 1), (KICK, 0.8), (None, 2), (WAVE, 1.2), (WAVE, 1.2), (None, 1))
    trimmed = trim(recording(poses), Segmentation())
    assert trimmed.start_ns > 3 * SECOND
    assert trimmed.duration == pytest.approx(2.4, abs=0.5)


def test_a_recording_without_movement_is_not_trimmed() -> None:
    held = recording(script((None, 2)))
    assert trim(held, Segmentation()) is held


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("method", "magic"), ("start_speed", 0.0), ("stop_speed", 0.7), ("pause", 0.0),
        ("min_duration", 0.0), ("max_duration", 0.1), ("lead", -1.0), ("tail", 0.6), ("window", 0.0),
        ("stride", 3.0),
    ],
)  # fmt: skip
def test_the_error_names_a_setting_out_of_range(name: str, value: float | str) -> None:
    with pytest.raises(SettingError, match=f"{name} is {value!r}; give"):
        Segmentation(**{name: value})  # type: ignore[arg-type]
