# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who acts together with whom.

Two people act together who are near each other and move at the same time for a good part of it.
Who is pushed moves after the other has begun, and for less long; somebody who stands by while
another one waves has no part in it.  The two seldom stop in the same frame, so the movement of the
first waits, for as long as the second one's may still turn out to be the same.  That is never long:
it must overlap the first for a third of their common length.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from skeleton_dml_ros.recognition.segmentation import Interval
from skeleton_dml_ros.recognition.tracks import Track

MIN_OVERLAP_SHARE = 1 / 3
"""Share of the time that two people move, both taken together, in which both of them do.  With a
half, three in ten of the kicks and pushes of SBU Kinect Interaction were taken for one person's, with
a third two in ten."""

SEEN_SHARE = 0.5
"""Share of a movement's frames in which both must be seen."""


@dataclass(frozen=True)
class Movement:
    """What one person did from when to when."""

    track: Track
    interval: Interval


class Pairing:
    """Brings movements together as they end.

    Args:
        distance: metres between two people's hips up to which they may act together; 0 for never.
    """

    def __init__(self, distance: float) -> None:
        self.distance = distance
        self._waiting: list[Movement] = []

    def __len__(self) -> int:
        """How many movements have ended and wait for another one to end."""
        return len(self._waiting)

    def update(self, ended: list[Movement], tracks: list[Track]) -> list[tuple[Movement, ...]]:
        """Take movements that have ended; returns those that act alone, and pairs that do not.

        Args:
            ended: movements of one input.
            tracks: all people of this input, in alphabetical order.

        Returns:
            One movement, or two in the alphabetical order of their people; in the order in which
            the first of them ended.
        """
        pending = self._waiting + sorted(ended, key=lambda movement: movement.track.person_id)
        going_on = _going_on(tracks)
        nearest_yet = [
            min((self._apart(one, other) for other in going_on), default=np.inf) for one in pending
        ]
        candidates = sorted(
            (distance, first, second)
            for first, second in combinations(range(len(pending)), 2)
            if np.isfinite(distance := self._apart(pending[first], pending[second]))
        )
        partners: dict[int, int] = {}
        for distance, first, second in candidates:
            # Somebody who is nearer to one of them, and still moves, may yet turn out to belong.
            if not {first, second} & set(partners) and distance <= min(
                nearest_yet[first], nearest_yet[second]
            ):
                partners[first], partners[second] = second, first
        self._waiting = []
        result: list[tuple[Movement, ...]] = []
        for place, movement in enumerate(pending):
            if place in partners:
                pair = (movement, pending[partners[place]])
                if place < partners[place]:
                    result.append(tuple(sorted(pair, key=lambda one: one.track.person_id)))
            elif np.isfinite(nearest_yet[place]):
                self._waiting.append(movement)
            else:
                result.append((movement,))
        return result

    def _apart(self, movement: Movement, other: Movement) -> float:
        """Metres between the people of two movements; infinite where they do not belong together."""
        if not _at_the_same_time(movement, other):
            return float("inf")
        distance = _distance(movement, other)
        return distance if 0 < self.distance >= distance else float("inf")


def _going_on(tracks: list[Track]) -> list[Movement]:
    """The movements that have not ended yet, as far as they have come."""
    return [
        Movement(track, Interval(since, track.last_ns))
        for track in tracks
        if (since := track.segmenter.moving_since_ns) is not None
    ]


def _at_the_same_time(first: Movement, second: Movement) -> bool:
    """Whether two people's movements share enough of their time, and could be one clip at all."""
    if first.track is second.track or first.track.layout != second.track.layout:
        return False
    one, two = first.interval, second.interval
    both = min(one.end_ns, two.end_ns) - max(one.start_ns, two.start_ns)
    either = max(one.end_ns, two.end_ns) - min(one.start_ns, two.start_ns)
    return both >= MIN_OVERLAP_SHARE * either


def _distance(first: Movement, second: Movement) -> float:
    """Median metres between two people while both move; infinite where few frames have both."""
    start = max(first.interval.start_ns, second.interval.start_ns)
    end = min(first.interval.end_ns, second.interval.end_ns)
    one, two = first.track.stamps(start, end), second.track.stamps(start, end)
    shared, in_first, in_second = np.intersect1d(one, two, assume_unique=True, return_indices=True)
    if len(shared) < SEEN_SHARE * max(len(one), len(two), 1):
        return float("inf")
    apart = first.track.places(start, end)[in_first] - second.track.places(start, end)[in_second]
    return float(np.median(np.linalg.norm(apart, axis=-1)))
