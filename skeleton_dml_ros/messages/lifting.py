# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Lift image points to 3-D with an aligned depth image.

Pinhole model: x = (u - cx) z / fx, y = (v - cy) z / fy, with the depth z at pixel (u, v).  Depth
cameras measure the skin, so a skeleton is a few centimetres too near.

Depth is the lower quartile of a small patch, because single pixels may be holes and most of a patch
beside a thin limb may be background: a wrist is 9 pixels wide at 3 m.  The quartile is a measured
value, not interpolated: between a wrist and the wall there is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.fields import MessageError, frame_of, stamp_of

DEPTH_TYPE = "sensor_msgs/msg/Image"
CAMERA_INFO_TYPE = "sensor_msgs/msg/CameraInfo"

PATCH_RADIUS = 2
"""Pixels on each side of the keypoint; 5 x 5 pixels are 2 to 3 cm at 3 m."""

QUANTILE = 0.25
"""Quantile of the depths in a patch; 0 is the nearest."""

_ENCODINGS = {
    "16UC1": ("u2", 0.001),
    "mono16": ("u2", 0.001),
    "32FC1": ("f4", 1.0),
}
"""Type of a pixel and its unit in metres (REP-118)."""


@dataclass(frozen=True, eq=False)
class DepthImage:
    """A depth image.

    Attributes:
        stamp_ns: time of the image.
        pixels: (height, width), a view of the message's data.
        metres: unit of the pixels.
    """

    stamp_ns: int
    pixels: NDArray[Any]
    metres: float


@dataclass(frozen=True)
class Camera:
    """Pinhole camera of the image with the keypoints.

    Attributes:
        frame_id: optical frame.
        size: (width, height) in pixels.
        focal: (fx, fy) in pixels.
        centre: (cx, cy) in pixels.
    """

    frame_id: str
    size: tuple[int, int]
    focal: tuple[float, float]
    centre: tuple[float, float]


def read_depth_image(message: Any) -> DepthImage:
    """The depth image in a ``sensor_msgs/msg/Image``, without copying its pixels.

    Raises:
        MessageError: the encoding is not a depth, or the data are too short.
    """
    if message.encoding not in _ENCODINGS:
        raise MessageError(
            f"encoding {message.encoding!r} is not a depth; choose a topic with raw depth images, "
            "16UC1 or 32FC1"
        )
    pixel, metres = _ENCODINGS[message.encoding]
    dtype = np.dtype((">" if message.is_bigendian else "<") + pixel)
    height, width, step = int(message.height), int(message.width), int(message.step)
    data = message.data
    if isinstance(data, (bytes, bytearray, memoryview)):
        data = np.frombuffer(data, dtype=np.uint8)
    data = np.ascontiguousarray(data, dtype=np.uint8)
    needed = step * (height - 1) + width * dtype.itemsize
    if height < 1 or width < 1 or step < width * dtype.itemsize or len(data) < needed:
        raise MessageError(
            f"depth image of {width} x {height} pixels with {step} bytes per row has {len(data)} "
            "bytes of data; fix its publisher"
        )
    pixels: NDArray[Any] = np.ndarray(
        (height, width), dtype=dtype, buffer=data, strides=(step, dtype.itemsize)
    )
    return DepthImage(stamp_of(message.header), pixels, metres)


def read_camera(message: Any) -> Camera:
    """The camera in a ``sensor_msgs/msg/CameraInfo``, from its ``k``.

    Raises:
        MessageError: the camera is not calibrated.
    """
    k = np.asarray(message.k, dtype=np.float64)
    if k.shape != (9,) or not np.isfinite(k).all() or k[0] <= 0 or k[4] <= 0:
        raise MessageError(
            f"the camera of frame {message.header.frame_id!r} is not calibrated (k is "
            f"{k.tolist()}); calibrate it, or choose the camera_info of a calibrated camera"
        )
    return Camera(
        frame_id=frame_of(message.header.frame_id),
        size=(int(message.width), int(message.height)),
        focal=(float(k[0]), float(k[4])),
        centre=(float(k[2]), float(k[5])),
    )


def lift(points: NDArray[np.float32], depth: DepthImage, camera: Camera) -> NDArray[np.float32]:
    """Lift points in the image to 3-D.

    Args:
        points: (..., 2) pixels, x to the right and y down; NaN = not seen.
        depth: image of the same size as the camera's, aligned with it.
        camera: whose optical frame the result is in.

    Returns:
        (..., 3) metres in optical axes; NaN for points outside the image or in a hole.

    Raises:
        MessageError: the depth image and the camera differ in size.
    """
    height, width = depth.pixels.shape
    if camera.size != (width, height):
        raise MessageError(
            f"the depth image has {width} x {height} pixels and the camera "
            f"{camera.size[0]} x {camera.size[1]}; choose the topic of the depth image that is "
            "aligned with the colour image, such as aligned_depth_to_color/image_raw, and the "
            "camera_info of the same size"
        )
    z = _depth_at(points, depth)
    x = (points[..., 0] - camera.centre[0]) * z / camera.focal[0]
    y = (points[..., 1] - camera.centre[1]) * z / camera.focal[1]
    lifted = np.stack([x, y, z], axis=-1).astype(np.float32)
    lifted[~np.isfinite(lifted).all(axis=-1)] = np.nan
    return lifted


def _depth_at(points: NDArray[np.float32], depth: DepthImage) -> NDArray[np.float32]:
    """(...) metres; NaN outside the image and where the whole patch is a hole."""
    height, width = depth.pixels.shape
    inside = (
        (points[..., 0] >= 0)
        & (points[..., 0] < width)
        & (points[..., 1] >= 0)
        & (points[..., 1] < height)
    )
    pixel = np.where(inside[..., None], points, 0).astype(np.int64)
    offset = np.arange(-PATCH_RADIUS, PATCH_RADIUS + 1)
    columns = pixel[..., 0, None, None] + offset[None, :]
    rows = pixel[..., 1, None, None] + offset[:, None]
    # Beyond the image's edge a patch repeats the pixels at the edge.
    patch = depth.pixels[rows.clip(0, height - 1), columns.clip(0, width - 1)]
    values = patch.astype(np.float32).reshape(*inside.shape, offset.size**2) * depth.metres
    values[~((values > 0) & np.isfinite(values))] = np.inf
    values.sort(axis=-1)
    measured = np.isfinite(values).sum(axis=-1)
    taken = (QUANTILE * (measured - 1).clip(0)).astype(np.int64)
    z = np.take_along_axis(values, taken[..., None], axis=-1)[..., 0]
    return np.where(inside & (measured > 0), z, np.float32(np.nan))
