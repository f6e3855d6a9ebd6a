# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Speed of the nearest-neighbour search, compared with numpy and an approximate index.

Exact search compares a query with every reference.  An approximate index (HNSW: Malkov and Yashunin,
*Efficient and robust approximate nearest neighbor search using hierarchical navigable small world
graphs*, PAMI 2020) is faster with many references, but misses some.
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
from skeleton_dml_ros.references.alignment import feature_count
from skeleton_dml_ros.references.fusion import DEFAULT_DECISIONS, Matcher
from skeleton_dml_ros.references.search import NearestNeighbours
from skeleton_dml_ros.references.two_stage_search import TwoStageSearch

SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
NEIGHBOURS = 5
"""References per query, as many as a match has candidates."""

DIMENSION = 128
"""Dimension of the default model's embeddings."""

LINKS, EF_SEARCH = 32, 64
"""HNSW's links per reference, and candidates kept in a search."""

MAX_HNSW = 100_000
"""Maximum size of an HNSW index; building a larger one takes minutes."""

MAX_MATCHED = 10_000
"""Maximum number of references in the measurement of a whole match."""

ACTIONS = 200
"""Number of clusters of the references, like demonstrations of actions."""


@dataclass(frozen=True)
class SearchMeasurement:
    """Search among one number of references.

    Attributes:
        references: number of references.
        exact: median seconds per query, as the package searches.
        numpy: the same with numpy.
        two_threads: the same with two threads of FAISS.
        batch: seconds per query in batches of 64, as the package searches.
        approximate: seconds per query with HNSW; None if none was built.
        recall: share of the nearest references that HNSW finds.
        match: seconds per clip of a whole match: both searches, alignment and confidences; None
            if there are too many references.
    """

    references: int
    exact: float
    numpy: float
    two_threads: float
    batch: float
    approximate: float | None
    recall: float | None
    match: float | None


@dataclass(frozen=True)
class SearchBenchmark:
    """Result of the benchmark.

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
    """Search among random references.

    Args:
        sizes: numbers of references.
        seconds: minimum duration of each measurement.
        progress: called with the number of sizes done and of all sizes.
    """
    measured = []
    for number, size in enumerate(sizes, start=1):
        measured.append(_measure(size, seconds))
        progress(number, len(sizes))
    return SearchBenchmark(tuple(measured), machine())


def _measure(size: int, seconds: float) -> SearchMeasurement:
    generator = np.random.default_rng(0)
    centres = generator.normal(size=(ACTIONS, DIMENSION)).astype(np.float32)

    def sample(count: int) -> NDArray[np.float32]:
        vectors = centres[generator.integers(ACTIONS, size=count)]
        vectors = vectors + generator.normal(size=vectors.shape).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors, dtype=np.float32)

    references, queries = sample(size), sample(64)
    exact = NearestNeighbours(references)
    flat = faiss.IndexFlatL2(DIMENSION)
    flat.add(references)
    count = min(NEIGHBOURS, size)

    def in_numpy(query: NDArray[np.float32]) -> Any:
        products = references @ query[0]
        nearest = np.argpartition(-products, count - 1)[:count]
        return nearest[np.argsort(-products[nearest])]

    approximate, recall = None, None
    if size <= MAX_HNSW:
        graph = faiss.IndexHNSWFlat(DIMENSION, LINKS)
        graph.hnsw.efSearch = EF_SEARCH
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
        match=_matched(references, queries, generator, seconds) if size <= MAX_MATCHED else None,
    )


def _matched(
    references: NDArray[np.float32],
    queries: NDArray[np.float32],
    generator: np.random.Generator,
    seconds: float,
) -> float:
    """Median seconds of a two-stage search with random alignment features."""
    features = generator.random((len(references), feature_count(1)), dtype=np.float32)
    labels = [f"action {row % ACTIONS}" for row in range(len(references))]
    search = TwoStageSearch(
        labels, references, references[::-1], features, 1, DEFAULT_DECISIONS[Matcher.FUSED]
    )
    return _median(lambda query: search.rank(query[0], features[0], NEIGHBOURS), queries, seconds)


def _median(
    search: Callable[[NDArray[np.float32]], object], queries: NDArray[np.float32], seconds: float
) -> float:
    """Median seconds of a search with one query."""
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
    """Sets the number of FAISS's threads in a ``with`` block."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._before = faiss.omp_get_max_threads()

    def __enter__(self) -> None:
        faiss.omp_set_num_threads(self._count)

    def __exit__(self, *_: object) -> None:
        faiss.omp_set_num_threads(self._before)
