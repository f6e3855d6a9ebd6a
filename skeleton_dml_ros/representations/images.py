# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Shared by representations: checks of a batch, scaling to bytes, resizing."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25

NTU_JOINTS = len(NTU_25.joint_names)


class RepresentationError(SkeletonDmlError):
    """A batch of sequences cannot be drawn as images."""


def require_sequences(positions: Tensor) -> None:
    """Refuse anything but a batch of sequences.

    Raises:
        RepresentationError: the shape is not (batch, frames, bodies, joints, 3), or empty.
    """
    if positions.ndim != 5 or positions.shape[-1] != 3 or 0 in positions.shape:
        raise RepresentationError(
            f"positions have shape {tuple(positions.shape)}; give (batch, frames, bodies, joints, 3)"
        )


def all_seen(positions: Tensor) -> bool:
    """Whether every coordinate is finite; always true while a graph is traced or recorded.

    Traced and recorded graphs cannot raise errors or depend on values.
    """
    if torch.compiler.is_compiling():
        return True
    if positions.is_cuda and torch.cuda.is_current_stream_capturing():
        return True
    return bool(torch.isfinite(positions).all())


def require_seen(positions: Tensor) -> None:
    """Refuse a batch with unseen joints.

    Raises:
        RepresentationError: a coordinate is not finite, or as :func:`require_sequences`.
    """
    require_sequences(positions)
    if not all_seen(positions):
        raise RepresentationError(
            "a joint was not seen, and the image has no value for it; fill gaps first "
            "(skeleton.cleaning) or leave the clip out"
        )


def require_ntu_25(positions: Tensor, name: str) -> None:
    """Refuse a batch that is not of complete skeletons in layout ``ntu_25``.

    Raises:
        RepresentationError: another number of joints, or as :func:`require_seen`.
    """
    require_seen(positions)
    if positions.shape[3] != NTU_JOINTS:
        raise RepresentationError(
            f"{name} needs the {NTU_JOINTS} joints of ntu_25, but the clip has "
            f"{positions.shape[3]}; map it first (skeleton.mapping.to_ntu25)"
        )


def to_bytes(image: Tensor) -> Tensor:
    """Scale each image of a batch by its own minimum and maximum to 8 bit.

    Args:
        image: (batch, 3, height, width).

    Returns:
        (batch, 3, height, width) uint8; the minimum of an image is 0 and its maximum 255.

    Raises:
        RepresentationError: all values of an image are equal.
    """
    lowest = image.amin(dim=(1, 2, 3), keepdim=True)
    span = image.amax(dim=(1, 2, 3), keepdim=True) - lowest
    if bool((span == 0).any()):
        raise RepresentationError(
            "all coordinates of a clip are equal and cannot be scaled; leave the clip out"
        )
    return torch.round(255 * (image - lowest) / span).to(torch.uint8)


def finished(image: Tensor, size: int) -> Tensor:
    """Resize a byte image and convert it to float.

    Args:
        image: (batch, 3, height, width) uint8.
        size: height and width after PIL's bilinear resizing; 0 leaves the image as it is.

    Returns:
        (batch, 3, size, size) float32 in [0, 1], in steps of 1/255, on the image's device; the
        image's own size if ``size`` is 0.
    """
    if size:
        image = resize_like_pil(image, size)
    return image.to(torch.float32) / 255


def resize_like_pil(image: Tensor, size: int) -> Tensor:
    """PIL's bilinear resizing of 8-bit images: antialiased, columns first, halves rounded up.

    PIL computes with integers, so two values in a thousand differ by 1/255.
    """
    resized = image.to(torch.float32)
    for shape in ((resized.shape[2], size), (size, size)):
        resized = functional.interpolate(
            resized, size=shape, mode="bilinear", antialias=True, align_corners=False
        )
        resized = (resized + 0.5).floor()
    return resized.clamp(0, 255).to(torch.uint8)
