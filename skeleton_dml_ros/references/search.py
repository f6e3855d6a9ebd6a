# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Exact nearest neighbours among unit vectors.

A robot knows tens of actions, perhaps a thousand references: comparing with every one of them takes
tens of microseconds, and an approximate index would only add errors and settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import faiss
import numpy as np
from numpy.typing import NDArray

QUERIES_AT_ONCE = 16
"""FAISS versions that take 20 queries or more at once through BLAS expand the square of the
difference, which loses half the digits for near twins: a query's distances would depend on the
company it comes in."""


class NearestNeighbours:
    """A set of vectors that does not change; any number of threads may ask at once.

    Args:
        vectors: (count, dimension) float32; count may be 0.
    """

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self._index = faiss.IndexFlatL2(vectors.shape[1])
        self._index.add(vectors)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def search(
        self, queries: NDArray[np.float32], count: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The nearest vectors of each query, the nearest first, equal ones in their own order.

        Args:
            queries: (queries, dimension) float32.
            count: how many neighbours; at most as many as there are vectors.

        Returns:
            Euclidean distances (queries, count) and indices (queries, count).
        """
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        count = min(count, len(self))
        squares = np.empty((len(queries), count), dtype=np.float32)
        indices = np.empty((len(queries), count), dtype=np.int64)
        if count == 0:
            return squares, indices
        with _one_thread():
            for begin in range(0, len(queries), QUERIES_AT_ONCE):
                batch = slice(begin, begin + QUERIES_AT_ONCE)
                squares[batch], indices[batch] = self._index.search(queries[batch], count)
        # FAISS gives squares; this is the one place where the root is taken.
        distances = np.sqrt(np.maximum(squares, 0))
        order = np.lexsort((indices, distances))
        return np.take_along_axis(distances, order, 1), np.take_along_axis(indices, order, 1)


@contextmanager
def _one_thread() -> Iterator[None]:
    """One FAISS thread: for one query, waking a second one takes longer than the search.

    OpenMP keeps this number for each calling thread, so it is set where the search is, and put
    back for others who share the same OpenMP.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
