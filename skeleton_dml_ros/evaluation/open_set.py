# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The open-set protocol: some classes of a set are enrolled, the others are unknown.

The decision is the robot's own: the best reference gives the confidence, and the query is accepted as
known if the confidence reaches the threshold.  Here its negative log odds are the score, so that lower is
more alike.  *Genuine* scores are of queries whose class is enrolled, *impostor* scores of the others.  Every threshold gives a true-positive rate (genuine queries accepted)
and a false-positive rate (impostors accepted); AUROC, OSCR and EER are taken over all thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.comparing import clips_of_classes, compared_clips
from skeleton_dml_ros.evaluation.spread import Spread
from skeleton_dml_ros.references.episodes import EpisodeScores, open_set_episodes
from skeleton_dml_ros.references.fusion import Decision, separations
from skeleton_dml_ros.references.pair_scores import PairTerms

NO_MATCH = 1e6
"""Score of a query that matches no reference; finite, so that it can be ranked."""


@dataclass(frozen=True)
class Acceptance:
    """Rates at the threshold for a false-accept rate; shares in [0, 1].

    Attributes:
        asked_rate: false-accept rate that the threshold is meant for.
        threshold: minimum confidence of a known action.
        false_accept_rate: impostors accepted.
        correct_accept_rate: genuine queries accepted under the right class.
    """

    asked_rate: float
    threshold: float
    false_accept_rate: Spread
    correct_accept_rate: Spread


@dataclass(frozen=True)
class OpenSetFigures:
    """Result of the open-set protocol; every rate is a share in [0, 1].

    Attributes:
        closed_set_accuracy: genuine queries whose best reference is of their class, at any score.
        auroc: see :func:`~skeleton_dml_ros.evaluation.open_set.area_under_roc`.
        fpr_at_95_tpr: see
            :func:`~skeleton_dml_ros.evaluation.open_set.false_positive_rate_at`.
        equal_error_rate: see :func:`~skeleton_dml_ros.evaluation.open_set.equal_error_rate`.
        oscr: see
            :func:`~skeleton_dml_ros.evaluation.open_set.open_set_classification_rate`.
        false_accept_rate: impostors accepted at the threshold.
        correct_accept_rate: genuine queries accepted under the right class at the threshold.
        threshold: minimum confidence of a known action; or, if a score decides, its maximum.
        known: classes enrolled in each episode.
        unknown: classes not enrolled in each episode.
        episodes: number of episodes.
        queries: queries per episode.
        left_out: clips in which too little was seen to embed them; they are not queries.
        matcher: what ranked the references and decided.
        shots: references of each known class.
        at_rate: at the threshold for a false-accept rate; None without one.
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
    matcher: str = "embedding"
    shots: int = 1
    at_rate: Acceptance | None = None

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return asdict(self)


def evaluate_open_set(
    engine: Engine,
    archive: SkeletonArchive,
    decisions: Iterable[Decision],
    threshold: float,
    known: int,
    classes: Sequence[int | str] | None = None,
    episodes: int = 50,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
    false_accept_rate: float | None = None,
    shots: int = 1,
) -> list[OpenSetFigures]:
    """In each episode, random classes are enrolled by random clips; the rest are unknown.

    All decisions see the same episodes.

    Args:
        engine: embeds.
        archive: labelled clips.
        decisions: each ranks the references and gives the confidence.
        threshold: minimum confidence of a known action.
        known: number of classes enrolled.
        classes: names or indices of the classes that take part; None for all.
        episodes: number of episodes.
        seed: of the episodes.
        progress: called with the number of clips embedded and of all clips.
        false_accept_rate: also measure at each decision's threshold for this rate.
        shots: references of each enrolled class.

    Returns:
        The figures of each decision.

    Raises:
        SkeletonDmlError: a class does not exist, there are too few of them, an episode has no
            genuine query, or a decision was not fitted for any false-accept rate.
    """
    decisions = list(decisions)
    if false_accept_rate is not None:
        for decision in decisions:
            decision.confidence_at(false_accept_rate)
    used = clips_of_classes(archive, classes)
    clips, embedded = compared_clips(engine, archive, used, decisions, progress)
    labels = clips.labels
    drawn = list(open_set_episodes(labels, known, episodes, np.random.default_rng(seed), shots))
    terms = clips.against(np.unique(np.concatenate([references for references, _ in drawn])))
    found = []
    for decision in decisions:
        each = decided_episodes(labels, terms, drawn, decision)
        if any(len(one.genuine) == 0 for one in each):
            raise SkeletonDmlError(
                "an episode has no genuine query, since its enrolled classes have one clip each; "
                "choose classes with several clips"
            )
        figures = episode_figures(
            each,
            _score_of(threshold),
            unknown=len(np.unique(labels)) - known,
            left_out=len(used) - len(embedded),
        )
        found.append(
            replace(
                figures,
                threshold=threshold,
                matcher=decision.matcher.value,
                shots=shots,
                at_rate=_acceptance(each, decision, false_accept_rate),
            )
        )
    return found


def _acceptance(
    episodes: Sequence[EpisodeScores], decision: Decision, false_accept_rate: float | None
) -> Acceptance | None:
    if false_accept_rate is None:
        return None
    threshold = decision.confidence_at(false_accept_rate)
    score = _score_of(threshold)
    return Acceptance(
        asked_rate=false_accept_rate,
        threshold=threshold,
        false_accept_rate=Spread.of([one.false_accept_rate(score) for one in episodes]),
        correct_accept_rate=Spread.of([one.recognition_rate(score) for one in episodes]),
    )


def decided_episodes(
    labels: NDArray[np.integer],
    terms: PairTerms,
    episodes: Iterable[tuple[NDArray[np.intp], NDArray[np.intp]]],
    decision: Decision,
) -> list[EpisodeScores]:
    """Score episodes by the confidence of each query's best reference, as negative log odds.

    Args:
        labels: (clips,) their classes.
        terms: of the clips against the episodes' references.
        episodes: indices of references and of queries.
        decision: ranks the references and gives the confidence.
    """
    scores = terms.scores(decision)
    found = []
    for references, queries in episodes:
        columns = terms.columns(references)
        separation = separations(
            scores[np.ix_(references, columns)],
            [str(label) for label in labels[references]],
            decision.max_separation,
        )
        against = scores[np.ix_(queries, columns)]
        best = against.argmin(axis=1)
        nearest = against[np.arange(len(queries)), best]
        # A query with another number of people than all references matches none.
        matched = np.isfinite(nearest)
        known = len(np.unique(labels[references]))
        odds = decision.log_odds(np.where(matched, nearest, NO_MATCH), separation[best], known)
        enrolled = np.isin(labels[queries], labels[references])
        found.append(
            EpisodeScores(
                impostor=-odds[~enrolled],
                genuine=-odds[enrolled],
                correct=((labels[references[best]] == labels[queries]) & matched)[enrolled],
                enrolled=known,
            )
        )
    return found


def _score_of(confidence: float) -> float:
    """Negative log odds of a confidence in [0, 1]."""
    if confidence <= 0:
        return math.inf
    return -math.inf if confidence >= 1 else math.log(1 - confidence) - math.log(confidence)


def episode_figures(
    episodes: Sequence[EpisodeScores], threshold: float, unknown: int, left_out: int = 0
) -> OpenSetFigures:
    """Figures of open-set episodes.

    Args:
        episodes: scores of each episode, with queries of both kinds.
        threshold: highest score of a known action.
        unknown: classes not enrolled in each episode.
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


def area_under_roc(genuine: ArrayLike, impostor: ArrayLike) -> float:
    """AUROC: probability that a genuine query scores lower than an impostor; ties count half.

    Args:
        genuine: (m,) scores, at least one.
        impostor: (n,) scores, at least one.

    Returns:
        In [0, 1]; 0.5 by chance.
    """
    genuine, impostor = _scores(genuine, "genuine"), _scores(impostor, "impostor")
    below = np.searchsorted(np.sort(impostor), genuine, side="left")
    up_to = np.searchsorted(np.sort(impostor), genuine, side="right")
    return float(1 - (below + up_to).mean() / (2 * len(impostor)))


def open_set_classification_rate(
    genuine: ArrayLike, correct: ArrayLike, impostor: ArrayLike
) -> float:
    """OSCR: area under the correct classification rate over the false-positive rate.

    The correct classification rate is the share of genuine queries that are both accepted and
    classified correctly (A. R. Dhamija, M. Günther, T. E. Boult, "Reducing network agnostophobia",
    NeurIPS 2018).  Its area is at most the closed-set accuracy, and AUROC if that is 1.

    Args:
        genuine: (m,) scores of genuine queries.
        correct: (m,) whether the nearest reference is of the query's class.
        impostor: (n,) scores of impostors.

    Returns:
        In [0, 1]; by trapezoids.
    """
    genuine, impostor = _scores(genuine, "genuine"), _scores(impostor, "impostor")
    right = genuine[np.asarray(correct, dtype=bool)]
    thresholds = _thresholds(genuine, impostor)
    rate = np.searchsorted(np.sort(right), thresholds, side="right") / len(genuine)
    false_positive = _accepted(impostor, thresholds)
    return float(np.sum(np.diff(false_positive) * (rate[1:] + rate[:-1]) / 2))


def false_positive_rate_at(
    genuine: ArrayLike, impostor: ArrayLike, true_positive_rate: float = 0.95
) -> float:
    """FPR at 95 % TPR: share of impostors accepted if this share of the genuine queries is.

    Args:
        genuine: (m,) scores of genuine queries.
        impostor: (n,) scores of impostors.
        true_positive_rate: minimum share of genuine queries, above 0 and up to 1.

    Returns:
        In [0, 1], at the lowest threshold with that share.
    """
    genuine, impostor = _scores(genuine, "genuine"), _scores(impostor, "impostor")
    if not 0 < true_positive_rate <= 1:
        raise SkeletonDmlError(
            f"true_positive_rate is {true_positive_rate}; give a share above 0 and up to 1"
        )
    # 0.95 * 20 is 19.000...4 in floating point, and means 19.
    accepted = int(np.ceil(true_positive_rate * len(genuine) - 1e-9))
    return float(np.mean(impostor <= np.sort(genuine)[accepted - 1]))


def equal_error_rate(genuine: ArrayLike, impostor: ArrayLike) -> float:
    """EER: the rate at which the shares of impostors accepted and genuine queries refused are equal.

    Args:
        genuine: (m,) scores of genuine queries.
        impostor: (n,) scores of impostors.

    Returns:
        In [0, 1]; interpolated between thresholds.
    """
    genuine, impostor = _scores(genuine, "genuine"), _scores(impostor, "impostor")
    thresholds = _thresholds(genuine, impostor)
    false_accept = _accepted(impostor, thresholds)
    excess = false_accept - (1 - _accepted(genuine, thresholds))
    # Rises from -1, where nothing is accepted, to 1, where everything is.
    after = int(np.argmax(excess >= 0))
    share = -excess[after - 1] / (excess[after] - excess[after - 1])
    between = false_accept[after] - false_accept[after - 1]
    return float(false_accept[after - 1] + share * between)


def _thresholds(genuine: NDArray[np.float64], impostor: NDArray[np.float64]) -> NDArray[np.float64]:
    """A threshold that accepts nothing, and every score."""
    return np.concatenate([[-np.inf], np.unique(np.concatenate([genuine, impostor]))])


def _accepted(scores: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the scores that each threshold accepts."""
    return np.searchsorted(np.sort(scores), thresholds, side="right") / len(scores)


def _scores(scores: ArrayLike, name: str) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise SkeletonDmlError(
            f"{name} scores of shape {values.shape} cannot be used; give at least one, all finite"
        )
    return values
