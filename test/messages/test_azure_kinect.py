# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pytest
from plain import START, header, vector

from skeleton_dml_ros.messages.azure_kinect import AzureKinectInput
from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.skeleton.axes import to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import AZURE_KINECT_32


def marker(number: int, position: Any = (0.1, 0.2, 3.0), action: int = 0, **stamp: Any) -> Any:
    return Plain(
        header=header(**stamp), id=number, action=action, pose=Plain(position=vector(position))
    )


def body(number: int, offset: float = 0.0) -> list[Any]:
    return [marker(number * 100 + joint, (joint, offset, 3)) for joint in range(32)]


def read(*markers: Any) -> list[SkeletonFrame]:
    return AzureKinectInput(InputOptions()).take("markers", Plain(markers=list(markers)))


def test_markers_are_sorted_by_body_and_joint() -> None:
    markers = body(12, 0.5) + body(3)
    np.random.default_rng(0).shuffle(markers)
    (skeletons,) = read(*markers)
    assert skeletons.stamp_ns == START
    assert skeletons.frame_id == "camera_optical_frame"
    assert skeletons.layout is AZURE_KINECT_32
    assert skeletons.person_ids == ("3", "12")
    assert skeletons.positions[:, :, 0].tolist() == [list(range(32))] * 2
    assert skeletons.positions[:, 0, 1].tolist() == [0.0, 0.5]
    assert skeletons.confidences is None


def test_left_and_up_are_kept_in_kinect_axes() -> None:
    (skeletons,) = read(marker(100, (-1.0, -0.5, 3.0)))
    kinect = to_kinect_axes(skeletons.positions, AzureKinectInput.axes)
    assert kinect[0, 0].tolist() == [1.0, 0.5, 3.0]


def test_a_joint_without_marker_is_not_seen() -> None:
    (skeletons,) = read(*body(1)[:31])
    assert np.isnan(skeletons.positions[0, 31]).all()
    assert np.isfinite(skeletons.positions[0, :31]).all()


def test_a_message_without_markers_is_ignored() -> None:
    assert read() == []
    assert read(marker(0, action=3)) == []


@pytest.mark.parametrize(
    ("markers", "error"),
    [
        ([marker(132)], "marker 132 is not a joint"),
        ([marker(-1)], "marker -1 is not a joint"),
        ([marker(100), marker(100)], "marker 100 occurs twice"),
        ([marker(100), marker(101, stamp_ns=START + 1)], "markers 100 and 101 .* differ in stamp"),
        ([marker(100), marker(101, frame_id="map")], "differ in stamp or frame"),
        ([marker(100, stamp_ns=0)], "header.stamp is zero"),
    ],
)
def test_an_error_names_what_does_not_fit(markers: list[Any], error: str) -> None:
    with pytest.raises(MessageError, match=error):
        read(*markers)
