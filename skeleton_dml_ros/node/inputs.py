# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One live input: from its messages to frames that the recogniser takes.

A message becomes skeletons (:mod:`skeleton_dml_ros.messages`), these go through TF at their own
stamp where there is a fixed frame, and from there into the axes that are used inside.  Transforms
come late as often as skeletons do, so skeletons wait for theirs, in their order and for a bounded
time; one that waits in vain is left out and counted.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.fields import BACKWARDS_NS, MessageError
from skeleton_dml_ros.messages.input_format import InputFormat
from skeleton_dml_ros.node.throttled_log import ThrottledLog
from skeleton_dml_ros.node.transforms import Transforms, TransformUnavailableError
from skeleton_dml_ros.skeleton.axes import Axes, to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame

MAX_WAITING = 200
"""Skeletons that wait for a transform at most: some seconds of a fast input."""

RATE_OVER = 5.0
"""Seconds over which an input's rate is measured."""


@dataclass
class InputCounts:
    """What has happened at an input since the node became active.

    Attributes:
        received: messages of the main topic and of those beside it.
        refused: messages that could not be used.
        last_refusal: why the latest one could not.
        frames: those that went on to recognition.
        without_transform: frames that were dropped because no transform came.
        last_transform_error: why it did not.
    """

    received: int = 0
    refused: int = 0
    last_refusal: str = ""
    frames: int = 0
    without_transform: int = 0
    last_transform_error: str = ""


@dataclass(frozen=True)
class _Pending:
    """A frame that waits for its transform, and the wall time at which it is dropped."""

    frame: SkeletonFrame
    until: float


class LiveInput:
    """Turns one input's messages into frames; safe to use from several threads.

    Args:
        name: of the input.
        input_format: what its messages are.
        axes: of its frame, where there is no fixed frame.
        fixed_frame: TF frame that its skeletons go into; empty for none.
        transforms: TF; needed where there is a fixed frame.
        wait: seconds for which a skeleton waits for its transform.
    """

    def __init__(
        self,
        name: str,
        input_format: InputFormat,
        axes: Axes,
        fixed_frame: str = "",
        transforms: Transforms | None = None,
        wait: float = 0.0,
    ) -> None:
        self.name = name
        self.format = input_format
        self._main_role = input_format.sources()[0].role
        self.axes = Axes.ROS_BODY if fixed_frame else axes
        self.counts = InputCounts()
        self._fixed_frame = fixed_frame
        self._transforms = transforms
        self._wait = wait
        self._waiting: deque[_Pending] = deque()
        self._arrivals: deque[float] = deque()
        self._began: float | None = None
        self._last_ns: int | None = None
        self._throttled_log = ThrottledLog()
        self._lock = threading.RLock()
        self.frame_id = fixed_frame

    def take(self, role: str, message: object, now: float) -> list[SkeletonFrame]:
        """Take a message; returns what can be recognised now.

        Args:
            role: which of the input's topics it came from.
            message: of this topic's type.
            now: wall time in seconds, monotonic.
        """
        with self._lock:
            self._note(role, now)
            try:
                frames = self.format.take(role, message)
            except Exception as error:
                # One odd message must not end the stream.
                self.refuse(now, error)
                return []
            for frame in frames:
                self._notice_time(frame.stamp_ns)
                self._waiting.append(_Pending(frame, now + self._wait))
            return self.ready(now)

    def take_unreadable(self, role: str, error: Exception, now: float) -> None:
        """Take what came on one of the input's topics and is no message of its type.

        Args:
            role: which of the input's topics it came from.
            error: why it cannot be read.
            now: wall time in seconds, monotonic.
        """
        with self._lock:
            self._note(role, now)
            self.refuse(now, error)

    def ready(self, now: float) -> list[SkeletonFrame]:
        """What has waited for its transform and has it now, in the order of arrival."""
        with self._lock:
            return list(self._ready(now))

    @property
    def waits(self) -> bool:
        """Whether skeletons wait for their transforms."""
        return bool(self._waiting)

    def refuse(self, now: float, error: Exception) -> None:
        """Count and say that something that came cannot be used.

        Args:
            now: wall time in seconds, monotonic.
            error: why it cannot; anything but a :class:`SkeletonDmlError` is this package's fault.
        """
        foreseen = isinstance(error, SkeletonDmlError)
        reason = str(error) if foreseen else f"a fault of this package, see the log: {error!r}"
        with self._lock:
            self.counts.refused += 1
            self.counts.last_refusal = reason
            self._throttled_log.warn(
                now,
                "refused" if foreseen else "fault",
                f"input {self.name}: a message was refused: {reason}",
                None if foreseen else error,
            )

    def rate(self, now: float) -> float:
        """Messages of the main topic a second, lately."""
        with self._lock:
            if self._began is None:
                return 0.0
            recent = sum(arrival > now - RATE_OVER for arrival in self._arrivals)
            return recent / max(min(now - self._began, RATE_OVER), 1.0)

    def age(self, now: float) -> float | None:
        """Seconds since the latest message of the main topic; None where none has come."""
        with self._lock:
            return now - self._arrivals[-1] if self._arrivals else None

    def _note(self, role: str, now: float) -> None:
        """Count a message."""
        self.counts.received += 1
        if role == self._main_role:
            self._note_arrival(now)

    def _note_arrival(self, now: float) -> None:
        self._began = now if self._began is None else self._began
        self._arrivals.append(now)
        while self._arrivals[0] < now - RATE_OVER:
            self._arrivals.popleft()

    def _notice_time(self, stamp_ns: int) -> None:
        """Where time ran backwards, what waits belongs to another time."""
        if self._last_ns is not None and stamp_ns < self._last_ns - BACKWARDS_NS:
            self._waiting.clear()
            if self._transforms is not None:
                self._transforms.clear()
        self._last_ns = stamp_ns

    def _ready(self, now: float) -> Iterator[SkeletonFrame]:
        while self._waiting:
            waiting = self._waiting.popleft()
            try:
                frame = self._in_kinect_axes(waiting.frame)
            except TransformUnavailableError as error:
                if now < waiting.until and len(self._waiting) < MAX_WAITING:
                    self._waiting.appendleft(waiting)
                    return
                self._give_up(now, waiting.frame, error)
            except Exception as error:
                self.refuse(now, error)
            else:
                self.counts.frames += 1
                yield frame

    def _in_kinect_axes(self, frame: SkeletonFrame) -> SkeletonFrame:
        """The frame as the recogniser takes it, in the fixed frame if there is one.

        Raises:
            TransformUnavailableError: its transform is not known yet.
            MessageError: its message names no coordinate frame.
        """
        positions, frame_id = frame.positions, frame.frame_id
        # A frame without people needs no transform; it only tells the time.
        if self._fixed_frame and frame.person_ids:
            if not frame_id:
                raise MessageError(
                    "a message names no frame; set header.frame_id at its publisher, or "
                    "fixed_frame to '' for a camera that stands still and level"
                )
            if frame_id != self._fixed_frame and self._transforms is not None:
                transform = self._transforms.lookup(self._fixed_frame, frame_id, frame.stamp_ns)
                positions = transform(positions)
        self.frame_id = self._fixed_frame or frame_id
        return frame.derived(
            positions=to_kinect_axes(positions, self.axes),
            input_name=self.name,
            frame_id=self.frame_id,
        )

    def _give_up(self, now: float, frame: SkeletonFrame, error: Exception) -> None:
        self.counts.without_transform += 1
        self.counts.last_transform_error = str(error)
        self._throttled_log.warn(
            now,
            "transform",
            f"input {self.name}: no transform from {frame.frame_id} to {self._fixed_frame} "
            f"within {self._wait:g} s ({error}); publish it, or set fixed_frame to '' for a camera "
            "that stands still and level",
        )
