# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest

from skeleton_dml_ros.evaluation.streams.figures import StreamFigures, pooled

FIRST = StreamFigures(
    enrolled=8,
    recognised=6,
    mislabelled=1,
    unknown=4,
    accepted=1,
    false_alarms=2,
    reported=10,
    hours=1.5,
    idle_hours=0.5,
    delays=(0.2, 0.4),
    iou=0.5,
)
SECOND = StreamFigures(2, 0, 0, 0, 0, 1, 1, 0.5, 0.5, (0.9,), 0.5)


def test_shares_and_rates_follow_from_the_counts() -> None:
    assert (FIRST.precision, FIRST.recall) == (0.6, 0.75)
    assert FIRST.f1 == pytest.approx(2 / (1 / 0.6 + 1 / 0.75))
    assert FIRST.accepted_percent == 25
    assert FIRST.false_alarms_per_hour == 4
    assert SECOND.f1 == SECOND.precision == SECOND.recall == 0


def test_pooled_streams_count_as_one() -> None:
    both = pooled([FIRST, SECOND])
    assert (both.enrolled, both.recognised, both.reported, both.false_alarms) == (10, 6, 11, 3)
    assert (both.hours, both.idle_hours, both.false_alarms_per_hour) == (2, 1, 3)
    assert both.f1 == pytest.approx(2 * 6 / 21)
    assert both.delay == pytest.approx(0.5)


def test_json_holds_mean_median_and_95th_percentile_of_the_delay() -> None:
    both = pooled([FIRST, SECOND]).to_dict()
    assert both["delay"] == pytest.approx(0.5)
    assert both["delay_p50"] == pytest.approx(0.4)
    assert both["delay_p95"] == pytest.approx(0.85)
    assert "delays" not in both
