# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import (
    NTU_25,
    Layout,
    get_layout,
    layout_from_joint_names,
    layout_names,
)
from skeleton_dml_ros.skeleton.mapping import map_positions, ntu25_weights, to_ntu25
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence

IN_SPACE = [get_layout(name) for name in layout_names() if get_layout(name).dimensions == 3]

ELSEWHERE = {
    "pelvis": [("spine_base", 1)],
    "spine_navel": [("spine_mid", 1)],
    "spine_2": [("spine_mid", 1)],
    "torso": [("spine_mid", 1)],
    "clavicle_left": [("spine_shoulder", 1)],
    "clavicle_right": [("spine_shoulder", 1)],
    "mid_hip": [("spine_base", 1)],
    "hand_middle_left": [("hand_tip_left", 1)],
    "hand_middle_right": [("hand_tip_right", 1)],
    "hand_thumb_left": [("thumb_left", 1)],
    "hand_thumb_right": [("thumb_right", 1)],
    "hand_index_left": [("hand_left", 1)],
    "hand_index_right": [("hand_right", 1)],
    "hand_pinky_left": [("hand_left", 1)],
    "hand_pinky_right": [("hand_right", 1)],
    "big_toe_left": [("foot_left", 1)],
    "big_toe_right": [("foot_right", 1)],
}
"""Where a person at rest has the joints that NTU-25 calls otherwise."""


def person(layout: Layout) -> np.ndarray:
    """A person at rest in the layout: (joints, 3), trunk length 0.5 m, three metres away."""
    places = dict(zip(NTU_25.joint_names, REST_POSE, strict=True))
    if "clavicle_left" not in layout.joint_names and "spine_shoulder" not in layout.joint_names:
        places["neck"] = (places["shoulder_left"] + places["shoulder_right"]) / 2
    # Kinect v1's trunk, see the module's description.
    hips = places["spine_base"]
    places["hip_center"] = hips + np.array([0, 0.19, 0])
    places["shoulder_center"] = hips + np.array([0, 1.27, 0])
    if layout.name == "msr_action3d_20":
        places["spine"] = hips + np.array([0, 0.57, 0])
        places["shoulder_center"] = hips + np.array([0, 1.1, 0])
    else:
        places["spine"] = hips + np.array([0, 0.35, 0])
    for name in ("nose", "eye_left", "eye_right", "ear_left", "ear_right"):
        places[name] = places["head"]
    joints = []
    for name in layout.joint_names:
        if name in places:
            joints.append(places[name])
        else:
            sources = ELSEWHERE.get(name, [("head", 1)])
            joints.append(sum(weight * places[source] for source, weight in sources))
    return (0.5 * np.array(joints) + [0.2, 0.1, 3]).astype(np.float32)


@pytest.mark.parametrize("layout", IN_SPACE, ids=lambda layout: layout.name)
def test_every_layout_maps_to_joints_near_those_of_a_person(layout: Layout) -> None:
    mapped = (map_positions(person(layout), layout) - [0.2, 0.1, 3]) / 0.5
    off = np.linalg.norm(mapped - REST_POSE, axis=1)
    worst = int(off.argmax())
    assert off[worst] < 0.2, f"{NTU_25.joint_names[worst]} lies {off[worst]:.2f} trunks away"


@pytest.mark.parametrize("layout", IN_SPACE, ids=lambda layout: layout.name)
def test_a_mapping_is_invariant_to_translation(layout: Layout) -> None:
    weights = ntu25_weights(layout)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("layout", IN_SPACE, ids=lambda layout: layout.name)
def test_left_and_right_are_mapped_symmetrically(layout: Layout) -> None:
    weights = ntu25_weights(layout)
    swap = list(range(len(layout.joint_names)))
    for left, right in layout.left_right_pairs:
        swap[left], swap[right] = right, left
    target = list(range(25))
    for left, right in NTU_25.left_right_pairs:
        target[left], target[right] = right, left
    np.testing.assert_array_equal(weights[target][:, swap], weights)


@pytest.mark.parametrize("name", ["azure_kinect_32", "zed_34"])
def test_azure_kinect_and_zed_34_share_one_map(name: str) -> None:
    source = [
        0, 1, 3, 26, 5, 6, 7, 8, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23, 24, 25, None, 9, 10, 16, 17,
    ]  # fmt: skip
    weights = ntu25_weights(get_layout(name))
    for target, index in enumerate(source):
        expected = np.zeros(weights.shape[1])
        if index is None:
            expected[[4, 11]] = 0.5
        else:
            expected[index] = 1
        np.testing.assert_array_equal(weights[target], expected)


def test_ntu_25_is_not_changed() -> None:
    sequence = SkeletonSequence(REST_POSE[None, None], [0.0], NTU_25)
    assert to_ntu25(sequence) is sequence
    np.testing.assert_array_equal(ntu25_weights(NTU_25), np.eye(25))


def test_only_copied_joints_that_were_seen_are_observed() -> None:
    layout = get_layout("utd_mhad_20")
    observed = np.ones((1, 1, 20), bool)
    observed[0, 0, layout.index("knee_left")] = False
    sequence = SkeletonSequence(person(layout)[None, None], [0.0], layout, observed=observed)
    mapped = to_ntu25(sequence)
    unobserved = {
        name
        for name, seen in zip(NTU_25.joint_names, mapped.observed[0, 0], strict=True)
        if not seen
    }
    assert unobserved == {
        "spine_base", "spine_mid", "spine_shoulder", "neck", "knee_left", "hand_tip_left",
        "hand_tip_right", "thumb_left", "thumb_right",
    }  # fmt: skip


def unseen_joints(layout: Layout, *hidden: str) -> set[str]:
    """The joints of NTU-25 that are NaN if these joints of a layout are not seen."""
    positions = person(layout)
    for joint in hidden:
        positions[layout.index(joint)] = np.nan
    mapped = map_positions(positions, layout)
    return {NTU_25.joint_names[i] for i in np.flatnonzero(np.isnan(mapped[:, 0]))}


def test_an_unseen_joint_affects_only_joints_derived_from_it() -> None:
    assert unseen_joints(get_layout("kinect_v1_20"), "hip_left") == {"hip_left"}
    assert unseen_joints(get_layout("nite_15"), "hand_left") == {
        "hand_left", "wrist_left", "hand_tip_left", "thumb_left",
    }  # fmt: skip


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("layout", IN_SPACE, ids=lambda layout: layout.name)
def test_with_one_hip_unseen_the_spine_stays_within_a_few_centimetres(
    layout: Layout, side: str
) -> None:
    whole = person(layout)
    positions = whole.copy()
    positions[layout.index(f"hip_{side}")] = np.nan
    difference = map_positions(positions, layout) - map_positions(whole, layout)
    assert np.isnan(difference[:, 0]).sum() == 1
    assert np.nanmax(np.linalg.norm(difference, axis=1)) < 0.03


@pytest.mark.parametrize("layout", IN_SPACE, ids=lambda layout: layout.name)
def test_without_hips_shoulders_neck_and_head_are_derived_from_what_is_seen(
    layout: Layout,
) -> None:
    positions = person(layout)
    whole = map_positions(positions, layout)
    for index, joint in enumerate(layout.joint_names):
        if joint.startswith(("hip_", "pelvis", "mid_hip", "spine_base", "body")):
            positions[index] = np.nan
    mapped = map_positions(positions, layout)
    above = [NTU_25.index(joint) for joint in ("spine_shoulder", "neck", "head")]
    assert np.linalg.norm(mapped[above] - whole[above], axis=1).max() < 0.05


def test_from_the_side_one_shoulder_and_one_hip_are_the_spine() -> None:
    layout = get_layout("coco_17")
    positions = person(layout)
    for index, joint in enumerate(layout.joint_names):
        if joint.endswith("_right") or joint == "nose":
            positions[index] = np.nan
    mapped = map_positions(positions, layout)
    for spine, source in (("spine_base", "hip_left"), ("spine_shoulder", "shoulder_left")):
        np.testing.assert_array_equal(mapped[NTU_25.index(spine)], positions[layout.index(source)])


def test_a_sender_of_ntu_25_may_leave_out_the_spine() -> None:
    positions = person(NTU_25)
    whole = positions.copy()
    for joint in ("spine_base", "spine_mid", "spine_shoulder", "neck"):
        positions[NTU_25.index(joint)] = np.nan
    mapped = map_positions(positions, NTU_25)
    assert np.linalg.norm(mapped - whole, axis=1).max() < 0.05


def test_a_derived_joint_has_the_lowest_confidence_of_its_sources() -> None:
    layout = get_layout("coco_17")
    confidence = np.ones((1, 1, 17), np.float32)
    confidence[0, 0, layout.index("hip_right")] = 0.25
    sequence = SkeletonSequence(person(layout)[None, None], [0.0], layout, confidence=confidence)
    mapped = to_ntu25(sequence).confidence
    assert mapped is not None
    assert mapped[0, 0, NTU_25.index("spine_base")] == 0.25
    assert mapped[0, 0, NTU_25.index("shoulder_left")] == 1


def test_an_unknown_layout_is_mapped_by_its_joint_names() -> None:
    order = np.random.default_rng(0).permutation(25)
    names = [NTU_25.joint_names[index].title().replace("_", "") for index in order] + ["Tail"]
    layout = layout_from_joint_names(names)
    positions = np.concatenate([REST_POSE[order], [[9, 9, 9]]]).astype(np.float32)
    np.testing.assert_allclose(map_positions(positions, layout), REST_POSE)


def test_a_layout_without_hips_is_refused() -> None:
    layout = layout_from_joint_names(["head", "left_shoulder", "right_shoulder", "a", "b"])
    with pytest.raises(SkeletonError, match="no joint hip_left; its joints are head, "):
        ntu25_weights(layout)


def test_image_points_are_refused() -> None:
    sequence = SkeletonSequence(np.zeros((1, 1, 18, 3)), [0.0], get_layout("hri_18"))
    with pytest.raises(SkeletonError, match="hri_18 holds image points; lift them with a depth"):
        to_ntu25(sequence)


@pytest.mark.parametrize("archive", ["utd_mhad", "kinder_gator"])
def test_kinect_v1s_trunk_has_kinect_v2s_proportions(shared_data: Path, archive: str) -> None:
    def shares(name: str) -> np.ndarray:
        """Heights of spine_mid, neck and shoulders above the spine's base, in trunk lengths."""
        with np.load(shared_data / f"{name}.npz") as arrays:
            first = np.r_[0, np.cumsum(arrays["lengths"])[:-1]]
            positions = arrays["positions_mm"][first, 0].astype(np.float32) / 1000
            mapped = map_positions(positions, get_layout(str(arrays["layout"])))
        relative = mapped - mapped[:, :1]
        trunk = relative[:, NTU_25.index("spine_shoulder")]
        length = np.linalg.norm(trunk, axis=1, keepdims=True)
        heights = np.einsum("njc,nc->nj", relative, trunk / length) / length
        joints = [NTU_25.index(joint) for joint in ("spine_mid", "neck", "shoulder_left")]
        return np.asarray(np.median(heights[:, joints], axis=0))

    np.testing.assert_allclose(shares(archive), shares("irds"), atol=0.08)
