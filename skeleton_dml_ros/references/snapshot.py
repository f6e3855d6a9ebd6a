# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Match clips against references: the lowest score wins, and its confidence makes it known or not.

Score and confidence are defined in :mod:`skeleton_dml_ros.references.fusion`.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.references.fusion import Decision, Resemblance, resemblance
from skeleton_dml_ros.references.open_set import OpenSetError
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.references.store import IndexEntry
from skeleton_dml_ros.references.two_stage_search import TwoStageSearch

CANDIDATES = 5
"""Maximum number of candidates: as many as a person can choose from at a glance."""


@dataclass(frozen=True)
class Candidate:
    """The best reference of one label.

    Attributes:
        reference_id: id of the reference.
        label: its label.
        kind: its kind.
        distance: Euclidean distance of the embeddings, in [0, 2]; to the reference's mirror image
            if that has the better score.
        score: fused score; lower is more similar.
        confidence: calibrated probability that the label is right, in [0, 1].
    """

    reference_id: str
    label: str
    kind: ReferenceKind
    distance: float
    score: float
    confidence: float


@dataclass(frozen=True)
class Match:
    """The reference most similar to a clip, and whether its confidence makes the clip known.

    Attributes:
        known: whether the confidence is at least the threshold; also true for movements to ignore.
        label: label of the reference; empty if unknown.
        reference_id: id of the reference, known or not; empty if there is none to compare with.
        kind: kind of the reference.
        distance: Euclidean distance of the embeddings; infinite without a reference.
        score: fused score; infinite without a reference.
        confidence: calibrated probability that the label is right; 0 without a reference.
        threshold: minimum confidence of a known action.
        candidates: the best reference of each label, best first.
    """

    known: bool
    label: str
    reference_id: str
    kind: ReferenceKind
    distance: float
    score: float
    confidence: float
    threshold: float
    candidates: tuple[Candidate, ...]


class ReferenceSnapshot:
    """Immutable set of references with what matching needs.

    Clips of two people are compared with references of two people, clips of one with those of one.

    Args:
        version: version of the store.
        entries: the references.
        vectors: (entries, dimension) float32, their embeddings.
        mirrored: (entries, dimension) float32, embeddings of their mirror images.
        features: for each entry, its alignment features (features,) float32.
        decision: weights of the score and coefficients of the confidence.
        threshold: minimum confidence of a known action.
        candidates: maximum number of candidates in a match.
    """

    def __init__(
        self,
        version: int,
        entries: Sequence[IndexEntry],
        vectors: NDArray[np.float32],
        mirrored: NDArray[np.float32],
        features: Sequence[NDArray[np.float32]],
        decision: Decision,
        threshold: float,
        candidates: int = CANDIDATES,
    ) -> None:
        self.version = version
        self.threshold = threshold
        self.aligns = bool(decision.cost_weight)
        self._entries = tuple(entries)
        self._decision = decision
        self._dimension = vectors.shape[1]
        self._candidates = candidates
        bodies = np.array([entry.bodies for entry in entries], dtype=np.int64)
        self._rows = {int(people): np.flatnonzero(bodies == people) for people in np.unique(bodies)}
        self._searches = {
            people: TwoStageSearch(
                [self._entries[row].label for row in rows],
                vectors[rows],
                mirrored[rows],
                np.stack([features[row] for row in rows.tolist()]),
                people,
                decision,
            )
            for people, rows in self._rows.items()
        }

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def empty(self) -> bool:
        """Whether nothing is enrolled."""
        return not self._entries

    def with_threshold(self, threshold: float) -> ReferenceSnapshot:
        """A copy with another threshold; nothing is computed again."""
        changed = copy(self)
        changed.threshold = threshold
        return changed

    def match(
        self,
        vectors: NDArray[np.float32],
        features: Sequence[NDArray[np.float32]] | None = None,
        people: int = 1,
    ) -> list[Match]:
        """Match clips against the references.

        Args:
            vectors: (clips, dimension) float32 unit vectors.
            features: for each clip its alignment features (features,); needed if :attr:`aligns`.
            people: number of people in each clip, 1 or 2.

        Raises:
            OpenSetError: the vectors have the wrong shape or are not finite, or features are
                missing.
        """
        vectors = np.asarray(vectors, dtype=np.float32)
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise OpenSetError(
                f"embeddings have shape {vectors.shape} or are not finite; give (clips, dimension) "
                "finite values"
            )
        if vectors.shape[1] != self._dimension:
            raise OpenSetError(
                f"embeddings of dimension {vectors.shape[1]} do not fit references of dimension "
                f"{self._dimension}; use one model for both"
            )
        if self.aligns and features is None:
            raise OpenSetError("this matcher aligns motions; give the clips' alignment features")
        return [
            self._match(vector, None if features is None else features[row], people)
            for row, vector in enumerate(vectors)
        ]

    def resemblance(
        self, label: str, vector: NDArray[np.float32], features: NDArray[np.float32], people: int
    ) -> Resemblance:
        """Compare a new reference with the enrolled ones.

        Args:
            label: of the new reference.
            vector: (dimension,) its embedding.
            features: (features,) its alignment features.
            people: number of people in it.
        """
        search = self._searches.get(people)
        if search is None:
            return resemblance(label, [], [], self._decision)
        labels = [self._entries[row].label for row in self._rows[people]]
        return resemblance(label, search.scores(vector, features), labels, self._decision)

    def _match(
        self, vector: NDArray[np.float32], features: NDArray[np.float32] | None, people: int
    ) -> Match:
        search = self._searches.get(people)
        if search is None:
            return Match(
                False, "", "", ReferenceKind.ACTION, np.inf, np.inf, 0.0, self.threshold, ()
            )
        found = search.rank(vector, features, self._candidates)
        candidates = tuple(
            Candidate(entry.reference_id, entry.label, entry.kind, distance, score, confidence)
            for entry, distance, score, confidence in zip(
                (self._entries[row] for row in self._rows[people][found.indices]),
                found.distances.tolist(),
                found.scores.tolist(),
                found.confidences.tolist(),
                strict=True,
            )
        )
        best = candidates[0]
        known = best.confidence >= self.threshold
        return Match(
            known=known,
            label=best.label if known else "",
            reference_id=best.reference_id,
            kind=best.kind,
            distance=best.distance,
            score=best.score,
            confidence=best.confidence,
            threshold=self.threshold,
            candidates=candidates,
        )
