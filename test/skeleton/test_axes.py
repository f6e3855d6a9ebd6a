# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes, to_kinect_axes

LEFT_UP_AWAY = {
    Axes.KINECT: ([1, 0, 0], [0, 1, 0], [0, 0, 1]),
    Axes.CAMERA_OPTICAL: ([-1, 0, 0], [0, -1, 0], [0, 0, 1]),
    Axes.ROS_BODY: ([0, 1, 0], [0, 0, 1], [1, 0, 0]),
}
"""The sensor's left, up, and away from it, in each input's own axes."""


@pytest.mark.parametrize("axes", Axes)
def test_left_up_and_away_are_the_kinects_x_y_and_z(axes: Axes) -> None:
    directions = np.array(LEFT_UP_AWAY[axes], dtype=np.float32)
    np.testing.assert_array_equal(to_kinect_axes(directions, axes), np.eye(3))


@pytest.mark.parametrize("axes", Axes)
def test_no_input_is_mirrored(axes: Axes) -> None:
    assert np.linalg.det(to_kinect_axes(np.eye(3, dtype=np.float32), axes)) == 1


def test_unseen_joints_stay_unseen() -> None:
    assert np.isnan(to_kinect_axes(np.full((2, 3), np.nan, np.float32), Axes.ROS_BODY)).all()


@pytest.mark.parametrize("axes", Axes)
def test_from_kinect_axes_inverts_to_kinect_axes(axes: Axes) -> None:
    positions = np.random.default_rng(0).normal(size=(4, 25, 3)).astype(np.float32)
    positions[1, 3] = np.nan
    kinect = to_kinect_axes(positions, axes)
    np.testing.assert_array_equal(from_kinect_axes(kinect, axes), positions)
    np.testing.assert_array_equal(
        to_kinect_axes(from_kinect_axes(positions, axes), axes), positions
    )
    assert from_kinect_axes(kinect, axes).dtype == np.float32
