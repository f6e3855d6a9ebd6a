# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A live input: turns messages into frames for the recogniser.

Messages become frames (:mod:`skeleton_dml_ros.messages`), which are transformed into the fixed frame, if
there is one, and then into Kinect axes.  Frames wait in order for late transforms, for a limited time;
then they are dropped and counted.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.fields import BACKWARDS_NS, MessageError
from skeleton_dml_ros.messages.input_format import InputFormat
from skeleton_dml_ros.node.throttled_log import ThrottledLog
from skeleton_dml_ros.node.transforms import Transforms, TransformUnavailableError
from skeleton_dml_ros.recognition.stream_check import StreamCheck
from skeleton_dml_ros.skeleton.axes import Axes, to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame

MAX_WAITING = 200
"""Maximum number of frames that wait for a transform: some seconds of a fast input."""

FAR = 1000.0
"""Metres between the origins of frames and the sensor from which frames get another origin: float32
rounds 1000 m to 0.06 mm, but the coordinates of a map that begins at the equator to centimetres."""

RATE_WINDOW = 5.0
"""Seconds over which an input's rate is measured."""


@dataclass
class InputCounts:
    """Counts since activation.

    Attributes:
        received: messages on all topics of the input.
        refused: messages that could not be used.
        last_refusal: why the latest one could not.
        left_out: people left out of messages whose other people were read.
        last_left_out: why the latest one was.
        frames: frames passed on to recognition.
        without_transform: frames dropped because no transform was available.
        last_transform_error: why the latest transform was unavailable.
    """

    received: int = 0
    refused: int = 0
    last_refusal: str = ""
    left_out: int = 0
    last_left_out: str = ""
    frames: int = 0
    without_transform: int = 0
    last_transform_error: str = ""


@dataclass(frozen=True)
class _Pending:
    """A frame that waits for its transform, and when to drop it (monotonic seconds)."""

    frame: SkeletonFrame
    until: float


class LiveInput:
    """Turns an input's messages into frames; thread-safe.

    Args:
        name: name of the input.
        input_format: format of its messages.
        axes: axes of its frame, if there is no fixed frame.
        fixed_frame: TF frame to transform skeletons into; empty for none.
        transforms: TF; required with a fixed frame.
        wait: maximum time in seconds to wait for a transform.

    Attributes:
        origin: (3,) metres in the fixed frame, of the frames' coordinates; zero unless the sensor is
            :data:`FAR` away.
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
        self._first_arrival: float | None = None
        self._last_ns: int | None = None
        self._throttled_log = ThrottledLog()
        self._check = StreamCheck()
        self._lock = threading.RLock()
        self.frame_id = fixed_frame
        self.origin = np.zeros(3)

    def take(self, role: str, message: object, now: float) -> list[SkeletonFrame]:
        """Take a message; returns the frames that are ready.

        Args:
            role: role of the topic, see :class:`~skeleton_dml_ros.messages.input_format.Source`.
            message: message of this topic.
            now: monotonic time in seconds.
        """
        with self._lock:
            self._count(role, now)
            try:
                frames = self.format.take(role, message)
            except Exception as error:
                self.refuse(now, error)
                return []
            self._note_left_out(now)
            for frame in frames:
                self._check_time(frame.stamp_ns)
                self._waiting.append(_Pending(frame, now + self._wait))
            return self.ready(now)

    def take_unreadable(self, role: str, error: Exception, now: float) -> None:
        """Count a message that could not be deserialised.

        Args:
            role: role of the topic.
            error: why it cannot be read.
            now: monotonic time in seconds.
        """
        with self._lock:
            self._count(role, now)
            self.refuse(now, error)

    def ready(self, now: float) -> list[SkeletonFrame]:
        """The waiting frames whose transforms have become available, in order."""
        with self._lock:
            return list(self._ready(now))

    @property
    def waits(self) -> bool:
        """Whether frames wait for their transforms."""
        return bool(self._waiting)

    def refuse(self, now: float, error: Exception) -> None:
        """Count and log a message that cannot be used.

        Args:
            now: monotonic time in seconds.
            error: the reason; any other than a :class:`SkeletonDmlError` is an internal error.
        """
        expected = isinstance(error, SkeletonDmlError)
        reason = str(error) if expected else f"internal error, see the log: {error!r}"
        with self._lock:
            self.counts.refused += 1
            self.counts.last_refusal = reason
            self._throttled_log.warn(
                now,
                "refused" if expected else "fault",
                f"input {self.name}: a message was refused: {reason}",
                None if expected else error,
            )

    def _note_left_out(self, now: float) -> None:
        left_out = self.format.left_out
        if left_out.people > self.counts.left_out:
            self.counts.left_out = left_out.people
            self.counts.last_left_out = left_out.reason
            self._throttled_log.warn(
                now, "left out", f"input {self.name}: a person was left out: {left_out.reason}"
            )

    def problems(self) -> tuple[str, ...]:
        """What keeps people from being recognised in the latest frames, one line each."""
        with self._lock:
            return tuple(self._check.problems())

    def rate(self, now: float) -> float:
        """Messages per second on the main topic, recently."""
        with self._lock:
            if self._first_arrival is None:
                return 0.0
            recent = sum(arrival > now - RATE_WINDOW for arrival in self._arrivals)
            return recent / max(min(now - self._first_arrival, RATE_WINDOW), 1.0)

    def age(self, now: float) -> float | None:
        """Seconds since the latest message on the main topic; None before the first."""
        with self._lock:
            return now - self._arrivals[-1] if self._arrivals else None

    def _count(self, role: str, now: float) -> None:
        self.counts.received += 1
        if role == self._main_role:
            self._first_arrival = now if self._first_arrival is None else self._first_arrival
            self._arrivals.append(now)
            while self._arrivals[0] < now - RATE_WINDOW:
                self._arrivals.popleft()

    def _check_time(self, stamp_ns: int) -> None:
        # After time ran backwards, waiting frames and old transforms are obsolete.
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
                self._drop(now, waiting.frame, error)
            except Exception as error:
                self.refuse(now, error)
            else:
                self.counts.frames += 1
                self._check.take(frame)
                yield frame

    def _in_kinect_axes(self, frame: SkeletonFrame) -> SkeletonFrame:
        """The frame in Kinect axes, in the fixed frame if there is one.

        Raises:
            TransformUnavailableError: its transform is not known yet.
            MessageError: its message has no frame_id.
        """
        positions, frame_id = frame.positions, frame.frame_id
        # A frame without people needs no transform.
        if self._fixed_frame and frame.person_ids:
            if not frame_id:
                raise MessageError(
                    "a message has no frame_id; set header.frame_id in its publisher, or fixed_frame "
                    "to '' for a stationary, level camera"
                )
            if frame_id != self._fixed_frame and self._transforms is not None:
                transform = self._transforms.lookup(self._fixed_frame, frame_id, frame.stamp_ns)
                if np.linalg.norm(transform.translation - self.origin) > FAR:
                    self.origin = transform.translation.round()
                positions = transform.from_origin(self.origin)(positions)
            elif self.origin.any():
                positions = (positions - self.origin).astype(np.float32)
        self.frame_id = self._fixed_frame or frame_id
        return frame.derived(
            positions=to_kinect_axes(positions, self.axes),
            input_name=self.name,
            frame_id=self.frame_id,
        )

    def _drop(self, now: float, frame: SkeletonFrame, error: Exception) -> None:
        self.counts.without_transform += 1
        self.counts.last_transform_error = str(error)
        self._throttled_log.warn(
            now,
            "transform",
            f"input {self.name}: no transform from {frame.frame_id} to {self._fixed_frame} "
            f"within {self._wait:g} s ({error}); publish it, or set fixed_frame to '' for a "
            "stationary, level camera",
        )
