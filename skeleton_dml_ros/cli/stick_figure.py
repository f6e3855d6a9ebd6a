# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""A skeleton as text: lines of Braille patterns, of which each letter has two by four dots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.layouts import Layout

DOTS_WIDE, DOTS_HIGH = 2, 4
"""Dots of one letter."""

# Bits of U+2800 and following: which dot of a letter each bit sets, by row and column.
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])

_HEAD_RADIUS = 0.09
"""Metres."""


def stick_figure(
    joints: NDArray[np.float32],
    layout: Layout,
    centre: tuple[float, float],
    height: float,
    columns: int,
    rows: int,
) -> str:
    """What a camera sees of a skeleton, as lines of text.

    Args:
        joints: (joints, 3) metres, Kinect axes, NaN = not seen.
        layout: of the joints.
        centre: (x, y) in metres of what is drawn in the middle.
        height: metres from the top to the bottom of the drawing.
        columns: letters in a line.
        rows: lines.
    """
    dots = np.zeros((rows * DOTS_HIGH, columns * DOTS_WIDE), dtype=bool)
    scale = dots.shape[0] / height
    # Kinect's x grows to the camera's left, a picture's to the right.
    across = dots.shape[1] / 2 - (joints[:, 0] - centre[0]) * scale
    down = dots.shape[0] / 2 - (joints[:, 1] - centre[1]) * scale
    places = np.stack([down, across], axis=1)

    strokes = []
    for joint, parent in enumerate(layout.parents):
        if parent >= 0 and np.isfinite(places[[joint, parent]]).all():
            strokes.append(_line(places[parent], places[joint]))
    if "head" in layout.joint_names:
        head = places[layout.index("head")]
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        circle = np.stack([np.sin(angles), np.cos(angles)], axis=1)
        strokes.append(head + _HEAD_RADIUS * scale * circle)
    drawn = np.concatenate(strokes) if strokes else np.zeros((0, 2))
    drawn = np.floor(drawn[np.isfinite(drawn).all(axis=1)]).astype(int)
    inside = ((drawn >= 0) & (drawn < dots.shape)).all(axis=1)
    dots[drawn[inside, 0], drawn[inside, 1]] = True

    letters = dots.reshape(rows, DOTS_HIGH, columns, DOTS_WIDE).transpose(0, 2, 1, 3)
    codes = 0x2800 + (letters * _BITS).sum(axis=(2, 3))
    return "\n".join("".join(chr(code) for code in line) for line in codes)


def _line(start: NDArray[np.float32], end: NDArray[np.float32]) -> NDArray[np.float64]:
    """(points, 2) from one place to another, close enough that no dot is left out."""
    steps = int(np.ceil(np.abs(end - start).max())) + 1
    return np.asarray(np.linspace(start, end, steps + 1), dtype=np.float64)
