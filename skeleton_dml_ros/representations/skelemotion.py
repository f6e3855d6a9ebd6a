# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SkeleMotion: how far and where to each joint moves, in the order of the skeleton's tree.

C. Caetano, J. Sena, F. Bremond, J. A. dos Santos, W. R. Schwartz, "SkeleMotion: A new
representation of skeleton joint sequences based on motion information for 3D action recognition",
AVSS 2019.

The motion of a joint over d frames is where it is d frames later, less where it is.  In the last d
frames there is none: the joints count as at rest, as in the authors' code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from skeleton_dml_ros.representations.images import RepresentationError, require_ntu_25
from skeleton_dml_ros.representations.sl_dml import rows_of_joints
from skeleton_dml_ros.representations.tssi import in_depth_first_order

FASTEST = 1.0
"""Metres; a longer way counts as this one."""

REST = 0.004
"""Metres a frame; a joint that moves less has no direction."""

NO_DIRECTION = 1.1
"""What stands for the direction of a joint at rest: a value that no angle has."""


@dataclass(frozen=True)
class SkeleMotionMagnitude:
    """How far each joint moves: 49 rows a body, the second body below the first.

    Attributes:
        distances: frames over which motion is taken: one, for all three colours, or three, one
            for each colour.
        size: height and width in pixels after bilinear resizing; 0 leaves the image as it is.
    """

    distances: tuple[int, ...] = (1,)
    size: int = 256

    def __post_init__(self) -> None:
        object.__setattr__(self, "distances", tuple(self.distances))
        if len(self.distances) not in (1, 3) or min(self.distances) < 1:
            raise RepresentationError(
                f"distances are {list(self.distances)}; give one or three, each at least 1 frame"
            )

    def __call__(self, positions: Tensor) -> Tensor:
        """Images of the sequences.

        Args:
            positions: (batch, frames, bodies, 25, 3), metres.

        Returns:
            (batch, 3, size, size) float32 in [0, 1], on the input's device; with size 0
            (batch, 3, bodies * 49, frames).

        Raises:
            RepresentationError: a joint was not seen, or the number of joints is not 25.
        """
        require_ntu_25(positions, "SkeleMotion")
        return _resized(magnitude(positions, self.distances), self.size)


@dataclass(frozen=True)
class SkeleMotionOrientation:
    """Where to each joint moves: 49 rows a body, the second body below the first.

    Attributes:
        distance: frames over which motion is taken.
        size: height and width in pixels after bilinear resizing; 0 leaves the image as it is.
    """

    distance: int = 1
    size: int = 256

    def __post_init__(self) -> None:
        if self.distance < 1:
            raise RepresentationError(f"distance is {self.distance}; give at least 1 frame")

    def __call__(self, positions: Tensor) -> Tensor:
        """Images of the sequences.

        Args:
            positions: (batch, frames, bodies, 25, 3), metres.

        Returns:
            (batch, 3, size, size) float32 in [0, 1], and 1.1 where a joint is at rest, on the
            input's device; with size 0 (batch, 3, rows, frames).

        Raises:
            RepresentationError: a joint was not seen, or the number of joints is not 25.
        """
        require_ntu_25(positions, "SkeleMotion")
        return _resized(self._image(positions), self.size)

    def _image(self, positions: Tensor) -> Tensor:
        """(batch, 3, rows, frames): the image before it is resized."""
        return orientation(positions, self.distance)


@dataclass(frozen=True)
class SkeleMotion(SkeleMotionOrientation):
    """Both in one image: the magnitudes' 49 rows a body above the orientations'.

    How Skeleton-DML's Table IV put the two together is not published; this is this project's
    inference.
    """

    def _image(self, positions: Tensor) -> Tensor:
        above = magnitude(positions, (self.distance,))
        return torch.cat([above, super()._image(positions)], dim=2)


def motion(positions: Tensor, distance: int) -> Tensor:
    """Where each joint goes within ``distance`` frames, nowhere in the last ones.

    Args:
        positions: (batch, frames, bodies, joints, 3).
        distance: frames.

    Returns:
        The same shape and unit.
    """
    way = torch.zeros_like(positions)
    way[:, :-distance] = positions[:, distance:] - positions[:, :-distance]
    return way


def magnitude(positions: Tensor, distances: tuple[int, ...]) -> Tensor:
    """Lengths of the motions, a colour for each distance, or one distance for all three.

    Args:
        positions: (batch, frames, bodies, 25, 3), metres.
        distances: one or three, in frames.

    Returns:
        (batch, 3, bodies * 49, frames) in [0, 1].
    """
    ordered = in_depth_first_order(positions)
    lengths = [motion(ordered, distance).norm(dim=-1, keepdim=True) for distance in distances]
    colours = torch.cat(lengths, dim=-1).clamp(max=FASTEST) / FASTEST
    return rows_of_joints(colours.expand(*colours.shape[:-1], 3))


def orientation(positions: Tensor, distance: int) -> Tensor:
    """Angles of the motions in the planes xy, zy and xz, from -180 to 180 degrees as [0, 1].

    Args:
        positions: (batch, frames, bodies, 25, 3), metres.
        distance: frames.

    Returns:
        (batch, 3, bodies * 49, frames) in [0, 1], or 1.1 where the joint is at rest.
    """
    way = motion(in_depth_first_order(positions), distance)
    x, y, z = way.unbind(-1)
    angles = torch.stack([torch.atan2(y, x), torch.atan2(y, z), torch.atan2(z, x)], dim=-1)
    scaled = angles / (2 * math.pi) + 0.5
    at_rest = way.norm(dim=-1, keepdim=True) < REST * distance
    return rows_of_joints(torch.where(at_rest, torch.full_like(scaled, NO_DIRECTION), scaled))


def _resized(image: Tensor, size: int) -> Tensor:
    """Bilinear, without smoothing, as the authors' code does it with OpenCV."""
    image = image.to(torch.float32)
    if not size:
        return image
    return functional.interpolate(image, size=(size, size), mode="bilinear", align_corners=False)
