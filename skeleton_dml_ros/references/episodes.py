# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Episodes of the one-shot and the open-set protocol.

In a one-shot episode one random clip of each class is its reference, and all other clips are
queries.  In an open-set episode only some classes have a reference; the clips of the others are
queries too, and unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.open_set import Cohort, OpenSetError, score, statistics_of
from skeleton_dml_ros.references.search import NearestNeighbours


def one_shot_episodes(
    labels: NDArray[np.integer], episodes: int, generator: np.random.Generator, shots: int = 1
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """References and queries of each one-shot episode.

    Args:
        labels: (clips,) class of each clip.
        episodes: number of episodes.
        generator: chooses the references.
        shots: references of each class; a class with fewer clips keeps one as a query.

    Yields:
        (classes * shots,) indices of the references in ascending order of class, and the indices of
        all other clips.

    Raises:
        SkeletonDmlError: fewer than two classes, or no clip left as a query.
    """
    classes = np.unique(labels)
    if len(classes) < 2:
        raise SkeletonDmlError(
            f"the one-shot protocol needs at least two classes, not {len(classes)}"
        )
    if len(labels) == len(classes):
        raise SkeletonDmlError(
            "each class has a single clip, which is its reference; no query is left"
        )
    members = [np.flatnonzero(labels == name) for name in classes]
    for _ in range(episodes):
        references = np.concatenate([_sampled(clips, shots, generator) for clips in members])
        yield references, np.setdiff1d(np.arange(len(labels)), references)


def _sampled(
    clips: NDArray[np.intp], shots: int, generator: np.random.Generator
) -> NDArray[np.intp]:
    """Random clips of a class, but not all of several."""
    if shots == 1:
        return np.array([generator.choice(clips)])
    return generator.choice(clips, size=min(shots, max(len(clips) - 1, 1)), replace=False)


def one_shot_accuracies(
    embeddings: NDArray[np.float32],
    labels: NDArray[np.integer],
    episodes: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Share of queries whose nearest reference is of their class, for each episode.

    Args:
        embeddings: (clips, dimension) unit vectors.
        labels: (clips,) class of each clip.
        episodes: number of episodes.
        generator: chooses the references.

    Returns:
        (episodes,) shares in [0, 1].

    Raises:
        SkeletonDmlError: as :func:`one_shot_episodes`.
    """
    accuracies = []
    for references, queries in one_shot_episodes(labels, episodes, generator):
        # The nearest of unit vectors has the largest inner product.
        similarity = embeddings @ embeddings[references].T
        nearest = references[similarity[queries].argmax(axis=1)]
        accuracies.append(float((labels[nearest] == labels[queries]).mean()))
    return np.array(accuracies)


def open_set_episodes(
    labels: NDArray[np.integer],
    known: int,
    episodes: int,
    generator: np.random.Generator,
    shots: int = 1,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """References and queries of each open-set episode.

    Args:
        labels: (clips,) class of each clip.
        known: number of random classes that get a reference in each episode.
        episodes: number of episodes.
        generator: chooses classes and references.
        shots: references of each known class; a class with fewer clips keeps one as a query.

    Yields:
        (known * shots,) indices of the references, and the indices of all other clips: genuine queries if
        their class has a reference, else impostors.

    Raises:
        SkeletonDmlError: no class is known, all are, or there is no episode.
    """
    classes = np.unique(labels)
    if not 1 <= known < len(classes):
        raise SkeletonDmlError(
            f"the open-set protocol cannot have {known} known classes of {len(classes)}; give 1 to "
            f"{len(classes) - 1}"
        )
    if episodes < 1:
        raise SkeletonDmlError(f"episodes is {episodes}; give at least 1")
    members = {label: np.flatnonzero(labels == label) for label in classes}
    for _ in range(episodes):
        chosen = generator.choice(classes, size=known, replace=False)
        references = np.concatenate(
            [_sampled(members[label], shots, generator) for label in chosen]
        )
        yield references, np.setdiff1d(np.arange(len(labels)), references)


@dataclass(frozen=True, eq=False)
class EpisodeScores:
    """Scores of the nearest reference in open-set episodes.

    Attributes:
        impostor: (n,) scores of queries whose class has no reference.
        genuine: (m,) scores of queries whose class has a reference.
        correct: (m,) bool, whether the nearest reference is of the query's class.
        enrolled: classes with a reference in each episode. The more, the nearer an impostor's
            nearest reference.
    """

    impostor: NDArray[np.float64]
    genuine: NDArray[np.float64]
    correct: NDArray[np.bool_]
    enrolled: int

    def false_accept_rate(self, threshold: float) -> float:
        """Share of impostors accepted."""
        return float(np.mean(self.impostor <= threshold))

    def recognition_rate(self, threshold: float) -> float:
        """Share of genuine queries accepted under the right class."""
        return float(np.mean((self.genuine <= threshold) & self.correct))


def episode_scores(
    embeddings: NDArray[np.float32],
    labels: NDArray[np.integer],
    cohort: Cohort | None,
    enrolled: int,
    episodes: int,
    seed: int = 0,
    offsets: ArrayLike = 0.0,
) -> Iterator[EpisodeScores]:
    """Score open-set episodes as the robot does: the nearest reference by distance is scored.

    Args:
        embeddings: (n, dimension) float32 unit vectors. For a result that holds for new actions,
            none of their classes may be in the cohort.
        labels: (n,) their classes.
        cohort: normalises distances; None for plain distances.
        enrolled: classes with a reference in each episode.
        episodes: number of episodes.
        seed: of the episodes.
        offsets: (n,) added to each clip's score as a query, see
            :func:`~skeleton_dml_ros.references.open_set.pair_offsets`.

    Raises:
        OpenSetError: the number of labels is not the number of embeddings.
        SkeletonDmlError: as :func:`open_set_episodes`.
    """
    embeddings = np.asarray(embeddings, dtype=np.float32)
    labels = np.asarray(labels)
    if len(labels) != len(embeddings):
        raise OpenSetError(f"{len(labels)} labels do not fit {len(embeddings)} embeddings")
    statistics = statistics_of(cohort, embeddings)
    offsets = np.broadcast_to(np.asarray(offsets, dtype=np.float64), len(embeddings))
    generator = np.random.default_rng(seed)
    for references, queries in open_set_episodes(labels, enrolled, episodes, generator):
        distances, nearest = NearestNeighbours(embeddings[references]).search(
            embeddings[queries], 1
        )
        reference = references[nearest[:, 0]]
        scores = score(distances[:, 0], statistics[queries], statistics[reference])
        scores += offsets[queries]
        is_enrolled = np.isin(labels[queries], labels[references])
        yield EpisodeScores(
            impostor=scores[~is_enrolled],
            genuine=scores[is_enrolled],
            correct=(labels[reference] == labels[queries])[is_enrolled],
            enrolled=enrolled,
        )


def pooled(episodes: Iterable[EpisodeScores]) -> EpisodeScores:
    """The scores of at least one episode, as one."""
    each = list(episodes)
    return EpisodeScores(
        impostor=np.concatenate([one.impostor for one in each]),
        genuine=np.concatenate([one.genuine for one in each]),
        correct=np.concatenate([one.correct for one in each]),
        enrolled=each[0].enrolled,
    )
