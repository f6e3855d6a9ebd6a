# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import math

import numpy as np
import pytest

from skeleton_dml_ros.node.transforms import Transform, TransformUnavailableError, transform_of

HALF = math.sqrt(0.5)
"""Sine and cosine of 45 degrees: half of a quarter turn."""


@pytest.mark.parametrize(
    ("quaternion", "point", "turned"),
    [
        ((0, 0, 0, 1), (1, 2, 3), (1, 2, 3)),
        ((0, 0, HALF, HALF), (1, 0, 0), (0, 1, 0)),
        ((0, HALF, 0, HALF), (0, 0, 1), (1, 0, 0)),
        ((HALF, 0, 0, HALF), (0, 1, 0), (0, 0, 1)),
        # An optical frame in a body frame (x forward, y left, z up) with the same viewing direction.
        ((-0.5, 0.5, -0.5, 0.5), (0, 0, 1), (1, 0, 0)),
        ((-0.5, 0.5, -0.5, 0.5), (1, 0, 0), (0, -1, 0)),
    ],
)
def test_a_quaternion_rotates_as_in_ros(
    quaternion: tuple[float, float, float, float],
    point: tuple[float, ...],
    turned: tuple[float, ...],
) -> None:
    transform = transform_of((0, 0, 0), quaternion)
    np.testing.assert_allclose(transform(np.array([point], np.float32)), [turned], atol=1e-6)


def test_rotation_precedes_translation() -> None:
    transform = transform_of((10, 20, 30), (0, 0, HALF, HALF))
    np.testing.assert_allclose(transform(np.array([1, 0, 0], np.float32)), [10, 21, 30], rtol=1e-6)


def test_a_rotation_keeps_lengths_and_handedness() -> None:
    for quaternion in np.random.default_rng(0).normal(size=(20, 4)).tolist():
        rotation = transform_of((0, 0, 0), tuple(quaternion)).rotation
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(rotation) == pytest.approx(1)


def test_a_quaternion_is_normalised() -> None:
    one = transform_of((0, 0, 0), (0, 0, HALF, HALF)).rotation
    two = transform_of((0, 0, 0), (0, 0, 3 * HALF, 3 * HALF)).rotation
    np.testing.assert_allclose(one, two, atol=1e-12)


@pytest.mark.parametrize("quaternion", [(0, 0, 0, 0), (math.nan, 0, 0, 1), (math.inf, 0, 0, 1)])
def test_an_invalid_quaternion_is_refused(
    quaternion: tuple[float, float, float, float],
) -> None:
    with pytest.raises(
        TransformUnavailableError, match=r"is not a valid quaternion; fix its publisher"
    ):
        transform_of((0, 0, 0), quaternion)


def test_positions_of_any_shape_stay_float32_and_unseen_joints_unseen() -> None:
    positions = np.zeros((2, 5, 3), np.float32)
    positions[1, 3] = np.nan
    moved = Transform(np.eye(3), np.array([1.0, 2.0, 3.0]))(positions)
    assert moved.dtype == np.float32
    assert moved.shape == (2, 5, 3)
    assert np.isnan(moved[1, 3]).all()
    assert moved[0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("x", [math.nan, math.inf, 1e10])
def test_a_translation_that_is_not_a_position_is_refused(x: float) -> None:
    with pytest.raises(TransformUnavailableError, match="is not a position in metres"):
        transform_of((x, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))
