# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Mean and spread: no figure over draws or trials stands without the latter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Spread:
    """A figure over several draws or trials.

    Attributes:
        mean: over them.
        std: standard deviation over them.
    """

    mean: float
    std: float

    @classmethod
    def of(cls, values: ArrayLike) -> Spread:
        """Mean and standard deviation of (draws,) values."""
        values = np.asarray(values, dtype=np.float64)
        return cls(float(values.mean()), float(values.std()))
