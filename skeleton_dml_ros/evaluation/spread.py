# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Mean and standard deviation of a figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Spread:
    """A figure over several episodes or streams.

    Attributes:
        mean: over them.
        std: standard deviation over them.
    """

    mean: float
    std: float

    @classmethod
    def of(cls, values: ArrayLike) -> Spread:
        """Mean and standard deviation of (n,) values."""
        values = np.asarray(values, dtype=np.float64)
        return cls(float(values.mean()), float(values.std()))
