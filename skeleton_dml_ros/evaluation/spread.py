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
