# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Split a stream into clips of one person each, without gaps."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import ArchiveError, SkeletonArchive, archive_of
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence, nanoseconds

logger = logging.getLogger(__name__)

UNLABELLED = "unlabelled"
"""Class of clips without a label."""


@dataclass
class PersonSegment:
    """Frames of one person without a gap.

    Attributes:
        person_id: of the person.
        stamps: nanoseconds, strictly increasing.
        positions: one per frame, (joints, 3) metres, NaN = not seen.
        confidences: one per frame, (joints,) or None.
    """

    person_id: str
    stamps: list[int] = field(default_factory=list)
    positions: list[NDArray[np.float32]] = field(default_factory=list)
    confidences: list[NDArray[np.float32] | None] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The person and the first stamp."""
        return f"{self.person_id}/{self.stamps[0]}"

    def sequence(self, layout: Layout) -> SkeletonSequence:
        """The frames as a sequence of one body; seen joints without confidence count as 1."""
        positions = np.stack(self.positions)
        confidence = None
        if any(one is not None for one in self.confidences):
            sure = np.asarray(np.isfinite(positions).all(axis=-1), dtype=np.float32)
            rows = [
                seen if one is None else one
                for seen, one in zip(sure, self.confidences, strict=True)
            ]
            confidence = np.stack(rows)[:, None]
        stamps = np.array(self.stamps)
        return SkeletonSequence(
            positions=positions[:, None],
            timestamps=(stamps - stamps[0]) / NANOSECONDS_PER_SECOND,
            layout=layout,
            start_ns=self.stamps[0],
            confidence=confidence,
        )


def person_segments(frames: Iterable[SkeletonFrame], gap: float) -> list[PersonSegment]:
    """The segments of a stream, in order of their starts.

    As in recognition, a frame that is late by at most the gap is skipped, and so is a repeated
    stamp; a larger step back starts a new segment.  A warning counts the frames skipped.

    Args:
        frames: in order of arrival.
        gap: seconds without a frame that end a segment.
    """
    gap_ns = nanoseconds(gap)
    segments: list[PersonSegment] = []
    latest: dict[str, PersonSegment] = {}
    count, skipped = 0, 0
    for frame in frames:
        count += 1
        is_late = False
        for index, person in enumerate(frame.person_ids):
            segment = latest.get(person)
            step = 0 if segment is None else frame.stamp_ns - segment.stamps[-1]
            if segment is None or abs(step) > gap_ns:
                segment = latest[person] = PersonSegment(person)
                segments.append(segment)
            elif step <= 0:
                is_late = True
                continue
            segment.stamps.append(frame.stamp_ns)
            segment.positions.append(frame.positions[index])
            segment.confidences.append(
                None if frame.confidences is None else frame.confidences[index]
            )
        skipped += is_late
    if skipped:
        logger.warning(
            "%d of %d frames left out: stamp not later than the one before; set header.stamp to the "
            "time of each image, with its nanoseconds",
            skipped,
            count,
        )
    return segments


def archive_of_segments(segments: list[PersonSegment], layout: Layout) -> SkeletonArchive:
    """An archive with one clip per segment, all of class :data:`UNLABELLED`.

    In a bag that was played in a loop, a person appears at the same stamp again; the second clip of
    a name ends in ``/2``.

    Raises:
        ArchiveError: there is no segment, or a joint is too far away.
    """
    if not segments:
        raise ArchiveError("nobody is in the recording; an archive holds at least one clip")
    people = list(dict.fromkeys(segment.person_id for segment in segments))
    numbers = {person: number for number, person in enumerate(people)}
    return archive_of(
        [segment.sequence(layout) for segment in segments],
        labels=np.zeros(len(segments), dtype=np.int64),
        class_names=[UNLABELLED],
        subjects=[numbers[segment.person_id] for segment in segments],
        names=_distinct([segment.name for segment in segments]),
    )


def _distinct(names: list[str]) -> list[str]:
    """The names, numbered from the second occurrence on."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name}/{seen[name]}")
    return distinct
