# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SkeleMotion: magnitude and orientation of each joint's motion, in the order of the skeleton's tree.

C. Caetano, J. Sena, F. Bremond, J. A. dos Santos, W. R. Schwartz, "SkeleMotion: A new
representation of skeleton joint sequences based on motion information for 3D action recognition",
AVSS 2019.

A joint's motion over d frames is its position d frames later minus its position.  In the last d frames
joints count as at rest, as in the authors' code.
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

MAX_MOTION = 1.0
"""Metres; longer motions are clamped."""

REST = 0.004
"""Metres per frame below which a joint is at rest."""

NO_DIRECTION = 1.1
"""Value for the orientation of a joint at rest, outside the angles' range."""


@dataclass(frozen=True)
class SkeleMotionMagnitude:
    """Magnitude of each joint's motion: 49 rows per body, the second body below the first.

    Attributes:
        distances: frames over which motion is taken; one for all three colours, or one for each
            colour.
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
    """Orientation of each joint's motion: 49 rows per body, the second body below the first.

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
        """(batch, 3, rows, frames) before resizing."""
        return orientation(positions, self.distance)


@dataclass(frozen=True)
class SkeleMotion(SkeleMotionOrientation):
    """Magnitudes above orientations in one image.

    The paper's Table IV does not say how the two are combined; this is our inference.
    """

    def _image(self, positions: Tensor) -> Tensor:
        above = magnitude(positions, (self.distance,))
        return torch.cat([above, super()._image(positions)], dim=2)


def motion(positions: Tensor, distance: int) -> Tensor:
    """Displacement of each joint over ``distance`` frames, zero in the last ones.

    Args:
        positions: (batch, frames, bodies, joints, 3).
        distance: frames.

    Returns:
        The same shape and unit.
    """
    displacement = torch.zeros_like(positions)
    displacement[:, :-distance] = positions[:, distance:] - positions[:, :-distance]
    return displacement


def magnitude(positions: Tensor, distances: tuple[int, ...]) -> Tensor:
    """Lengths of the motions; a colour for each distance, or one distance for all three.

    Args:
        positions: (batch, frames, bodies, 25, 3), metres.
        distances: one or three, in frames.

    Returns:
        (batch, 3, bodies * 49, frames) in [0, 1].
    """
    ordered = in_depth_first_order(positions)
    lengths = [motion(ordered, distance).norm(dim=-1, keepdim=True) for distance in distances]
    colours = torch.cat(lengths, dim=-1).clamp(max=MAX_MOTION) / MAX_MOTION
    return rows_of_joints(colours.expand(*colours.shape[:-1], 3))


def orientation(positions: Tensor, distance: int) -> Tensor:
    """Angles of the motions in the planes xy, zy and xz, from -180 to 180 degrees as [0, 1].

    Args:
        positions: (batch, frames, bodies, 25, 3), metres.
        distance: frames.

    Returns:
        (batch, 3, bodies * 49, frames) in [0, 1], or 1.1 for a joint at rest.
    """
    displacement = motion(in_depth_first_order(positions), distance)
    x, y, z = displacement.unbind(-1)
    angles = torch.stack([torch.atan2(y, x), torch.atan2(y, z), torch.atan2(z, x)], dim=-1)
    scaled = angles / (2 * math.pi) + 0.5
    at_rest = displacement.norm(dim=-1, keepdim=True) < REST * distance
    return rows_of_joints(torch.where(at_rest, torch.full_like(scaled, NO_DIRECTION), scaled))


def _resized(image: Tensor, size: int) -> Tensor:
    """Bilinear resizing without antialiasing, as OpenCV in the authors' code."""
    image = image.to(torch.float32)
    if not size:
        return image
    return functional.interpolate(image, size=(size, size), mode="bilinear", align_corners=False)
