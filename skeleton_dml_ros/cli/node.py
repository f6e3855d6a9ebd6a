# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

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

    Example: `skeleton-dml node --set references=taught.db --set fixed_frame=`
    """
    from skeleton_dml_ros.dds import require_dds

    require_dds()

    from skeleton_dml_ros.dds.endpoints import Participant
    from skeleton_dml_ros.dds.node import run_node
    from skeleton_dml_ros.node.given_parameters import checked, read_file, read_setting

    logging.getLogger("skeleton_dml_ros").setLevel(logging.INFO)
    given: dict[str, Any] = {}
    with Participant(name, namespace) as participant:
        if params is not None:
            given |= read_file(params, participant.full_name)
        given |= dict(map(read_setting, settings or ()))
        run_node(participant, checked(given))
