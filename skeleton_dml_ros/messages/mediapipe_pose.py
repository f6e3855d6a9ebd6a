# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""MediaPipe Pose's world landmarks as skeletons; no ROS format, but what a webcam gives.

Axes: those of a camera's optical frame (x to the image's right, y down, z away), in metres.  The
landmarks' origin is the middle of the hips, wherever the person stands: a crouch and a jump keep
the hips where they are.  So people are put :data:`DISTANCE` before the camera, and what is told by
the way of the hips alone is lost.

Confidence: a landmark's visibility.  MediaPipe guesses what it does not see; a landmark below
:data:`MIN_VISIBILITY` counts as not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import get_layout

LAYOUT = get_layout("mediapipe_33")

DISTANCE = 2.5
"""Metres from the camera to the hips, since MediaPipe does not tell."""

MIN_VISIBILITY = 0.5


def read_landmarks(people: Sequence[Sequence[Any]], stamp_ns: int, frame_id: str) -> SkeletonFrame:
    """The people of one image.

    Args:
        people: the world landmarks of each: 33 with ``x``, ``y``, ``z`` and ``visibility``.
        stamp_ns: when the image was taken.
        frame_id: the camera's frame.

    Raises:
        MessageError: somebody has another number of landmarks.
    """
    joints = len(LAYOUT.joint_names)
    for landmarks in people:
        if len(landmarks) != joints:
            raise MessageError(
                f"a person has {len(landmarks)} landmarks; MediaPipe Pose has {joints}"
            )
    values = np.array(
        [[(one.x, one.y, one.z, one.visibility or 0.0) for one in person] for person in people],
        dtype=np.float32,
    ).reshape(len(people), joints, 4)
    positions = values[..., :3] + np.array([0, 0, DISTANCE], dtype=np.float32)
    confidences = np.clip(values[..., 3], 0, 1)
    positions[confidences < MIN_VISIBILITY] = np.nan
    return SkeletonFrame(
        stamp_ns,
        [str(number) for number in range(len(people))],
        positions,
        LAYOUT,
        confidences,
        frame_id=frame_id,
    )
