# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Gimme Signals: each joint's coordinates drawn as curves over time.

R. Memmesheimer, N. Theisen, D. Paulus, "Gimme Signals: Discriminative signal encoding for
multimodal activity recognition", IROS 2020.

Each joint's x, y and z are three thin translucent lines of one colour on white, with time from left to
right.  As in the authors' code, signals are centred at their means, x at 0, y at 0.5 m and z at 1 m,
and the drawing is cropped to the signals' range.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import torch
from torch import Tensor

from skeleton_dml_ros.representations.images import RepresentationError, require_seen

AXIS_HEIGHTS = (0.0, 0.5, 1.0)
"""Heights of the means of the x, y and z signals, metres."""

OPACITY = 0.2
"""Opacity of a line."""

LINE_WIDTH = 1 / 360
"""Width of a line as a share of the drawing's side: 1 point in 5 inches."""

STEPS = 4
"""Samples of a line per column of pixels; peaks between them are cut off."""


@dataclass(frozen=True)
class GimmeSignals:
    """The signals of all joints in one drawing.

    A joint's hue is its share of the colour circle.  A second body's signals are drawn over the
    first's, with the same hues at half the brightness.

    Attributes:
        size: height and width of the drawing in pixels.
    """

    size: int = 256

    def __post_init__(self) -> None:
        if self.size < 1:
            raise RepresentationError(f"size is {self.size}; give at least 1 pixel")

    def __call__(self, positions: Tensor) -> Tensor:
        """Images of the sequences.

        Args:
            positions: (batch, frames, bodies, joints, 3), metres; at least 2 frames.

        Returns:
            (batch, 3, size, size) float32 in [0, 1], on the input's device.

        Raises:
            RepresentationError: a joint was not seen, or there is a single frame.
        """
        require_seen(positions)
        _, frames, bodies, joints, _ = positions.shape
        if frames < 2:
            raise RepresentationError("the clip has a single frame; give at least 2")
        lower, upper = _extents(_heights(positions), self.size)
        rows = torch.arange(self.size, device=positions.device).view(1, -1, 1)
        image = positions.new_ones((len(positions), 3, self.size, self.size), dtype=torch.float32)
        for line, colour in enumerate(_colours(bodies, joints)):
            for axis in range(3):
                top = upper[:, None, :, line, axis]
                bottom = lower[:, None, :, line, axis]
                # Share of each pixel that the line covers: (batch, rows, columns).
                covered = (torch.minimum(top, rows + 1.0) - torch.maximum(bottom, rows)).clamp(0, 1)
                ink = torch.tensor(colour, device=positions.device).view(1, 3, 1, 1)
                image = torch.lerp(image, ink, (OPACITY * covered)[:, None])
        # So far row 0 is the lowest value; in an image it is the top.
        return image.flip(2)


def _heights(positions: Tensor) -> Tensor:
    """Signals scaled so that the drawing's lowest value is 0 and its highest 1.

    Args:
        positions: (batch, frames, bodies, joints, 3).

    Returns:
        (batch, frames, bodies * joints, 3) float32.
    """
    signals = positions.to(torch.float32).flatten(2, 3)
    shifted = signals - signals.mean(dim=1, keepdim=True) + signals.new_tensor(AXIS_HEIGHTS)
    lowest = shifted.amin(dim=(1, 2, 3), keepdim=True)
    highest = shifted.amax(dim=(1, 2, 3), keepdim=True)
    return (shifted - lowest) / (highest - lowest)


def _extents(heights: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Lower and upper edge of each line in each column of pixels, in pixels from the bottom.

    Args:
        heights: (batch, frames, lines, 3) in [0, 1].
        size: columns and rows.

    Returns:
        Two of (batch, size, lines, 3).
    """
    frames = heights.shape[1]
    instants = torch.linspace(0, frames - 1, STEPS * size + 1, device=heights.device)
    left = instants.floor().long().clamp(max=frames - 2)
    share = (instants - left).view(1, -1, 1, 1)
    sampled = torch.lerp(heights[:, left], heights[:, left + 1], share) * size
    # A column covers the samples from its left to its right edge: (batch, columns, lines, 3, 5).
    in_columns = sampled.unfold(1, STEPS + 1, STEPS)
    half = max(LINE_WIDTH * size, 1.0) / 2
    return in_columns.amin(dim=-1) - half, in_columns.amax(dim=-1) + half


def _colours(bodies: int, joints: int) -> list[tuple[float, float, float]]:
    return [
        colorsys.hsv_to_rgb(joint / joints, 1.0, 1.0 / (1 + body))
        for body in range(bodies)
        for joint in range(joints)
    ]
