# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Segmentation: where movements begin and end in a stream.

People stand nearly still between actions, so a movement begins when the speed of the fastest limbs
rises above one threshold and ends when it stays below a lower one for a pause.  Speed is relative
to the trunk, so that a moving robot makes no difference.  The pause is shorter if the movement has
returned to its starting pose.  The alternative method takes windows at regular intervals.

Only message time matters, so a recording gives the same clips as the live stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.limb_motion import LimbMotion
from skeleton_dml_ros.recognition.settings import GAP, Segmentation
from skeleton_dml_ros.skeleton.cleaning import sanitize_positions
from skeleton_dml_ros.skeleton.mapping import map_positions
from skeleton_dml_ros.skeleton.sequence import (
    NANOSECONDS_PER_SECOND,
    SkeletonSequence,
    nanoseconds,
)


@dataclass(frozen=True)
class Interval:
    """A time interval including both ends, nanoseconds of message time."""

    start_ns: int
    end_ns: int


class Segmenter(Protocol):
    """Segments the stream of one person."""

    settings: Segmentation

    def update(self, stamp_ns: int, pose: NDArray[np.float32]) -> Interval | None:
        """Take a pose, (25, 3) NTU-25; returns the movement that it ends, if any."""
        ...

    def finish(self) -> Interval | None:
        """End the current movement and reset, because the person has left or frames are missing."""
        ...

    @property
    def moving_since_ns(self) -> int | None:
        """Start of the current movement, or None."""
        ...

    @property
    def moving(self) -> bool:
        """Whether the person is moving, for display."""
        ...


def make_segmenter(settings: Segmentation) -> Segmenter:
    """A segmenter of the method in the settings."""
    return MotionSegmenter(settings) if settings.method == "motion" else WindowSegmenter(settings)


class MotionSegmenter:
    """Segments by speed: from the beginning of a movement to its end.

    Args:
        settings: may be replaced at any time.
    """

    def __init__(self, settings: Segmentation) -> None:
        self.settings = settings
        self._earliest_ns: int | None = None
        self._reset()

    def _reset(self) -> None:
        self._motion = LimbMotion()
        self._rest = self._motion.posture
        self._calm_ns: int | None = None
        self._start_ns: int | None = None
        self._active_ns = 0
        self._stamp_ns = 0

    @property
    def moving_since_ns(self) -> int | None:
        """Start of the current movement, or None."""
        return self._start_ns

    @property
    def moving(self) -> bool:
        """Whether the person is moving, for display."""
        return self._start_ns is not None

    def update(self, stamp_ns: int, pose: NDArray[np.float32]) -> Interval | None:
        """Take a pose, (25, 3) NTU-25; returns the movement that it ends, if any."""
        speed = self._motion.update(stamp_ns, pose)
        self._stamp_ns = stamp_ns
        calm = speed < self.settings.stop_speed
        if self._start_ns is None:
            if self._earliest_ns is None:
                self._earliest_ns = stamp_ns
            if calm or self._calm_ns is None:
                self._calm_ns = stamp_ns - nanoseconds(self.settings.lead)
                self._rest = self._motion.posture_at(self._calm_ns)
            if speed < self.settings.start_speed:
                return None
            self._start_ns = max(self._calm_ns, self._earliest_ns)
        if not calm:
            self._active_ns = stamp_ns
        if calm and stamp_ns - self._active_ns >= nanoseconds(self._pause()):
            return self._close(min(self._active_ns + nanoseconds(self.settings.tail), stamp_ns))
        if stamp_ns - self._start_ns >= nanoseconds(self.settings.max_duration):
            return self._close(stamp_ns)
        return None

    def finish(self) -> Interval | None:
        """End the current movement and reset."""
        closed = None
        if self._start_ns is not None:
            closed = self._close(
                min(self._active_ns + nanoseconds(self.settings.tail), self._stamp_ns)
            )
        self._reset()
        return closed

    def _pause(self) -> float:
        """Pause that ends the current movement, seconds."""
        away = self._motion.distance(self._rest) > self.settings.rest_distance
        return max(self.settings.hold, self.settings.pause) if away else self.settings.pause

    def _close(self, end_ns: int) -> Interval | None:
        assert self._start_ns is not None
        interval = Interval(self._start_ns, end_ns)
        moved_ns = end_ns - self._start_ns
        self._start_ns = None
        self._calm_ns = None
        if moved_ns < nanoseconds(self.settings.min_duration):
            return None
        self._earliest_ns = end_ns + 1
        return interval


class WindowSegmenter:
    """Segments into windows at regular intervals, leaving out those without motion.

    Args:
        settings: may be replaced at any time.
    """

    def __init__(self, settings: Segmentation) -> None:
        self.settings = settings
        self._reset()

    def _reset(self) -> None:
        self._motion = LimbMotion()
        self._next_ns: int | None = None
        self._moved_ns: int | None = None
        self._stamp_ns = 0

    @property
    def moving_since_ns(self) -> int | None:
        """None: windows have no start."""
        return None

    @property
    def moving(self) -> bool:
        """Whether the person has just moved, for display."""
        return self._moved_ns is not None and (
            self._stamp_ns - self._moved_ns <= nanoseconds(self.settings.pause)
        )

    def update(self, stamp_ns: int, pose: NDArray[np.float32]) -> Interval | None:
        """Take a pose, (25, 3) NTU-25; returns the window that it completes, if any."""
        if self._motion.update(stamp_ns, pose) >= self.settings.start_speed:
            self._moved_ns = stamp_ns
        self._stamp_ns = stamp_ns
        window, stride = nanoseconds(self.settings.window), nanoseconds(self.settings.stride)
        if self._next_ns is None:
            self._next_ns = stamp_ns + window
        if stamp_ns < self._next_ns:
            return None
        self._next_ns += stride * ((stamp_ns - self._next_ns) // stride + 1)
        if self._moved_ns is None or self._moved_ns < stamp_ns - window:
            return None
        return Interval(stamp_ns - window, stamp_ns)

    def finish(self) -> Interval | None:
        """Reset; an incomplete window is dropped."""
        self._reset()
        return None


def trim(sequence: SkeletonSequence, settings: Segmentation, gap: float = GAP) -> SkeletonSequence:
    """The longest movement of a recording, segmented as in a live stream.

    The person who demonstrates an action may also walk up and leave.  With two people, the result
    covers all movements that overlap the longest.  A recording without a movement is returned
    unchanged, because a held pose is an action too.

    Args:
        sequence: one or two bodies, any layout.
        settings: of the motion segmenter.
        gap: seconds without a body after which its movement ends.
    """
    intervals = [
        interval
        for body in range(sequence.bodies)
        for interval in _movements(sequence, body, settings, nanoseconds(gap))
    ]
    if not intervals:
        return sequence
    main = max(intervals, key=lambda interval: interval.end_ns - interval.start_ns)
    together = [
        other
        for other in intervals
        if other.start_ns <= main.end_ns and other.end_ns >= main.start_ns
    ]
    return sequence.between(
        min(interval.start_ns for interval in together),
        max(interval.end_ns for interval in together),
    )


def largest_movement(sequence: SkeletonSequence) -> float:
    """How far in metres the limbs of a recording move from their first posture; NaN if unseen.

    Relative to the trunk, smoothed, mean of the limbs that move most; of several bodies the largest.
    """
    largest = float("nan")
    for body in range(sequence.bodies):
        motion, first = LimbMotion(), None
        for stamp_ns, pose in zip(*_poses(sequence, body), strict=True):
            motion.update(stamp_ns, pose)
            if first is None:
                first, largest = motion.posture, np.fmax(largest, 0.0)
            largest = max(largest, motion.distance(first))
    return float(largest)


def _movements(
    sequence: SkeletonSequence, body: int, settings: Segmentation, gap_ns: int
) -> Iterator[Interval]:
    """All movements of one body of a recording."""
    segmenter = MotionSegmenter(settings)
    last_ns = None
    for stamp_ns, pose in zip(*_poses(sequence, body), strict=True):
        if last_ns is not None and stamp_ns - last_ns > gap_ns:
            yield from _some(segmenter.finish())
        yield from _some(segmenter.update(stamp_ns, pose))
        last_ns = stamp_ns
    yield from _some(segmenter.finish())


def _poses(sequence: SkeletonSequence, body: int) -> tuple[list[int], NDArray[np.float32]]:
    """Stamps and poses, (frames, 25, 3) NTU-25, of the frames in which a body was seen."""
    poses = map_positions(
        sanitize_positions(sequence.positions[:, body]), sequence.layout, alternatives=False
    )
    seen = np.isfinite(poses[:, :, 0]).any(axis=1)
    stamps = sequence.start_ns + np.round(sequence.timestamps * NANOSECONDS_PER_SECOND).astype(
        np.int64
    )
    return stamps[seen].tolist(), poses[seen]


def _some(interval: Interval | None) -> tuple[Interval, ...]:
    return () if interval is None else (interval,)
