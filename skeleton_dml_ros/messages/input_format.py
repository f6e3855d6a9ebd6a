# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an input format is: the topics that it needs, and what it makes of their messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.setting import check_settings, setting, words
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame


class InputError(SkeletonDmlError):
    """An input cannot be set up as asked."""


@dataclass(frozen=True)
class Source:
    """One topic that an input needs.

    Attributes:
        role: what :meth:`InputFormat.take` is told with each of its messages.
        parameter: the parameter that holds its topic: ``topic`` for the main one,
            ``depth_topic`` and the like for others; empty where the topic follows from another's
            messages.
        type: of its messages, such as ``visualization_msgs/msg/MarkerArray``.
        topic: its name.
        latched: its publisher keeps the last message for those who come later (transient local).
        depth: messages to queue; by default a second of a camera.
    """

    role: str
    parameter: str
    type: str
    topic: str
    latched: bool = False
    depth: int = 30


@dataclass(frozen=True)
class InputOptions:
    """What can be chosen about an input; each format uses what concerns it.

    How a field holds range and meaning is told in :mod:`skeleton_dml_ros.setting`.

    Attributes:
        topics: topic names by :attr:`Source.parameter`, in place of the defaults.

    Raises:
        InputError: an option is of another kind, or out of its range.
    """

    topics: Mapping[str, str] = field(default_factory=dict)

    min_confidence: float = setting(
        0.3,
        0.0,
        1.0,
        "Minimum confidence of a keypoint; below it the joint counts as not seen (yolo_2d, yolo_3d, "
        "hri_2d).",
    )
    """Not applied to skeleton_array, whose sender says with NaN what was not seen."""

    depth_tolerance: float = setting(
        0.05,
        0.0,
        1.0,
        "Maximum time (s) between keypoints and their depth image (yolo_2d, hri_2d).",
    )
    """Three images of a camera that runs at 60 Hz, one and a half at 30 Hz."""

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
                    f"joint_frame is {self.joint_frame!r}; write {word} in it once, as in "
                    "'{joint}_{person}'"
                )

    def topic(self, parameter: str, default: str) -> str:
        """The topic chosen for a parameter, or the default."""
        return self.topics.get(parameter) or default


class InputFormat(Protocol):
    """Makes skeletons out of one kind of messages.

    Attributes:
        axes: those of its frame, used where no fixed frame is configured.
        person_type: of the messages of a topic that each person has, which is asked for when the
            person appears; empty where people have none.
    """

    axes: ClassVar[Axes]
    person_type: ClassVar[str]

    def __init__(self, options: InputOptions) -> None: ...

    def sources(self) -> tuple[Source, ...]:
        """The topics that it needs now, the main one first.

        They may change with each message taken; as long as they do not, it is the same tuple.
        """
        ...

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        """What is complete after this message, oldest first.

        Raises:
            MessageError: the message cannot be used.
        """
        ...
