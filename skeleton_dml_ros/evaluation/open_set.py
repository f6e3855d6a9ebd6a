# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The open-set protocol: some of a set's actions are taught, all others are unknown.

The decision is the robot's own: the nearest reference by distance, judged by its score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.one_shot import embed_classes
from skeleton_dml_ros.evaluation.operating_curves import (
    area_under_roc,
    equal_error_rate,
    false_positive_rate_at,
    open_set_classification_rate,
)
from skeleton_dml_ros.evaluation.spread import Spread
from skeleton_dml_ros.references.episodes import EpisodeScores, episode_scores
from skeleton_dml_ros.references.open_set import Cohort, pair_offsets


@dataclass(frozen=True)
class OpenSetFigures:
    """Result of the open-set protocol; every rate is a share in [0, 1].

    Attributes:
        closed_set_accuracy: genuine queries whose nearest reference is of their action, whatever
            its score.
        auroc: see :func:`~skeleton_dml_ros.evaluation.operating_curves.area_under_roc`.
        fpr_at_95_tpr: see
            :func:`~skeleton_dml_ros.evaluation.operating_curves.false_positive_rate_at`.
        equal_error_rate: see :func:`~skeleton_dml_ros.evaluation.operating_curves.equal_error_rate`.
        oscr: see
            :func:`~skeleton_dml_ros.evaluation.operating_curves.open_set_classification_rate`.
        false_accept_rate: impostors accepted at the threshold.
        correct_accept_rate: genuine queries accepted at the threshold as what they are.
        threshold: highest score of a known action.
        known: classes taught in each draw.
        unknown: classes not taught in each draw.
        episodes: number of draws.
        queries: queries in each draw.
        left_out: clips in which too little was seen to embed them; they are not queries.
    """

    closed_set_accuracy: Spread
    auroc: Spread
    fpr_at_95_tpr: Spread
    equal_error_rate: Spread
    oscr: Spread
    false_accept_rate: Spread
    correct_accept_rate: Spread
    threshold: float
    known: int
    unknown: int
    episodes: int
    queries: int
    left_out: int

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON knows them."""
        return asdict(self)


def evaluate_open_set(
    engine: Engine,
    cohort: Cohort | None,
    threshold: float,
    archive: SkeletonArchive,
    known: int,
    classes: Sequence[int] | None = None,
    episodes: int = 50,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
    pair_offset: float = 0.0,
) -> OpenSetFigures:
    """In each draw some random classes are taught by one random clip each, the rest are unknown.

    Args:
        engine: embeds.
        cohort: against which distances are normalised; None for plain distances.
        threshold: highest score of a known action.
        archive: labelled clips.
        known: how many classes are taught.
        classes: indices of the classes that take part; None for all.
        episodes: number of draws.
        seed: decides the draws.
        progress: called with clips embedded and clips in all.
        pair_offset: added to the scores of what two people do together.

    Raises:
        SkeletonDmlError: a class does not exist, there are too few of them, or a draw leaves no
            query of a taught class.
    """
    embeddings, embedded, left_out = embed_classes(engine, archive, classes, progress)
    labels = archive.labels[embedded]
    offsets = pair_offsets([archive.people(index) for index in embedded], pair_offset)
    each = list(episode_scores(embeddings, labels, cohort, known, episodes, seed, offsets))
    if any(len(one.genuine) == 0 for one in each):
        raise SkeletonDmlError(
            "a draw taught only classes of a single clip, and left none of theirs to ask about; "
            "choose classes of several clips"
        )
    return episode_figures(
        each, threshold, unknown=len(np.unique(labels)) - known, left_out=left_out
    )


def episode_figures(
    episodes: Sequence[EpisodeScores], threshold: float, unknown: int, left_out: int = 0
) -> OpenSetFigures:
    """The figures of scores.

    Args:
        episodes: scores of each draw, with queries of both kinds.
        threshold: highest score of a known action.
        unknown: classes not taught in each draw.
        left_out: clips that could not be embedded.
    """
    return OpenSetFigures(
        closed_set_accuracy=Spread.of([one.correct.mean() for one in episodes]),
        auroc=Spread.of([area_under_roc(one.genuine, one.impostor) for one in episodes]),
        fpr_at_95_tpr=Spread.of(
            [false_positive_rate_at(one.genuine, one.impostor, 0.95) for one in episodes]
        ),
        equal_error_rate=Spread.of(
            [equal_error_rate(one.genuine, one.impostor) for one in episodes]
        ),
        oscr=Spread.of(
            [
                open_set_classification_rate(one.genuine, one.correct, one.impostor)
                for one in episodes
            ]
        ),
        false_accept_rate=Spread.of([one.false_accept_rate(threshold) for one in episodes]),
        correct_accept_rate=Spread.of([one.recognition_rate(threshold) for one in episodes]),
        threshold=threshold,
        known=episodes[0].enrolled,
        unknown=unknown,
        episodes=len(episodes),
        queries=len(episodes[0].genuine) + len(episodes[0].impostor),
        left_out=left_out,
    )
