# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``azure_kinect``: body tracking of the Azure Kinect.

Published by Microsoft's Azure_Kinect_ROS_Driver (its ``humble`` branch, or a port of it) with
``body_tracking_enabled`` set, on ``body_tracking_data``.

Message: ``visualization_msgs/msg/MarkerArray``, one marker per joint; its id is the body's id times
100 plus the joint's number in the body tracking SDK.  ``visualization_msgs`` is part of ROS desktop,
otherwise ``sudo apt install ros-$ROS_DISTRO-visualization-msgs``.

Axes: those of the depth camera's optical frame.

Confidence: none.  The SDK also reports its guesses of hidden joints.

A message without people has no header and therefore no time; it is ignored.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.fields import (
    LeftOut,
    MessageError,
    frame_of,
    read_people,
    reading,
    stamp_of,
)
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import AZURE_KINECT_32

TYPE = "visualization_msgs/msg/MarkerArray"

IDS_PER_BODY = 100
"""Number of marker ids per body."""

ADDED = 0
"""``Marker.ADD``; other actions delete markers."""


class AzureKinectInput:
    """Skeletons of the Azure Kinect's markers."""

    axes: ClassVar[Axes] = Axes.CAMERA_OPTICAL
    person_type: ClassVar[str] = ""

    def __init__(self, options: InputOptions) -> None:
        topic = options.topic("topic", "/body_tracking_data")
        self.left_out = LeftOut()
        self._sources = (Source("markers", "topic", TYPE, topic),)

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        with reading(TYPE):
            markers = [marker for marker in message.markers if marker.action == ADDED]
            return [_read(markers, self.left_out)] if markers else []


def _read(markers: list[Any], left_out: LeftOut) -> SkeletonFrame:
    bodies: dict[int, list[Any]] = {}
    for marker in markers:
        bodies.setdefault(int(marker.id) // IDS_PER_BODY, []).append(marker)
    first = markers[0]
    people = read_people(
        sorted(bodies),
        str,
        lambda body: _joints(bodies[body], first),
        left_out,
    )
    return SkeletonFrame(
        stamp_ns=stamp_of(first.header),
        frame_id=frame_of(first.header.frame_id),
        layout=AZURE_KINECT_32,
        person_ids=tuple(people),
        positions=np.array(list(people.values())),
    )


def _joints(markers: list[Any], first: Any) -> NDArray[np.float32]:
    """(joints, 3) positions of one body; ``first`` is the message's first marker."""
    count = len(AZURE_KINECT_32.joint_names)
    positions = np.full((count, 3), np.nan, dtype=np.float32)
    taken: set[int] = set()
    for marker in markers:
        joint = marker.id % IDS_PER_BODY
        if marker.id < 0 or joint >= count:
            raise MessageError(
                f"marker {marker.id} is not a joint: its id modulo {IDS_PER_BODY} must be 0 to "
                f"{count - 1}; choose the topic of the Azure Kinect's body tracking"
            )
        if joint in taken:
            raise MessageError(
                f"marker {marker.id} occurs twice in one message; use a topic with one publisher"
            )
        if marker.header is not first.header and (
            stamp_of(marker.header) != stamp_of(first.header)
            or marker.header.frame_id != first.header.frame_id
        ):
            raise MessageError(
                f"markers {first.id} and {marker.id} of one message differ in stamp or frame; "
                "choose the topic of the Azure Kinect's body tracking"
            )
        taken.add(joint)
        position = marker.pose.position
        positions[joint] = position.x, position.y, position.z
    return positions
