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

from skeleton_dml_ros.messages.fields import MessageError, frame_of, reading, stamp_of
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
        self._sources = (Source("markers", "topic", TYPE, topic),)

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        with reading(TYPE):
            markers = [marker for marker in message.markers if marker.action == ADDED]
            return [_read(markers)] if markers else []


def _read(markers: list[Any]) -> SkeletonFrame:
    first = markers[0].header
    stamp_ns = stamp_of(first)
    points = np.empty((len(markers), 3), dtype=np.float32)
    ids = np.empty(len(markers), dtype=np.int64)
    for index, marker in enumerate(markers):
        position = marker.pose.position
        points[index] = position.x, position.y, position.z
        ids[index] = marker.id
        if marker.header is not first and (
            stamp_of(marker.header) != stamp_ns or marker.header.frame_id != first.frame_id
        ):
            raise MessageError(
                f"markers {markers[0].id} and {marker.id} of one message differ in stamp or frame; "
                "choose the topic of the Azure Kinect's body tracking"
            )
    bodies, joints = np.divmod(ids, IDS_PER_BODY)
    count = len(AZURE_KINECT_32.joint_names)
    wrong = (bodies < 0) | (joints >= count)
    if wrong.any():
        raise MessageError(
            f"marker {ids[wrong][0]} is not a joint: its id modulo {IDS_PER_BODY} must be 0 to "
            f"{count - 1}; choose the topic of the Azure Kinect's body tracking"
        )
    people, rows = np.unique(bodies, return_inverse=True)
    if len(np.unique(ids)) < len(ids):
        values, times = np.unique(ids, return_counts=True)
        raise MessageError(
            f"marker {values[times > 1][0]} occurs twice in one message; use a topic with "
            "one publisher"
        )
    positions = np.full((len(people), count, 3), np.nan, dtype=np.float32)
    positions[rows, joints] = points
    return SkeletonFrame(
        stamp_ns=stamp_ns,
        frame_id=frame_of(first.frame_id),
        layout=AZURE_KINECT_32,
        person_ids=tuple(str(body) for body in people),
        positions=positions,
    )
