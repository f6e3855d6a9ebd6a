# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The Skeleton-DML image of a clip as a ROS image for people."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.make import Make, header
from skeleton_dml_ros.node.active_recognizer import DeviceEngine
from skeleton_dml_ros.recognition.clips import Clip

MIN_HEIGHT = 256
"""Minimum height in pixels; the default model's image has 64 rows."""


def clip_image(make: Make, stamp_ns: int, frame_id: str, engine: DeviceEngine, clip: Clip) -> Any:
    """The Skeleton-DML image of a clip as a ``sensor_msgs/Image``.

    It is the network's input, with the contrast stretched to the full range, as in the paper, and
    enlarged.  None if too few joints are visible.

    Args:
        make: creates messages.
        stamp_ns: stamp of the message.
        frame_id: frame of the message.
        engine: creates the image.
        clip: the clip.
    """
    try:
        image = engine.image(clip.sequence).transpose(1, 2, 0)
    except SkeletonDmlError:
        return None
    pixels = enlarged(stretched(image))
    height, width, _ = pixels.shape
    return make(
        "sensor_msgs/msg/Image",
        header=header(make, stamp_ns, frame_id),
        height=height,
        width=width,
        encoding="rgb8",
        is_bigendian=0,
        step=3 * width,
        data=pixels.tobytes(),
    )


def stretched(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The image as bytes, with its minimum mapped to 0 and its maximum to 255.

    Without stretching it would be grey: a body occupies a small part of the value range.
    """
    lowest, highest = float(image.min()), float(image.max())
    span = highest - lowest
    scaled = (image - lowest) / span if span > 0 else image
    return np.round(255 * scaled).astype(np.uint8)


def enlarged(pixels: NDArray[np.uint8], min_height: int = MIN_HEIGHT) -> NDArray[np.uint8]:
    """The image (height, width, 3) with each pixel repeated up to the minimum height."""
    factor = max(1, -(-min_height // len(pixels)))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)
