# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Skeleton-DML: the image of a sequence (Memmesheimer et al., WACV 2022, section 3.1).

The sequence of one joint is written as all its x, then all its y, then all its z, and cut into
groups of three consecutive values, which become the red, green and blue of one pixel.  So rows
are joints, columns are three blocks x | y | z of a third of the frames each, and the colours are
three consecutive frames of one axis of one joint.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from skeleton_dml_ros.representations.images import (
    RepresentationError,
    all_seen,
    finished,
    require_seen,
    require_sequences,
    to_bytes,
)
from skeleton_dml_ros.skeleton.layouts import NTU_25


def pixels(positions: Tensor) -> Tensor:
    """Arrange coordinates as the pixels of a Skeleton-DML image, values untouched.

    With a number of frames that three does not divide, a group at a block's border holds values
    of two axes.  Three times the frames is what is grouped, so groups always come out even.

    Args:
        positions: (batch, frames, bodies, joints, 3).

    Returns:
        (batch, 3, bodies * joints, frames): colours first; the second body's joints below the
        first's.

    Raises:
        RepresentationError: the tensor has another number of dimensions, or no frame.
    """
    require_sequences(positions)
    batch, frames, bodies, joints, _ = positions.shape
    # (batch, bodies, joints, axes, frames): the last two in a row are x... y... z... of a joint.
    rows = positions.permute(0, 2, 3, 4, 1).reshape(batch, bodies * joints, frames, 3)
    return rows.permute(0, 3, 1, 2)


@dataclass(frozen=True)
class FaithfulSkeletonDML:
    """The paper's image: one minimum and maximum over the whole image, 8 bit, 256x256.

    25 rows for one person, 50 for two.  How the authors laid out two bodies is not published;
    the second body below the first is this project's inference.

    Attributes:
        size: height and width in pixels; 0 leaves the image as it is.
    """

    size: int = 256

    def __call__(self, positions: Tensor) -> Tensor:
        """Images of the sequences, as :func:`finished` gives them.

        Args:
            positions: (batch, frames, bodies, joints, 3); any unit and frame of reference.

        Raises:
            RepresentationError: a joint was not seen, or nothing in a sequence differs.
        """
        require_seen(positions)
        return finished(to_bytes(pixels(positions)), self.size)


def bones(positions: Tensor) -> Tensor:
    """Each joint seen from its parent, (..., 25, 3); the root, which has none, from the origin."""
    parents = _parents(positions.device)
    seen_from = positions[..., parents, :] * (parents >= 0).to(positions).unsqueeze(1)
    return positions - seen_from


def motion(positions: Tensor) -> Tensor:
    """How far each joint moves around each frame; at the ends in half of the time.

    Args:
        positions: (batch, frames, bodies, joints, 3).
    """
    frames = torch.arange(positions.shape[1], device=positions.device)
    before = (frames - MOTION_FRAMES).clamp(min=0)
    after = (frames + MOTION_FRAMES).clamp(max=positions.shape[1] - 1)
    return positions[:, after] - positions[:, before]


MOTION_FRAMES = 3
"""Motion is what lies between this many frames before and after: a pixel holds three, and what a
sensor errs from one frame to the next is no motion."""


@functools.cache
def _parents(device: torch.device) -> Tensor:
    """Each joint's parent, on a device: a recorded CUDA graph brings nothing there."""
    return torch.tensor(NTU_25.parents, device=device)


STREAMS: dict[str, tuple[Callable[[Tensor], Tensor], float]] = {
    "positions": (lambda positions: positions, 1.0),
    "bones": (bones, 0.25),
    "motion": (motion, 0.25),
}
"""What an image can show, by name, and how far it reaches as a share of the positions' reach."""


@dataclass(frozen=True)
class SkeletonDML:
    """This project's variant: floats from a normalised skeleton, each body with its own rows.

    The number of frames is fixed and divisible by three, so no pixel mixes axes, and the range
    is fixed, so a pixel's value means the same place in every clip.

    Beside positions, an image may hold what follows from them, as further rows of the same body:
    convolutions see neighbouring rows and columns only, and a bone joins rows that lie apart.

    Attributes:
        height: rows of one body after resizing, all streams together.
        width: columns after resizing; as many as frames leaves them as they are.
        reach: coordinates from -reach to reach fill [0, 1] and what lies outside is clamped;
            in the unit of the normalised skeleton, trunk lengths.
        streams: what an image shows, from top to bottom: ``positions``, ``bones`` (each joint
            seen from its parent) and ``motion`` (how far each joint moves in six frames).
    """

    height: int = 64
    width: int = 96
    reach: float = 4.0
    streams: tuple[str, ...] = ("positions",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "streams", tuple(self.streams))
        unknown = [name for name in self.streams if name not in STREAMS]
        if unknown or not self.streams:
            raise RepresentationError(
                f"streams are {list(self.streams)}; give one or more of {', '.join(STREAMS)}"
            )

    def __call__(self, positions: Tensor) -> Tensor:
        """Images of the sequences.

        Args:
            positions: (batch, frames, bodies, joints, 3), normalised; frames divisible by three.

        Returns:
            (batch, 3, bodies * height, width) float32 in [0, 1], on the input's device.

        Raises:
            RepresentationError: frames are not divisible by three, or a joint was not seen.
        """
        frames = positions.shape[1] if positions.ndim == 5 else 0
        if frames % 3:
            raise RepresentationError(f"{frames} frames; give a number divisible by three")
        if not all_seen(positions):
            raise RepresentationError("a joint was not seen; complete the skeleton first")
        shown = []
        for name in self.streams:
            stream, reach = STREAMS[name]
            values = stream(positions) / (reach * self.reach)
            shown.append((values / 2 + 0.5).clamp(0, 1))
        image = pixels(torch.cat(shown, dim=3)).to(torch.float32)
        size = (positions.shape[2] * self.height, self.width)
        if image.shape[2:] == size:
            return image
        return functional.interpolate(image, size=size, mode="bilinear", align_corners=False)
