# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plain import (
    FRAME,
    HEIGHT,
    SECOND,
    START,
    WIDTH,
    camera_info,
    depth_image,
    detection,
    detections,
    keypoints_2d,
    pixel_of,
)

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.depth_pairing import MAX_IMAGES, MAX_WAITING
from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.messages.yolo_2d import Yolo2dInput
from skeleton_dml_ros.skeleton.axes import to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import COCO_17

JOINTS = np.array([[-0.5 + 0.06 * k, 0.05 * k - 0.4, 2.0] for k in range(17)], dtype=np.float32)
"""A person two metres away in optical axes."""

PIXELS = {k + 1: pixel_of(joint) for k, joint in enumerate(JOINTS)}


def person(person_id: str = "5", **changes: Any) -> Any:
    return detection(person_id, keypoints_2d(PIXELS, **changes))


def depth(stamp_ns: int = START, metres: float = 2.0) -> Any:
    image = np.full((HEIGHT, WIDTH), metres, dtype=np.float32)
    return depth_image(image, stamp_ns=stamp_ns)


def yolo(**options: Any) -> Yolo2dInput:
    reader = Yolo2dInput(InputOptions(**options))
    reader.take("camera_info", camera_info())
    return reader


def read(*people: Any) -> list[SkeletonFrame]:
    reader = yolo()
    reader.take("depth", depth())
    return reader.take("detections", detections(*people))


def distance(skeletons: SkeletonFrame) -> float:
    return float(skeletons.positions[0, 0, 2])


def test_keypoints_are_lifted_to_the_camera_frame() -> None:
    (skeletons,) = read(person())
    assert skeletons.stamp_ns == START
    assert skeletons.frame_id == "camera_optical_frame"
    assert skeletons.layout is COCO_17
    assert skeletons.person_ids == ("5",)
    np.testing.assert_allclose(skeletons.positions[0], JOINTS, atol=1e-5)
    assert skeletons.confidences is not None
    np.testing.assert_allclose(skeletons.confidences, 0.9)


def test_left_is_left_in_kinect_axes() -> None:
    (skeletons,) = read(person())
    kinect = to_kinect_axes(skeletons.positions, Yolo2dInput.axes)
    np.testing.assert_allclose(kinect[0, 0], [0.5, 0.4, 2.0], atol=1e-5)


def test_keypoints_of_low_confidence_missing_or_at_the_corner_are_unseen() -> None:
    body = person()
    body.keypoints.data[0].score = 0.1
    body.keypoints.data[1].point.x = body.keypoints.data[1].point.y = 0.0
    del body.keypoints.data[16]
    (skeletons,) = read(body)
    assert np.flatnonzero(np.isnan(skeletons.positions[0, :, 0])).tolist() == [0, 1, 16]


@pytest.mark.parametrize("first", ["camera_info", "depth", "detections"])
def test_messages_may_come_in_any_order(first: str) -> None:
    messages = {"camera_info": camera_info(), "depth": depth(), "detections": detections(person())}
    order = [first, *(role for role in messages if role != first)]
    reader = Yolo2dInput(InputOptions())
    out = [skeletons for role in order for skeletons in reader.take(role, messages[role])]
    assert len(out) == 1


def test_the_depth_image_of_the_nearest_stamp_is_used() -> None:
    reader = yolo()
    for number in range(5):
        reader.take("depth", depth(START + number * FRAME, 1.0 + number))
    stamp = START + 2 * FRAME
    (skeletons,) = reader.take("detections", detections(person(), stamp_ns=stamp + FRAME // 3))
    assert distance(skeletons) == pytest.approx(3.0)
    (skeletons,) = reader.take("detections", detections(person(), stamp_ns=stamp + FRAME // 3 * 2))
    assert distance(skeletons) == pytest.approx(4.0)


def test_keypoints_wait_until_no_nearer_image_can_come() -> None:
    reader = yolo()
    reader.take("depth", depth(START - 10_000_000, 1.0))
    assert reader.take("detections", detections(person())) == []
    (skeletons,) = reader.take("depth", depth(START + 1_000_000, 2.0))
    assert distance(skeletons) == pytest.approx(2.0)


def test_frames_without_people_wait_for_earlier_frames() -> None:
    reader = yolo()
    assert reader.take("detections", detections(person())) == []
    assert reader.take("detections", detections(stamp_ns=START + FRAME)) == []
    first, second = reader.take("depth", depth())
    assert (first.stamp_ns, second.stamp_ns) == (START, START + FRAME)
    assert (first.person_ids, second.person_ids) == (("5",), ())


def test_a_frame_without_people_needs_no_depth_image() -> None:
    (skeletons,) = Yolo2dInput(InputOptions()).take("detections", detections())
    assert skeletons.positions.shape == (0, 17, 3)
    assert skeletons.frame_id == "camera_optical_frame"


def test_a_depth_image_too_far_away_in_time_is_refused() -> None:
    reader = yolo()
    reader.take("depth", depth(START - SECOND // 10))
    reader.take("detections", detections(person()))
    with pytest.raises(MessageError, match=r"nearest depth image is 0\.100 s away .* is 0\.050 s"):
        reader.take("depth", depth(START + SECOND // 5))
    tolerant = yolo(depth_tolerance=0.2)
    tolerant.take("depth", depth(START + SECOND // 10))
    assert len(tolerant.take("detections", detections(person()))) == 1


@pytest.mark.parametrize("missing", ["camera", "depth images"])
def test_the_error_for_waiting_keypoints_names_what_is_missing(missing: str) -> None:
    reader = Yolo2dInput(InputOptions())
    if missing == "depth images":
        reader.take("camera_info", camera_info())
    for number in range(MAX_WAITING):
        assert reader.take("detections", detections(person(), stamp_ns=START + number)) == []
    with pytest.raises(
        MessageError, match=f"{MAX_WAITING} frames of keypoints wait for .*{missing}"
    ):
        reader.take("detections", detections(person(), stamp_ns=START + MAX_WAITING))


def test_old_depth_images_are_dropped() -> None:
    reader = yolo()
    for number in range(MAX_IMAGES + 5):
        reader.take("depth", depth(START + number * SECOND // 10))
    with pytest.raises(MessageError, match=r"nearest depth image is 0\.500 s away"):
        reader.take("detections", detections(person()))


def test_a_misaligned_depth_image_is_refused_with_the_remedy() -> None:
    reader = Yolo2dInput(InputOptions())
    reader.take("camera_info", camera_info(1280, 720))
    reader.take("depth", depth())
    with pytest.raises(MessageError, match="aligned with the colour image"):
        reader.take("detections", detections(person()))


def test_keypoints_of_a_larger_image_than_the_depth_image_are_refused() -> None:
    body = person()
    body.keypoints.data[3].point.x = 700.0
    with pytest.raises(MessageError, match=r"pixel \(700, \d+\) is outside the depth .* 160 x 120"):
        read(body)


def test_a_bag_that_restarts_is_read_again() -> None:
    reader = yolo()
    reader.take("depth", depth(START))
    reader.take("detections", detections(person(), stamp_ns=START + FRAME))
    assert reader.take("depth", depth(START - 60 * SECOND)) == []
    (skeletons,) = reader.take("detections", detections(person(), stamp_ns=START - 60 * SECOND))
    assert skeletons.stamp_ns == START - 60 * SECOND


@pytest.mark.parametrize(
    ("people", "error"),
    [
        ([person("")], "a person has no id; .* use_tracking:=True"),
        ([person(), person()], "person id '5' occurs twice"),
        ([detection("5", keypoints_2d({21: (3, 4)}))], "person '5' has a keypoint 21"),
    ],
)
def test_an_error_names_what_does_not_fit(people: list[Any], error: str) -> None:
    with pytest.raises(SkeletonDmlError, match=error):
        read(*people)
