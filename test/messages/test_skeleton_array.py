# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from array import array

import numpy as np
import pytest
from plain import START, make, skeleton, skeleton_array

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages import make_input
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.messages.skeleton_array import SkeletonArrayInput, skeleton_array_message
from skeleton_dml_ros.skeleton.axes import to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25, get_layout

POSITIONS = np.random.default_rng(0).normal(size=(2, 25, 3)).astype(np.float32)
CONFIDENCES = np.random.default_rng(1).uniform(size=(2, 25)).astype(np.float32)


def read(message: object) -> SkeletonFrame:
    (skeletons,) = make_input("skeleton_array", InputOptions()).take("skeletons", message)
    return skeletons


def test_a_message_is_read() -> None:
    message = skeleton_array(
        skeleton("7", POSITIONS[0], CONFIDENCES[0]), skeleton("8", POSITIONS[1], CONFIDENCES[1])
    )
    skeletons = read(message)
    assert skeletons.stamp_ns == START
    assert skeletons.frame_id == "camera_optical_frame"
    assert skeletons.layout is NTU_25
    assert skeletons.person_ids == ("7", "8")
    np.testing.assert_array_equal(skeletons.positions, POSITIONS)
    np.testing.assert_array_equal(skeletons.confidences, CONFIDENCES)


@pytest.mark.parametrize("kind", [list, np.array, lambda values: array("f", values)])
def test_numbers_may_be_in_any_kind_of_array(kind: type) -> None:
    person = skeleton("7", POSITIONS[0], CONFIDENCES[0])
    person.positions = kind(person.positions)
    person.confidences = kind(person.confidences)
    skeletons = read(skeleton_array(person))
    np.testing.assert_array_equal(skeletons.positions[0], POSITIONS[0])


def test_left_is_left_in_kinect_axes() -> None:
    one_metre_to_the_left = np.tile([-1.0, 0.0, 3.0], 25)
    skeletons = read(skeleton_array(skeleton("7", one_metre_to_the_left)))
    kinect = to_kinect_axes(skeletons.positions, SkeletonArrayInput.axes)
    assert kinect[0, 0].tolist() == [1.0, 0.0, 3.0]


def test_nan_and_infinity_are_unseen() -> None:
    positions = POSITIONS[0].copy()
    positions[3, 0], positions[4, 1] = np.nan, np.inf
    skeletons = read(skeleton_array(skeleton("7", positions)))
    assert np.flatnonzero(np.isnan(skeletons.positions[0]).all(axis=-1)).tolist() == [3, 4]


def test_joints_of_low_confidence_are_kept() -> None:
    skeletons = read(skeleton_array(skeleton("7", POSITIONS[0], np.zeros(25))))
    assert np.isfinite(skeletons.positions).all()


def test_without_confidences_there_are_none() -> None:
    assert read(skeleton_array(skeleton("7", POSITIONS[0]))).confidences is None


def test_people_without_confidences_beside_others_get_one() -> None:
    skeletons = read(
        skeleton_array(skeleton("7", POSITIONS[0], CONFIDENCES[0]), skeleton("8", POSITIONS[1]))
    )
    assert skeletons.confidences is not None
    assert skeletons.confidences[1].tolist() == [1.0] * 25


def test_a_message_may_have_no_people() -> None:
    skeletons = read(skeleton_array())
    assert skeletons.person_ids == ()
    assert skeletons.positions.shape == (0, 25, 3)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (
            skeleton_array(layout="kinect_v9"),
            "there is no layout 'kinect_v9'; choose one of ntu_25",
        ),
        (
            skeleton_array(skeleton("7", POSITIONS[0][:20])),
            "person '7' has 20 joints in positions; layout ntu_25 needs x y z of 25 joints",
        ),
        (skeleton_array(skeleton("7", [1.0] * 74)), "person '7' has 74 values in positions"),
        (
            skeleton_array(skeleton("7", POSITIONS[0], [1.0] * 3)),
            "person '7' has 3 confidences; layout ntu_25 needs 25",
        ),
        (
            skeleton_array(skeleton("7", POSITIONS[0]), skeleton("7", POSITIONS[1])),
            "person id '7' occurs twice",
        ),
        (skeleton_array(skeleton("", POSITIONS[0])), "person id '' is not a name"),
        (skeleton_array(skeleton("7", [0.0] * 54), layout="hri_18"), "holds image points"),
        (skeleton_array(stamp_ns=0), "header.stamp is zero"),
    ],
)
def test_an_error_names_what_does_not_fit(message: object, error: str) -> None:
    with pytest.raises(SkeletonDmlError, match=error):
        read(message)


@pytest.mark.parametrize("confidences", [None, CONFIDENCES])
def test_a_written_message_is_read_back(confidences: np.ndarray | None) -> None:
    positions = POSITIONS.copy()
    positions[0, 3] = np.nan
    sent = SkeletonFrame(
        START + 7, ("7", "8"), positions, NTU_25, confidences, frame_id="head_camera"
    )
    message = skeleton_array_message(sent, make)
    assert message._type == "skeleton_dml_ros/msg/SkeletonArray"
    assert message.header.stamp._type == "builtin_interfaces/msg/Time"
    assert isinstance(message.skeletons[0].positions, array)
    read_again = read(message)
    assert (read_again.stamp_ns, read_again.frame_id) == (START + 7, "head_camera")
    assert read_again.person_ids == ("7", "8")
    np.testing.assert_array_equal(read_again.positions, positions)
    assert (read_again.confidences is None) == (confidences is None)
    if confidences is not None:
        np.testing.assert_array_equal(read_again.confidences, confidences)


def test_a_message_without_people_is_read_back() -> None:
    layout = get_layout("coco_17")
    read_again = read(
        skeleton_array_message(SkeletonFrame(START, (), (), layout, frame_id="camera"), make)
    )
    assert read_again.layout is layout
    assert read_again.positions.shape == (0, 17, 3)


def test_two_hundred_people_are_read_fast() -> None:
    people = [skeleton(str(number), POSITIONS[0], CONFIDENCES[0]) for number in range(200)]
    assert read(skeleton_array(*people)).positions.shape == (200, 25, 3)


def test_a_joint_at_the_origin_is_unseen() -> None:
    joints = np.ones((1, 25, 3), np.float32)
    joints[0, 7] = 0
    joints[0, 8, :2] = 0
    positions = SkeletonFrame(START, ("7",), joints, NTU_25, frame_id="camera").positions
    assert np.isnan(positions[0, 7]).all()
    assert positions[0, 8].tolist() == [0, 0, 1]
    assert joints[0, 7].tolist() == [0, 0, 0]
