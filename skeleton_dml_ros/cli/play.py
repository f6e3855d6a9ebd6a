# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml play``: a recording instead of a camera."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skeleton_dml_ros.cli.bags import BagInputOption, bag_options
from skeleton_dml_ros.cli.loading import join
from skeleton_dml_ros.cli.options import FrameOption, SkeletonsOption
from skeleton_dml_ros.cli.terminal import output
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.skeleton_array import CAMERA_FRAME, TOPIC


def play(
    stream: Annotated[
        Path,
        typer.Argument(
            metavar="STREAM",
            help="A recording: an archive, whose clips are played one after the other, an NTU "
            ".skeleton file, or a folder of rosbag2.",
        ),
    ],
    rate: Annotated[
        float, typer.Option(metavar="FACTOR", help="How fast time passes; 1 is real time.")
    ] = 1.0,
    topic: SkeletonsOption = TOPIC,
    input_format: BagInputOption = None,
    frame_id: FrameOption = CAMERA_FRAME,
    loop: Annotated[
        bool, typer.Option("--loop", help="Begin again at the end, until interrupted.")
    ] = False,
) -> None:
    """Send a recording to a running node, as a camera would.

    The first frame is stamped with the time of now, the others follow as they were recorded.  In
    pauses of the recording frames without anybody are sent, so that time goes on.

    Example: `skeleton-dml play evening.npz --rate 2`
    """
    if rate <= 0:
        raise SkeletonDmlError(f"--rate is {rate:g}; give a factor above 0, such as 1")

    from skeleton_dml_ros.datasets.recording_file import open_stream

    recorded = open_stream(stream, bag_options(input_format, (), None))
    with join("play") as participant:
        from skeleton_dml_ros.cli.player import EMPTY_FRAMES, WAIT, Player, camera_view

        player = Player(participant, f"/{topic.lstrip('/')}")
        output().print(
            f"{recorded.expected} frames at {rate:g} times their speed, for {player.topic} on "
            f"domain {participant.domain}",
            markup=False,
        )
        listeners = player.listeners(WAIT)
        if not listeners:
            output().print(f"nobody listens, after {WAIT:g} s; played all the same")
        else:
            output().print(f"{listeners} {'listens' if listeners == 1 else 'listen'}")
        begin_ns: int | None = None
        while True:
            played = player.play(camera_view(recorded, recorded.layout, frame_id), rate, begin_ns)
            output().print(
                f"played {played.frames} frames with people and {played.empty} without anybody, "
                f"{player.listeners()} listening"
            )
            if not loop:
                return
            begin_ns = played.end_ns + EMPTY_FRAMES
