# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""TSSI, the tree structure skeleton image: SL-DML's image with rows along the skeleton's tree.

Z. Yang, Y. Li, J. Yang, J. Luo, "Action recognition with spatio-temporal visual attention on
skeleton image sequences", IEEE Transactions on Circuits and Systems for Video Technology, 2018.

A depth-first walk through the tree and back puts neighbouring joints in neighbouring rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from skeleton_dml_ros.representations.images import finished, require_ntu_25, to_bytes
from skeleton_dml_ros.representations.sl_dml import rows_of_joints

# fmt: off
DEPTH_FIRST_ORDER = (
    1, 20, 2, 3, 2, 20, 4, 5, 6, 7, 21, 22, 21, 7, 6, 5, 4, 20, 8, 9, 10, 11, 23, 24, 23, 11, 10,
    9, 8, 20, 1, 0, 12, 13, 14, 15, 14, 13, 12, 0, 16, 17, 18, 19, 18, 17, 16, 0, 1,
)
# fmt: on
"""Joints of ntu_25, from 0, on a depth-first walk from the middle of the spine.  As in SkeleMotion's
code, the walk goes from the fingertip to the thumb, although the thumb is a child of the hand."""


def in_depth_first_order(positions: Tensor) -> Tensor:
    """(batch, frames, bodies, 25, 3) to (batch, frames, bodies, 49, 3), along the tree."""
    order = torch.tensor(DEPTH_FIRST_ORDER, device=positions.device)
    return positions.index_select(3, order)


@dataclass(frozen=True)
class TSSI:
    """The tree structure skeleton image: 49 rows per body, the second body below the first.

    Attributes:
        size: height and width in pixels; 0 leaves the image as it is.
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
        require_ntu_25(positions, "TSSI")
        return finished(to_bytes(rows_of_joints(in_depth_first_order(positions))), self.size)
