# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The interface of an input format: its topics, its options, and reading its messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.fields import LeftOut
from skeleton_dml_ros.setting import check_settings, setting, words
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame


class InputError(SkeletonDmlError):
    """An input's configuration is not valid."""


@dataclass(frozen=True)
class Source:
    """A topic of an input.

    Attributes:
        role: passed to :meth:`InputFormat.take` with each of its messages.
        parameter: the parameter with its name: ``topic`` for the main topic, ``depth_topic`` etc.
            for others; empty if the name follows from another topic's messages.
        type: of its messages, such as ``visualization_msgs/msg/MarkerArray``.
        topic: name of the topic.
        latched: whether its publisher is transient local.
        depth: of the subscription's queue; by default a second of a camera.
    """

    role: str
    parameter: str
    type: str
    topic: str
    latched: bool = False
    depth: int = 30


@dataclass(frozen=True)
class InputOptions:
    """Options of an input; each format uses some of them.

    The fields' ranges and descriptions: see :mod:`skeleton_dml_ros.setting`.

    Attributes:
        topics: names of topics by :attr:`Source.parameter`, instead of the defaults.

    Raises:
        InputError: an option has the wrong type or is out of range.
    """

    topics: Mapping[str, str] = field(default_factory=dict)

    min_confidence: float = setting(
        0.3,
        0.0,
        1.0,
        "Minimum confidence of a keypoint; below it the joint counts as not seen (yolo_2d, yolo_3d, "
        "hri_2d).",
    )
    """Not applied to skeleton_array, whose sender marks unseen joints with NaN."""

    depth_tolerance: float = setting(
        0.05,
        0.0,
        1.0,
        "Maximum time (s) between keypoints and their depth image (yolo_2d, hri_2d).",
    )
    """Three images at 60 Hz, one and a half at 30 Hz."""

    patience: float = setting(
        0.1,
        0.0,
        2.0,
        "Maximum time (s, message time) to wait for late people and joints of the same stamp "
        "(hri_tf, hri_2d).",
    )

    joint_frame: str = words(
        "{joint}_{person}",
        "Name of a joint's TF frame; {joint} stands for left_hand etc., {person} for the user's "
        "number (openni_tf).",
    )

    def __post_init__(self) -> None:
        check_settings(self, InputError)
        for word in ("{joint}", "{person}"):
            if self.joint_frame.count(word) != 1:
                raise InputError(
                    f"joint_frame is {self.joint_frame!r}; include {word} exactly once, as in "
                    "'{joint}_{person}'"
                )

    def topic(self, parameter: str, default: str) -> str:
        """The topic of a parameter, or the default."""
        return self.topics.get(parameter) or default


class InputFormat(Protocol):
    """Reads skeleton frames from the messages of one kind of tracker.

    Attributes:
        axes: of the positions in its frames; used without a fixed frame.
        person_type: message type of the topics that each person has; empty if there are none.
        left_out: people left out of the frames so far.
    """

    axes: ClassVar[Axes]
    person_type: ClassVar[str]
    left_out: LeftOut

    def __init__(self, options: InputOptions) -> None: ...

    def sources(self) -> tuple[Source, ...]:
        """The topics needed now, the main one first.

        They may change with each message; while they do not, the same tuple is returned.
        """
        ...

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        """Take a message; returns the frames that are now complete, oldest first.

        One person who cannot be read is left out of them, and counted in ``left_out``.

        Raises:
            SkeletonDmlError: the message cannot be used.
        """
        ...
