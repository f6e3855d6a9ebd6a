# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import faiss
import numpy as np
import pytest
from teaching import unit_vectors

from skeleton_dml_ros.references.search import NearestNeighbours


def test_distances_are_euclidean_and_the_nearest_comes_first() -> None:
    vectors, queries = unit_vectors(50), unit_vectors(7, seed=1)
    distances, indices = NearestNeighbours(vectors).search(queries, 5)
    expected = np.linalg.norm(queries[:, None] - vectors[None], axis=2)
    assert np.array_equal(indices, np.argsort(expected, axis=1)[:, :5])
    assert distances == pytest.approx(np.sort(expected, axis=1)[:, :5], abs=1e-6)


def test_the_distance_of_a_vector_to_itself_is_zero() -> None:
    vectors = unit_vectors(300, dimension=128)
    distances, indices = NearestNeighbours(vectors).search(vectors, 1)
    assert np.array_equal(indices[:, 0], np.arange(300))
    assert (distances == 0).all()


def test_results_do_not_depend_on_the_batch() -> None:
    search = NearestNeighbours(unit_vectors(500, dimension=128))
    queries = unit_vectors(100, dimension=128, seed=1)
    together = search.search(queries, 9)
    alone = [search.search(queries[row : row + 1], 9) for row in range(100)]
    assert np.array_equal(together[0], np.concatenate([distances for distances, _ in alone]))
    assert np.array_equal(together[1], np.concatenate([indices for _, indices in alone]))


def test_ties_keep_their_order() -> None:
    vectors = np.repeat(unit_vectors(1), 6, axis=0)
    assert NearestNeighbours(vectors).search(vectors[:1], 6)[1].tolist() == [[0, 1, 2, 3, 4, 5]]


@pytest.mark.parametrize(("count", "queries"), [(0, 3), (2, 3), (2, 0)])
def test_there_are_no_more_neighbours_than_vectors(count: int, queries: int) -> None:
    distances, indices = NearestNeighbours(unit_vectors(count)).search(unit_vectors(queries), 5)
    assert distances.shape == indices.shape == (queries, count)


def test_the_number_of_faiss_threads_is_restored() -> None:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        NearestNeighbours(unit_vectors(3)).search(unit_vectors(1), 1)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)
