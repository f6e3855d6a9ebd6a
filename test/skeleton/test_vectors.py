# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.vectors import all_finite, lengths


@pytest.fixture(params=[False, True], ids=["whole", "with faults"])
def vectors(request: pytest.FixtureRequest) -> NDArray[np.float32]:
    made = np.random.default_rng(0).normal(size=(7, 2, 5, 3)).astype(np.float32)
    if request.param:
        made[1, 0, 2] = np.nan
        made[2, 1, 3, 1] = np.inf
        made[3, 0, 1] = 0
        made[4, 1, 4, :2] = 0
    return made


def test_all_finite_agrees_with_numpy(vectors: NDArray[np.float32]) -> None:
    np.testing.assert_array_equal(all_finite(vectors), np.isfinite(vectors).all(axis=-1))


def test_lengths_agree_with_numpy(vectors: NDArray[np.float32]) -> None:
    found = lengths(vectors)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.linalg.norm(vectors, axis=-1), rtol=1e-6)
