# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The nearest references, against comparing with each of them in numpy; and an approximate index.

Exact search compares a query with every reference.  From some number of references on, an index that
looks at a part of them (HNSW: Malkov and Yashunin, *Efficient and robust approximate nearest
neighbor search using hierarchical navigable small world graphs*, PAMI 2020) is faster, and misses
some.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.benchmarks.machine import machine
from skeleton_dml_ros.references.search import NearestNeighbours

SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
NEIGHBOURS = 5
"""References that a query asks for, as many as a match names candidates."""

DIMENSION = 128
"""Of the embeddings, as the default model has them."""

LINKS, LOOKED_AT = 32, 64
"""Of HNSW: links of a reference, and candidates that a search keeps."""

LARGEST_HNSW = 100_000
"""Building a larger one takes minutes."""

ACTIONS = 200
"""References come in this many heaps, as demonstrations of actions do."""


@dataclass(frozen=True)
class SearchMeasurement:
    """Searches among so many references.

    Attributes:
        references: among which is searched.
        exact: median seconds of a query, as the package searches.
        numpy: the same with numpy.
        two_threads: the same with two threads of FAISS.
        batch: seconds a query where 64 are asked at once, as the package searches.
        approximate: seconds of a query of HNSW; None where none was built.
        recall: share of the nearest references that HNSW finds.
    """

    references: int
    exact: float
    numpy: float
    two_threads: float
    batch: float
    approximate: float | None
    recall: float | None


@dataclass(frozen=True)
class SearchBenchmark:
    """What was measured.

    Attributes:
        measurements: one for each number of references.
        machine: processor, and versions of Python and numpy.
    """

    measurements: tuple[SearchMeasurement, ...]
    machine: str


def benchmark_search(
    sizes: tuple[int, ...],
    seconds: float,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> SearchBenchmark:
    """Search among made-up references.

    Args:
        sizes: how many references.
        seconds: for which each kind of search is measured at least.
        progress: is told how many of how many sizes are done.
    """
    measured = []
    for number, size in enumerate(sizes, start=1):
        measured.append(_measure(size, seconds))
        progress(number, len(sizes))
    return SearchBenchmark(tuple(measured), machine())


def _measure(size: int, seconds: float) -> SearchMeasurement:
    generator = np.random.default_rng(0)
    heaps = generator.normal(size=(ACTIONS, DIMENSION)).astype(np.float32)

    def made(count: int) -> NDArray[np.float32]:
        vectors = heaps[generator.integers(ACTIONS, size=count)]
        vectors = vectors + generator.normal(size=vectors.shape).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors, dtype=np.float32)

    references, queries = made(size), made(64)
    exact = NearestNeighbours(references)
    flat = faiss.IndexFlatL2(DIMENSION)
    flat.add(references)
    count = min(NEIGHBOURS, size)

    def in_numpy(query: NDArray[np.float32]) -> Any:
        products = references @ query[0]
        nearest = np.argpartition(-products, count - 1)[:count]
        return nearest[np.argsort(-products[nearest])]

    approximate, recall = None, None
    if size <= LARGEST_HNSW:
        graph = faiss.IndexHNSWFlat(DIMENSION, LINKS)
        graph.hnsw.efSearch = LOOKED_AT
        graph.add(references)
        wanted = exact.search(queries, count)[1]
        found = graph.search(queries, count)[1]
        recall = float(np.mean([np.isin(a, b).mean() for a, b in zip(wanted, found, strict=True)]))
        with _Threads(1):
            approximate = _median(lambda query: graph.search(query, count), queries, seconds)
    with _Threads(2):
        two_threads = _median(lambda query: flat.search(query, count), queries, seconds)
    return SearchMeasurement(
        references=size,
        exact=_median(lambda query: exact.search(query, count), queries, seconds),
        numpy=_median(in_numpy, queries, seconds),
        two_threads=two_threads,
        batch=_median(lambda _: exact.search(queries, count), queries, seconds) / len(queries),
        approximate=approximate,
        recall=recall,
    )


def _median(
    search: Callable[[NDArray[np.float32]], object], queries: NDArray[np.float32], seconds: float
) -> float:
    """Median seconds of a call, each with one query."""
    search(queries[:1])
    taken: list[float] = []
    begin = time.perf_counter()
    while not taken or time.perf_counter() - begin < seconds:
        query = queries[[len(taken) % len(queries)]]
        started = time.perf_counter()
        search(query)
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


class _Threads:
    """So many threads of FAISS in a ``with`` block."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._before = faiss.omp_get_max_threads()

    def __enter__(self) -> None:
        faiss.omp_set_num_threads(self._count)

    def __exit__(self, *_: object) -> None:
        faiss.omp_set_num_threads(self._before)
