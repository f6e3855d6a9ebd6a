# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A decision whose results are easy to state in a test."""

from __future__ import annotations

import numpy as np

from skeleton_dml_ros.references.fusion import Decision


def by_distance(limit: float) -> Decision:
    """Accepts embeddings up to a distance, at a threshold of 0.5."""
    return Decision(1.0, 0.0, np.inf, intercept=8 * limit, slope=8.0)
