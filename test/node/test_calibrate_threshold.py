# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from acting import BOW, KICK, WAVE, script
from numpy.typing import NDArray
from stage import Show

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import active_recognizer, calibrate_threshold
from skeleton_dml_ros.node.calibrate_threshold import MAX_SECONDS, calibrate
from skeleton_dml_ros.recognition.event import Verdict

MOVEMENT = 3.0
"""Seconds of one movement with the rest around it."""


def moving(times: int) -> NDArray[np.float32]:
    """Somebody who kicks and bows all the time."""
    limbs = [KICK, BOW] * times
    return np.concatenate([script((None, 0.9), (limb, 1.2), (None, 0.9)) for limb in limbs[:times]])


@pytest.fixture
def enrolled(show: Show) -> Show:
    """It knows how to wave."""
    show.teach("wave", WAVE)
    return show


def test_the_threshold_is_fitted_to_what_moves_and_kept(enrolled: Show) -> None:
    enrolled.film(moving(12))
    calibration = calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns)
    assert calibration.clips == 12
    assert calibration.measured_rate <= 0.1
    library = enrolled.live.library
    assert library.threshold == calibration.threshold != 0.4
    kept = enrolled.store.calibration(library.key)
    assert kept is not None
    assert kept.threshold == calibration.threshold


def test_it_listens_for_as_long_as_it_is_told(enrolled: Show) -> None:
    enrolled.film(moving(30))
    calibration = calibrate(enrolled.live, 15 * MOVEMENT, 0.1, enrolled.now_ns)
    assert 14 <= calibration.clips <= 15


def test_what_was_done_before_is_no_background(enrolled: Show) -> None:
    enrolled.film(moving(12))
    enrolled.play()
    with pytest.raises(SkeletonDmlError, match="0 movements were seen within 3 s"):
        calibrate(enrolled.live, 3.0, 0.1, enrolled.now_ns)


def test_too_few_movements_leave_the_threshold_as_it_was(enrolled: Show) -> None:
    enrolled.film(moving(9))
    with pytest.raises(
        SkeletonDmlError,
        match=r"9 movements were seen within 30 s; a false-accept rate of 0\.05 needs 20: collect",
    ):
        calibrate(enrolled.live, 30.0, 0.05, enrolled.now_ns)
    assert enrolled.live.library.threshold == 0.4
    assert enrolled.live.library.calibration is None


def test_what_was_poorly_seen_does_not_count(enrolled: Show) -> None:
    poses = moving(12)
    # The legs and the hips, of which a table hides more than is needed for a decision.
    poses[len(poses) // 2 :, [0, 1, 4, 5, 6, 7, 8, 11, 12, 16, 20, 21, 22, 23, 24]] = np.nan
    enrolled.film(poses)
    with pytest.raises(SkeletonDmlError, match="6 movements were seen"):
        calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns)
    assert Verdict.POORLY_SEEN in {one.verdict for one in enrolled.events}  # type: ignore[union-attr]


def test_where_nothing_was_taught_it_does_not_even_listen(show: Show) -> None:
    before_ns = show.clock_ns
    with pytest.raises(SkeletonDmlError, match="there are no references to calibrate against"):
        calibrate(show.live, 60.0, 0.1, show.now_ns)
    assert show.clock_ns == before_ns


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
def test_what_makes_no_sense_is_refused_at_once(
    enrolled: Show, seconds: float, rate: float, error: str
) -> None:
    before_ns = enrolled.clock_ns
    with pytest.raises(SkeletonDmlError, match=error):
        calibrate(enrolled.live, seconds, rate, enrolled.now_ns)
    assert enrolled.clock_ns == before_ns


def test_one_thing_comes_after_the_other(enrolled: Show) -> None:
    with (
        enrolled.live.exclusive("this recording"),
        pytest.raises(active_recognizer.BusyError, match="this calibration has to wait"),
    ):
        calibrate(enrolled.live, 3.0, 0.1, enrolled.now_ns)
    enrolled.film(moving(12))
    assert calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns).clips == 12


def test_nobody_is_asked_about_the_background(enrolled: Show) -> None:
    enrolled.film(moving(12))
    calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns)
    seen: list[Any] = enrolled.events[1:]
    assert len(seen) == 12
    assert not any(one.report for one in seen)


def test_a_node_that_is_deactivated_meanwhile_keeps_its_threshold(enrolled: Show) -> None:
    looks = iter(range(1000))
    enrolled.looked = lambda: enrolled.live.close() if next(looks) == 5 else None
    with pytest.raises(SkeletonDmlError, match="the node was deactivated"):
        calibrate(enrolled.live, 12 * MOVEMENT, 0.1, enrolled.now_ns)
    assert enrolled.live.library.threshold == 0.4


def test_it_ends_once_enough_has_been_seen(enrolled: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate_threshold, "MAX_CLIPS", 10)
    enrolled.film(moving(20))
    before_ns = enrolled.clock_ns
    assert calibrate(enrolled.live, 3000.0, 0.1, enrolled.now_ns).clips == 10
    assert enrolled.clock_ns - before_ns < 20 * MOVEMENT * 1e9
