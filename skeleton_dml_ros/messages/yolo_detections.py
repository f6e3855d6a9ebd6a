# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read people and keypoints from a DetectionArray, for yolo_2d and yolo_3d."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.fields import LeftOut, MessageError, Read, read_people
from skeleton_dml_ros.skeleton.layouts import COCO_17

TYPE = "yolo_msgs/msg/DetectionArray"

JOINTS = len(COCO_17.joint_names)


def read_detections(
    detections: Iterable[Any], keypoints: str, read: Callable[[Any], Read], left_out: LeftOut
) -> dict[str, Read]:
    """The people among detections, as :func:`~skeleton_dml_ros.messages.fields.read_people`.

    Args:
        detections: of a DetectionArray; those without keypoints are ignored.
        keypoints: the field to look at, ``keypoints`` or ``keypoints3d``.
        read: reads one person; may raise.
        left_out: counts the people who cannot be read.

    Raises:
        SkeletonDmlError: nobody could be read.
    """
    people = [detection for detection in detections if len(getattr(detection, keypoints).data)]
    return read_people(people, _id_of, read, left_out)


def _id_of(person: Any) -> str:
    if not person.id:
        raise MessageError(
            "a person has no id; launch yolo_bringup with use_tracking:=True and choose the topic "
            "/yolo/tracking, or /yolo/detections_3d with use_3d:=True"
        )
    return str(person.id)


def joint_indices(person: Any, keypoints: Any) -> NDArray[np.int64]:
    """(keypoints,) index of each keypoint in layout coco_17; their ids count from 1.

    Raises:
        MessageError: an id is not one of COCO's, or occurs twice.
    """
    joints = np.array([point.id for point in keypoints], dtype=np.int64) - 1
    wrong = (joints < 0) | (joints >= JOINTS)
    if wrong.any():
        raise MessageError(
            f"person {person.id!r} has a keypoint {joints[wrong][0] + 1}; COCO's are 1 to {JOINTS}; "
            "use a model trained on them, such as yolo11m-pose.pt"
        )
    if len(np.unique(joints)) < len(joints):
        raise MessageError(f"person {person.id!r} has a keypoint twice")
    return joints
