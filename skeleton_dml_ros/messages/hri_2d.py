# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``hri_2d``: ROS4HRI's bodies in the image, lifted to 3-D with a depth image.

Published by hri_body_detect, or by any tracker that follows REP-155: ids of bodies on
``/humans/bodies/tracked`` and each body's points on ``/humans/bodies/<id>/skeleton2d``.  The camera's
driver publishes the depth image and camera_info, aligned with the tracker's colour image
(realsense2_camera: ``align_depth.enable:=true``).

Messages: ``hri_msgs/msg/IdsList`` and ``hri_msgs/msg/Skeleton2D``:
``sudo apt install ros-$ROS_DISTRO-hri-msgs``; ``sensor_msgs/msg/Image`` (16UC1 in millimetres or
32FC1 in metres) and ``sensor_msgs/msg/CameraInfo`` are part of ROS.  Points are fractions of the
image's width and height from its top left.

Axes: those of the colour camera's optical frame.

Confidence: the ``c`` of each point (in hri_body_detect MediaPipe's visibility).  Points below
``min_confidence`` and points outside the image are unseen.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.depth_pairing import CAMERA_INFO, DEPTH, DepthPairing, Keypoints
from skeleton_dml_ros.messages.fields import LeftOut, MessageError, frame_of, reading, stamp_of
from skeleton_dml_ros.messages.hri_ids import TOPIC, TrackedBodies, read_tracked_bodies
from skeleton_dml_ros.messages.hri_ids import TYPE as IDS_TYPE
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.messages.synchronizer import Synchronizer
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame, as_float32
from skeleton_dml_ros.skeleton.layouts import HRI_18_3D

SKELETON_TYPE = "hri_msgs/msg/Skeleton2D"

JOINTS = len(HRI_18_3D.joint_names)

BODY = "body/"
"""Prefix of a body's id in the role of its points."""


class Hri2dInput:
    """Reads skeletons from ROS4HRI's image points and a depth image."""

    axes: ClassVar[Axes] = Axes.CAMERA_OPTICAL
    person_type: ClassVar[str] = SKELETON_TYPE

    def __init__(self, options: InputOptions) -> None:
        self._topic = options.topic("topic", TOPIC)
        self._min_confidence = options.min_confidence
        self.left_out = LeftOut()
        self._pairing = DepthPairing(options, HRI_18_3D, self.left_out)
        self._synchronizer: Synchronizer[list[NDArray[np.float32]]] = Synchronizer(
            options.patience, lambda person, points: True
        )
        self._ids: tuple[str, ...] = ()
        self._sources = self._sources_of(self._ids)
        self._frame_id = ""

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        if role == DEPTH:
            return self._pairing.take_depth(message)
        if role == CAMERA_INFO:
            return self._pairing.take_camera_info(message)
        if role == "ids":
            with reading(IDS_TYPE):
                tracked = read_tracked_bodies(message, self.left_out, _check_topic_name)
            return self._take_ids(tracked)
        person = role.removeprefix(BODY)
        with reading(SKELETON_TYPE):
            points = _read_points(person, message)
            stamp_ns, frame_id = stamp_of(message.header), frame_of(message.header.frame_id)
        return self._take_points(person, stamp_ns, frame_id, points)

    def _sources_of(self, person_ids: tuple[str, ...]) -> tuple[Source, ...]:
        above = self._topic.rpartition("/")[0]
        return (
            Source("ids", "topic", IDS_TYPE, self._topic),
            *self._pairing.sources,
            *(
                Source(BODY + person, "", SKELETON_TYPE, f"{above}/{person}/skeleton2d")
                for person in person_ids
            ),
        )

    def _take_ids(self, tracked: TrackedBodies) -> list[SkeletonFrame]:
        if tracked.ids != self._ids:
            self._ids = tracked.ids
            self._sources = self._sources_of(tracked.ids)
        if not tracked.ids:
            self._frame_id = self._frame_id or tracked.frame_id
        return self._lifted(self._synchronizer.present(tracked.stamp_ns, tracked.ids))

    def _take_points(
        self, person: str, stamp_ns: int, frame_id: str, points: NDArray[np.float32]
    ) -> list[SkeletonFrame]:
        self._frame_id = frame_id
        part = self._synchronizer.part_of(stamp_ns, person, list)
        if part is None:
            return []
        part[:] = [points]
        return self._lifted(self._synchronizer.complete(self._ids))

    def _lifted(
        self, stamps: list[tuple[int, dict[str, list[NDArray[np.float32]]]]]
    ) -> list[SkeletonFrame]:
        frames = [self._keypoints(stamp_ns, people) for stamp_ns, people in stamps]
        return self._pairing.take_keypoints(*frames) if frames else []

    def _keypoints(self, stamp_ns: int, people: dict[str, list[NDArray[np.float32]]]) -> Keypoints:
        values = np.array([part[0] for part in people.values()], dtype=np.float32)
        values = values.reshape(len(people), JOINTS, 3)
        points, confidences = values[..., :2].copy(), values[..., 2]
        points[~(confidences >= self._min_confidence)] = np.nan
        return Keypoints(
            stamp_ns=stamp_ns,
            frame_id=self._frame_id,
            person_ids=tuple(people),
            points=points,
            confidences=confidences,
            relative=True,
        )


def _check_topic_name(person: str) -> None:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", person):
        raise MessageError(
            f"body id {person!r} cannot be part of a topic name; use letters, digits and "
            "underscores, not starting with a digit"
        )


def _read_points(person: str, message: Any) -> NDArray[np.float32]:
    """(points, 3): x and y as fractions of the image, and the confidence."""
    points = as_float32(
        f"points of body {person!r}", [(point.x, point.y, point.c) for point in message.skeleton]
    )
    if points.shape != (JOINTS, 3):
        raise MessageError(
            f"body {person!r} has {len(points)} points; hri_msgs/msg/Skeleton2D has {JOINTS}"
        )
    return points
