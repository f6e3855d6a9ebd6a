# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A recording as messages of a camera that is there now.

The first frame's stamp is the time at which it is played, the others follow at the recording's own
intervals, whatever the speed: message time decides, so a recording that is played four times as
fast gives the same recognitions.  In a pause of the recording, where nothing comes for longer than
:data:`MAX_INTERVAL`, frames without anybody are sent, as a camera would.  Some more of them
come at the end, so that the last movement is seen to end.  A frame whose stamp stands still, or lies
a little before the one before it, is left out, as the node would do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skeleton_dml_ros.datasets.streams import PAUSE
from skeleton_dml_ros.messages.fields import BACKWARDS_NS
from skeleton_dml_ros.messages.skeleton_array import TYPE, as_camera_sees, skeleton_array_message
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.endpoints import Participant

MAX_INTERVAL = 0.5
"""Seconds between two frames of the slowest camera; what is longer is a pause."""

EMPTY_FRAMES = NANOSECONDS_PER_SECOND // 30
"""Nanoseconds between two frames of a pause: 30 Hz."""

WAIT = 10.0
"""Seconds for which somebody may come to listen."""


@dataclass(frozen=True)
class Played:
    """What was sent.

    Attributes:
        frames: of the recording.
        empty: sent besides, in pauses.
        late: the most seconds by which a frame left after its time.
        end_ns: stamp of the last frame.
    """

    frames: int = 0
    empty: int = 0
    late: float = 0.0
    end_ns: int = 0


def camera_view(
    frames: Iterable[SkeletonFrame], layout: Layout, frame_id: str
) -> Iterator[SkeletonFrame]:
    """A stream's frames in a camera's optical axes, its pauses filled with frames of nobody.

    Args:
        frames: in the order of their stamps.
        layout: of their joints.
        frame_id: what the camera's frame is called.
    """
    pause_ns = nanoseconds(PAUSE)
    before: int | None = None
    moved_ns = 0
    for frame in frames:
        stamp_ns = frame.stamp_ns + moved_ns
        if before is not None:
            if before - BACKWARDS_NS <= stamp_ns <= before:
                continue
            if stamp_ns < before:
                # Time ran back in the recording; a camera's never does.
                moved_ns += before + pause_ns - stamp_ns
                stamp_ns = before + pause_ns
            yield from _pause(before, stamp_ns, layout, frame_id)
        before = stamp_ns
        yield as_camera_sees(frame, frame_id).derived(stamp_ns=stamp_ns)
    if before is not None:
        yield from _pause(before, before + pause_ns, layout, frame_id)


def _pause(before: int, after: int, layout: Layout, frame_id: str) -> Iterator[SkeletonFrame]:
    if after - before > nanoseconds(MAX_INTERVAL):
        for stamp_ns in range(before + EMPTY_FRAMES, after - EMPTY_FRAMES // 2, EMPTY_FRAMES):
            yield SkeletonFrame(stamp_ns, (), (), layout, frame_id=frame_id)


class Player:
    """Publishes skeletons as a camera would.

    Args:
        participant: of DDS.
        topic: full name.
    """

    def __init__(self, participant: Participant, topic: str) -> None:
        self.topic = topic
        self._participant = participant
        self._publisher = participant.publisher(topic, TYPE, depth=100)

    def listeners(self, wait: float = 0.0, least: int = 1) -> int:
        """How many listen.

        Args:
            wait: seconds at most until there are so many:
            least: listeners that are waited for.
        """
        until = time.monotonic() + wait
        while (count := int(self._publisher.subscribers())) < least and time.monotonic() < until:
            time.sleep(0.05)
        return count

    def publish(self, frame: SkeletonFrame) -> None:
        """Send one frame."""
        make: Callable[..., Any] = self._participant.make
        self._publisher.publish(skeleton_array_message(frame, make))

    def play(
        self, frames: Iterable[SkeletonFrame], rate: float, begin_ns: int | None = None
    ) -> Played:
        """Send frames at their times.

        Args:
            frames: in the order of their stamps.
            rate: how fast time passes; 1 is real time.
            begin_ns: the stamp of the first frame; None for now.
        """
        played = Played()
        begun = time.monotonic()
        stamp_ns = time.time_ns() if begin_ns is None else begin_ns
        first_ns: int | None = None
        for frame in frames:
            first_ns = frame.stamp_ns if first_ns is None else first_ns
            passed = (frame.stamp_ns - first_ns) / NANOSECONDS_PER_SECOND / rate
            ahead = begun + passed - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            sent_ns = stamp_ns + frame.stamp_ns - first_ns
            self.publish(frame.derived(stamp_ns=sent_ns))
            played = Played(
                played.frames + bool(frame.person_ids),
                played.empty + (not frame.person_ids),
                max(played.late, -ahead),
                sent_ns,
            )
        return played
