# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Joint layouts: the names, order and kinematic tree of the joints of each camera and tracker.

All layouts share one vocabulary (``shoulder_left``, ``spine_base``, ...), so that an unknown layout
can be mapped by its joints' names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skeleton_dml_ros.errors import SkeletonDmlError


class UnknownLayoutError(SkeletonDmlError):
    """There is no layout, or no joint in a layout, of this name."""


@dataclass(frozen=True)
class Layout:
    """The joints of a skeleton.

    Attributes:
        name: its name in archives, messages and parameters, such as ``ntu_25``.
        joint_names: in array order.
        parents: index of each joint's parent, -1 for the root.
        left_right_pairs: (left, right) indices of joints that are mirror images.
        dimensions: 3, or 2 for image points.
        description: where such skeletons come from, in one line.
    """

    name: str
    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    left_right_pairs: tuple[tuple[int, int], ...]
    dimensions: int = 3
    description: str = ""

    def index(self, joint_name: str) -> int:
        """Index of the named joint in the arrays.

        Raises:
            UnknownLayoutError: the layout has no such joint.
        """
        try:
            return self.joint_names.index(joint_name)
        except ValueError:
            raise UnknownLayoutError(
                f"layout {self.name} has no joint {joint_name!r}; it has "
                + ", ".join(self.joint_names)
            ) from None


def _layout(name: str, description: str, joints: str, dimensions: int = 3) -> Layout:
    """A layout from ``joint<parent`` words in array order; the root has no parent."""
    words = [word.partition("<") for word in joints.split()]
    names = tuple(joint for joint, _, _ in words)
    return Layout(
        name=name,
        joint_names=names,
        parents=tuple(names.index(parent) if parent else -1 for _, _, parent in words),
        left_right_pairs=_left_right_pairs(names),
        dimensions=dimensions,
        description=description,
    )


def _left_right_pairs(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (index, names.index(name[: -len("left")] + "right"))
        for index, name in enumerate(names)
        if name.endswith("_left") and name[: -len("left")] + "right" in names
    )


NTU_25 = _layout(
    "ntu_25",
    "Kinect v2 and NTU RGB+D, 25 joints",
    "spine_base spine_mid<spine_base neck<spine_shoulder head<neck "
    "shoulder_left<spine_shoulder elbow_left<shoulder_left wrist_left<elbow_left "
    "hand_left<wrist_left "
    "shoulder_right<spine_shoulder elbow_right<shoulder_right wrist_right<elbow_right "
    "hand_right<wrist_right "
    "hip_left<spine_base knee_left<hip_left ankle_left<knee_left foot_left<ankle_left "
    "hip_right<spine_base knee_right<hip_right ankle_right<knee_right foot_right<ankle_right "
    "spine_shoulder<spine_mid hand_tip_left<hand_left thumb_left<hand_left "
    "hand_tip_right<hand_right thumb_right<hand_right",
)

_V1_ARM = (
    "shoulder_{0}<shoulder_center elbow_{0}<shoulder_{0} wrist_{0}<elbow_{0} hand_{0}<wrist_{0} "
)
_V1_LEG = "hip_{0}<hip_center knee_{0}<hip_{0} ankle_{0}<knee_{0} foot_{0}<ankle_{0} "

KINECT_V1_20 = _layout(
    "kinect_v1_20",
    "Kinect v1 with Microsoft's SDK, 20 joints",
    "hip_center spine<hip_center shoulder_center<spine head<shoulder_center "
    + _V1_ARM.format("left")
    + _V1_ARM.format("right")
    + _V1_LEG.format("left")
    + _V1_LEG.format("right"),
)

UTD_MHAD_20 = _layout(
    "utd_mhad_20",
    "UTD-MHAD: Kinect v1's joints in its own order",
    "head<shoulder_center shoulder_center<spine spine<hip_center hip_center "
    + _V1_ARM.format("left")
    + _V1_ARM.format("right")
    + _V1_LEG.format("left")
    + _V1_LEG.format("right"),
)

MSR_ACTION3D_20 = _layout(
    "msr_action3d_20",
    "MSR Action3D: Kinect v1's joints in its own order",
    "shoulder_left<shoulder_center shoulder_right<shoulder_center shoulder_center<spine "
    "spine<hip_center hip_left<hip_center hip_right<hip_center hip_center "
    "elbow_left<shoulder_left elbow_right<shoulder_right wrist_left<elbow_left "
    "wrist_right<elbow_right hand_left<wrist_left hand_right<wrist_right knee_left<hip_left "
    "knee_right<hip_right ankle_left<knee_left ankle_right<knee_right foot_left<ankle_left "
    "foot_right<ankle_right head<shoulder_center",
)

SBU_15 = _layout(
    "sbu_15",
    "SBU Kinect Interaction: OpenNI's 15 joints in its own order",
    "head<neck neck<torso torso shoulder_left<neck elbow_left<shoulder_left hand_left<elbow_left "
    "shoulder_right<neck elbow_right<shoulder_right hand_right<elbow_right hip_left<torso "
    "knee_left<hip_left foot_left<knee_left hip_right<torso knee_right<hip_right "
    "foot_right<knee_right",
)

NITE_15 = _layout(
    "nite_15",
    "OpenNI with NiTE, 15 joints",
    "head<neck neck<torso shoulder_left<neck shoulder_right<neck elbow_left<shoulder_left "
    "elbow_right<shoulder_right hand_left<elbow_left hand_right<elbow_right torso hip_left<torso "
    "hip_right<torso knee_left<hip_left knee_right<hip_right foot_left<knee_left "
    "foot_right<knee_right",
)

AZURE_KINECT_32 = _layout(
    "azure_kinect_32",
    "Azure Kinect body tracking, 32 joints",
    "pelvis spine_navel<pelvis spine_chest<spine_navel neck<spine_chest "
    "clavicle_left<spine_chest shoulder_left<clavicle_left elbow_left<shoulder_left "
    "wrist_left<elbow_left hand_left<wrist_left hand_tip_left<hand_left thumb_left<wrist_left "
    "clavicle_right<spine_chest shoulder_right<clavicle_right elbow_right<shoulder_right "
    "wrist_right<elbow_right hand_right<wrist_right hand_tip_right<hand_right "
    "thumb_right<wrist_right hip_left<pelvis knee_left<hip_left ankle_left<knee_left "
    "foot_left<ankle_left hip_right<pelvis knee_right<hip_right ankle_right<knee_right "
    "foot_right<ankle_right head<neck nose<head eye_left<head ear_left<head eye_right<head "
    "ear_right<head",
)

ZED_34 = _layout(
    "zed_34",
    "ZED body tracking, BODY_34",
    "pelvis spine_navel<pelvis spine_chest<spine_navel neck<spine_chest "
    "clavicle_left<spine_chest shoulder_left<clavicle_left elbow_left<shoulder_left "
    "wrist_left<elbow_left hand_left<wrist_left hand_tip_left<hand_left thumb_left<wrist_left "
    "clavicle_right<spine_chest shoulder_right<clavicle_right elbow_right<shoulder_right "
    "wrist_right<elbow_right hand_right<wrist_right hand_tip_right<hand_right "
    "thumb_right<wrist_right hip_left<pelvis knee_left<hip_left ankle_left<knee_left "
    "foot_left<ankle_left hip_right<pelvis knee_right<hip_right ankle_right<knee_right "
    "foot_right<ankle_right head<neck nose<head eye_left<head ear_left<head eye_right<head "
    "ear_right<head heel_left<ankle_left heel_right<ankle_right",
)

ZED_38 = _layout(
    "zed_38",
    "ZED body tracking, BODY_38",
    "pelvis spine_1<pelvis spine_2<spine_1 spine_3<spine_2 neck<spine_3 nose<neck eye_left<nose "
    "eye_right<nose ear_left<eye_left ear_right<eye_right clavicle_left<spine_3 "
    "clavicle_right<spine_3 shoulder_left<clavicle_left shoulder_right<clavicle_right "
    "elbow_left<shoulder_left elbow_right<shoulder_right wrist_left<elbow_left "
    "wrist_right<elbow_right hip_left<pelvis hip_right<pelvis knee_left<hip_left "
    "knee_right<hip_right ankle_left<knee_left ankle_right<knee_right big_toe_left<ankle_left "
    "big_toe_right<ankle_right small_toe_left<ankle_left small_toe_right<ankle_right "
    "heel_left<ankle_left heel_right<ankle_right hand_thumb_left<wrist_left "
    "hand_thumb_right<wrist_right hand_index_left<wrist_left hand_index_right<wrist_right "
    "hand_middle_left<wrist_left hand_middle_right<wrist_right hand_pinky_left<wrist_left "
    "hand_pinky_right<wrist_right",
)

_COCO_18_BODY = (
    "nose<neck neck shoulder_right<neck elbow_right<shoulder_right wrist_right<elbow_right "
    "shoulder_left<neck elbow_left<shoulder_left wrist_left<elbow_left hip_right<neck "
    "knee_right<hip_right ankle_right<knee_right hip_left<neck knee_left<hip_left "
    "ankle_left<knee_left "
)
_RIGHT_EYE_FIRST = "eye_right<nose eye_left<nose ear_right<eye_right ear_left<eye_left"
_LEFT_EYE_FIRST = "eye_left<nose eye_right<nose ear_left<eye_left ear_right<eye_right"

OPENPOSE_18 = _layout(
    "openpose_18", "OpenPose's COCO model, 18 keypoints", _COCO_18_BODY + _RIGHT_EYE_FIRST
)

ZED_18 = _layout("zed_18", "ZED body tracking, BODY_18", _COCO_18_BODY + _RIGHT_EYE_FIRST)

HRI_18 = _layout(
    "hri_18",
    "hri_msgs/Skeleton2D of ROS4HRI: 18 points in the image",
    _COCO_18_BODY + _LEFT_EYE_FIRST,
    dimensions=2,
)

HRI_18_3D = _layout(
    "hri_18_3d",
    "hri_msgs/Skeleton2D of ROS4HRI, placed in space with a depth image",
    _COCO_18_BODY + _LEFT_EYE_FIRST,
)

BODY_25 = _layout(
    "body_25",
    "OpenPose's BODY_25 model",
    "nose<neck neck<mid_hip shoulder_right<neck elbow_right<shoulder_right "
    "wrist_right<elbow_right shoulder_left<neck elbow_left<shoulder_left wrist_left<elbow_left "
    "mid_hip hip_right<mid_hip knee_right<hip_right ankle_right<knee_right hip_left<mid_hip "
    "knee_left<hip_left ankle_left<knee_left eye_right<nose eye_left<nose ear_right<eye_right "
    "ear_left<eye_left big_toe_left<ankle_left small_toe_left<ankle_left heel_left<ankle_left "
    "big_toe_right<ankle_right small_toe_right<ankle_right heel_right<ankle_right",
)

COCO_17 = _layout(
    "coco_17",
    "COCO's 17 keypoints: YOLO-Pose, RTMPose, MoveNet, ...",
    "nose eye_left<nose eye_right<nose ear_left<eye_left ear_right<eye_right shoulder_left<nose "
    "shoulder_right<nose elbow_left<shoulder_left elbow_right<shoulder_right "
    "wrist_left<elbow_left wrist_right<elbow_right hip_left<shoulder_left "
    "hip_right<shoulder_right knee_left<hip_left knee_right<hip_right ankle_left<knee_left "
    "ankle_right<knee_right",
)

MEDIAPIPE_33 = _layout(
    "mediapipe_33",
    "MediaPipe Pose (BlazePose), 33 landmarks",
    "nose eye_inner_left<nose eye_left<eye_inner_left eye_outer_left<eye_left "
    "eye_inner_right<nose eye_right<eye_inner_right eye_outer_right<eye_right "
    "ear_left<eye_outer_left ear_right<eye_outer_right mouth_left<nose mouth_right<nose "
    "shoulder_left<nose shoulder_right<nose elbow_left<shoulder_left elbow_right<shoulder_right "
    "wrist_left<elbow_left wrist_right<elbow_right hand_pinky_left<wrist_left "
    "hand_pinky_right<wrist_right hand_index_left<wrist_left hand_index_right<wrist_right "
    "hand_thumb_left<wrist_left hand_thumb_right<wrist_right hip_left<shoulder_left "
    "hip_right<shoulder_right knee_left<hip_left knee_right<hip_right ankle_left<knee_left "
    "ankle_right<knee_right heel_left<ankle_left heel_right<ankle_right "
    "big_toe_left<ankle_left big_toe_right<ankle_right",
)

REP_155 = _layout(
    "rep_155",
    "TF links of a ROS4HRI body (REP-155)",
    "body waist<body torso<waist head<torso shoulder_left<torso elbow_left<shoulder_left "
    "wrist_left<elbow_left shoulder_right<torso elbow_right<shoulder_right "
    "wrist_right<elbow_right hip_left<body knee_left<hip_left ankle_left<knee_left "
    "hip_right<body knee_right<hip_right ankle_right<knee_right",
)

_LAYOUTS = {
    layout.name: layout
    for layout in (
        NTU_25,
        KINECT_V1_20,
        AZURE_KINECT_32,
        ZED_18,
        ZED_34,
        ZED_38,
        COCO_17,
        OPENPOSE_18,
        BODY_25,
        MEDIAPIPE_33,
        HRI_18_3D,  # before hri_18: joint names alone mean a 3-D layout
        HRI_18,
        REP_155,
        NITE_15,
        SBU_15,
        MSR_ACTION3D_20,
        UTD_MHAD_20,
    )
}


def layout_names() -> tuple[str, ...]:
    """The names of all layouts."""
    return tuple(_LAYOUTS)


def get_layout(name: str) -> Layout:
    """The layout of this name.

    Raises:
        UnknownLayoutError: there is no such layout; the message lists all.
    """
    try:
        return _LAYOUTS[name]
    except KeyError:
        raise UnknownLayoutError(
            f"there is no layout {name!r}; choose one of {', '.join(_LAYOUTS)}"
        ) from None


def joint_count_error(layout: Layout, joints: int) -> str:
    """The error text for a number of joints that is not the layout's."""
    names = [other.name for other in _LAYOUTS.values() if len(other.joint_names) == joints]
    remedy = " or ".join(f'layout="{name}"' for name in names) or "the layout of the recording"
    return (
        f"joint count {joints} does not fit layout {layout.name} ({len(layout.joint_names)} joints); "
        f"pass {remedy}"
    )


def layout_from_joint_names(joint_names: Sequence[str], name: str = "by_names") -> Layout:
    """A layout for the named joints; the known layout if names and order match one.

    Names may be spelt in any way: ``LeftShoulder``, ``l_shoulder``, ``SHOULDER-LEFT``; common
    synonyms are known.  A joint with an unknown name is kept, but not mapped to other layouts.  A
    new layout has no parents.

    Raises:
        UnknownLayoutError: two joints have the same name.
    """
    names = tuple(standard_joint_name(joint) for joint in joint_names)
    for joint in names:
        if names.count(joint) > 1:
            raise UnknownLayoutError(
                f"joint {joint!r} occurs {names.count(joint)} times; joint names must differ"
            )
    for layout in _LAYOUTS.values():
        if layout.joint_names == names:
            return layout
    return Layout(name, names, (-1,) * len(names), _left_right_pairs(names))


_SYNONYMS = {
    "hips": "pelvis",
    "hips_center": "hip_center",
    "hip_centre": "hip_center",
    "shoulder_centre": "shoulder_center",
    "spinebase": "spine_base",
    "spinemid": "spine_mid",
    "spineshoulder": "spine_shoulder",
    "spine_naval": "spine_navel",
    "naval_spine": "spine_navel",
    "chest_spine": "spine_chest",
    "midhip": "mid_hip",
    "handtip": "hand_tip",
    "index": "hand_index",
    "pinky": "hand_pinky",
    "hand_index_1": "hand_index",
    "hand_middle_4": "hand_middle",
    "hand_pinky_1": "hand_pinky",
    "hand_thumb_4": "hand_thumb",
    "foot_index": "big_toe",
    "toe": "big_toe",
    "bigtoe": "big_toe",
    "palm": "hand",
}
"""Synonyms of joint names, without the side."""

_PREFIX = re.compile(r"(?P<azure>k4abt_joint_)|(?P<mixamo>mixamorig\d*[:_])", re.IGNORECASE)
"""Prefixes of all joints of the Azure Kinect's SDK, and of Mixamo's characters."""

_MIXAMO = {
    "shoulder": "clavicle",
    "arm": "shoulder",
    "fore_arm": "elbow",
    "hand": "wrist",
    "up_leg": "hip",
    "leg": "knee",
    "foot": "ankle",
    "toe_base": "big_toe",
    "spine": "spine_1",
    "spine1": "spine_2",
    "spine2": "spine_3",
}
"""Mixamo's bones, named after what begins at the joint, without the side."""

_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right"}


def standard_joint_name(spelling: str) -> str:
    """The joint's name in this package's spelling: snake_case with the side at the end."""
    spelling = spelling.strip()
    prefix = _PREFIX.match(spelling)
    spelling = spelling[prefix.end() :] if prefix else spelling
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", spelling)
    parts = [part for part in re.split(r"[^a-z0-9]+", words.lower()) if part]
    joined = "_".join(parts)
    # Split off "left" and "right" without a separator; "l" and "r" would be ambiguous.
    for side in ("left", "right"):
        if side not in parts and joined.startswith(side) and len(joined) > len(side):
            parts = [side, joined[len(side) :].strip("_")]
        elif side not in parts and joined.endswith(side) and len(joined) > len(side):
            parts = [joined[: -len(side)].strip("_"), side]
    sides = [_SIDES[part] for part in parts if part in _SIDES]
    rest = [part for part in parts if part not in _SIDES]
    joint = "_".join(rest)
    if prefix and prefix["mixamo"]:
        joint = _MIXAMO.get(joint, joint)
    return "_".join([_SYNONYMS.get(joint, joint), *sides[:1]])
