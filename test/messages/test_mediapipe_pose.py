# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""World landmarks of MediaPipe's pose landmarker for a photograph."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.mediapipe_pose import DISTANCE, read_landmarks
from skeleton_dml_ros.skeleton.axes import Axes, to_kinect_axes

# x, y, z and visibility of 33 landmarks: MediaPipe 1.2.3, the full model, the portrait of an
# astronaut (NASA, public domain) that comes with scikit-image; below the chest nothing is in view.
RECORDED = """
 0.061 -0.614 -0.273 0.999   0.071 -0.653 -0.257 0.999   0.071 -0.654 -0.257 0.999
 0.071 -0.655 -0.256 0.998   0.036 -0.651 -0.259 0.999   0.036 -0.651 -0.261 0.999
 0.036 -0.652 -0.260 0.999   0.121 -0.645 -0.146 0.998  -0.038 -0.639 -0.164 0.999
 0.082 -0.590 -0.231 0.999   0.036 -0.584 -0.236 1.000   0.202 -0.460 -0.051 0.998
-0.126 -0.458 -0.108 0.998   0.221 -0.251 -0.053 0.327  -0.192 -0.195 -0.141 0.763
 0.219 -0.124 -0.175 0.126  -0.073 -0.077 -0.259 0.320   0.212 -0.055 -0.192 0.139
-0.047 -0.015 -0.283 0.272   0.193 -0.073 -0.227 0.186  -0.020 -0.047 -0.302 0.332
 0.206 -0.121 -0.184 0.195  -0.049 -0.074 -0.268 0.337   0.118  0.014  0.015 0.221
-0.118 -0.021 -0.013 0.265   0.073  0.284 -0.031 0.056  -0.066  0.145 -0.065 0.019
 0.068  0.611  0.080 0.008  -0.063  0.455 -0.047 0.006   0.065  0.658  0.096 0.008
-0.074  0.500 -0.029 0.009   0.102  0.586 -0.068 0.006  -0.051  0.419 -0.200 0.006
"""

PERSON = [
    SimpleNamespace(x=x, y=y, z=z, visibility=visibility)
    for x, y, z, visibility in np.array(RECORDED.split(), dtype=float).reshape(-1, 4).tolist()
]


def test_the_person_stands_upright_with_left_on_the_left() -> None:
    seen = read_landmarks([PERSON], 5, "webcam")
    assert (seen.stamp_ns, seen.frame_id, seen.person_ids) == (5, "webcam", ("0",))
    joints = to_kinect_axes(seen.positions[0], Axes.CAMERA_OPTICAL)
    of = dict(zip(seen.layout.joint_names, joints, strict=True))
    assert of["nose"][1] > of["shoulder_left"][1] > 0.4
    # Facing the camera, a person's left is on the right of the image: a Kinect's negative x.
    assert of["shoulder_left"][0] < of["nose"][0] < of["shoulder_right"][0]
    # The nose is nearer to the camera than the ears.
    assert of["nose"][2] < of["ear_left"][2] < DISTANCE


def test_landmarks_of_low_visibility_are_unseen() -> None:
    seen = read_landmarks([PERSON], 5, "webcam")
    named = dict(zip(seen.layout.joint_names, seen.positions[0], strict=True))
    assert np.isfinite(named["elbow_right"]).all()
    for joint in ("elbow_left", "wrist_right", "hip_left", "ankle_right"):
        assert np.isnan(named[joint]).all()
    assert seen.confidences is not None
    assert seen.confidences[0, 0] == pytest.approx(0.999)


def test_a_landmark_without_a_visibility_is_not_seen() -> None:
    person = [SimpleNamespace(x=0.0, y=0.0, z=0.0, visibility=None)] * 33
    assert np.isnan(read_landmarks([person], 5, "webcam").positions).all()


def test_a_frame_may_have_no_people() -> None:
    assert read_landmarks([], 5, "webcam").person_ids == ()


def test_a_wrong_number_of_landmarks_is_refused() -> None:
    with pytest.raises(MessageError, match="32 landmarks"):
        read_landmarks([PERSON[1:]], 5, "webcam")
