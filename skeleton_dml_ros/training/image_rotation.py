# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Random rotation of images, the transform of the paper's Table III."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def random_angles(
    count: int, degrees: float, generator: torch.Generator, device: torch.device
) -> Tensor:
    """(count,) angles, uniform in [-degrees, degrees]; the generator is on the device."""
    return degrees * (2 * torch.rand(count, generator=generator, device=device) - 1)


def rotated(images: Tensor, degrees: Tensor) -> Tensor:
    """Rotate each image about its centre by its own angle.

    Like torchvision's ``RandomRotation``: nearest pixel, and black outside the image.

    Args:
        images: (batch, 3, height, width).
        degrees: (batch,) counter-clockwise.
    """
    height, width = images.shape[2:]
    angle = degrees * (math.pi / 180)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    zero = torch.zeros_like(angle)
    # Source position of each pixel, in coordinates from -1 to 1 along each side.
    source = torch.stack(
        [
            torch.stack([cosine, -sine * height / width, zero], dim=1),
            torch.stack([sine * width / height, cosine, zero], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(source, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, mode="nearest", align_corners=False)
