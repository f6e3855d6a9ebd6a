# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Measure what the report shows of a model on labelled recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.comparing import embed_classes
from skeleton_dml_ros.evaluation.open_set import OpenSetFigures, episode_figures
from skeleton_dml_ros.evaluation.plane_projection import PROJECTIONS, Plane
from skeleton_dml_ros.references.episodes import episode_scores, one_shot_episodes, pooled
from skeleton_dml_ros.references.open_set import Cohort, pair_offsets, score, statistics_of


@dataclass(frozen=True)
class Comparison:
    """A query and one reference.

    Attributes:
        clip: the reference's index in the archive.
        distance: Euclidean, between unit vectors.
        score: the distance normalised by the cohort; known if at most the threshold.
    """

    clip: int
    distance: float
    score: float


@dataclass(frozen=True)
class Example:
    """A query of the first episode and the two references that compete for it.

    Attributes:
        query: its index in the archive.
        right: the reference of the query's class.
        rival: the nearest reference of another class.
    """

    query: int
    right: Comparison
    rival: Comparison

    @property
    def failed(self) -> bool:
        """Whether the query was classified as the other class."""
        return self.rival.distance <= self.right.distance

    @property
    def margin(self) -> float:
        """How much nearer the right reference is; negative for a failure."""
        return self.rival.distance - self.right.distance


@dataclass(frozen=True, eq=False)
class OpenSet:
    """Results of the open-set protocol.

    Attributes:
        figures: with their spread over the episodes.
        genuine: (m,) scores of genuine queries of all episodes.
        impostor: (n,) scores of impostors.
    """

    figures: OpenSetFigures
    genuine: NDArray[np.float64]
    impostor: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Findings:
    """Measurements on an archive's clips.

    Attributes:
        clips: (clips,) indices in the archive of the embedded clips.
        labels: (clips,) class of each, an index into ``class_names``.
        class_names: of the classes that take part and have an embedded clip.
        embeddings: (clips, dimension) unit vectors.
        plane: projection of the embeddings.
        accuracies: (episodes,) one-shot accuracy, percent.
        confusions: (classes, classes) counts over all episodes; rows are the queries' classes,
            columns the nearest references'.
        open_set: None if an episode has no genuine query, because its classes have one clip each.
        examples: of the first episode, failures first.
        failures: number of failures in the first episode.
        queries: per episode.
        left_out: clips in which too little was seen.
        seed: of the episodes.
        fixed: whether the references were given, so that there is one episode.
    """

    clips: NDArray[np.intp]
    labels: NDArray[np.intp]
    class_names: tuple[str, ...]
    embeddings: NDArray[np.float32]
    plane: Plane
    accuracies: NDArray[np.float64]
    confusions: NDArray[np.int64]
    open_set: OpenSet | None
    examples: tuple[Example, ...]
    failures: int
    queries: int
    left_out: int
    seed: int
    fixed: bool

    @property
    def recalls(self) -> NDArray[np.float64]:
        """(classes,) share of a class's queries classified correctly; NaN without queries."""
        totals = self.confusions.sum(axis=1)
        shares = np.full(len(totals), np.nan)
        np.divide(np.diag(self.confusions), totals, out=shares, where=totals > 0)
        return shares

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "one_shot_accuracy_mean": float(self.accuracies.mean()),
            "one_shot_accuracy_std": float(self.accuracies.std()),
            "classes": len(self.class_names),
            "clips": len(self.clips),
            "left_out": self.left_out,
            "open_set": None if self.open_set is None else self.open_set.figures.to_dict(),
        }


@dataclass(frozen=True)
class Protocol:
    """Settings of the report's figures.

    Attributes:
        classes: names or indices of the classes that take part; None for all.
        episodes: number of episodes.
        seed: of the episodes.
        known: classes enrolled in an open-set episode, fewer if there are fewer classes.
        failures: maximum number of failures shown.
        successes: maximum number of successes shown, those with the smallest margins.
        references: the reference clips, one of each class that takes part; None for random ones.
        projection: of the embeddings, one of ``PROJECTIONS``.
    """

    classes: Sequence[int | str] | None = None
    episodes: int = 50
    seed: int = 0
    known: int = 5
    failures: int = 12
    successes: int = 6
    references: Sequence[int] | None = None
    projection: str = "pca"

    def __post_init__(self) -> None:
        if self.episodes < 1:
            raise SkeletonDmlError(f"episodes is {self.episodes}; give at least 1")
        if self.projection not in PROJECTIONS:
            raise SkeletonDmlError(
                f"there is no projection {self.projection!r}; give {' or '.join(PROJECTIONS)}"
            )


def examine(
    engine: Engine,
    archive: SkeletonArchive,
    cohort: Cohort | None,
    threshold: float,
    protocol: Protocol,
    progress: Callable[[int, int], None] = lambda done, total: None,
    pair_offset: float = 0.0,
) -> Findings:
    """Embed the clips and measure what the report shows of them.

    Args:
        engine: embeds.
        archive: labelled clips.
        cohort: of the model; None without one.
        threshold: of the model, highest score of a known action.
        protocol: which classes, how many episodes.
        progress: called with the number of clips embedded and of all clips.
        pair_offset: of the model, added to the scores of clips with two people.

    Raises:
        SkeletonDmlError: a class does not exist, there are fewer than two classes, or no clip is
            left as a query.
    """
    embeddings, clips, left_out = embed_classes(engine, archive, protocol.classes, progress)
    present, labels = np.unique(archive.labels[clips], return_inverse=True)
    statistics = statistics_of(cohort, embeddings)
    offsets = pair_offsets([archive.people(clip) for clip in clips], pair_offset)
    confusions = np.zeros((len(present), len(present)), dtype=np.int64)
    accuracies: list[float] = []
    examples: tuple[Example, ...] = ()
    failures = 0
    for number, (references, queries) in enumerate(_episodes(archive, clips, labels, protocol)):
        similarity = embeddings[queries] @ embeddings[references].T
        nearest = similarity.argmax(axis=1)
        # References are in ascending order of class, so their position is their class.
        np.add.at(confusions, (labels[queries], nearest), 1)
        accuracies.append(100 * float((nearest == labels[queries]).mean()))
        if number == 0:
            distances = np.sqrt(np.maximum(2 - 2 * similarity, 0))
            scores = score(distances, statistics[queries, None], statistics[None, references])
            scores += offsets[queries, None]
            contests = _contests(
                clips[queries], labels[queries], clips[references], distances, scores
            )
            failures = sum(one.failed for one in contests)
            examples = _examples(contests, archive, protocol)
    return Findings(
        clips=clips,
        labels=labels,
        class_names=tuple(archive.class_names[label] for label in present),
        embeddings=embeddings,
        plane=PROJECTIONS[protocol.projection](embeddings),
        accuracies=np.array(accuracies),
        confusions=confusions,
        open_set=_open_set(embeddings, labels, cohort, threshold, protocol, offsets),
        examples=examples,
        failures=failures,
        queries=len(labels) - len(present),
        left_out=left_out,
        seed=protocol.seed,
        fixed=protocol.references is not None,
    )


def _episodes(
    archive: SkeletonArchive, clips: NDArray[np.intp], labels: NDArray[np.intp], protocol: Protocol
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """References, in ascending order of class, and queries of each episode, indices in ``clips``."""
    if protocol.references is None:
        yield from one_shot_episodes(
            labels, protocol.episodes, np.random.default_rng(protocol.seed)
        )
        return
    for clip in protocol.references:
        if clip not in clips:
            raise SkeletonDmlError(
                f"too little is seen in the reference {archive.names[clip]!r} to embed it; give "
                "other references"
            )
    references = np.flatnonzero(np.isin(clips, protocol.references))
    references = references[np.argsort(labels[references])]
    queries = np.setdiff1d(np.arange(len(clips)), references)
    if len(queries) == 0:
        raise SkeletonDmlError("the archive holds only the references; no query is left")
    yield references, queries


def _contests(
    queries: NDArray[np.intp],
    labels: NDArray[np.intp],
    references: NDArray[np.intp],
    distances: NDArray[np.floating],
    scores: NDArray[np.float64],
) -> list[Example]:
    """For each query, its class's reference against the nearest other one.

    Args:
        queries: (queries,) clips.
        labels: (queries,) their classes, positions in ``references``.
        references: (classes,) clips.
        distances: (queries, classes).
        scores: (queries, classes).
    """
    others = distances.copy()
    others[np.arange(len(queries)), labels] = np.inf
    rivals = others.argmin(axis=1)

    def comparison(row: int, column: int) -> Comparison:
        return Comparison(
            int(references[column]), float(distances[row, column]), float(scores[row, column])
        )

    return [
        Example(
            int(queries[row]), comparison(row, int(labels[row])), comparison(row, int(rivals[row]))
        )
        for row in range(len(queries))
    ]


def _examples(
    contests: Sequence[Example], archive: SkeletonArchive, protocol: Protocol
) -> tuple[Example, ...]:
    """The surest failures and the narrowest successes, one per pair of classes."""
    failed = sorted((one for one in contests if one.failed), key=lambda one: one.rival.score)
    right = sorted((one for one in contests if not one.failed), key=lambda one: one.margin)
    return (
        *_one_of_a_pair(failed, archive)[: protocol.failures],
        *_one_of_a_pair(right, archive)[: protocol.successes],
    )


def _one_of_a_pair(contests: Sequence[Example], archive: SkeletonArchive) -> list[Example]:
    """The first contest of each pair of classes."""
    first: dict[tuple[int, int], Example] = {}
    for one in contests:
        pair = (int(archive.labels[one.query]), int(archive.labels[one.rival.clip]))
        first.setdefault(pair, one)
    return list(first.values())


def _open_set(
    embeddings: NDArray[np.float32],
    labels: NDArray[np.intp],
    cohort: Cohort | None,
    threshold: float,
    protocol: Protocol,
    offsets: NDArray[np.float64],
) -> OpenSet | None:
    classes = len(np.unique(labels))
    known = min(protocol.known, classes - 1)
    episodes = list(
        episode_scores(embeddings, labels, cohort, known, protocol.episodes, protocol.seed, offsets)
    )
    if not all(len(episode.genuine) for episode in episodes):
        return None
    scores = pooled(episodes)
    return OpenSet(
        figures=episode_figures(episodes, threshold, unknown=classes - known),
        genuine=scores.genuine,
        impostor=scores.impostor,
    )


def roc(
    genuine: NDArray[np.float64], impostor: NDArray[np.float64], points: int = 200
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percent of impostors and of genuine queries accepted, from the lowest threshold to the highest."""
    thresholds = np.quantile(np.concatenate([genuine, impostor]), np.linspace(0, 1, points))
    thresholds = np.concatenate([[-np.inf], thresholds])
    return tuple(  # type: ignore[return-value]
        100 * np.searchsorted(np.sort(scores), thresholds, side="right") / len(scores)
        for scores in (impostor, genuine)
    )
