# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plain import START, detection, detections, keypoints_2d, keypoints_3d

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.messages.yolo_3d import Yolo3dInput
from skeleton_dml_ros.skeleton.axes import to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import COCO_17

CAMERA = (0.1, 0.02, 1.3)
"""Position of the camera in base_link."""

BODY = {k: (3.0, 0.01 * k, 0.02 * k) for k in range(1, 18)}
PIXELS = {k: (300.0 + k, 200.0) for k in range(1, 18)}


def person(person_id: str, points: dict[int, Any], **changes: Any) -> Any:
    pixels = {k: PIXELS[k] for k in points}
    return detection(person_id, keypoints_2d(pixels), keypoints_3d(points, **changes))


def read(*people: Any, yolo: Yolo3dInput | None = None) -> SkeletonFrame:
    yolo = yolo or Yolo3dInput(InputOptions())
    (skeletons,) = yolo.take("detections", detections(*people))
    return skeletons


def unseen(skeletons: SkeletonFrame, index: int = 0) -> list[int]:
    """Ids of the unseen joints, from 1."""
    return (np.flatnonzero(np.isnan(skeletons.positions[index]).all(axis=-1)) + 1).tolist()


def test_keypoints_are_ordered_by_id_from_one() -> None:
    skeletons = read(person("5", dict(reversed(BODY.items()))))
    assert skeletons.stamp_ns == START
    assert skeletons.frame_id == "base_link"
    assert skeletons.layout is COCO_17
    assert skeletons.person_ids == ("5",)
    np.testing.assert_allclose(skeletons.positions[0], list(BODY.values()), rtol=1e-6)
    assert skeletons.confidences is not None
    np.testing.assert_allclose(skeletons.confidences, 0.9)


def test_left_is_left_in_kinect_axes() -> None:
    skeletons = read(person("5", {**BODY, 1: (3.0, 1.0, 0.5)}))
    assert to_kinect_axes(skeletons.positions, Yolo3dInput.axes)[0, 0].tolist() == [1.0, 0.5, 3.0]


def test_keypoints_missing_or_of_low_confidence_are_unseen() -> None:
    body = person("5", {k: BODY[k] for k in range(1, 16)})
    body.keypoints3d.data[2].score = 0.29
    skeletons = read(body)
    assert unseen(skeletons) == [3, 16, 17]
    assert skeletons.confidences is not None
    assert skeletons.confidences[0, 16] == 0


def test_keypoints_of_different_pixels_at_one_point_are_at_the_camera() -> None:
    skeletons = read(person("5", {**BODY, 10: CAMERA}), person("6", {**BODY, 11: CAMERA}))
    assert unseen(skeletons, 0) == [10]
    assert unseen(skeletons, 1) == [11]


def test_a_single_keypoint_at_the_camera_is_unseen_once_the_camera_is_known() -> None:
    yolo = Yolo3dInput(InputOptions())
    alone = person("5", {**BODY, 10: CAMERA})
    assert unseen(read(alone, yolo=yolo)) == []
    assert unseen(read(person("5", {**BODY, 10: CAMERA, 12: CAMERA}), yolo=yolo)) == [10, 12]
    assert unseen(read(alone, yolo=yolo)) == [10]


def test_two_keypoints_in_one_pixel_are_both_seen() -> None:
    body = person("5", {**BODY, 4: BODY[5]})
    for keypoint in body.keypoints.data[3:5]:
        keypoint.point.x = 304.25 + 0.5 * (keypoint.id == 5)
    assert unseen(read(body)) == []


def test_the_origin_is_the_camera_if_the_target_frame_is_its_frame() -> None:
    assert unseen(read(person("5", {**BODY, 7: (0.0, 0.0, 0.0)}))) == [7]


def test_without_pixels_keypoints_at_one_point_are_at_the_camera() -> None:
    body = detection("5", None, keypoints_3d({**BODY, 3: CAMERA, 9: CAMERA}))
    assert unseen(read(body)) == [3, 9]


def test_detections_without_keypoints_are_left_out() -> None:
    skeletons = read(detection(""), person("5", BODY))
    assert skeletons.person_ids == ("5",)


def test_a_frame_without_people_is_in_the_last_coordinate_frame() -> None:
    yolo = Yolo3dInput(InputOptions())
    assert read(yolo=yolo).frame_id == "camera_optical_frame"
    read(person("5", BODY), yolo=yolo)
    skeletons = read(yolo=yolo)
    assert skeletons.frame_id == "base_link"
    assert skeletons.positions.shape == (0, 17, 3)


@pytest.mark.parametrize(
    ("people", "error"),
    [
        ([person("", BODY)], "a person has no id; .* use_tracking:=True"),
        ([person("5", BODY), person("5", BODY)], "person id '5' occurs twice"),
        (
            [detection("5", None, keypoints_3d({18: (1, 2, 3)}))],
            "person '5' has a keypoint 18; COCO's are 1 to 17",
        ),
        ([detection("5", None, keypoints_3d({0: (1, 2, 3)}))], "has a keypoint 0"),
        (
            [person("5", BODY), person("6", BODY, frame_id="map")],
            r"people of one message are in several frames \(base_link, map\)",
        ),
    ],
)
def test_an_error_names_what_does_not_fit(people: list[Any], error: str) -> None:
    with pytest.raises(SkeletonDmlError, match=error):
        read(*people)


def test_a_keypoint_sent_twice_is_refused() -> None:
    body = person("5", BODY)
    body.keypoints3d.data[1].id = 1
    with pytest.raises(MessageError, match="person '5' has a keypoint twice"):
        read(body)
