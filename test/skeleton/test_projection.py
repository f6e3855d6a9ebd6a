# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import COCO_17, NTU_25
from skeleton_dml_ros.skeleton.projection import project_skeleton


def standing() -> NDArray[np.float32]:
    return np.array(REST_POSE, dtype=np.float32)


def test_each_joint_but_the_root_is_the_end_of_a_bone() -> None:
    drawn = project_skeleton(standing(), NTU_25)
    assert sorted(drawn.joints) == list(range(1, 25))
    for bone, joint in zip(drawn.bones, drawn.joints, strict=True):
        for end, index in ((bone[0], NTU_25.parents[joint]), (bone[1], joint)):
            np.testing.assert_array_equal(end, standing()[index, :2] * [-1, 1])


def test_the_sensors_left_is_the_left_of_the_image() -> None:
    joints = standing()
    joints[NTU_25.index("hand_left"), 0] = -0.5
    drawn = project_skeleton(joints, NTU_25)
    hand = drawn.bones[list(drawn.joints).index(NTU_25.index("hand_left")), 1]
    assert hand[0] == np.float32(0.5)


def test_bones_with_an_unseen_end_are_left_out() -> None:
    joints = standing()
    joints[[NTU_25.index("head"), NTU_25.index("elbow_left")]] = np.nan
    drawn = project_skeleton(joints, NTU_25)
    left_out = {"head", "elbow_left", "wrist_left"}
    assert {NTU_25.joint_names[joint] for joint in drawn.joints}.isdisjoint(left_out)
    assert len(drawn.joints) == 24 - len(left_out)
    assert drawn.head is None


def test_a_layout_without_a_head_has_none() -> None:
    assert project_skeleton(np.zeros((17, 3), dtype=np.float32), COCO_17).head is None
