# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pair the movements of two people who act together.

Two people act together if they are near each other and their movements overlap by a third of their
common duration.  A movement that has ended waits while another one may still become its partner.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from skeleton_dml_ros.recognition.segmentation import Interval
from skeleton_dml_ros.recognition.tracks import Track

MIN_OVERLAP_SHARE = 1 / 3
"""Minimum overlap of two movements relative to their common duration.  With a half, three in ten
kicks and pushes of SBU Kinect Interaction are missed as pairs, with a third two in ten."""

SEEN_SHARE = 0.5
"""Minimum share of a movement's frames that have both people."""


@dataclass(frozen=True)
class Movement:
    """A movement of one person."""

    track: Track
    interval: Interval


class Pairing:
    """Pairs movements as they end.

    Args:
        distance: maximum distance between two people's hips in metres; 0 disables pairs.
    """

    def __init__(self, distance: float) -> None:
        self.distance = distance
        self._waiting: list[Movement] = []

    def __len__(self) -> int:
        """Number of movements that wait for a partner."""
        return len(self._waiting)

    def update(self, ended: list[Movement], tracks: list[Track]) -> list[tuple[Movement, ...]]:
        """Take movements that have ended; returns finished single movements and pairs.

        Args:
            ended: movements of one input.
            tracks: all people of this input, in alphabetical order.

        Returns:
            One movement, or two in the alphabetical order of their people; in the order in which
            the first one ended.
        """
        pending = self._waiting + sorted(ended, key=lambda movement: movement.track.person_id)
        in_progress = _in_progress(tracks)
        nearest_yet = [
            min((self._apart(one, other) for other in in_progress), default=np.inf)
            for one in pending
        ]
        candidates = sorted(
            (distance, first, second)
            for first, second in combinations(range(len(pending)), 2)
            if np.isfinite(distance := self._apart(pending[first], pending[second]))
        )
        partners: dict[int, int] = {}
        for distance, first, second in candidates:
            # A nearer person who still moves may become the partner instead.
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
        """Metres between the people of two movements; infinite if they cannot be a pair."""
        if not _overlap(movement, other):
            return float("inf")
        distance = _distance(movement, other)
        return distance if 0 < self.distance >= distance else float("inf")


def _in_progress(tracks: list[Track]) -> list[Movement]:
    """The movements in progress, up to now."""
    return [
        Movement(track, Interval(since, track.last_ns))
        for track in tracks
        if (since := track.segmenter.moving_since_ns) is not None
    ]


def _overlap(first: Movement, second: Movement) -> bool:
    """Whether two movements overlap enough, and their skeletons fit into one clip."""
    if first.track is second.track or first.track.layout != second.track.layout:
        return False
    one, two = first.interval, second.interval
    both = min(one.end_ns, two.end_ns) - max(one.start_ns, two.start_ns)
    either = max(one.end_ns, two.end_ns) - min(one.start_ns, two.start_ns)
    return both >= MIN_OVERLAP_SHARE * either


def _distance(first: Movement, second: Movement) -> float:
    """Median distance in metres of two people while both move; infinite if few frames have both."""
    start = max(first.interval.start_ns, second.interval.start_ns)
    end = min(first.interval.end_ns, second.interval.end_ns)
    one, two = first.track.stamps(start, end), second.track.stamps(start, end)
    shared, in_first, in_second = np.intersect1d(one, two, assume_unique=True, return_indices=True)
    if len(shared) < SEEN_SHARE * max(len(one), len(two), 1):
        return float("inf")
    apart = first.track.places(start, end)[in_first] - second.track.places(start, end)[in_second]
    return float(np.median(np.linalg.norm(apart, axis=-1)))
