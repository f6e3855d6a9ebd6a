# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Exact nearest-neighbour search among unit vectors (FAISS).

An exact search among a thousand references takes tens of microseconds, so an approximate index is
not worth its errors and settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.shared_files import import_failure

try:
    import faiss
except ModuleNotFoundError:
    raise SkeletonDmlError("faiss is not installed; pip install faiss-cpu") from None
except Exception as error:
    raise SkeletonDmlError(import_failure("faiss-cpu", error)) from None

QUERIES_AT_ONCE = 16
"""For 20 queries or more some FAISS versions use BLAS, which loses half the digits of small
distances; results would depend on the batch."""


class NearestNeighbours:
    """Immutable set of vectors; thread-safe.

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
        """The nearest vectors of each query, nearest first; ties in the order of the vectors.

        Args:
            queries: (queries, dimension) float32.
            count: number of neighbours; limited to the number of vectors.

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
        # FAISS returns squared distances.
        distances = np.sqrt(np.maximum(squares, 0))
        order = np.lexsort((indices, distances))
        return np.take_along_axis(distances, order, 1), np.take_along_axis(indices, order, 1)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Use one FAISS thread: for one query, waking a second one takes longer than the search.

    OpenMP keeps this setting for each calling thread; it is restored for other libraries.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
