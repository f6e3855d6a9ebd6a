# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Skepxels: the joints of a frame as a square of pixels, in many arrangements.

J. Liu, N. Akhtar, A. Mian, "Skepxels: Spatio-temporal image representation of human skeleton joints
for action recognition", CVPR Workshops 2019.

A Skepxel is the 25 joints of one frame as 5x5 pixels with x, y and z as colours.  36 arrangements of a
frame are stacked, so that small convolution kernels see many combinations of joints, and 36 frames are
side by side: 180x180 pixels.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from skeleton_dml_ros.representations.images import (
    NTU_JOINTS,
    finished,
    require_ntu_25,
    to_bytes,
)

SIDE = 5
"""Joints per row of a Skepxel."""

ARRANGEMENTS = 36
"""Stacked arrangements."""

FRAMES = 36
"""Frames side by side."""


@cache
def arrangements() -> tuple[tuple[int, ...], ...]:
    """(36, 25) joints in the order in which each arrangement fills its square, row by row.

    As in the authors' code, joints are shuffled with seeds 0 to 35 by Python 2's ``random.sample``,
    which later versions implement differently.
    """
    shuffled = []
    for seed in range(ARRANGEMENTS):
        generator = random.Random(seed)
        pool = list(range(NTU_JOINTS))
        order = []
        for left in range(NTU_JOINTS, 0, -1):
            chosen = int(generator.random() * left)
            order.append(pool[chosen])
            pool[chosen] = pool[left - 1]
        shuffled.append(tuple(order))
    return tuple(shuffled)


@dataclass(frozen=True)
class Skepxels:
    """The Skepxel image of joint positions.

    The authors draw an image per window of 36 frames and join the features; here a clip has one image
    of 36 evenly spaced, linearly interpolated instants.  Two bodies alternate, as in the authors'
    code, with 18 instants each.

    Attributes:
        size: height and width in pixels after PIL's bilinear resizing; 0 leaves the image at
            180x180.
    """

    size: int = 256

    def __call__(self, positions: Tensor) -> Tensor:
        """Images of the sequences, as from :func:`finished`.

        Args:
            positions: (batch, frames, bodies, 25, 3); any unit and frame of reference.

        Raises:
            RepresentationError: a joint was not seen, the number of joints is not 25, or all
                coordinates of a clip are equal.
        """
        require_ntu_25(positions, "Skepxels")
        skeletons = _alternating(positions)
        order = torch.tensor(arrangements(), device=positions.device)
        # (batch, 36 skeletons, 36 arrangements, 5 rows, 5 columns, 3)
        squares = skeletons[:, :, order.view(ARRANGEMENTS, SIDE, SIDE)]
        image = squares.permute(0, 5, 2, 3, 1, 4).flatten(4, 5).flatten(2, 3)
        return finished(to_bytes(image), self.size)


def _alternating(positions: Tensor) -> Tensor:
    """36 skeletons of alternating bodies: (batch, frames, bodies, 25, 3) to (batch, 36, 25, 3)."""
    frames, bodies = positions.shape[1:3]
    instants = torch.linspace(0, frames - 1, FRAMES // bodies, device=positions.device)
    left = instants.floor().long()
    right = (left + 1).clamp(max=frames - 1)
    share = (instants - left).view(-1, 1, 1, 1)
    return torch.lerp(positions[:, left], positions[:, right], share).flatten(1, 2)
