# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from acting import BOW, KICK, WAVE, script
from fakes import RecognizerHarness
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import active_recognizer, calibrate_threshold
from skeleton_dml_ros.node.calibrate_threshold import MAX_SECONDS, calibrate
from skeleton_dml_ros.recognition.event import Verdict

MOVEMENT = 3.0
"""Seconds of one movement with the rest before and after."""


def moving(times: int) -> NDArray[np.float32]:
    """A person who kicks and bows in turn."""
    limbs = [KICK, BOW] * times
    return np.concatenate([script((None, 0.9), (limb, 1.2), (None, 0.9)) for limb in limbs[:times]])


@pytest.fixture
def enrolled(recognizer_harness: RecognizerHarness) -> RecognizerHarness:
    """A recogniser that knows waving."""
    recognizer_harness.teach("wave", WAVE)
    return recognizer_harness


def test_the_threshold_is_fitted_to_the_movements_and_stored(enrolled: RecognizerHarness) -> None:
    enrolled.perform(moving(12))
    calibration = calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns)
    assert calibration.clips == 12
    assert calibration.measured_rate <= 0.1
    library = enrolled.live.library
    assert library.threshold == calibration.threshold != 0.5
    kept = enrolled.store.calibration(library.calibration_key)
    assert kept is not None
    assert kept.threshold == calibration.threshold


def test_calibration_lasts_for_the_given_time(enrolled: RecognizerHarness) -> None:
    enrolled.perform(moving(30))
    calibration = calibrate(enrolled.live, 15 * MOVEMENT, 0.1, enrolled.now_ns)
    assert 14 <= calibration.clips <= 15


def test_movements_before_the_calibration_do_not_count(enrolled: RecognizerHarness) -> None:
    enrolled.perform(moving(12))
    enrolled.play()
    with pytest.raises(SkeletonDmlError, match="collected 0 of the 10 movements"):
        calibrate(enrolled.live, 3.0, 0.1, enrolled.now_ns)


def test_too_few_movements_leave_the_threshold_as_it_was(enrolled: RecognizerHarness) -> None:
    enrolled.perform(moving(9))
    with pytest.raises(
        SkeletonDmlError,
        match=r"collected 9 of the 20 movements that a false-accept rate of 0\.05 needs, within 30 s; collect",
    ):
        calibrate(enrolled.live, 30.0, 0.05, enrolled.now_ns)
    assert enrolled.live.library.threshold == 0.5
    assert enrolled.live.library.calibration is None


def test_poorly_visible_movements_do_not_count(enrolled: RecognizerHarness) -> None:
    poses = moving(12)
    # Legs and hips hidden, as by a table: too few joints for a decision.
    poses[len(poses) // 2 :, [0, 1, 4, 5, 6, 7, 8, 11, 12, 16, 20, 21, 22, 23, 24]] = np.nan
    enrolled.perform(poses)
    with pytest.raises(SkeletonDmlError, match="collected 6 of the 10 movements"):
        calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns)
    assert Verdict.POORLY_SEEN in {one.verdict for one in enrolled.events}  # type: ignore[union-attr]


def test_without_references_calibration_is_refused_at_once(
    recognizer_harness: RecognizerHarness,
) -> None:
    before_ns = recognizer_harness.clock_ns
    with pytest.raises(SkeletonDmlError, match="there are no references to calibrate against"):
        calibrate(recognizer_harness.live, 60.0, 0.1, recognizer_harness.now_ns)
    assert recognizer_harness.clock_ns == before_ns


@pytest.mark.parametrize(
    ("seconds", "rate", "error"),
    [
        (0.0, 0.1, r"seconds is 0; give more than 0, up to 3600"),
        (-5.0, 0.1, r"seconds is -5"),
        (math.nan, 0.1, r"seconds is nan"),
        (MAX_SECONDS + 1, 0.1, r"seconds is 3601"),
        (60.0, 0.0, r"rate"),
        (60.0, 1.0, r"rate"),
        (60.0, math.nan, r"rate"),
    ],
)
def test_invalid_arguments_are_refused_at_once(
    enrolled: RecognizerHarness, seconds: float, rate: float, error: str
) -> None:
    before_ns = enrolled.clock_ns
    with pytest.raises(SkeletonDmlError, match=error):
        calibrate(enrolled.live, seconds, rate, enrolled.now_ns)
    assert enrolled.clock_ns == before_ns


def test_a_calibration_during_a_recording_is_refused_as_busy(enrolled: RecognizerHarness) -> None:
    with (
        enrolled.live.exclusive("this recording"),
        pytest.raises(active_recognizer.BusyError, match="this calibration has to wait"),
    ):
        calibrate(enrolled.live, 3.0, 0.1, enrolled.now_ns)
    enrolled.perform(moving(12))
    assert calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns).clips == 12


def test_unknown_actions_are_not_reported_during_calibration(enrolled: RecognizerHarness) -> None:
    enrolled.perform(moving(12))
    calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns)
    seen: list[Any] = enrolled.events[1:]
    assert len(seen) == 12
    assert not any(one.report for one in seen)


def test_deactivation_during_calibration_keeps_the_threshold(
    enrolled: RecognizerHarness,
) -> None:
    looks = iter(range(1000))
    enrolled.on_clock_read = lambda: enrolled.live.close() if next(looks) == 5 else None
    with pytest.raises(SkeletonDmlError, match="the node was deactivated"):
        calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns)
    assert enrolled.live.library.threshold == 0.5


def test_calibration_ends_early_once_there_are_enough_movements(
    enrolled: RecognizerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate_threshold, "MAX_CLIPS", 10)
    enrolled.perform(moving(20))
    before_ns = enrolled.clock_ns
    assert calibrate(enrolled.live, 3000.0, 0.1, enrolled.now_ns).clips == 10
    assert enrolled.clock_ns - before_ns < 20 * MOVEMENT * 1e9
