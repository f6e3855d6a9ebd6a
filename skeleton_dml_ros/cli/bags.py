# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ``--input``, ``--topic`` and ``--axes`` say about a ROS 2 bag, and bags opened by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.archive import SkeletonArchive
    from skeleton_dml_ros.datasets.bags import BagStream
    from skeleton_dml_ros.datasets.streams import Stream
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


@dataclass(frozen=True)
class BagChoice:
    """What ``--input``, ``--topic`` and ``--axes`` say about a bag.

    Attributes:
        input_format: name of the format, or None.
        topics: ``TOPIC`` for the main one, ``PARAMETER=TOPIC`` for others.
        axes: name of the axes, or None.
    """

    input_format: str | None = None
    topics: Sequence[str] = ()
    axes: str | None = None


def open_stream(path: Path, choice: BagChoice) -> Stream | BagStream:
    """A recording as a stream: an archive, an NTU ``.skeleton`` file, or a bag.

    Raises:
        SkeletonDmlError: it is none of these, or it is no bag and something was chosen about one.
    """
    from skeleton_dml_ros.datasets.bag_file import is_bag
    from skeleton_dml_ros.datasets.streams import read_stream

    if is_bag(path):
        return open_bag(path, choice)
    check_no_choice(path, choice)
    return read_stream(path)


def open_bag(path: Path, choice: BagChoice) -> BagStream:
    """The skeletons of a bag.

    Raises:
        SkeletonDmlError: it cannot be read, or a choice is none.
    """
    from skeleton_dml_ros.datasets.bags import read_bag
    from skeleton_dml_ros.messages.input_format import InputOptions

    axes = None if choice.axes is None else axes_named(choice.axes)
    topics: dict[str, str] = {}
    for given in choice.topics:
        parameter, _, topic = given.rpartition("=")
        topics[parameter or "topic"] = topic
    return read_bag(path, choice.input_format, InputOptions(topics=topics), axes)


def axes_named(name: str) -> Axes:
    """The axes that ``--axes`` names.

    Raises:
        SkeletonDmlError: there are none of that name.
    """
    from skeleton_dml_ros.node.parameters import AXES

    if name not in AXES:
        raise SkeletonDmlError(f"there are no axes {name!r}; give {' or '.join(AXES)}")
    return AXES[name]


def check_no_choice(path: Path, choice: BagChoice) -> None:
    """Refuse what is chosen about a bag, since this is none.

    Raises:
        SkeletonDmlError: something is chosen.
    """
    if choice != BagChoice():
        raise SkeletonDmlError(
            f"{path} is no ROS 2 bag, and --input, --topic and --axes tell how one is read; leave "
            "them out"
        )


def clips_of_bag(stream: BagStream) -> SkeletonArchive:
    """Everybody in a bag: a clip for each stretch of time in which a person is there.

    Raises:
        SkeletonDmlError: the bag is damaged, or nobody is in it.
    """
    from skeleton_dml_ros.datasets.person_segments import archive_of_segments, person_segments
    from skeleton_dml_ros.recognition.settings import GAP

    return archive_of_segments(person_segments(stream, GAP), stream.layout)
