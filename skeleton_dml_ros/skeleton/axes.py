# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Convert positions between the axes of an input and the Kinect's, which this package works in."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray


class Axes(Enum):
    """Directions of x, y and z; the value is (source axis, sign) for the Kinect's x, y and z."""

    KINECT = ((0, 1), (1, 1), (2, 1))
    """x to the sensor's left, y up, z away from the camera."""

    CAMERA_OPTICAL = ((0, -1), (1, -1), (2, 1))
    """x to the image's right, y down, z away from the camera (REP-103, ``*_optical_frame``)."""

    ROS_BODY = ((1, 1), (2, 1), (0, 1))
    """x forward, y left, z up (REP-103)."""


_SOURCES = {axes: [source for source, _ in axes.value] for axes in Axes}
_SIGNS = {axes: np.array([sign for _, sign in axes.value], dtype=np.float32) for axes in Axes}


def to_kinect_axes(positions: NDArray[np.float32], axes: Axes) -> NDArray[np.float32]:
    """Positions, (..., 3), in the Kinect's axes."""
    result = positions[..., _SOURCES[axes]]
    result *= _SIGNS[axes]
    return result


def from_kinect_axes(positions: NDArray[np.float32], axes: Axes) -> NDArray[np.float32]:
    """Positions, (..., 3), in an input's axes: the inverse of :func:`to_kinect_axes`."""
    result = np.empty_like(positions)
    result[..., _SOURCES[axes]] = positions * _SIGNS[axes]
    return result
