# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml play``: publish a recording as a camera would.

The first frame gets the current time, the others keep the recording's intervals in message time, whatever
the rate: a recording played four times as fast gives the same recognitions.  Pauses of the recording are
filled with frames without people, and some follow the last frame, so that the last movement ends.
Frames whose stamp repeats or goes slightly back are left out, as the node would do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skeleton_dml_ros.cli.options import (
    BagInputOption,
    FrameOption,
    SkeletonsOption,
    bag_options,
    join,
)
from skeleton_dml_ros.cli.terminal import say
from skeleton_dml_ros.datasets.streams import PAUSE
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.fields import BACKWARDS_NS
from skeleton_dml_ros.messages.skeleton_array import (
    CAMERA_FRAME,
    TOPIC,
    TYPE,
    as_camera_sees,
    skeleton_array_message,
)
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.endpoints import Participant

MAX_INTERVAL = 0.5
"""Maximum seconds between two frames; a longer interval is a pause."""

PAUSE_INTERVAL_NS = NANOSECONDS_PER_SECOND // 30
"""Nanoseconds between two frames of a pause."""

WAIT = 10.0
"""Seconds to wait for a subscriber."""


def play(
    stream: Annotated[
        Path,
        typer.Argument(
            metavar="RECORDING",
            help="Skeleton archive (its clips are played one after the other), NTU .skeleton file, "
            "or ROS 2 bag.",
        ),
    ],
    rate: Annotated[
        float, typer.Option(metavar="FACTOR", help="Playback rate; 1 is real time.")
    ] = 1.0,
    topic: SkeletonsOption = TOPIC,
    input_format: BagInputOption = None,
    frame_id: FrameOption = CAMERA_FRAME,
    loop: Annotated[bool, typer.Option("--loop", help="Repeat until interrupted.")] = False,
) -> None:
    """Publish a recording to a running node, as a camera would.

    The first frame is stamped with the current time; the others keep their intervals. Frames without
    people fill the pauses of the recording, so that time goes on.

    Example: `skeleton-dml play evening.npz --rate 2`
    """
    if rate <= 0:
        raise SkeletonDmlError(f"--rate is {rate:g}; give a factor above 0, such as 1")

    from skeleton_dml_ros.datasets.recording_file import open_stream

    recorded = open_stream(stream, bag_options(input_format, (), None))
    with join("play") as participant:
        player = Player(participant, f"/{topic.lstrip('/')}")
        say(
            f"playing {recorded.expected} frames at {rate:g} times real time on {player.topic}, "
            f"domain {participant.domain}"
        )
        subscribers = player.subscribers(WAIT)
        if subscribers:
            say(_count(subscribers))
        else:
            say(f"no subscriber after {WAIT:g} s; playing anyway")
        begin_ns: int | None = None
        while True:
            played = player.play(camera_view(recorded, recorded.layout, frame_id), rate, begin_ns)
            say(
                f"published {played.frames} frames with people and {played.empty} without; "
                f"{_count(player.subscribers())}"
            )
            if not loop:
                return
            begin_ns = played.end_ns + PAUSE_INTERVAL_NS


def _count(subscribers: int) -> str:
    return "1 subscriber" if subscribers == 1 else f"{subscribers} subscribers"


@dataclass(frozen=True)
class Played:
    """Result of :meth:`Player.play`.

    Attributes:
        frames: frames with people.
        empty: frames without people.
        end_ns: stamp of the last frame.
    """

    frames: int = 0
    empty: int = 0
    end_ns: int = 0


def camera_view(
    frames: Iterable[SkeletonFrame], layout: Layout, frame_id: str
) -> Iterator[SkeletonFrame]:
    """Turn a stream's frames into a camera's optical axes and fill its pauses with empty frames.

    Args:
        frames: in the order of their stamps.
        layout: of the joints.
        frame_id: the camera's TF frame.
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
                # The recording's time jumps back; a camera's time never does.
                moved_ns += before + pause_ns - stamp_ns
                stamp_ns = before + pause_ns
            yield from _pause(before, stamp_ns, layout, frame_id)
        before = stamp_ns
        yield as_camera_sees(frame, frame_id).derived(stamp_ns=stamp_ns)
    if before is not None:
        yield from _pause(before, before + pause_ns, layout, frame_id)


def _pause(before: int, after: int, layout: Layout, frame_id: str) -> Iterator[SkeletonFrame]:
    step = PAUSE_INTERVAL_NS
    if after - before > nanoseconds(MAX_INTERVAL):
        for stamp_ns in range(before + step, after - step // 2, step):
            yield SkeletonFrame(stamp_ns, (), (), layout, frame_id=frame_id)


class Player:
    """Publishes skeletons.

    Args:
        participant: this process's DDS participant.
        topic: full name.
    """

    def __init__(self, participant: Participant, topic: str) -> None:
        self.topic = topic
        self._participant = participant
        self._publisher = participant.publisher(topic, TYPE, depth=100)

    def subscribers(self, wait: float = 0.0, wanted: int = 1) -> int:
        """The number of subscribers.

        Args:
            wait: maximum seconds to wait for the wanted number.
            wanted: number of subscribers to wait for.
        """
        until = time.monotonic() + wait
        while (count := int(self._publisher.subscribers())) < wanted and time.monotonic() < until:
            time.sleep(0.05)
        return count

    def publish(self, frame: SkeletonFrame) -> None:
        """Publish a frame."""
        make: Callable[..., Any] = self._participant.make
        self._publisher.publish(skeleton_array_message(frame, make))

    def play(
        self, frames: Iterable[SkeletonFrame], rate: float, begin_ns: int | None = None
    ) -> Played:
        """Publish frames at their times.

        Args:
            frames: in the order of their stamps.
            rate: playback rate; 1 is real time.
            begin_ns: stamp of the first frame; None: the current time.
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
                sent_ns,
            )
        return played
