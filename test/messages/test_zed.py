# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pytest
from plain import START, header

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.messages.zed import ZedInput
from skeleton_dml_ros.skeleton.axes import to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame


def person(
    number: int,
    body_format: int = 2,
    point: tuple[float, float, float] = (3.0, 1.0, 0.5),
    joints: int = 38,
    **changes: Any,
) -> Any:
    keypoints = np.zeros((70, 3), dtype=np.float32)
    keypoints[:joints] = point
    values = {
        "label_id": number,
        "skeleton_available": True,
        "tracking_available": True,
        "tracking_state": 1,
        "body_format": body_format,
        "skeleton_3d": Plain(keypoints=[Plain(kp=row) for row in keypoints]),
    }
    return Plain(**{**values, **changes})


def objects(*people: Any) -> Any:
    return Plain(header=header(frame_id="zed_left_camera_frame"), objects=list(people))


def read(*people: Any) -> SkeletonFrame:
    (skeletons,) = ZedInput(InputOptions()).take("objects", objects(*people))
    return skeletons


@pytest.mark.parametrize(
    ("body_format", "joints", "layout"), [(0, 18, "zed_18"), (1, 34, "zed_34"), (2, 38, "zed_38")]
)
def test_the_body_format_determines_the_layout(body_format: int, joints: int, layout: str) -> None:
    skeletons = read(person(4, body_format, joints=joints), person(9, body_format, joints=joints))
    assert skeletons.layout.name == layout
    assert skeletons.stamp_ns == START
    assert skeletons.frame_id == "zed_left_camera_frame"
    assert skeletons.person_ids == ("4", "9")
    assert skeletons.positions.shape == (2, joints, 3)
    assert np.isfinite(skeletons.positions).all()


def test_left_and_up_are_kept_in_kinect_axes() -> None:
    skeletons = read(person(1, point=(3.0, 1.0, 0.5)))
    assert to_kinect_axes(skeletons.positions, ZedInput.axes)[0, 0].tolist() == [1.0, 0.5, 3.0]


def test_a_keypoint_of_nan_or_zero_is_unseen() -> None:
    seen = person(1, joints=37)
    seen.skeleton_3d.keypoints[5].kp = np.array([np.nan] * 3, dtype=np.float32)
    skeletons = read(seen)
    assert np.flatnonzero(np.isnan(skeletons.positions[0, :, 0])).tolist() == [5, 37]


def test_objects_without_skeleton_and_lost_people_are_left_out() -> None:
    skeletons = read(
        person(1, skeleton_available=False, label_id=-1, tracking_available=False),
        person(2, tracking_state=2),
        person(3),
        person(4, tracking_state=0),
    )
    assert skeletons.person_ids == ("3",)


def test_a_frame_without_people_has_the_last_layout() -> None:
    zed = ZedInput(InputOptions())
    zed.take("objects", objects(person(1, 1, joints=34)))
    (skeletons,) = zed.take("objects", objects())
    assert skeletons.person_ids == ()
    assert skeletons.layout.name == "zed_34"


@pytest.mark.parametrize(
    ("people", "error"),
    [
        ([person(-1)], "person -1 is not tracked.*set body_tracking.enable_tracking"),
        ([person(1, tracking_available=False)], "set body_tracking.enable_tracking"),
        ([person(1, 3)], "body format 3 is unknown; set body_tracking.body_format"),
        ([person(1, 1), person(2, 2)], r"body formats \[1, 2\]"),
        ([person(1), person(1)], "person id '1' occurs twice"),
        (
            [person(1, skeleton_3d=Plain(keypoints=[Plain(kp=[1.0, 2.0, 3.0])] * 18))],
            "person 1 has 18 keypoints; layout zed_38 has 38",
        ),
    ],
)
def test_an_error_names_what_does_not_fit(people: list[Any], error: str) -> None:
    with pytest.raises(SkeletonDmlError, match=error):
        read(*people)
