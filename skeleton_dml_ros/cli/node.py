# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml node``: run the recognition node without ROS."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from skeleton_dml_ros.node.interface import NODE_NAME


def node(
    params: Annotated[
        Path | None,
        typer.Option(
            "--params",
            metavar="FILE",
            help="ROS parameter file; config/recognition.yaml lists all parameters.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Set a parameter; overrides the file. Can be repeated.",
        ),
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the node.")] = NODE_NAME,
    namespace: Annotated[
        str, typer.Option(metavar="NAME", help="Namespace of the node, such as robot1.")
    ] = "",
) -> None:
    """Run the recognition node without ROS.

    The node joins the ROS 2 network of ROS_DOMAIN_ID with the same topics and services as the ROS
    node. ROS 2 with any DDS can use its topics; its services require rmw_cyclonedds_cpp. Press Ctrl-C
    to stop it.

    Example: `skeleton-dml node --set references=enrolled.db --set fixed_frame=`
    """
    from skeleton_dml_ros.dds import require_dds

    require_dds()

    from skeleton_dml_ros.dds.endpoints import Participant
    from skeleton_dml_ros.dds.node import run_node
    from skeleton_dml_ros.node.parameters_file import checked, read_file, read_setting

    logging.getLogger("skeleton_dml_ros").setLevel(logging.INFO)
    given: dict[str, Any] = {}
    with Participant(name, namespace) as participant:
        if params is not None:
            given |= read_file(params, participant.full_name)
        given |= dict(map(read_setting, settings or ()))
        run_node(participant, checked(given))
