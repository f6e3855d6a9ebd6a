# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Distances and alignment costs between the clips of a data set, from which episodes are scored.

They depend neither on the episode nor on the decision, so each pair of clips is compared once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.references.alignment import alignment_costs
from skeleton_dml_ros.references.fusion import Decision


@dataclass(frozen=True, eq=False)
class ComparedClips:
    """What is compared of the clips of a data set.

    Attributes:
        labels: (clips,) their classes.
        bodies: (clips,) people in each clip, 1 or 2.
        vectors: (clips, dimension) float32 embeddings.
        mirrored: (clips, dimension) float32 embeddings of the mirror images; None where no decision
            looks at them.
        features: alignment features of each clip; None where no decision looks at them.
    """

    labels: NDArray[np.integer]
    bodies: NDArray[np.integer]
    vectors: NDArray[np.float32]
    mirrored: NDArray[np.float32] | None = None
    features: Sequence[NDArray[np.float32]] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def against(self, references: NDArray[np.integer]) -> PairTerms:
        """Compare all clips with some of them.

        Args:
            references: (references,) indices of clips, ascending and without repetition.
        """
        distances = np.full((2, len(self), len(references)), np.inf)
        distances[0] = _distances(self.vectors, self.vectors[references])
        if self.mirrored is not None:
            distances[1] = _distances(self.vectors, self.mirrored[references])
        costs = np.full(distances.shape, np.inf, dtype=np.float32)
        if self.features is not None:
            for people in np.unique(self.bodies):
                self._align(costs, references, int(people))
        return PairTerms(references, distances, costs)

    def _align(
        self, costs: NDArray[np.float32], references: NDArray[np.integer], people: int
    ) -> None:
        """Fill in the costs between clips of so many people."""
        assert self.features is not None
        columns = np.flatnonzero(self.bodies[references] == people)
        if not len(columns):
            return
        theirs = np.stack([self.features[int(index)] for index in references[columns]])
        for row in np.flatnonzero(self.bodies == people):
            costs[:, row, columns] = alignment_costs(self.features[int(row)], theirs, people)


@dataclass(frozen=True, eq=False)
class PairTerms:
    """Terms of the scores of clips, as queries, against some of them, as references.

    Attributes:
        references: (references,) ascending indices of clips.
        distances: (2, clips, references) to the reference and to its mirror image.
        costs: (2, clips, references) of alignment, likewise; infinite between clips of one person
            and of two.
    """

    references: NDArray[np.integer]
    distances: NDArray[np.float64]
    costs: NDArray[np.float32]

    def scores(self, decision: Decision) -> NDArray[np.float64]:
        """Scores (clips, references); lower is more alike."""
        return decision.scores(self.distances, self.costs)

    def columns(self, references: NDArray[np.integer]) -> NDArray[np.intp]:
        """Columns of the scores that belong to these clips."""
        return np.searchsorted(self.references, references)


def _distances(
    vectors: NDArray[np.float32], references: NDArray[np.float32]
) -> NDArray[np.float64]:
    similarity = (vectors @ references.T).astype(np.float64)
    return np.asarray(np.sqrt(np.maximum(2 - 2 * similarity, 0)))
