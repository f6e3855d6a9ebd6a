# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plain import FOCAL, HEIGHT, WIDTH, camera_info, depth_image, pixel_of

from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.lifting import lift, read_camera, read_depth_image

WALL = 4.0
POINTS = np.array([[-0.4, -0.5, 2.0], [0.0, 0.0, 2.5], [0.6, 0.4, 3.0]], dtype=np.float32)
PIXELS = np.array([pixel_of(point) for point in POINTS], dtype=np.float32)


def rendered(radius: int = 4) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A wall with a square in front of it around each point, in metres."""
    image = np.full((HEIGHT, WIDTH), WALL, dtype=np.float32)
    for (column, row), (_, _, z) in zip(PIXELS.astype(int), POINTS, strict=True):
        image[row - radius : row + radius + 1, column - radius : column + radius + 1] = z
    return image


@pytest.mark.parametrize("padding", [0, 6])
@pytest.mark.parametrize("is_bigendian", [0, 1])
@pytest.mark.parametrize("encoding", ["16UC1", "32FC1"])
def test_points_are_lifted_to_their_positions(
    encoding: str, is_bigendian: int, padding: int
) -> None:
    depth = read_depth_image(depth_image(rendered(), encoding, is_bigendian, padding))
    lifted = lift(PIXELS, depth, read_camera(camera_info()))
    np.testing.assert_allclose(lifted, POINTS, atol=1e-5)


@pytest.mark.parametrize("kind", [bytes, list, lambda data: np.frombuffer(data, np.uint8)])
def test_pixels_may_be_in_any_kind_of_bytes(kind: Any) -> None:
    message = depth_image(rendered())
    message.data = kind(message.data)
    lifted = lift(PIXELS, read_depth_image(message), read_camera(camera_info()))
    np.testing.assert_allclose(lifted, POINTS, atol=1e-5)


def test_pixels_are_viewed_and_not_copied() -> None:
    message = depth_image(rendered())
    pixels = read_depth_image(message).pixels
    assert np.shares_memory(pixels, np.frombuffer(message.data, dtype=np.uint8))


@pytest.mark.parametrize("hole", [0.0, np.nan, np.inf, -1.0])
def test_a_hole_is_unseen_and_its_edge_is_seen(hole: float) -> None:
    image = rendered()
    column, row = PIXELS[0].astype(int)
    image[row - 2 : row + 3, column - 2 : column + 2] = hole
    depth = read_depth_image(depth_image(image, "32FC1"))
    lifted = lift(PIXELS, depth, read_camera(camera_info()))
    np.testing.assert_allclose(lifted, POINTS, atol=1e-5)
    image[row - 2 : row + 3, column + 2] = hole
    depth = read_depth_image(depth_image(image, "32FC1"))
    lifted = lift(PIXELS, depth, read_camera(camera_info()))
    assert np.isnan(lifted[0]).all()
    np.testing.assert_allclose(lifted[1:], POINTS[1:], atol=1e-5)


def test_the_depth_of_a_thin_limb_is_not_that_of_the_wall_behind() -> None:
    image = np.full((HEIGHT, WIDTH), WALL, dtype=np.float32)
    column = int(PIXELS[0, 0])
    image[:, column : column + 2] = 2.0
    depth = read_depth_image(depth_image(image))
    lifted = lift(PIXELS[:1], depth, read_camera(camera_info()))
    # Two columns of five, and the depth is one of the two and no mixture.
    assert lifted[0, 2] == pytest.approx(2.0)


def test_stray_pixels_in_front_have_no_effect() -> None:
    image = rendered()
    column, row = PIXELS[0].astype(int)
    image[row - 1, column - 1 : column + 2] = 0.3
    depth = read_depth_image(depth_image(image))
    assert lift(PIXELS, depth, read_camera(camera_info()))[0, 2] == pytest.approx(2.0)


def test_points_at_the_edge_are_lifted_and_points_outside_are_unseen() -> None:
    depth = read_depth_image(depth_image(rendered()))
    points = np.array(
        [[0, 0], [WIDTH - 1, HEIGHT - 1], [-0.1, 5], [5, HEIGHT], [WIDTH, 5], [np.nan, 5]],
        dtype=np.float32,
    )
    lifted = lift(points, depth, read_camera(camera_info()))
    assert np.isfinite(lifted).all(axis=-1).tolist() == [True, True, False, False, False, False]
    assert lifted[0].tolist() == pytest.approx(
        [-WIDTH / 2 * WALL / FOCAL, -HEIGHT / 2 * WALL / FOCAL, WALL]
    )


def test_two_hundred_people_are_lifted_at_once() -> None:
    depth = read_depth_image(depth_image(rendered()))
    points = np.random.default_rng(0).uniform(0, 100, size=(200, 18, 2)).astype(np.float32)
    assert np.isfinite(lift(points, depth, read_camera(camera_info()))).all()
    assert lift(points[:0], depth, read_camera(camera_info())).shape == (0, 18, 3)


def test_a_depth_image_of_another_size_is_refused_with_the_remedy() -> None:
    depth = read_depth_image(depth_image(rendered()))
    with pytest.raises(MessageError, match=r"160 x 120 pixels and the camera 320 x 240; .*aligned"):
        lift(PIXELS, depth, read_camera(camera_info(320, 240)))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"encoding": "rgb8"}, "encoding 'rgb8' is not a depth; choose a topic with raw depth"),
        ({"step": 10}, "160 x 120 pixels with 10 bytes per row .* fix its publisher"),
        ({"data": b"\0" * 100}, "has 100 bytes of data"),
        ({"height": 0}, "160 x 0 pixels"),
        ({"width": 10**9}, "fix its publisher"),
    ],
)
def test_an_image_without_depth_is_refused(changes: dict[str, Any], error: str) -> None:
    message = depth_image(rendered())
    vars(message).update(changes)
    with pytest.raises(MessageError, match=error):
        read_depth_image(message)


@pytest.mark.parametrize("k", [np.zeros(9), np.full(9, np.nan), np.ones(4)])
def test_a_camera_that_is_not_calibrated_is_refused(k: Any) -> None:
    message = camera_info()
    message.k = k
    with pytest.raises(MessageError, match="camera of frame 'camera_optical_frame' is not calib"):
        read_camera(message)
