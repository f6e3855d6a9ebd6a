# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read MediaPipe Pose's world landmarks, from a webcam without ROS.

Axes: those of a camera's optical frame (x to the image's right, y down, z away), in metres.  The
landmarks are relative to the middle of the hips, so people are placed :data:`DISTANCE` in front of
the camera and movements of the hips are lost.

Confidence: a landmark's visibility.  Landmarks below :data:`MIN_VISIBILITY` are unseen, because
MediaPipe guesses them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skeleton_dml_ros.messages.fields import LeftOut, MessageError, read_people
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import get_layout

LAYOUT = get_layout("mediapipe_33")

DISTANCE = 2.5
"""Metres from the camera to the hips, which MediaPipe does not estimate."""

MIN_VISIBILITY = 0.5


def read_landmarks(people: Sequence[Sequence[Any]], stamp_ns: int, frame_id: str) -> SkeletonFrame:
    """The people in one image.

    Args:
        people: each person's 33 world landmarks with ``x``, ``y``, ``z`` and ``visibility``.
        stamp_ns: time of the image.
        frame_id: the camera's frame.

    Raises:
        MessageError: nobody has 33 landmarks; otherwise those who have not are left out.
    """
    read = read_people(
        enumerate(people), lambda one: str(one[0]), lambda one: _landmarks(one[1]), LeftOut()
    )
    values = np.array(list(read.values()), np.float32).reshape(-1, len(LAYOUT.joint_names), 4)
    positions = values[..., :3] + np.array([0, 0, DISTANCE], dtype=np.float32)
    confidences = np.clip(values[..., 3], 0, 1)
    positions[confidences < MIN_VISIBILITY] = np.nan
    return SkeletonFrame(
        stamp_ns,
        tuple(read),
        positions,
        LAYOUT,
        confidences,
        frame_id=frame_id,
    )


def _landmarks(landmarks: Sequence[Any]) -> list[tuple[float, float, float, float]]:
    joints = len(LAYOUT.joint_names)
    if len(landmarks) != joints:
        raise MessageError(f"a person has {len(landmarks)} landmarks; MediaPipe Pose has {joints}")
    return [(one.x, one.y, one.z, one.visibility or 0.0) for one in landmarks]
