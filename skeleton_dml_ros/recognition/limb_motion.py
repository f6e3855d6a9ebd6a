# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Speed of a person's limbs, robust to a tracker's noise, spikes and dropouts.

Noise (5 mm at 30 Hz are 0.2 m/s) is averaged, spikes are removed by a median of three frames, and a
lost joint is held for a moment.  Speed is the distance within :data:`SPAN`, which is less noisy than
from frame to frame; it lags by :data:`LAG`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

HOLD = 0.15
"""Seconds for which an unseen joint is held.  After a longer gap its jump does not count as motion."""

SMOOTHING = 0.15
"""Seconds over which positions are averaged: five frames of a Kinect."""

SPAN = 0.25
"""Seconds over which speed is measured.  Waving four times a second would be missed; people wave
twice."""

LAG = (SMOOTHING + SPAN) / 2
"""Delay of the speed in seconds."""

FASTEST = 3
"""Number of fastest limbs whose mean speed counts: an arm is an elbow, a wrist and a hand.  A single
noisy joint, often a foot, counts a third."""

ROWS = 64
"""Frames kept: enough at 100 Hz; at higher rates speed is measured over a shorter time."""

_LIMBS = np.array(
    [
        NTU_25.index(joint)
        for joint in (
            "head", "spine_shoulder", "shoulder_left", "elbow_left", "wrist_left", "hand_left",
            "shoulder_right", "elbow_right", "wrist_right", "hand_right", "knee_left",
            "ankle_left", "foot_left", "knee_right", "ankle_right", "foot_right",
        )
    ]
)  # fmt: skip
_TRUNK = np.array(
    [
        NTU_25.index(joint)
        for joint in (
            "spine_base", "spine_shoulder", "hip_left", "hip_right", "shoulder_left",
            "shoulder_right",
        )
    ]
)  # fmt: skip
"""Joints that limbs are measured from; the first that is seen is followed."""

_TO_HIPS = np.array([[0, -0.5 * ("shoulder" in NTU_25.joint_names[j]), 0] for j in _TRUNK])
"""(trunk, 3) metres from each joint of the trunk to the height of the hips, until they are seen."""

_HOLD_NS = nanoseconds(HOLD)
_SMOOTHING_NS = nanoseconds(SMOOTHING)
_SPAN_NS = nanoseconds(SPAN)
_JITTER_NS = 1_000_000
"""Tolerance of stamps, nanoseconds."""


class LimbMotion:
    """Speed and posture of one person, relative to the trunk.

    Attributes:
        posture: (limbs, 3) metres, the limbs relative to the trunk, smoothed; NaN = not seen.
        speed: m/s of the fastest limbs.
    """

    def __init__(self) -> None:
        shape = (2 * ROWS, len(_LIMBS), 3)
        self._stamps = np.zeros(2 * ROWS, dtype=np.int64)
        self._filtered = np.zeros(shape, dtype=np.float32)
        self._smoothed = np.zeros(shape, dtype=np.float32)
        self._count = 0
        self._held = np.full(shape[1:], np.nan, dtype=np.float32)
        self._before = self._before_that = self._held
        self._seen_ns = np.zeros(len(_LIMBS), dtype=np.int64)
        self._gone_ns = np.full(len(_LIMBS), -1, dtype=np.int64)
        self._origin = np.full(3, np.nan, dtype=np.float32)
        self._followed: int | None = None
        self._offsets = _TO_HIPS.astype(np.float32)
        self.posture = self._held
        self.speed = 0.0

    def update(self, stamp_ns: int, pose: NDArray[np.float32]) -> float:
        """Take a pose, (25, 3) NTU-25, metres, NaN = not seen; returns the speed in m/s."""
        limbs = self._hold(stamp_ns, pose[_LIMBS] - self._follow(pose))
        now = self._append(stamp_ns, self._median(limbs))
        then = self._index(stamp_ns - _SPAN_NS + _JITTER_NS, now)
        then_ns = int(self._stamps[then])
        self.posture = self._smoothed[now]
        step = self.posture - self._smoothed[then]
        step[self._gone_ns >= then_ns] = np.nan
        seconds = max(stamp_ns - then_ns, _SPAN_NS) / NANOSECONDS_PER_SECOND
        self.speed = mean_of_largest(step) / seconds
        return self.speed

    def posture_at(self, stamp_ns: int) -> NDArray[np.float32]:
        """The posture at a stamp, or the oldest one kept."""
        return np.array(self._smoothed[self._index(stamp_ns + _JITTER_NS, self._count - 1)])

    def distance(self, posture: NDArray[np.float32]) -> float:
        """Mean distance in metres of the limbs that differ most from another posture."""
        return mean_of_largest(self.posture - posture)

    def _follow(self, pose: NDArray[np.float32]) -> NDArray[np.float32]:
        """A point, (3,), that moves with the first joint of the trunk that is seen.

        It does not jump when it changes from one to another.
        """
        trunk = pose[_TRUNK]
        seen = ~np.isnan(trunk[:, 0])
        if not seen.any():
            return self._origin
        first, before = int(seen.argmax()), self._followed
        if first != before:
            if before is not None and seen[before]:
                self._offsets[first] = trunk[before] + self._offsets[before] - trunk[first]
            self._followed = first
        self._origin = np.asarray(trunk[first] + self._offsets[first])
        others = seen.copy()
        others[first] = False
        self._offsets[others] = self._origin - trunk[others]
        return self._origin

    def _hold(self, stamp_ns: int, limbs: NDArray[np.float32]) -> NDArray[np.float32]:
        """The limbs, with recently lost ones at their last position."""
        seen = ~np.isnan(limbs[:, 0])
        if not seen.all():
            held = ~seen & (stamp_ns - self._seen_ns <= _HOLD_NS)
            limbs[held] = self._held[held]
            self._gone_ns[~seen & ~held] = stamp_ns
        self._seen_ns[seen] = stamp_ns
        self._held = limbs
        return limbs

    def _median(self, limbs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Median of the last three positions, per coordinate."""
        first = np.where(np.isnan(self._before_that), limbs, self._before_that)
        second = np.where(np.isnan(self._before), limbs, self._before)
        self._before_that, self._before = self._before, limbs
        low, high = np.minimum(first, second), np.maximum(first, second)
        return np.asarray(np.maximum(low, np.minimum(high, limbs)))

    def _append(self, stamp_ns: int, filtered: NDArray[np.float32]) -> int:
        """Append a row and smooth it; returns its index."""
        if self._count == 2 * ROWS:
            for rows in (self._stamps, self._filtered, self._smoothed):
                rows[:ROWS] = rows[ROWS:]
            self._count = ROWS
        now = self._count
        self._stamps[now] = stamp_ns
        self._filtered[now] = filtered
        self._count += 1
        averaged = self._filtered[
            self._index(stamp_ns - _SMOOTHING_NS + _JITTER_NS, now) + 1 : now + 1
        ]
        if len(averaged) == 0:
            averaged = self._filtered[now : now + 1]
        total = averaged.sum(axis=0)
        if np.isnan(total).any():
            seen = ~np.isnan(averaged)
            counts = np.where(np.isnan(filtered), np.nan, seen.sum(axis=0))
            self._smoothed[now] = np.where(seen, averaged, 0).sum(axis=0) / counts
        else:
            self._smoothed[now] = total / np.float32(len(averaged))
        return now

    def _index(self, stamp_ns: int, now: int) -> int:
        """The latest row not later than a stamp, or the oldest row."""
        oldest = max(0, now + 1 - ROWS)
        found = int(self._stamps[oldest : now + 1].searchsorted(stamp_ns, side="right"))
        return oldest + max(0, found - 1)


def mean_of_largest(steps: NDArray[np.float32]) -> float:
    """Mean length of the :data:`FASTEST` longest steps, (limbs, 3); unseen limbs count as 0."""
    squares = np.einsum("jc,jc->j", steps, steps)
    squares[np.isnan(squares)] = 0
    squares.partition(len(squares) - FASTEST)
    return float(np.sqrt(squares[-FASTEST:]).mean())
