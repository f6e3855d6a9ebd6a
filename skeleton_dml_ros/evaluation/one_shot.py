# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One-shot accuracy: share of queries whose best reference, of one per class, is of their class.

With several references per class the best one still counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.datasets.recordings import read_recordings
from skeleton_dml_ros.datasets.splits import OneShotSplit, clips_of_part, references_of
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.embedding.engines import make_engine
from skeleton_dml_ros.embedding.model import Model, load_model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.comparing import clips_of_classes, compared_clips
from skeleton_dml_ros.references.episodes import one_shot_episodes
from skeleton_dml_ros.references.fusion import Decision, decision_of
from skeleton_dml_ros.references.pair_scores import ComparedClips

NEAREST_EMBEDDING = Decision(distance_weight=1, cost_weight=0, mirror_penalty=np.inf)
"""The paper's method: the nearest embedding decides."""


@dataclass(frozen=True)
class OneShotFigures:
    """Result of the one-shot protocol.

    Attributes:
        accuracy_mean: mean over the episodes, percent.
        accuracy_std: standard deviation over the episodes, percent.
        episodes: number of episodes; 1 if a split fixes the references.
        classes: number of classes.
        queries: queries per episode.
        left_out: clips in which too little was seen to embed them; they are not queries.
        split: name of the split, or None.
        matcher: what ranked the references: ``fused``, ``embedding`` or ``alignment``.
        shots: references of each class.
    """

    accuracy_mean: float
    accuracy_std: float
    episodes: int
    classes: int
    queries: int
    left_out: int = 0
    split: str | None = None
    matcher: str = "embedding"
    shots: int = 1

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return asdict(self)


Episode = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Indices of references and of queries."""


def evaluate_one_shot(
    engine: Engine | Model | str | Path,
    archive: SkeletonArchive | str | Path,
    classes: Sequence[int | str] | None = None,
    episodes: int = 50,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
    decision: Decision | None = None,
    shots: int = 1,
) -> OneShotFigures:
    """Measure one-shot accuracy: in each episode one random clip of each class is its reference.

    All other clips are queries.

    Args:
        engine: embeds; or a model, or the path of its folder, which torch then computes.
        archive: labelled clips, or the path of their archive.
        classes: names or indices of the classes that take part; None for all.
        episodes: number of episodes.
        seed: of the episodes.
        progress: called with the number of clips embedded and of all clips.
        decision: ranks the references; None for the fused one of a model, and for the distance
            between embeddings where only an engine is given.
        shots: references of each class.

    Raises:
        SkeletonDmlError: model or archive cannot be read, a class does not exist, or there are too
            few classes or clips.
    """
    if isinstance(engine, (str, Path)):
        engine = load_model(engine)
    if isinstance(engine, Model):
        decision = decision or decision_of(engine)
        engine = make_engine(engine, "torch")
    if not isinstance(archive, SkeletonArchive):
        archive = read_recordings(archive)
    decisions = [decision or NEAREST_EMBEDDING]
    return evaluate_matchers(
        engine, archive, decisions, [shots], classes, episodes, seed, progress
    )[0]


def evaluate_matchers(
    engine: Engine,
    archive: SkeletonArchive,
    decisions: Iterable[Decision],
    shots: Sequence[int] = (1,),
    classes: Sequence[int | str] | None = None,
    episodes: int = 50,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[OneShotFigures]:
    """Measure one-shot accuracy with several decisions and numbers of references per class.

    All decisions see the same episodes.

    Args:
        engine: embeds.
        archive: labelled clips.
        decisions: each ranks the references.
        shots: numbers of references of each class.
        classes: names or indices of the classes that take part; None for all.
        episodes: number of episodes for each number of references.
        seed: of the episodes.
        progress: called with the number of clips embedded and of all clips.

    Returns:
        For each decision the figures with each number of references.

    Raises:
        SkeletonDmlError: as :func:`evaluate_one_shot`.
    """
    if episodes < 1:
        raise SkeletonDmlError(f"episodes is {episodes}; give at least 1")
    if min(shots, default=0) < 1:
        raise SkeletonDmlError(f"shots are {list(shots)}; give numbers of at least 1")
    decisions = list(decisions)
    used = clips_of_classes(archive, classes)
    clips, embedded = compared_clips(engine, archive, used, decisions, progress)
    drawn = {
        count: list(one_shot_episodes(clips.labels, episodes, np.random.default_rng(seed), count))
        for count in shots
    }
    return measured(clips, drawn, decisions, left_out=len(used) - len(embedded))


def evaluate_split(
    engine: Engine,
    archive: SkeletonArchive,
    split: OneShotSplit,
    decisions: Iterable[Decision] = (NEAREST_EMBEDDING,),
    episodes: int = 50,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[OneShotFigures]:
    """The one-shot protocol on a split's evaluation classes.

    Args:
        engine: embeds.
        archive: labelled clips, the split's references among them.
        split: which classes take part, and which clips are their references.
        decisions: each ranks the references; the nearest embedding alone is the paper's protocol.
        episodes: number of episodes if the split fixes no references.
        seed: of the episodes.
        progress: called with the number of clips embedded and of all clips.

    Returns:
        The figures of each decision.

    Raises:
        SkeletonDmlError: the archive lacks a class or a reference of the split, no query is left,
            or too little is seen in a reference to embed it.
    """
    decisions = list(decisions)
    used = clips_of_part(archive, split, "evaluation")
    references = references_of(archive, split) if split.references else None
    clips, embedded = compared_clips(engine, archive, used, decisions, progress)
    if references is not None:
        drawn = [_fixed_episode(archive, split, references, embedded)]
    else:
        drawn = list(one_shot_episodes(clips.labels, episodes, np.random.default_rng(seed)))
    return measured(clips, {1: drawn}, decisions, len(used) - len(embedded), split.name)


def _fixed_episode(
    archive: SkeletonArchive,
    split: OneShotSplit,
    references: NDArray[np.integer],
    embedded: NDArray[np.intp],
) -> Episode:
    """The episode with a split's references, among the embedded clips."""
    is_reference = np.isin(embedded, references)
    if is_reference.sum() < len(references):
        lost = archive.names[int(np.setdiff1d(references, embedded)[0])]
        raise SkeletonDmlError(
            f"too little is seen in the reference {lost!r} of split {split.name} to embed it; give "
            "another archive"
        )
    if is_reference.all():
        raise SkeletonDmlError(
            f"the archive holds only the references of split {split.name} and no other clip of its "
            "evaluation classes; no query is left"
        )
    return np.flatnonzero(is_reference), np.flatnonzero(~is_reference)


def measured(
    clips: ComparedClips,
    drawn: dict[int, list[Episode]],
    decisions: Sequence[Decision],
    left_out: int = 0,
    split: str | None = None,
) -> list[OneShotFigures]:
    """Figures of each decision on the episodes of each number of references.

    Args:
        clips: compared.
        drawn: for each number of references per class its episodes.
        decisions: each ranks the references.
        left_out: number of clips that were not embedded.
        split: name of the split, or None.
    """
    chosen = [references for episodes in drawn.values() for references, _ in episodes]
    terms = clips.against(np.unique(np.concatenate(chosen)))
    found = []
    for decision in decisions:
        scores = terms.scores(decision)
        for shots, episodes in drawn.items():
            accuracies = []
            for references, queries in episodes:
                against = scores[np.ix_(queries, terms.columns(references))]
                nearest = against.argmin(axis=1)
                # A query with another number of people than all references matches none.
                matched = np.isfinite(against[np.arange(len(queries)), nearest])
                right = clips.labels[references[nearest]] == clips.labels[queries]
                accuracies.append(100 * float((right & matched).mean()))
            found.append(
                OneShotFigures(
                    accuracy_mean=float(np.mean(accuracies)),
                    accuracy_std=float(np.std(accuracies)),
                    episodes=len(episodes),
                    classes=len(np.unique(clips.labels)),
                    queries=len(episodes[0][1]),
                    left_out=left_out,
                    split=split,
                    matcher=decision.matcher.value,
                    shots=shots,
                )
            )
    return found
