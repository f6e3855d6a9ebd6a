# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Match clips against references: the nearest reference by distance, known or unknown by score.

The score is the distance normalised against a cohort, so that one threshold serves all references;
see :mod:`skeleton_dml_ros.references.open_set`.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.references.open_set import (
    Cohort,
    OpenSetError,
    score,
    statistics_of,
)
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.references.search import NearestNeighbours
from skeleton_dml_ros.references.store import IndexEntry

CANDIDATES = 5
"""Maximum number of candidates: as many as a person can choose from at a glance."""

NEIGHBOURS_AT_FIRST = 32
"""Neighbours searched first; all are searched if these have too few labels."""


@dataclass(frozen=True)
class Candidate:
    """The best reference of one label.

    Attributes:
        reference_id: id of the reference.
        label: its label.
        kind: its kind.
        distance: Euclidean distance of the embeddings, in [0, 2].
        score: the distance normalised against the cohort; lower is more similar.
    """

    reference_id: str
    label: str
    kind: ReferenceKind
    distance: float
    score: float


@dataclass(frozen=True)
class Match:
    """The reference nearest to a clip, and whether its score makes the clip known.

    Attributes:
        known: whether the score is at most the threshold; also true for movements to ignore.
        label: label of the reference; empty if unknown.
        reference_id: id of the reference, known or not; empty if nothing is enrolled.
        kind: kind of the reference.
        distance: Euclidean distance to the reference; infinite if nothing is enrolled.
        score: the distance normalised against the cohort; infinite if nothing is enrolled.
        threshold: highest score of a known action.
        candidates: the best reference of each label, nearest first.
    """

    known: bool
    label: str
    reference_id: str
    kind: ReferenceKind
    distance: float
    score: float
    threshold: float
    candidates: tuple[Candidate, ...]


class ReferenceSnapshot:
    """Immutable set of references with their embeddings, cohort and threshold.

    Args:
        version: version of the store.
        entries: the references.
        vectors: (entries, dimension) float32, their embeddings.
        statistics: (entries,) mean distance of each reference to its nearest cohort members.
        cohort: normalises distances; None to use distances as scores.
        threshold: highest score of a known action.
        candidates: maximum number of candidates in a match.
        pair_offset: added to the scores of clips of two people.
    """

    def __init__(
        self,
        version: int,
        entries: Sequence[IndexEntry],
        vectors: NDArray[np.float32],
        statistics: NDArray[np.float64],
        cohort: Cohort | None,
        threshold: float,
        candidates: int = CANDIDATES,
        pair_offset: float = 0.0,
    ) -> None:
        self.version = version
        self.threshold = threshold
        self.vectors = vectors
        self.vectors.flags.writeable = False
        self._entries = tuple(entries)
        self._neighbours = NearestNeighbours(vectors)
        self._statistics = statistics
        self._cohort = cohort
        self._pair_offset = pair_offset
        self._wanted = min(candidates, len({entry.label for entry in entries}))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def empty(self) -> bool:
        """Whether there are no references."""
        return not self._entries

    def with_threshold(self, threshold: float) -> ReferenceSnapshot:
        """A copy with another threshold; shares all data."""
        changed = copy(self)
        changed.threshold = threshold
        return changed

    def match(self, vectors: NDArray[np.float32], people: int = 1) -> list[Match]:
        """Match clips.

        Args:
            vectors: (clips, dimension) float32 unit vectors.
            people: in each clip, 1 or 2.

        Raises:
            OpenSetError: the vectors have the wrong shape or are not finite.
        """
        vectors = np.asarray(vectors, dtype=np.float32)
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise OpenSetError(
                f"embeddings of shape {vectors.shape} cannot be matched; give (clips, dimension) "
                "finite values"
            )
        dimension = self._neighbours.dimension
        if vectors.shape[1] != dimension:
            raise OpenSetError(
                f"embeddings of dimension {vectors.shape[1]} cannot be matched against references "
                f"of dimension {dimension}; use one model for both"
            )
        if self.empty:
            nothing = Match(False, "", "", ReferenceKind.ACTION, np.inf, np.inf, self.threshold, ())
            return [nothing] * len(vectors)
        statistics = statistics_of(self._cohort, vectors)
        offset = self._pair_offset if people == 2 else 0.0
        distances, indices = self._neighbours.search(vectors, NEIGHBOURS_AT_FIRST)
        matches = []
        for row in range(len(vectors)):
            distance, index = distances[row], indices[row]
            best = self._best_of_labels(index)
            if len(best) < self._wanted:
                everything = self._neighbours.search(vectors[[row]], len(self))
                distance, index = everything[0][0], everything[1][0]
                best = self._best_of_labels(index)
            matches.append(
                self._classified(distance[best], index[best], float(statistics[row]), offset)
            )
        return matches

    def _best_of_labels(self, indices: NDArray[np.int64]) -> list[int]:
        """Ranks at which a label occurs for the first time."""
        places: dict[str, int] = {}
        for place, index in enumerate(indices):
            places.setdefault(self._entries[index].label, place)
            if len(places) == self._wanted:
                break
        return list(places.values())

    def _classified(
        self,
        distances: NDArray[np.float32],
        indices: NDArray[np.int64],
        query: float,
        offset: float,
    ) -> Match:
        """The match with the given candidates.

        Args:
            distances: (candidates,) from the clip to the best reference of each label, ascending.
            indices: (candidates,) of these references.
            query: mean distance of the clip to its nearest cohort members.
            offset: added to the scores.
        """
        scores = score(distances, query, self._statistics[indices]) + offset
        candidates = tuple(
            Candidate(entry.reference_id, entry.label, entry.kind, float(distance), float(one))
            for entry, distance, one in zip(
                (self._entries[index] for index in indices), distances, scores, strict=True
            )
        )
        nearest = candidates[0]
        known = nearest.score <= self.threshold
        return Match(
            known=known,
            label=nearest.label if known else "",
            reference_id=nearest.reference_id,
            kind=nearest.kind,
            distance=nearest.distance,
            score=nearest.score,
            threshold=self.threshold,
            candidates=candidates,
        )
