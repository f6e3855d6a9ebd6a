# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Embeddings in a plane."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.plane_projection import PROJECTIONS, principal_plane, umap_plane


def flat() -> NDArray[np.float32]:
    """Fifty embeddings that spread along two of six axes."""
    generator = np.random.default_rng(1)
    return (generator.normal(size=(50, 6)) * [5, 3, 0.1, 0.1, 0.1, 0.1]).astype(np.float32)


def test_the_principal_plane_keeps_distances_where_embeddings_are_flat() -> None:
    embeddings = flat()
    plane = principal_plane(embeddings)
    steps = np.linalg.norm(np.diff(plane.places, axis=0), axis=1)
    np.testing.assert_allclose(steps, np.linalg.norm(np.diff(embeddings, axis=0), axis=1), atol=0.2)
    assert "100 % of their variance" in plane.description


def test_the_signs_of_the_axes_are_fixed() -> None:
    embeddings = flat()
    np.testing.assert_allclose(
        principal_plane(-embeddings).places, -principal_plane(embeddings).places, atol=1e-4
    )


@pytest.mark.parametrize("name", ["pca", pytest.param("umap", marks=pytest.mark.slow)])
def test_umap_separates_clusters_and_is_reproducible(name: str) -> None:
    generator = np.random.default_rng(0)
    heaps = np.repeat(np.eye(8)[:2], 20, axis=0) + generator.normal(scale=0.05, size=(40, 8))
    embeddings = heaps.astype(np.float32)
    places = PROJECTIONS[name](embeddings).places
    assert places.shape == (40, 2)
    middles = places[:20].mean(axis=0), places[20:].mean(axis=0)
    spread = max(places[:20].std(axis=0).max(), places[20:].std(axis=0).max())
    assert np.linalg.norm(middles[0] - middles[1]) > 2 * spread
    np.testing.assert_array_equal(PROJECTIONS[name](embeddings).places, places)


def test_without_umap_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(SkeletonDmlError, match=r"skeleton_dml_ros\[umap\]"):
        umap_plane(flat())
