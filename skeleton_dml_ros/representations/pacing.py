# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Resample a clip evenly in time or evenly along the body's path.

Along the path, a pause takes no column, and neither the speed of an action nor its place in the clip
makes a difference.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from skeleton_dml_ros.representations.joint_indices import on_device
from skeleton_dml_ros.skeleton.layouts import NTU_25

PACINGS = ("time", "path")
"""Evenly in time, or at equal distances along the path."""

_MAIN = tuple(
    NTU_25.index(name)
    for name in (
        *("head", "spine_shoulder", "spine_base"),
        *(
            f"{joint}_{side}"
            for side in ("left", "right")
            for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        ),
    )
)
"""Joints whose path is measured: those that all trackers see."""

SMOOTHED_FRAMES = 9
"""Frames whose mean is taken before the path is measured: what a sensor errs is no way gone."""

STILLNESS = 0.05
"""Share of the mean step that is added to each step, so that a clip without motion has a pace."""

SMALLEST_STEP = 1e-6


def along_path(positions: Tensor) -> Tensor:
    """The clips at as many instants, between which the main joints go equally far.

    Args:
        positions: (batch, frames, bodies, 25, 3).

    Returns:
        The same shape; first and last frame stay.
    """
    frames = positions.shape[1]
    gone = path_lengths(positions)
    wanted = torch.linspace(0, 1, frames, device=positions.device, dtype=positions.dtype)
    # How many frames lie before each instant; torch.searchsorted cannot be exported.
    left = (gone[:, None, :] <= wanted[None, :, None]).sum(dim=2) - 1
    left = left.clamp(0, frames - 2)
    before, after = gone.gather(1, left), gone.gather(1, left + 1)
    share = ((wanted - before) / (after - before)).clamp(0, 1)[:, :, None]
    flat = positions.flatten(2)
    index = left[:, :, None].expand(-1, -1, flat.shape[2])
    return torch.lerp(flat.gather(1, index), flat.gather(1, index + 1), share).view_as(positions)


def path_lengths(positions: Tensor) -> Tensor:
    """Share of the clip's path that lies behind each frame.

    Args:
        positions: (batch, frames, bodies, 25, 3).

    Returns:
        (batch, frames) strictly increasing from 0 to 1.
    """
    main = positions[:, :, :, on_device(positions.device, _MAIN)].flatten(2).transpose(1, 2)
    half = SMOOTHED_FRAMES // 2
    smooth = functional.avg_pool1d(
        functional.pad(main, (half, half), mode="replicate"), SMOOTHED_FRAMES, stride=1
    )
    steps = (smooth[:, :, 1:] - smooth[:, :, :-1]).square().sum(dim=1).sqrt()
    steps = steps + STILLNESS * steps.mean(dim=1, keepdim=True) + SMALLEST_STEP
    gone = functional.pad(steps.cumsum(dim=1), (1, 0))
    return gone / gone[:, -1:]
