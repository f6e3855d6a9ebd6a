# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the network sees of a clip, as a picture for people."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.make import Make, header
from skeleton_dml_ros.node.live import DeviceEngine
from skeleton_dml_ros.recognition.clips import Clip

MIN_HEIGHT = 256
"""Pixels.  The default model's image has 64 rows, which is a stamp on a screen."""


def clip_image(make: Make, stamp_ns: int, frame_id: str, engine: DeviceEngine, clip: Clip) -> Any:
    """The Skeleton-DML image of a clip, a ``sensor_msgs/Image``; None where there is none.

    It is made as for the network, then for the eye: brightness is stretched to the full range, as
    the paper's image has it, and each pixel becomes a square of equal pixels.  A clip in which too
    little was seen to be embedded has no image.

    Args:
        make: see :mod:`skeleton_dml_ros.messages.make`.
        stamp_ns: of the message.
        frame_id: of the message.
        engine: draws the image as it does for its network.
        clip: the clip, as it was recorded.
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
    """The image in bytes, its darkest value black and its brightest white.

    One range for all pixels and colours, so that equal values stay equal.  A body fills a small
    part of the range that the network's image leaves it: without this all would be grey.
    """
    lowest, highest = float(image.min()), float(image.max())
    span = highest - lowest
    scaled = (image - lowest) / span if span > 0 else image
    return np.round(255 * scaled).astype(np.uint8)


def enlarged(pixels: NDArray[np.uint8], min_height: int = MIN_HEIGHT) -> NDArray[np.uint8]:
    """The image (height, width, 3), each pixel repeated until it is at least so high."""
    factor = max(1, -(-min_height // len(pixels)))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)
