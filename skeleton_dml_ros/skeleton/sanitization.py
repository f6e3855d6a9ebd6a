# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What senders leave in their arrays: half a joint, infinity, a confidence of two.

Each function gives back the array itself where nothing is to be mended.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.vectors import all_finite, any_nonzero


def mask_partial_joints(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Positions, (..., 3), in which a joint that is infinite or seen in part counts as not seen."""
    finite = all_finite(positions)
    if finite.all():
        return positions
    return np.where(finite[..., None], positions, np.float32(np.nan))


def mask_joints_at_origin(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Positions, (..., 3), in which a joint at the sensor's own origin counts as not seen.

    It is where trackers report the joints that they do not see.
    """
    elsewhere = any_nonzero(positions)
    if elsewhere.all():
        return positions
    return np.where(elsewhere[..., None], positions, np.float32(np.nan))


def sanitize_confidences(confidences: NDArray[np.float32]) -> NDArray[np.float32]:
    """Confidences, of any shape, in [0, 1]; what is no number becomes 0."""
    if ((confidences >= 0) & (confidences <= 1)).all():
        return confidences
    return np.clip(np.nan_to_num(confidences, nan=0.0), 0.0, 1.0)
