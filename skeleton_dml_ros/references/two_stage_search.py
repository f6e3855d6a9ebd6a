# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Two-stage matching: embeddings shortlist references, and the fused score ranks the shortlist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.references.alignment import alignment_costs
from skeleton_dml_ros.references.fusion import Decision
from skeleton_dml_ros.references.search import NearestNeighbours

SHORTLIST = 50
"""References that are aligned with a clip: the nearest ones by embedding."""

SEPARATION_SHORTLIST = 20
"""References of other labels that are aligned with a reference to measure the separation around it."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """The best reference of each label, best first.

    Attributes:
        indices: (labels,) of the references.
        distances: (labels,) Euclidean distances between embeddings, to the reference or to its
            mirror image, whichever has the better score.
        scores: (labels,) fused scores; lower is more alike.
        confidences: (labels,) in [0, 1].
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float32]
    scores: NDArray[np.float64]
    confidences: NDArray[np.float64]


class TwoStageSearch:
    """Immutable set of references with the same number of people; thread-safe.

    Args:
        labels: (references,)
        vectors: (references, dimension) float32 embeddings.
        mirrored: (references, dimension) float32 embeddings of the mirror images.
        features: (references, features) float32 alignment features.
        bodies: people in each reference.
        decision: weights of the score and coefficients of the confidence.
    """

    def __init__(
        self,
        labels: Sequence[str],
        vectors: NDArray[np.float32],
        mirrored: NDArray[np.float32],
        features: NDArray[np.float32],
        bodies: int,
        decision: Decision,
    ) -> None:
        names, ids = np.unique(np.array(labels, dtype=str), return_inverse=True)
        self.label_count = len(names)
        self._label_ids = ids.reshape(-1)
        self._vectors = vectors
        self._mirrored = mirrored
        self._features = features
        self._bodies = bodies
        self._decision = decision
        self._neighbours = NearestNeighbours(vectors)
        # The penalty as a distance, for the shortlist.
        self._mirror_distance = decision.mirror_penalty / (decision.distance_weight or 1.0)
        self._matches_mirrored = bool(np.isfinite(self._mirror_distance))
        if self._matches_mirrored:
            self._mirrored_neighbours = NearestNeighbours(mirrored)
        # Filled when first needed.
        self._separations = np.full(len(vectors), np.nan)

    def rank(
        self, vector: NDArray[np.float32], features: NDArray[np.float32] | None, labels: int
    ) -> Ranking:
        """Rank references by their score for a clip.

        Args:
            vector: (dimension,) embedding of the clip.
            features: (features,) alignment features of the clip; unused without a cost weight.
            labels: maximum number of labels.
        """
        shortlist = self._shortlist(vector, min(labels, self.label_count))
        distances, both = self._both_scores(vector, features, shortlist)
        scores = both.min(axis=0)
        order = np.lexsort((shortlist, scores))
        firsts = np.sort(np.unique(self._label_ids[shortlist[order]], return_index=True)[1])
        best = order[firsts[:labels]]
        indices = shortlist[best]
        separations = np.array([self._separation(int(index)) for index in indices])
        return Ranking(
            indices,
            distances[both.argmin(axis=0), np.arange(len(shortlist))][best],
            scores[best],
            self._decision.confidence(scores[best], separations, self.label_count),
        )

    def scores(
        self, vector: NDArray[np.float32], features: NDArray[np.float32] | None
    ) -> NDArray[np.float64]:
        """Scores of all references for a clip, (references,)."""
        everything = np.arange(len(self._vectors))
        return np.asarray(self._both_scores(vector, features, everything)[1].min(axis=0))

    def _shortlist(self, vector: NDArray[np.float32], labels: int) -> NDArray[np.int64]:
        """Indices of the references to align, the nearest reference of ``labels`` labels included."""
        distances, indices = self._nearest(vector, SHORTLIST)
        shortlist = indices[np.argsort(distances, kind="stable")[:SHORTLIST]]
        shown = np.unique(self._label_ids[shortlist])
        if len(shown) < labels:
            firsts = self._nearest_of_each_label(vector)
            firsts = firsts[~np.isin(self._label_ids[firsts], shown)]
            shortlist = np.concatenate([shortlist, firsts[: labels - len(shown)]])
        return shortlist

    def _nearest_of_each_label(self, vector: NDArray[np.float32]) -> NDArray[np.int64]:
        """The nearest reference of each label by embedding, nearest first."""
        nearness = self._nearness(self._vectors @ vector, self._mirrored @ vector)
        order = np.lexsort((nearness, self._label_ids))
        firsts = order[np.unique(self._label_ids[order], return_index=True)[1]]
        return np.asarray(firsts[np.argsort(nearness[firsts], kind="stable")])

    def _nearness(
        self, similarity: NDArray[np.float32], mirrored: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Approximate distances (references,) by inner products of unit vectors."""
        plain = np.sqrt(np.maximum(2 - 2 * similarity, 0))
        if not self._matches_mirrored:
            return plain
        images = np.sqrt(np.maximum(2 - 2 * mirrored, 0)) + np.float32(self._mirror_distance)
        return np.minimum(plain, images)

    def _nearest(
        self, vector: NDArray[np.float32], count: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The nearest references by embedding, in no order: distances and indices.

        A distance to a mirror image includes the penalty.
        """
        plain, indices = (found[0] for found in self._neighbours.search(vector[None], count))
        if not self._matches_mirrored:
            return plain, indices
        mirrored, images = (
            found[0] for found in self._mirrored_neighbours.search(vector[None], count)
        )
        distances = np.concatenate([plain, mirrored + np.float32(self._mirror_distance)])
        both = np.concatenate([indices, images])
        order = np.lexsort((both, distances))
        once = order[np.sort(np.unique(both[order], return_index=True)[1])]
        return distances[once], both[once]

    def _both_scores(
        self,
        vector: NDArray[np.float32],
        features: NDArray[np.float32] | None,
        indices: NDArray[np.int64],
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Distances and scores (2, indices) of references and of their mirror images."""
        distances = np.stack(
            [
                _distances(self._vectors[indices], vector),
                _distances(self._mirrored[indices], vector),
            ]
        )
        return distances, self._decision.both_scores(distances, self._costs(features, indices))

    def _costs(
        self, features: NDArray[np.float32] | None, indices: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        if features is None or not self._decision.cost_weight:
            return np.zeros((2, len(indices)))
        return alignment_costs(features, self._features[indices], self._bodies)

    def _separation(self, index: int) -> float:
        """Score between a reference and the nearest one of another label; see fusion.separations."""
        if np.isnan(self._separations[index]):
            self._separations[index] = self._measured_separation(index)
        return float(self._separations[index])

    def _measured_separation(self, index: int) -> float:
        if self.label_count == 1:
            return self._decision.max_separation
        # The mirror image of one is compared with the other, and the other way round.
        vector, image = self._vectors[index], self._mirrored[index]
        nearness = self._nearness(self._vectors @ vector, self._vectors @ image)
        nearness[self._label_ids == self._label_ids[index]] = np.inf
        count = min(SEPARATION_SHORTLIST, len(nearness) - 1)
        others = np.argpartition(nearness, count)[:count]
        others = others[np.isfinite(nearness[others])]
        plain = _distances(self._vectors[others], vector)
        mirrored = np.minimum(
            _distances(self._mirrored[others], vector), _distances(self._vectors[others], image)
        )
        costs = self._costs(self._features[index], others)
        scores = self._decision.scores(np.stack([plain, mirrored]), costs)
        return float(min(scores.min(), self._decision.max_separation))


def _distances(vectors: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.linalg.norm(vectors - vector, axis=1))
