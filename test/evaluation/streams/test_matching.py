# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import pytest

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.streams.matching import (
    Detection,
    Occurrence,
    detections,
    match_events,
    temporal_iou,
)
from skeleton_dml_ros.recognition.event import Dropped, Recognition, Verdict
from skeleton_dml_ros.references.reference import ReferenceKind

SECOND = 1_000_000_000
TAUGHT = ("wave", "bow")


def done(label: str, start: float, end: float, person: str = "0") -> Occurrence:
    return Occurrence(label, round(start * SECOND), round(end * SECOND), person)


def said(label: str, start: float, end: float, person: str = "0") -> Detection:
    end_ns = round(end * SECOND)
    return Detection(label, round(start * SECOND), end_ns, person, end_ns + SECOND // 2)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [((0, 2), (0, 2), 1), ((0, 2), (1, 3), 1 / 3), ((0, 1), (1, 2), 0), ((0, 1), (5, 6), 0)],
)
def test_overlap_is_intersection_over_union(
    first: tuple[float, float], second: tuple[float, float], expected: float
) -> None:
    assert temporal_iou(done("wave", *first), said("wave", *second)) == pytest.approx(expected)


def test_a_repeated_right_report_counts_once() -> None:
    figures = match_events(
        [done("wave", 10, 12)], [said("wave", 10, 12.5), said("wave", 10, 11.5)], TAUGHT, 60
    )
    assert (figures.enrolled, figures.recognised) == (1, 1)
    assert figures.recognised_percent == 100
    assert (figures.precision, figures.recall) == (0.5, 1.0)
    assert figures.f1 == pytest.approx(2 / 3)


def test_a_report_with_too_little_overlap_does_not_count() -> None:
    figures = match_events([done("wave", 10, 12)], [said("wave", 11.5, 15)], TAUGHT, 60)
    assert (figures.recognised, figures.mislabelled, figures.false_alarms) == (0, 0, 0)
    assert figures.precision == 0
    nearer = match_events([done("wave", 10, 12)], [said("wave", 11.5, 15)], TAUGHT, 60, iou=0.1)
    assert nearer.recognised == 1


def test_one_report_cannot_count_for_two_actions() -> None:
    occurrences = [done("wave", 10, 12), done("wave", 12, 14)]
    figures = match_events(occurrences, [said("wave", 10, 14)], TAUGHT, 60)
    assert (figures.enrolled, figures.recognised) == (2, 1)


def test_a_report_about_another_person_is_a_false_alarm() -> None:
    figures = match_events(
        [done("wave", 10, 12, person="0")], [said("wave", 10, 12, person="1")], TAUGHT, 60
    )
    assert (figures.recognised, figures.false_alarms) == (0, 1)


def test_an_unknown_action_is_accepted_by_any_report_that_overlaps_it_most() -> None:
    occurrences = [done("kick", 10, 12), done("kick", 20, 22), done("wave", 30, 32)]
    reports = [said("wave", 11.9, 16), said("bow", 10, 11), said("", 20, 22), said("wave", 30, 32)]
    figures = match_events(occurrences, reports, TAUGHT, 60)
    assert (figures.unknown, figures.accepted) == (2, 1)
    assert figures.accepted_percent == 50
    assert figures.recognised == 1


def test_a_wrong_label_is_told_from_a_miss_and_from_a_false_alarm() -> None:
    occurrences = [done("wave", 10, 12), done("bow", 20, 22)]
    figures = match_events(
        occurrences, [said("bow", 10, 12), said("wave", 50, 51)], TAUGHT, 3600 + 4
    )
    assert (figures.recognised, figures.mislabelled, figures.false_alarms) == (0, 1, 1)
    assert figures.idle_hours == pytest.approx(1)
    assert figures.false_alarms_per_hour == pytest.approx(1)


def test_the_delay_counts_from_the_end_of_the_action_to_the_report() -> None:
    occurrences = [done("wave", 10, 12), done("bow", 20, 22)]
    reports = [said("wave", 10, 12.1), said("bow", 20, 21.9)]
    assert match_events(occurrences, reports, TAUGHT, 60).delay == pytest.approx(0.5)
    assert match_events(occurrences, [], TAUGHT, 60).delay is None


def test_a_stream_without_actions_and_reports_has_figures() -> None:
    figures = match_events([], [], TAUGHT, 0)
    assert figures.to_dict()["recognised_percent"] == 0
    assert figures.to_dict()["false_alarms_per_hour"] == 0
    assert match_events([], [said("wave", 1, 2)], TAUGHT, 60).false_alarms == 1


@pytest.mark.parametrize("iou", [0.0, -0.1, 1.5])
def test_an_overlap_out_of_range_is_refused(iou: float) -> None:
    with pytest.raises(SkeletonDmlError, match=f"iou is {iou}"):
        match_events([], [], TAUGHT, 60, iou)


def test_events_become_detections_of_each_person_and_ignored_movements_have_no_label() -> None:
    def event(**fields: Any) -> Recognition:
        return Recognition(
            clip_id="camera/a/1",
            input_name="camera",
            start_ns=1,
            end_ns=2,
            decided_ns=3,
            position=(0, 0, 0),
            **fields,
        )

    found = detections(
        [
            event(
                person_ids=("a", "b"),
                verdict=Verdict.KNOWN,
                label="hug",
                kind=ReferenceKind.ACTION,
            ),
            event(
                person_ids=("a",), verdict=Verdict.KNOWN, label="scratch", kind=ReferenceKind.IGNORE
            ),
            event(person_ids=("a",), verdict=Verdict.UNKNOWN),
            Dropped("camera/a/1", "too slow"),
        ]
    )
    assert found == [
        Detection("hug", 1, 2, "a", 3),
        Detection("hug", 1, 2, "b", 3),
        Detection("", 1, 2, "a", 3),
        Detection("", 1, 2, "a", 3),
    ]
