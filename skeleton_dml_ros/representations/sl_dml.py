# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SL-DML: joints as rows, frames as columns, axes as colours.

R. Memmesheimer, N. Theisen, D. Paulus, "SL-DML: Signal level deep metric learning for multimodal
one-shot action recognition", ICPR 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from skeleton_dml_ros.representations.images import (
    finished,
    require_seen,
    require_sequences,
    to_bytes,
)


def rows_of_joints(positions: Tensor) -> Tensor:
    """Joints as rows, frames as columns and axes as colours, values unchanged.

    Args:
        positions: (batch, frames, bodies, joints, 3).

    Returns:
        (batch, 3, bodies * joints, frames), the second body's rows below the first's.

    Raises:
        RepresentationError: the shape is not that of a batch of sequences.
    """
    require_sequences(positions)
    return positions.permute(0, 4, 2, 3, 1).flatten(2, 3)


@dataclass(frozen=True)
class SLDML:
    """The image of SL-DML: a pixel is a joint in a frame, with x, y and z as colours.

    The paper does not say how two bodies are arranged; the second below the first is our inference.

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
        return finished(to_bytes(rows_of_joints(positions)), self.size)
