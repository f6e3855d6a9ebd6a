# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plain import FRAME, SECOND, START, transform, transforms

from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.messages.openni_tf import OpenniTfInput
from skeleton_dml_ros.skeleton.axes import to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NITE_15

NAMES = (
    "head", "neck", "torso", "left_shoulder", "left_elbow", "left_hand", "right_shoulder",
    "right_elbow", "right_hand", "left_hip", "left_knee", "left_foot", "right_hip", "right_knee",
    "right_foot",
)  # fmt: skip
"""In the tracker's order of sending."""

LAYOUT_ORDER = [
    NAMES.index(f"{joint.split('_')[1]}_{joint.split('_')[0]}" if "_" in joint else joint)
    for joint in NITE_15.joint_names
]


def cycle(stamp_ns: int, *users: int, frame: str = "openni_depth_frame") -> list[Any]:
    """One message per joint, 100 microseconds apart; a joint's x is its index in NAMES."""
    return [
        transforms(
            transform(
                f"{name}_{user}",
                frame,
                (number, user, 0.5),
                (0.5, 0.5, 0, 0.1),
                stamp_ns + (index * 15 + number) * 100_000,
            )
        )
        for index, user in enumerate(users)
        for number, name in enumerate(NAMES)
    ]


def read(reader: OpenniTfInput, messages: list[Any]) -> list[SkeletonFrame]:
    return [skeletons for message in messages for skeletons in reader.take("tf", message)]


def openni(**options: Any) -> OpenniTfInput:
    return OpenniTfInput(InputOptions(**options))


def test_a_cycle_of_single_joints_is_one_frame_for_all_users() -> None:
    reader = openni()
    read(reader, cycle(START, 1, 2))
    (skeletons,) = read(reader, cycle(START + FRAME, 1, 2))[1:]
    assert skeletons.stamp_ns == START + FRAME
    assert skeletons.frame_id == "openni_depth_frame"
    assert skeletons.layout is NITE_15
    assert skeletons.person_ids == ("1", "2")
    assert skeletons.positions[:, :, 0].tolist() == [LAYOUT_ORDER] * 2
    assert skeletons.positions[:, 0, 1].tolist() == [1.0, 2.0]


def test_the_first_cycle_ends_with_the_second_and_later_ones_when_complete() -> None:
    reader = openni()
    counts = [len(read(reader, cycle(START + number * FRAME, 1, 2, 3))) for number in range(4)]
    assert counts == [0, 2, 1, 1]


def test_all_joints_in_one_message_are_one_frame() -> None:
    reader = openni()
    out = []
    for number in range(3):
        links = [m.transforms[0] for m in cycle(START + number * FRAME, 1, 2)]
        out += reader.take("tf", transforms(*links))
    assert [skeletons.stamp_ns for skeletons in out] == [START, START + FRAME, START + 2 * FRAME]
    assert {skeletons.person_ids for skeletons in out} == {("1", "2")}


def test_users_may_come_and_go() -> None:
    reader = openni()
    present = [(1,), (1,), (1, 2), (1, 2), (1, 2), (2,), (2,), (2,)]
    out = [
        skeletons
        for number, users in enumerate(present)
        for skeletons in read(reader, cycle(START + number * FRAME, *users))
    ]
    stamps = [skeletons.stamp_ns for skeletons in out]
    assert stamps == sorted(set(stamps))
    assert {s.person_ids for s in out if s.stamp_ns >= START + 6 * FRAME} == {("2",)}
    assert ("1", "2") in {s.person_ids for s in out}


def test_left_is_left_in_kinect_axes() -> None:
    reader = openni()
    left = transform("head_1", "/openni_depth_frame", (3, 1, 0.5))
    neck = transform("neck_1", "/openni_depth_frame", (3, 1, 0.25))
    reader.take("tf", transforms(left, neck))
    skeletons = read(reader, cycle(START + SECOND, 1))[0]
    kinect = to_kinect_axes(skeletons.positions, OpenniTfInput.axes)
    assert kinect[0, 0].tolist() == [1.0, 0.5, 3.0]
    assert np.isnan(kinect[0, 2:]).all()


def test_other_frames_are_ignored() -> None:
    reader = openni()
    other = [
        transforms(transform(name, "base_link", stamp_ns=START))
        for name in ("head_1_link", "head_camera", "left_hand", "wheel_1", "base_link_1")
    ]
    assert read(reader, other * 100) == []
    assert read(reader, cycle(START + FRAME, 1) + cycle(START + 2 * FRAME, 1))


def test_a_single_joint_is_not_a_person() -> None:
    reader = openni()
    for number in range(5):
        pan = transforms(transform("head_1", "base_link", stamp_ns=START + number * FRAME))
        assert reader.take("tf", pan) == []


def test_frames_may_have_other_names() -> None:
    reader = openni(joint_frame="tracker/user_{person}/{joint}")
    out = []
    for number in range(2):
        for message in cycle(START + number * FRAME, 4):
            (link,) = message.transforms
            joint = link.child_frame_id.removesuffix("_4")
            link.child_frame_id = f"/tracker/user_4/{joint}"
            out += reader.take("tf", message)
    assert [skeletons.person_ids for skeletons in out] == [("4",), ("4",)]
    assert np.isfinite(out[0].positions).all()


def test_a_bag_that_restarts_is_read_again() -> None:
    reader = openni()
    read(reader, cycle(START, 1) + cycle(START + FRAME, 1))
    (skeletons,) = read(reader, cycle(START - SECOND, 1))
    assert skeletons.stamp_ns == START - SECOND


def test_joints_in_two_frames_are_refused() -> None:
    reader = openni()
    read(reader, cycle(START, 1) + cycle(START, 2, frame="other"))
    with pytest.raises(
        MessageError, match=r"joints are in several frames \(openni_depth_frame, other"
    ):
        read(reader, cycle(START + FRAME, 1))
