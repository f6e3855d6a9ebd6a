# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml calibrate``: fit the threshold of a running node to background movements."""

from __future__ import annotations

from typing import Annotated

import typer

from skeleton_dml_ros.cli.options import JsonOption, NodeOption, join
from skeleton_dml_ros.cli.terminal import print_json, say
from skeleton_dml_ros.node.interface import DEFAULT_NODE


def calibrate(
    seconds: Annotated[
        float,
        typer.Argument(metavar="SECONDS", help="Seconds of background to collect, at most 3600."),
    ],
    false_accept_rate: Annotated[
        float,
        typer.Option(
            metavar="RATE", help="Target share of background movements accepted as known."
        ),
    ] = 0.05,
    node: NodeOption = DEFAULT_NODE,
    as_json: JsonOption = False,
) -> None:
    """Fit the threshold of a node to background movements (not for ROS nodes).

    In this time people may do anything except taught actions. For a node on ROS use `ros2 action
    send_goal`.

    Example: `skeleton-dml calibrate 60 --false-accept-rate 0.1`
    """
    with join("calibrate") as participant:
        from skeleton_dml_ros.dds.running_node import PATIENCE, RunningNode
        from skeleton_dml_ros.node import interface

        response = RunningNode(participant, node).ask(
            interface.CALIBRATE,
            timeout=seconds + PATIENCE,
            seconds=seconds,
            false_accept_rate=false_accept_rate,
        )
    if as_json:
        print_json(
            {
                "threshold": response.threshold,
                "measured_rate": response.measured_rate,
                "clips": response.clips,
            }
        )
    else:
        say(response.message)
