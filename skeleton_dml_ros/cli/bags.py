# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Options of commands that read a ROS 2 bag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.recording_file import BagOptions
    from skeleton_dml_ros.skeleton.axes import Axes

BagInputOption = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="FORMAT",
        help="Of a bag: the input format of its messages, such as zed; needed where several fit.",
    ),
]
BagTopicOption = Annotated[
    list[str] | None,
    typer.Option(
        "--topic",
        metavar="TOPIC",
        help="Of a bag: the topic to read; for a topic beside the main one, such as a depth "
        "image's, PARAMETER=TOPIC.",
    ),
]
BagAxesOption = Annotated[
    str | None,
    typer.Option(
        "--axes",
        metavar="AXES",
        help="Of a bag: optical, body or kinect; the format's own if left out.",
    ),
]


def bag_options(input_format: str | None, topics: Sequence[str], axes: str | None) -> BagOptions:
    """What ``--input``, ``--topic`` and ``--axes`` say about a bag.

    Args:
        input_format: name of the format, or None.
        topics: ``TOPIC`` for the main one, ``PARAMETER=TOPIC`` for others.
        axes: name of the axes, or None.

    Raises:
        SkeletonDmlError: no axes have this name.
    """
    from skeleton_dml_ros.datasets.recording_file import BagOptions

    by_parameter: dict[str, str] = {}
    for given in topics:
        parameter, _, topic = given.rpartition("=")
        by_parameter[parameter or "topic"] = topic
    return BagOptions(input_format, by_parameter, None if axes is None else axes_named(axes))


def axes_named(name: str) -> Axes:
    """The axes that ``--axes`` names.

    Raises:
        SkeletonDmlError: there are none of that name.
    """
    from skeleton_dml_ros.node.parameters import AXES

    if name not in AXES:
        raise SkeletonDmlError(f"there are no axes {name!r}; give {' or '.join(AXES)}")
    return AXES[name]
