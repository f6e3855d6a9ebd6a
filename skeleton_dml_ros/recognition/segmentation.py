# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where an action begins and ends in a stream that never ends.

People stand nearly still between actions.  The speed of the fastest limbs, relative to the hips,
tells the two apart: relative to the hips it is the same for a robot that drives, and walking,
squatting and sitting down still move the knees.  Speed has to rise above one threshold to begin a
clip and to stay below a lower one for a while to end it, so that neither sensor noise nor a turning
point cuts it.  How long a while depends on the posture: a movement that has come back to where it
began is over at once, one that stops elsewhere, an arm in the air, may be held and come back yet.
The alternative takes windows at regular intervals, whatever moves.

Message time alone decides: the same stamps give the same clips, live or from a file.  And what
decides reaches back less than a second, so a recording that was cut out of a
stream gives the same clip as the stream did.
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
    """A stretch of time, both ends included, in nanoseconds of the message clock."""

    start_ns: int
    end_ns: int


class Segmenter(Protocol):
    """Cuts the stream of one person into clips."""

    settings: Segmentation

    def update(self, stamp_ns: int, pose: NDArray[np.float32]) -> Interval | None:
        """Take a pose, (25, 3) NTU-25; returns the clip that it closes, if it closes one."""
        ...

    def finish(self) -> Interval | None:
        """The person has left, or frames are missing: close what is open and begin anew."""
        ...

    @property
    def moving_since_ns(self) -> int | None:
        """Begin of the movement that goes on, None while there is none."""
        ...

    @property
    def moving(self) -> bool:
        """Whether a movement is going on, for whoever watches."""
        ...


def make_segmenter(settings: Segmentation) -> Segmenter:
    """The segmenter that the settings ask for."""
    return MotionSegmenter(settings) if settings.method == "motion" else WindowSegmenter(settings)


class MotionSegmenter:
    """Clips from where movement begins to where it ends.

    Args:
        settings: thresholds and lengths; may be replaced at any time.
    """

    def __init__(self, settings: Segmentation) -> None:
        self.settings = settings
        self._earliest_ns: int | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._motion = LimbMotion()
        self._rest = self._motion.posture
        self._calm_ns: int | None = None
        self._start_ns: int | None = None
        self._active_ns = 0
        self._stamp_ns = 0

    @property
    def moving_since_ns(self) -> int | None:
        """Begin of the movement that goes on, None while there is none."""
        return self._start_ns

    @property
    def moving(self) -> bool:
        """Whether a movement is going on, for whoever watches."""
        return self._start_ns is not None

    def update(self, stamp_ns: int, pose: NDArray[np.float32]) -> Interval | None:
        """Take a pose, (25, 3) NTU-25; returns the clip that it closes, if it closes one."""
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
        if calm and stamp_ns - self._active_ns >= nanoseconds(self._patience()):
            return self._close(min(self._active_ns + nanoseconds(self.settings.tail), stamp_ns))
        if stamp_ns - self._start_ns >= nanoseconds(self.settings.max_duration):
            return self._close(stamp_ns)
        return None

    def finish(self) -> Interval | None:
        """Close what is open and begin anew, as after a gap."""
        closed = None
        if self._start_ns is not None:
            closed = self._close(
                min(self._active_ns + nanoseconds(self.settings.tail), self._stamp_ns)
            )
        self._begin_anew()
        return closed

    def _patience(self) -> float:
        """Seconds of calm that end the movement."""
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
    """A window of fixed length at regular intervals, where somebody moves in it at all.

    Args:
        settings: window, stride, and the speed that counts as moving; may be replaced at any time.
    """

    def __init__(self, settings: Segmentation) -> None:
        self.settings = settings
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._motion = LimbMotion()
        self._next_ns: int | None = None
        self._moved_ns: int | None = None
        self._stamp_ns = 0

    @property
    def moving_since_ns(self) -> int | None:
        """Windows know no beginning."""
        return None

    @property
    def moving(self) -> bool:
        """Whether somebody has moved just now, for whoever watches."""
        return self._moved_ns is not None and (
            self._stamp_ns - self._moved_ns <= nanoseconds(self.settings.pause)
        )

    def update(self, stamp_ns: int, pose: NDArray[np.float32]) -> Interval | None:
        """Take a pose, (25, 3) NTU-25; returns the window that it completes, if it does."""
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
        """Begin anew; a window that is not full is no window."""
        self._begin_anew()
        return None


def trim(sequence: SkeletonSequence, settings: Segmentation, gap: float = GAP) -> SkeletonSequence:
    """The main movement of a recording, cut as the live motion segmenter would cut it.

    Of several movements it is the longest: who demonstrates an action also walks up and leaves.
    For two people, it is from the first to the last of what either of them does during it.  A
    recording in which nobody moves enough stays whole: a held pose is an action too.

    Args:
        sequence: one or two bodies, any layout.
        settings: of the motion segmenter.
        gap: seconds without a body after which its movement is over.
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


def _movements(
    sequence: SkeletonSequence, body: int, settings: Segmentation, gap_ns: int
) -> Iterator[Interval]:
    """All movements of one body of a recording."""
    poses = map_positions(sanitize_positions(sequence.positions[:, body]), sequence.layout)
    seen = np.isfinite(poses[:, :, 0]).any(axis=1)
    stamps = sequence.start_ns + np.round(sequence.timestamps * NANOSECONDS_PER_SECOND).astype(
        np.int64
    )
    segmenter = MotionSegmenter(settings)
    last_ns = None
    for stamp_ns, pose in zip(stamps[seen].tolist(), poses[seen], strict=True):
        if last_ns is not None and stamp_ns - last_ns > gap_ns:
            yield from _some(segmenter.finish())
        yield from _some(segmenter.update(stamp_ns, pose))
        last_ns = stamp_ns
    yield from _some(segmenter.finish())


def _some(interval: Interval | None) -> tuple[Interval, ...]:
    return () if interval is None else (interval,)
