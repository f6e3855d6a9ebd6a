# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Operations on arrays of vectors, (..., 3), faster than numpy's reductions over so short an axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def all_finite(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(...) whether all three coordinates are finite."""
    finite = np.isfinite(vectors)
    if finite.all():
        return np.ones(vectors.shape[:-1], dtype=bool)
    return np.asarray(finite[..., 0] & finite[..., 1] & finite[..., 2])


def lengths(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(...) the vectors' lengths."""
    return np.asarray(np.sqrt(np.einsum("...i,...i->...", vectors, vectors)))
