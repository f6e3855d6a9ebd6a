# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Skeleton-DML: the image of a sequence (Memmesheimer et al., WACV 2022, section 3.1).

All x of a joint, then all y, then all z form one sequence; three consecutive values each are the red,
green and blue of one pixel.  So rows are joints, columns are three blocks x | y | z with a third of the
frames each, and the colours are three consecutive frames of one axis of one joint.
"""

from __future__ import annotations

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
from skeleton_dml_ros.representations.joint_indices import on_device as _on
from skeleton_dml_ros.representations.pacing import PACINGS, along_path
from skeleton_dml_ros.skeleton.layouts import NTU_25


def pixels(positions: Tensor) -> Tensor:
    """Arrange coordinates as the pixels of a Skeleton-DML image, values unchanged.

    If the number of frames is not divisible by three, pixels at the borders of blocks mix two axes.

    Args:
        positions: (batch, frames, bodies, joints, 3).

    Returns:
        (batch, 3, bodies * joints, frames), the second body's rows below the first's.

    Raises:
        RepresentationError: the shape is not that of a batch of sequences.
    """
    require_sequences(positions)
    batch, frames, bodies, joints, _ = positions.shape
    # (batch, bodies, joints, axes, frames): a joint's x..., y..., z... are consecutive.
    rows = positions.permute(0, 2, 3, 4, 1).reshape(batch, bodies * joints, frames, 3)
    return rows.permute(0, 3, 1, 2)


@dataclass(frozen=True)
class FaithfulSkeletonDML:
    """The paper's image: scaled by its minimum and maximum, 8 bit, 256x256.

    25 rows for one person, 50 for two.  The paper does not say how two bodies are arranged; the
    second below the first is our inference.

    Attributes:
        size: height and width in pixels; 0 leaves the image as it is.
    """

    size: int = 256

    def __call__(self, positions: Tensor) -> Tensor:
        """Images of the sequences, as from :func:`finished`.

        Args:
            positions: (batch, frames, bodies, joints, 3); any unit and frame of reference.

        Raises:
            RepresentationError: a joint was not seen, or all coordinates of a clip are equal.
        """
        require_seen(positions)
        return finished(to_bytes(pixels(positions)), self.size)


def bones(positions: Tensor) -> Tensor:
    """Each joint relative to its parent, (..., 25, 3); the root relative to the origin."""
    parents = _on(positions.device, NTU_25.parents)
    seen_from = positions[..., parents, :] * (parents >= 0).to(positions).unsqueeze(1)
    return positions - seen_from


def motion(positions: Tensor) -> Tensor:
    """Displacement of each joint around each frame; over a shorter time at the ends.

    Args:
        positions: (batch, frames, bodies, joints, 3).
    """
    frames = torch.arange(positions.shape[1], device=positions.device)
    before = (frames - MOTION_FRAMES).clamp(min=0)
    after = (frames + MOTION_FRAMES).clamp(max=positions.shape[1] - 1)
    return positions[:, after] - positions[:, before]


def arms(positions: Tensor) -> Tensor:
    """The joints of both arms, each seen from its shoulder, (..., 10, 3)."""
    joints = _on(positions.device, _ARM_JOINTS)
    return positions[..., joints, :] - positions[..., _on(positions.device, _THEIR_SHOULDERS), :]


_ARM_JOINTS = tuple(
    NTU_25.index(f"{joint}_{side}")
    for side in ("left", "right")
    for joint in ("elbow", "wrist", "hand", "hand_tip", "thumb")
)
_THEIR_SHOULDERS = tuple(
    NTU_25.index(f"shoulder_{side}") for side in ("left", "right") for _ in range(5)
)

MOTION_FRAMES = 3
"""Motion is the displacement from this many frames before to as many after: a pixel holds three frames,
and between single frames sensor noise dominates."""


STREAMS: dict[str, tuple[Callable[[Tensor], Tensor], float]] = {
    "positions": (lambda positions: positions, 1.0),
    "bones": (bones, 0.25),
    "motion": (motion, 0.25),
    "bone_motion": (lambda positions: motion(bones(positions)), 0.25),
    "arms": (arms, 0.4),
}
"""Streams of an image by name, with their reach as a share of that of the positions."""


@dataclass(frozen=True)
class SkeletonDML:
    """This project's image: floats of a normalised skeleton, with separate rows for each body.

    The number of frames is divisible by three, so no pixel mixes axes.  The range is fixed, so a
    value means the same coordinate in every clip.  Further streams add rows with bones or motion,
    because convolutions combine only neighbouring rows and columns.

    Attributes:
        height: rows of one body after resizing, all streams together.
        width: columns after resizing; as many as frames leaves them as they are.
        reach: coordinates from -reach to reach map to [0, 1], others are clamped; in trunk lengths,
            the unit of the normalised skeleton.
        streams: from top to bottom: ``positions``, ``bones`` (joints relative to their parents),
            ``motion`` (displacement over six frames), ``bone_motion`` (that of the bones) and
            ``arms`` (arm joints relative to their shoulders).
        pacing: ``time`` spaces the frames evenly in time, ``path`` evenly along the path of the
            body, see :mod:`skeleton_dml_ros.representations.pacing`.
    """

    height: int = 64
    width: int = 96
    reach: float = 4.0
    streams: tuple[str, ...] = ("positions",)
    pacing: str = "time"

    def __post_init__(self) -> None:
        object.__setattr__(self, "streams", tuple(self.streams))
        if self.pacing not in PACINGS:
            raise RepresentationError(f"pacing is {self.pacing!r}; give {' or '.join(PACINGS)}")
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
            raise RepresentationError(f"the clip has {frames} frames; give a multiple of three")
        if not all_seen(positions):
            raise RepresentationError("a joint was not seen; impute the skeleton first")
        if self.pacing == "path":
            positions = along_path(positions)
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
