# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Draw a skeleton as text with Braille patterns of two by four dots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.projection import HEAD_RADIUS, project_skeleton

DOTS_WIDE, DOTS_HIGH = 2, 4
"""Dots of a character."""

# The bit of each dot in the code points from U+2800, by row and column.
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])


def stick_figure(
    joints: NDArray[np.float32],
    layout: Layout,
    centre: tuple[float, float],
    height: float,
    columns: int,
    rows: int,
) -> str:
    """Draw a skeleton as a camera sees it.

    Args:
        joints: (joints, 3) metres, Kinect axes, NaN = not seen.
        layout: of the joints.
        centre: (x, y) in metres of the middle of the drawing.
        height: metres from the top to the bottom of the drawing.
        columns: characters per line.
        rows: number of lines.
    """
    dots = np.zeros((rows * DOTS_HIGH, columns * DOTS_WIDE), dtype=bool)
    scale = dots.shape[0] / height
    corner = (
        np.array([-centre[0], centre[1]]) + np.array([-dots.shape[1], dots.shape[0]]) / 2 / scale
    )
    seen = project_skeleton(joints, layout)
    strokes = [_line(*_places(bone, corner, scale)) for bone in seen.bones]
    if seen.head is not None:
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        strokes.append(_places(seen.head + HEAD_RADIUS * circle, corner, scale))
    drawn = np.concatenate(strokes) if strokes else np.zeros((0, 2))
    drawn = np.floor(drawn).astype(int)
    inside = ((drawn >= 0) & (drawn < dots.shape)).all(axis=1)
    dots[drawn[inside, 0], drawn[inside, 1]] = True

    characters = dots.reshape(rows, DOTS_HIGH, columns, DOTS_WIDE).transpose(0, 2, 1, 3)
    codes = 0x2800 + (characters * _BITS).sum(axis=(2, 3))
    return "\n".join("".join(chr(code) for code in line) for line in codes)


def _places(
    points: NDArray[np.floating], corner: NDArray[np.float64], scale: float
) -> NDArray[np.float64]:
    """(points, 2) dots down and across, from metres to the right and up.

    Args:
        points: (points, 2) metres.
        corner: the picture's upper left corner, likewise.
        scale: dots in a metre.
    """
    across, up = ((points - corner) * scale).T
    return np.stack([-up, across], axis=1)


def _line(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """(points, 2) from start to end, dense enough to set every dot between them."""
    steps = int(np.ceil(np.abs(end - start).max())) + 1
    return np.asarray(np.linspace(start, end, steps + 1), dtype=np.float64)
