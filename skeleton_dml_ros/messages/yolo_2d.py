# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``yolo_2d``: YOLO's keypoints in the image, lifted to 3-D with a depth image.

Published by mgonzs13/yolo_ros, launched with a pose model and ``use_tracking:=True``, on
``/yolo/tracking``.  The camera's driver publishes the depth image and camera_info, aligned with
YOLO's colour image (realsense2_camera: ``align_depth.enable:=true``).

Messages: ``yolo_msgs/msg/DetectionArray``, from yolo_ros' repository, with COCO's keypoints in
pixels; ``sensor_msgs/msg/Image`` (16UC1 in millimetres or 32FC1 in metres) and
``sensor_msgs/msg/CameraInfo``, part of ROS.

Axes: those of the colour camera's optical frame.

Confidence: the network's score of the keypoint; below ``min_confidence`` it is unseen.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.depth_pairing import CAMERA_INFO, DEPTH, DepthPairing, Keypoints
from skeleton_dml_ros.messages.fields import LeftOut, frame_of, reading, stamp_of
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.messages.yolo_detections import JOINTS, TYPE, joint_indices, read_detections
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import COCO_17


class Yolo2dInput:
    """Reads skeletons from YOLO's image keypoints and a depth image."""

    axes: ClassVar[Axes] = Axes.CAMERA_OPTICAL
    person_type: ClassVar[str] = ""

    def __init__(self, options: InputOptions) -> None:
        topic = options.topic("topic", "/yolo/tracking")
        self._min_confidence = options.min_confidence
        self.left_out = LeftOut()
        self._pairing = DepthPairing(options, COCO_17, self.left_out)
        self._sources = (Source("detections", "topic", TYPE, topic), *self._pairing.sources)

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        if role == DEPTH:
            return self._pairing.take_depth(message)
        if role == CAMERA_INFO:
            return self._pairing.take_camera_info(message)
        with reading(TYPE):
            keypoints = self._read(message)
        return self._pairing.take_keypoints(keypoints)

    def _read(self, message: Any) -> Keypoints:
        people = read_detections(message.detections, "keypoints", _read_person, self.left_out)
        # x, y and score of each joint.
        values = np.array(list(people.values()), np.float32).reshape(-1, JOINTS, 3)
        points, scores = values[..., :2].copy(), values[..., 2]
        points[scores < self._min_confidence] = np.nan
        # YOLO puts keypoints that it did not find at (0, 0).
        points[(points == 0).all(axis=-1)] = np.nan
        return Keypoints(
            stamp_ns=stamp_of(message.header),
            frame_id=frame_of(message.header.frame_id),
            person_ids=tuple(people),
            points=points,
            confidences=scores,
            relative=False,
        )


def _read_person(person: Any) -> NDArray[np.float64]:
    """(joints, 3): x, y and score."""
    values = np.full((JOINTS, 3), np.nan)
    values[:, 2] = 0
    keypoints = person.keypoints.data
    values[joint_indices(person, keypoints)] = [(k.point.x, k.point.y, k.score) for k in keypoints]
    return values
