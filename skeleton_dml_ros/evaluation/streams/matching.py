# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Match reports with the actions performed in a stream, person by person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.streams.figures import StreamFigures
from skeleton_dml_ros.recognition.event import Event, Recognition
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND


@dataclass(frozen=True)
class Occurrence:
    """An action performed in a stream.

    Attributes:
        label: the action.
        start_ns: start, in the stream's clock.
        end_ns: end.
        person: id of the performer.
    """

    label: str
    start_ns: int
    end_ns: int
    person: str


@dataclass(frozen=True)
class Detection:
    """A report on a segment of a stream.

    Attributes:
        label: the known action; empty for an unknown one.
        start_ns: start, in the stream's clock.
        end_ns: end.
        person: id of the person.
        decided_ns: time of the report, in the stream's clock; None if unknown.
    """

    label: str
    start_ns: int
    end_ns: int
    person: str
    decided_ns: int | None = None


def detections(events: Iterable[Event]) -> list[Detection]:
    """Recognitions among events as detections, one per person.

    Movements that the robot was told to ignore count as unknown.
    """
    return [
        Detection(
            label="" if event.kind is ReferenceKind.IGNORE else event.label,
            start_ns=event.start_ns,
            end_ns=event.end_ns,
            person=person,
            decided_ns=event.decided_ns,
        )
        for event in events
        if isinstance(event, Recognition)
        for person in event.person_ids
    ]


def temporal_iou(first: Occurrence | Detection, second: Occurrence | Detection) -> float:
    """Intersection over union of two intervals."""
    begin, end = max(first.start_ns, second.start_ns), min(first.end_ns, second.end_ns)
    union = max(first.end_ns, second.end_ns) - min(first.start_ns, second.start_ns)
    return max(0, end - begin) / union if union > 0 else 0.0


def match_events(
    occurrences: Sequence[Occurrence],
    detected: Sequence[Detection],
    enrolled: Collection[str],
    duration: float,
    iou: float = 0.3,
) -> StreamFigures:
    """Match reports with occurrences, person by person.

    Each report with the right label matches at most one occurrence and vice versa, largest overlap
    first.  Any other report of a known action belongs to the occurrence that it overlaps most, by
    however little, so that bad segmentation is no excuse; without overlap it is a false alarm.

    Args:
        occurrences: actions performed.
        detected: reports.
        enrolled: enrolled labels.
        duration: seconds in which people were seen, summed over people.
        iou: minimum temporal intersection over union of a right report.

    Raises:
        SkeletonDmlError: ``iou`` is not in (0, 1].
    """
    if not 0 < iou <= 1:
        raise SkeletonDmlError(f"iou is {iou}; give a share above 0 and up to 1")
    known = [event for event in detected if event.label]
    overlaps = np.array(
        [
            [
                temporal_iou(occurrence, event) if occurrence.person == event.person else 0.0
                for occurrence in occurrences
            ]
            for event in known
        ]
    ).reshape(len(known), len(occurrences))
    report_of = _pairs_with_the_same_label(occurrences, known, overlaps, enrolled, iou)

    mislabelled: set[int] = set()
    accepted: set[int] = set()
    false_alarms = 0
    for position in sorted(set(range(len(known))) - set(report_of.values())):
        best = int(overlaps[position].argmax()) if occurrences else 0
        if not occurrences or overlaps[position, best] == 0:
            false_alarms += 1
        elif occurrences[best].label not in enrolled:
            accepted.add(best)
        elif occurrences[best].label != known[position].label and best not in report_of:
            mislabelled.add(best)

    delays = tuple(
        (decided_ns - occurrences[done].end_ns) / NANOSECONDS_PER_SECOND
        for done, report in report_of.items()
        if (decided_ns := known[report].decided_ns) is not None
    )
    busy = sum(each.end_ns - each.start_ns for each in occurrences) / NANOSECONDS_PER_SECOND
    enrolled_count = sum(occurrence.label in enrolled for occurrence in occurrences)
    return StreamFigures(
        enrolled=enrolled_count,
        recognised=len(report_of),
        mislabelled=len(mislabelled),
        unknown=len(occurrences) - enrolled_count,
        accepted=len(accepted),
        false_alarms=false_alarms,
        reported=len(known),
        hours=duration / 3600,
        idle_hours=max(0.0, duration - busy) / 3600,
        delays=delays,
        iou=iou,
    )


def _pairs_with_the_same_label(
    occurrences: Sequence[Occurrence],
    known: Sequence[Detection],
    overlaps: NDArray[np.float64],
    enrolled: Collection[str],
    iou: float,
) -> dict[int, int]:
    """The report of each recognised occurrence; pairs with the largest overlap come first."""
    pairs = sorted(
        (-overlaps[report, done], done, report)
        for report, done in np.argwhere(overlaps >= iou).tolist()
        if occurrences[done].label == known[report].label and known[report].label in enrolled
    )
    report_of: dict[int, int] = {}
    for _, done, report in pairs:
        if done not in report_of and report not in report_of.values():
            report_of[done] = report
    return report_of
