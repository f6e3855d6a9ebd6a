# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The robot of the demonstration, in this process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

if TYPE_CHECKING:
    from skeleton_dml_ros.evaluation.demonstration import Scene
    from skeleton_dml_ros.recognition.event import Recognition
    from skeleton_dml_ros.recognition.recognizer import Recognizer
    from skeleton_dml_ros.skeleton.frame import SkeletonFrame
    from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

BETWEEN_SCENES_NS = nanoseconds(5.0)
"""Message time between two scenes."""


class Robot(Protocol):
    """Is taught, and watches people."""

    @property
    def threshold(self) -> float:
        """Highest score of a known action."""
        ...

    def next_ns(self) -> int:
        """The stamp that the next scene's first frame has to bear."""
        ...

    def teach(self, recording: SkeletonSequence, label: str) -> None:
        """Teach an action by one recording."""
        ...

    def enroll_clip_of(self, clip_id: str, label: str) -> None:
        """Teach an action by a clip that was reported."""
        ...

    def watch(self, scene: Scene, speed: float) -> Iterator[SkeletonFrame | Recognition]:
        """The scene's frames when they are seen, and what was recognised as soon as it is.

        Args:
            scene: what happens.
            speed: how fast time passes; 0 is as fast as this machine goes.
        """
        ...

    def close(self) -> None:
        """Forget everything that was taught."""
        ...


class RobotHere:
    """The recogniser, called frame by frame.

    Args:
        model: its folder, or ``default``.
    """

    def __init__(self, model: str) -> None:
        from skeleton_dml_ros.recognition.recognizer import Recognizer

        self._folder = tempfile.TemporaryDirectory()
        self._recognizer: Recognizer = Recognizer.open(Path(self._folder.name) / "taught.db", model)
        self._next_ns = 0
        self.threshold = self._recognizer.threshold

    def next_ns(self) -> int:
        """See :class:`Robot`."""
        return self._next_ns

    def teach(self, recording: SkeletonSequence, label: str) -> None:
        """See :class:`Robot`."""
        self._recognizer.enroll(recording, label)

    def enroll_clip_of(self, clip_id: str, label: str) -> None:
        """See :class:`Robot`."""
        self._recognizer.enroll_clip(clip_id, label)

    def watch(self, scene: Scene, speed: float) -> Iterator[SkeletonFrame | Recognition]:
        """See :class:`Robot`."""
        clock = Clock(speed)
        for frame in scene.frames:
            clock.wait_for((frame.stamp_ns - scene.start_ns) / NANOSECONDS_PER_SECOND)
            self._recognizer.push(frame)
            yield from self._recognitions()
            yield frame
        self._recognizer.finish()
        yield from self._recognitions()
        self._next_ns = scene.end_ns + BETWEEN_SCENES_NS

    def close(self) -> None:
        """See :class:`Robot`."""
        self._recognizer.close()
        self._folder.cleanup()

    def _recognitions(self) -> Iterator[Recognition]:
        from skeleton_dml_ros.recognition.event import Recognition

        for event in self._recognizer.events():
            if isinstance(event, Recognition):
                yield event


class Clock:
    """Message time against the wall clock.

    Args:
        speed: how fast message time passes; 0 is as fast as this machine goes.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._begin = time.monotonic()

    def wait_for(self, second: float) -> None:
        """Return when so many seconds of message time have passed, at once where late."""
        if self._speed > 0:
            ahead = second / self._speed - (time.monotonic() - self._begin)
            if ahead > 0:
                time.sleep(ahead)
