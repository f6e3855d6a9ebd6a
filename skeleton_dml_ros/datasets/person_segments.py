# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A stream, cut into clips of one person each: whoever is there without a gap is one clip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import ArchiveError, SkeletonArchive, archive_of
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence, nanoseconds

UNLABELLED = "unlabelled"
"""The class of clips of which nobody has said what they show."""


@dataclass
class PersonSegment:
    """What was seen of one person without a gap.

    Attributes:
        person_id: who.
        stamps: nanoseconds, strictly increasing.
        positions: one a frame, (joints, 3) metres, NaN = not seen.
        confidences: one a frame, (joints,) or None.
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
        """The frames as a sequence of one body; who came without confidences counts as sure."""
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
    """The stretches of a stream, in the order in which they begin.

    As in recognition, a frame that comes late by no more than the gap is left out, and so is one
    whose stamp has been; a larger step back begins anew.

    Args:
        frames: in the order of their arrival.
        gap: seconds without a frame after which somebody is gone.
    """
    gap_ns = nanoseconds(gap)
    made: list[PersonSegment] = []
    lately: dict[str, PersonSegment] = {}
    for frame in frames:
        for index, person in enumerate(frame.person_ids):
            stretch = lately.get(person)
            step = 0 if stretch is None else frame.stamp_ns - stretch.stamps[-1]
            if stretch is None or abs(step) > gap_ns:
                stretch = lately[person] = PersonSegment(person)
                made.append(stretch)
            elif step <= 0:
                continue
            stretch.stamps.append(frame.stamp_ns)
            stretch.positions.append(frame.positions[index])
            stretch.confidences.append(
                None if frame.confidences is None else frame.confidences[index]
            )
    return made


def archive_of_segments(made: list[PersonSegment], layout: Layout) -> SkeletonArchive:
    """An archive with one clip a stretch, all of class :data:`UNLABELLED`.

    In a bag that was played in a loop the same person comes at the same stamp again; the second
    clip of a name ends in ``/2``.

    Raises:
        ArchiveError: there is none, or a joint lies too far off.
    """
    if not made:
        raise ArchiveError("nobody is in the recording; an archive holds at least one clip")
    people = list(dict.fromkeys(stretch.person_id for stretch in made))
    numbers = {person: number for number, person in enumerate(people)}
    return archive_of(
        [stretch.sequence(layout) for stretch in made],
        labels=np.zeros(len(made), dtype=np.int64),
        class_names=[UNLABELLED],
        subjects=[numbers[stretch.person_id] for stretch in made],
        names=_different([stretch.name for stretch in made]),
    )


def _different(names: list[str]) -> list[str]:
    """Names with a number at the second and later ones of each."""
    seen: Counter[str] = Counter()
    made = []
    for name in names:
        seen[name] += 1
        made.append(name if seen[name] == 1 else f"{name}/{seen[name]}")
    return made
