# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml calibrate``: fit the threshold of a running node to background movements."""

from __future__ import annotations

from typing import Annotated

import typer

from skeleton_dml_ros.cli.loading import join
from skeleton_dml_ros.cli.options import JsonOption, NodeOption
from skeleton_dml_ros.cli.terminal import output, print_json
from skeleton_dml_ros.node.interface import DEFAULT_NODE


def calibrate(
    seconds: Annotated[
        float, typer.Argument(metavar="SECONDS", help="How long to collect movements, up to 3600.")
    ],
    false_accept_rate: Annotated[
        float,
        typer.Option(
            metavar="RATE", help="Maximum share of background movements that may be accepted."
        ),
    ] = 0.05,
    node: NodeOption = DEFAULT_NODE,
    as_json: JsonOption = False,
) -> None:
    """Fit the threshold of a node without ROS to background movements.

    Meanwhile people may do anything except taught actions. A node on ROS has an action instead:
    `ros2 action send_goal`.

    Example: `skeleton-dml calibrate 60 --false-accept-rate 0.1`
    """
    with join("calibrate") as participant:
        from skeleton_dml_ros.dds.running_node import PATIENCE, RunningNode
        from skeleton_dml_ros.node import interface

        answer = RunningNode(participant, node).ask(
            interface.CALIBRATE,
            timeout=seconds + PATIENCE,
            seconds=seconds,
            false_accept_rate=false_accept_rate,
        )
    if as_json:
        print_json(
            {
                "threshold": answer.threshold,
                "measured_rate": answer.measured_rate,
                "clips": answer.clips,
            }
        )
    else:
        output().print(answer.message, markup=False)
