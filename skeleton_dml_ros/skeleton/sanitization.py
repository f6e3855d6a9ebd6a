# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Sanitize a tracker's output: joints at the origin or seen in part, confidences out of range.

Each function returns the array itself if there is nothing to change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sanitize_positions(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Positions, (..., 3), with NaN for joints that are infinite, seen in part or at the origin.

    Trackers put joints that they do not see at the sensor's origin.
    """
    squared = np.einsum("...i,...i->...", positions, positions)
    # Comparisons with NaN are false.
    seen = (squared > 0) & (squared < np.inf)
    if seen.all():
        return positions
    return np.where(seen[..., None], positions, np.float32(np.nan))


def sanitize_confidences(confidences: NDArray[np.float32]) -> NDArray[np.float32]:
    """Confidences, of any shape, clipped to [0, 1]; NaN becomes 0."""
    if ((confidences >= 0) & (confidences <= 1)).all():
        return confidences
    return np.clip(np.nan_to_num(confidences, nan=0.0), 0.0, 1.0)
