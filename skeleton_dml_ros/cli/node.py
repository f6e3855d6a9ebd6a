# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml node``: the node on a network of ROS 2, without ROS."""

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
            help="A parameters file, as ROS has it; config/recognition.yaml has them all.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="One parameter; counts more than the file, and may be given again and again.",
        ),
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the node.")] = NODE_NAME,
    namespace: Annotated[
        str, typer.Option(metavar="NAME", help="Namespace of the node, such as robot1.")
    ] = "",
) -> None:
    """Recognise what a robot's cameras see, without an installation of ROS.

    The node joins the network of ROS 2 (ROS_DOMAIN_ID) and has the topics and services of the one
    that runs on ROS.  Robots that use rmw_cyclonedds_cpp call its services; all others get its
    topics.  It runs until Ctrl-C.

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
