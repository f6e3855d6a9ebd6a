# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.skeleton.layouts import (
    AZURE_KINECT_32,
    HRI_18,
    NTU_25,
    ZED_18,
    Layout,
    UnknownLayoutError,
    get_layout,
    layout_from_joint_names,
    layout_names,
    standard_joint_name,
)
from skeleton_dml_ros.skeleton.mapping import map_positions

MIXAMO_LIMB = ("Shoulder", "Arm", "ForeArm", "Hand", "UpLeg", "Leg", "Foot", "ToeBase")

ALL = [get_layout(name) for name in layout_names()]


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_joint_names_are_unique_and_form_one_tree(layout: Layout) -> None:
    assert len(set(layout.joint_names)) == len(layout.joint_names) == len(layout.parents)
    assert layout.parents.count(-1) == 1
    for joint in range(len(layout.joint_names)):
        seen = set()
        while joint >= 0:
            assert joint not in seen
            seen.add(joint)
            joint = layout.parents[joint]


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_every_left_joint_has_a_right_counterpart(layout: Layout) -> None:
    left = [name for name in layout.joint_names if name.endswith("_left")]
    right = [name for name in layout.joint_names if name.endswith("_right")]
    assert len(left) == len(right) == len(layout.left_right_pairs)
    for first, second in layout.left_right_pairs:
        assert layout.joint_names[first].replace("left", "right") == layout.joint_names[second]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ntu_25", 25), ("kinect_v1_20", 20), ("azure_kinect_32", 32), ("zed_18", 18),
        ("zed_34", 34), ("zed_38", 38), ("coco_17", 17), ("openpose_18", 18), ("body_25", 25),
        ("mediapipe_33", 33), ("hri_18", 18), ("hri_18_3d", 18), ("rep_155", 16), ("nite_15", 15), ("sbu_15", 15),
        ("msr_action3d_20", 20), ("utd_mhad_20", 20),
    ],
)  # fmt: skip
def test_each_layout_has_its_number_of_joints(name: str, count: int) -> None:
    assert len(get_layout(name).joint_names) == count


def test_hri_msgs_names_the_left_eye_and_ear_first_and_zed_the_right() -> None:
    assert HRI_18.joint_names[14:] == ("eye_left", "eye_right", "ear_left", "ear_right")
    assert ZED_18.joint_names[14:] == ("eye_right", "eye_left", "ear_right", "ear_left")
    assert (HRI_18.dimensions, ZED_18.dimensions) == (2, 3)


@pytest.mark.parametrize(
    "archive", ["utd_mhad", "kinder_gator", "msr_action3d", "sbu_interaction", "irds"]
)
def test_the_order_is_that_of_the_recordings(shared_data: Path, archive: str) -> None:
    with np.load(shared_data / f"{archive}.npz") as arrays:
        layout = get_layout(str(arrays["layout"]))
        assert list(layout.joint_names) == arrays["joint_names"].tolist()


def test_the_error_for_an_unknown_layout_lists_all_layouts() -> None:
    with pytest.raises(UnknownLayoutError, match=r"there is no layout 'kinect_v3'; .*ntu_25"):
        get_layout("kinect_v3")


def test_the_error_for_an_unknown_joint_lists_all_joints() -> None:
    with pytest.raises(
        UnknownLayoutError, match=r"layout ntu_25 has no joint 'tail'; .*spine_base"
    ):
        NTU_25.index("tail")


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("LeftShoulder", "shoulder_left"), ("left_shoulder", "shoulder_left"),
        ("shoulder_left", "shoulder_left"), ("l_shoulder", "shoulder_left"),
        ("SHOULDER-LEFT", "shoulder_left"), ("leftshoulder", "shoulder_left"),
        ("RightHandTip", "hand_tip_right"), ("SpineBase", "spine_base"), ("Hips", "pelvis"),
        ("right hip", "hip_right"), ("HandTipLeft", "hand_tip_left"), ("Head", "head"),
        ("RShoulder", "shoulder_right"), ("RBigToe", "big_toe_right"),
        ("K4ABT_JOINT_SPINE_NAVEL", "spine_navel"), ("K4ABT_JOINT_HANDTIP_LEFT", "hand_tip_left"),
        ("K4ABT_JOINT_PELVIS", "pelvis"), ("mixamorig:Hips", "pelvis"),
        ("mixamorig:LeftForeArm", "elbow_left"), ("mixamorig:RightShoulder", "clavicle_right"),
        ("mixamorig1:LeftUpLeg", "hip_left"), ("mixamorig_RightHand", "wrist_right"),
        ("mixamorig:Spine2", "spine_3"), ("mixamorig:LeftToeBase", "big_toe_left"),
        ("LEFT_HAND_THUMB_4", "hand_thumb_left"), ("LEFT_FOOT_INDEX", "big_toe_left"),
    ],
)  # fmt: skip
def test_joint_names_may_be_spelt_in_any_way(spelling: str, name: str) -> None:
    assert standard_joint_name(spelling) == name


def test_joint_names_of_a_known_layout_give_that_layout() -> None:
    assert layout_from_joint_names([name.upper() for name in NTU_25.joint_names]) is NTU_25


def test_a_duplicate_joint_name_is_refused() -> None:
    with pytest.raises(UnknownLayoutError, match="joint 'elbow_left' occurs 2 times"):
        layout_from_joint_names(["LeftElbow", "elbow_left"])


def test_the_names_of_the_azure_kinects_sdk_are_its_layout() -> None:
    names = [
        f"K4ABT_JOINT_{joint.upper().replace('HAND_TIP', 'HANDTIP')}"
        for joint in AZURE_KINECT_32.joint_names
    ]
    assert layout_from_joint_names(names, "csv") is AZURE_KINECT_32


def test_a_mixamo_character_is_mapped_with_all_limbs() -> None:
    limbs = [f"{side}{bone}" for side in ("Left", "Right") for bone in MIXAMO_LIMB]
    names = [
        f"mixamorig:{one}" for one in ["Hips", "Spine", "Spine1", "Spine2", "Neck", "Head", *limbs]
    ]
    layout = layout_from_joint_names(names, "csv")
    places = np.arange(3.0 * len(names)).reshape(1, -1, 3).astype(np.float32)
    mapped = map_positions(places, layout)
    assert np.isfinite(mapped).all()
    for joint, bone in (("elbow_left", "LeftForeArm"), ("knee_right", "RightLeg")):
        expected = places[0, names.index(f"mixamorig:{bone}")]
        np.testing.assert_array_equal(mapped[0, NTU_25.index(joint)], expected)
