# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fuse embedding distance and alignment cost into one score, and turn it into a confidence.

Embedding and alignment err on different clips, so their sum ranks references better than either
alone.  For a clip q and a reference r:

    score(q, r) = min over v of [ a * distance(q, r_v) + b * cost(q, r_v) + penalty(v) ]

where v is the reference as it was enrolled or, at a penalty, its mirror image: many people do with
the left hand what was shown with the right.  The weights are the same for all queries, so a score
does not depend on what else is enrolled.  Where both an action and its mirror image are enrolled,
the penalty keeps them apart.

The best score alone does not tell whether an action is known.  Among references that resemble one
another an unknown action resembles one of them too, so the distance between the references counts;
and the more labels there are, the nearer the nearest one is by chance.  A logistic regression
combines all three:

    confidence(q, r) = 1 / (1 + exp(-z))
    z = intercept - slope * score(q, r) + separation_weight * separation(r) - label_weight * log(labels / 5)

separation(r) is the score between r and the nearest reference of another label, at most
:attr:`Decision.max_separation`, which also stands where there is no other label.  The regression is fitted
on episodes of actions that the network was not trained on, in which known and unknown actions have
equal weight.  So the confidence is the probability that the label is right when half of all actions
are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.embedding.model import Model

FALSE_ACCEPT_RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
"""Rates for which a fitted decision knows the threshold."""

MIN_RATE = 0.002
"""Added to false-accept rates before their logarithm is taken, since a rate may be 0."""

COEFFICIENTS = ("slope", "separation_weight", "label_weight")
"""Fitted beside the intercept; none is negative."""

TYPICAL_LABELS = 5
"""Number of enrolled labels that leaves the confidence unchanged."""

MAX_LABELS = 10
"""More enrolled labels count as this many: the coefficient is fitted on up to 8."""

RIDGE = 1e-3
"""Weight of the squared standardised coefficients; keeps them finite where classes are separable."""

RESEMBLES = 0.5
"""Minimum confidence at which a new reference is reported to resemble another label."""

UNLIKE = 0.05
"""A new reference is reported as unlike the others of its label below this confidence.  Different
people's demonstrations of one action often have a confidence below one half, so it is far lower."""


class Matcher(Enum):
    """What ranks references and decides."""

    FUSED = "fused"
    EMBEDDING = "embedding"
    ALIGNMENT = "alignment"


class FusionError(SkeletonDmlError):
    """A decision is invalid, or cannot be fitted to the given episodes."""


@dataclass(frozen=True)
class Decision:
    """Weights of the score and coefficients of the confidence; part of a model's card.

    Attributes:
        distance_weight: weight of the Euclidean distance between embeddings.
        cost_weight: weight of the alignment cost.
        mirror_penalty: added to the score of a reference's mirror image; infinite to ignore it.
        intercept: of the logistic regression.
        slope: decrease of the log odds per unit of score.
        separation_weight: increase of the log odds per unit of separation.
        label_weight: decrease of the log odds per unit of log(labels).
        max_separation: upper bound of the separation around a reference.
        rates: false-accept rates, ascending.
        confidences: threshold on the confidence at each of them.
    """

    distance_weight: float = 1.0
    cost_weight: float = 0.35
    mirror_penalty: float = 0.7
    intercept: float = 0.0
    slope: float = 1.0
    separation_weight: float = 0.0
    label_weight: float = 0.0
    max_separation: float = 2.3
    rates: tuple[float, ...] = field(default=())
    confidences: tuple[float, ...] = field(default=())

    def __post_init__(self) -> None:
        for name in ("rates", "confidences"):
            object.__setattr__(self, name, tuple(float(value) for value in getattr(self, name)))
        for name in ("distance_weight", "cost_weight", "mirror_penalty", *COEFFICIENTS):
            value = getattr(self, name)
            if not value >= 0:
                raise FusionError(f"{name} is {value}; give a number of at least 0")
        if not (self.distance_weight or self.cost_weight):
            raise FusionError("distance_weight and cost_weight are both 0; give one a weight")
        if len(self.rates) != len(self.confidences):
            raise FusionError(
                f"{len(self.rates)} rates do not fit {len(self.confidences)} confidences"
            )

    @property
    def matcher(self) -> Matcher:
        """The matcher with these weights."""
        if not self.cost_weight:
            return Matcher.EMBEDDING
        return Matcher.FUSED if self.distance_weight else Matcher.ALIGNMENT

    def scores(self, distances: ArrayLike, costs: ArrayLike) -> NDArray[np.float64]:
        """Scores of references; lower is more alike.

        Args:
            distances: (2, ...) between embeddings, to each reference and to its mirror image.
            costs: (2, ...) of alignment, likewise.  Ignored, like distances, without a weight.

        Returns:
            (...) the lower of both, the penalty included.
        """
        return np.asarray(self.both_scores(distances, costs).min(axis=0))

    def both_scores(self, distances: ArrayLike, costs: ArrayLike) -> NDArray[np.float64]:
        """Scores (2, ...) of references and of their mirror images; see :meth:`scores`."""
        terms = [
            weight * np.asarray(values, dtype=np.float64)
            for weight, values in ((self.distance_weight, distances), (self.cost_weight, costs))
            if weight
        ]
        total = sum(terms[1:], start=terms[0])
        return np.stack([total[0], total[1] + self.mirror_penalty])

    def log_odds(
        self, scores: ArrayLike, separation: ArrayLike, labels: int = TYPICAL_LABELS
    ) -> NDArray[np.float64]:
        """Log odds that a label is right; see :meth:`confidence`."""
        coefficients = np.array([getattr(self, name) for name in COEFFICIENTS])
        return np.asarray(
            self.intercept
            + _evidence(scores, separation, labels, self.max_separation) @ coefficients
        )

    def confidence(
        self, scores: ArrayLike, separation: ArrayLike | None = None, labels: int = TYPICAL_LABELS
    ) -> NDArray[np.float64]:
        """Probability that a label is right, in [0, 1].

        Args:
            scores: of references.
            separation: around each reference; None for the maximum.
            labels: number of enrolled labels.
        """
        return _logistic(
            self.log_odds(scores, self.max_separation if separation is None else separation, labels)
        )

    def confidence_at(self, false_accept_rate: float) -> float:
        """Threshold on the confidence for a false-accept rate, interpolated between fitted ones.

        Raises:
            FusionError: the rate is not between 0 and 1, or the decision was never fitted.
        """
        if not 0 < false_accept_rate < 1:
            raise FusionError(
                f"false-accept rate {false_accept_rate} is not between 0 and 1; give 0.05 for 5 %"
            )
        if not self.rates:
            raise FusionError("this decision was not fitted for any false-accept rate")
        odds = np.log(self.confidences) - np.log1p(-np.asarray(self.confidences))
        wanted = np.interp(np.log(false_accept_rate), np.log(self.rates), odds)
        return float(_logistic(wanted))


def separations(
    scores: NDArray[np.float64], labels: Sequence[str], max_separation: float
) -> NDArray[np.float64]:
    """Separation of each reference: the score to the nearest reference of another label.

    Args:
        scores: (references, references) of each as a query against each.
        labels: (references,)
        max_separation: upper bound.

    Returns:
        (references,)
    """
    names = np.asarray(labels)
    between = np.where(names[:, None] != names[None], np.minimum(scores, scores.T), np.inf)
    return np.asarray(np.minimum(between.min(axis=1, initial=np.inf), max_separation))


DEFAULT_DECISIONS = {
    Matcher.FUSED: Decision(
        1.0, 0.35, 0.7, 4.1390, 4.2905, 1.4181, 0.6443, 2.3, FALSE_ACCEPT_RATES,
        (0.8131, 0.7407, 0.6502, 0.5399, 0.4378, 0.3100, 0.2279),
    ),
    Matcher.EMBEDDING: Decision(
        1.0, 0.0, 0.3, 3.3804, 7.6672, 2.7913, 0.3481, 1.4, FALSE_ACCEPT_RATES,
        (0.8581, 0.7703, 0.6770, 0.5325, 0.4085, 0.2729, 0.1994),
    ),
    Matcher.ALIGNMENT: Decision(
        0.0, 0.35, 0.3, 3.8130, 7.6260, 2.0580, 0.5124, 1.2, FALSE_ACCEPT_RATES,
        (0.7738, 0.7150, 0.6479, 0.5449, 0.4727, 0.3799, 0.3079),
    ),
}  # fmt: skip
"""Fitted with the first shipped model; for models whose card has no decision for a matcher."""

COHORT_SPREAD = 0.12
"""Standard deviation of the distances in the cohort of the first shipped model."""


def decision_of(
    model: Model, matcher: Matcher = Matcher.FUSED, match_mirrored: bool = True
) -> Decision:
    """The decision that a model's card brings for a matcher.

    A card without one gets :data:`DEFAULT_DECISIONS`, with the distance scaled to the spread of the
    model's cohort.

    Args:
        model: its card and, for old cards, its cohort.
        matcher: what ranks and decides.
        match_mirrored: whether a reference also stands for its mirror image.

    Raises:
        FusionError: the card's decision is invalid.
    """
    fields = model.card.decision.matchers.get(matcher.value)
    if fields is None:
        decision = DEFAULT_DECISIONS[matcher]
        scale = COHORT_SPREAD / distance_spread(model.cohort)
        decision = replace(decision, distance_weight=scale * decision.distance_weight)
    else:
        try:
            decision = Decision(**fields)
        except (TypeError, FusionError) as error:
            raise FusionError(
                f"{model.folder}: decision of matcher {matcher.value}: {error}"
            ) from None
    return decision if match_mirrored else replace(decision, mirror_penalty=np.inf)


def distance_spread(embeddings: NDArray[np.float32]) -> float:
    """Standard deviation of the distances between embeddings (clips, dimension)."""
    similarity = embeddings @ embeddings.T
    pairs = similarity[np.triu_indices(len(embeddings), 1)]
    return float(np.sqrt(np.maximum(2 - 2 * pairs, 0)).std())


@dataclass(frozen=True, eq=False)
class Episodes:
    """Queries of one data set against libraries with equally many enrolled labels.

    Attributes:
        labels: number of labels enrolled in each library.
        scores: (queries,) score of the best reference.
        separation: (queries,) around that reference.
        enrolled: (queries,) bool, whether the query's action is enrolled.
        right: (queries,) bool, whether the best reference is of the query's action.
    """

    labels: int
    scores: NDArray[np.float64]
    separation: NDArray[np.float64]
    enrolled: NDArray[np.bool_]
    right: NDArray[np.bool_]


def episodes_of(
    scores: NDArray[np.float64],
    labels: NDArray[np.integer],
    enrolled: int,
    episodes: int,
    max_separation: float,
    seed: int = 0,
) -> Episodes:
    """Sample libraries with one reference for each label from a data set; its other clips are queries.

    Args:
        scores: (clips, clips) of each clip as a query against each as a reference.
        labels: (clips,) their classes.
        enrolled: number of enrolled classes; at most all classes but one.
        episodes: number of libraries.
        max_separation: as in :class:`Decision`.
        seed: of the samples.

    Raises:
        FusionError: fewer than two classes, or no episode.
    """
    classes = np.unique(labels)
    enrolled = min(enrolled, len(classes) - 1)
    if enrolled < 1 or episodes < 1:
        raise FusionError(
            f"{len(classes)} classes and {episodes} episodes are too few; give at least 2 and 1"
        )
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(labels == label) for label in classes]
    sampled = []
    for _ in range(episodes):
        chosen = random.choice(len(classes), size=enrolled, replace=False)
        references = np.array([random.choice(members[index]) for index in chosen])
        queries = np.setdiff1d(np.arange(len(labels)), references)
        separation = separations(
            scores[np.ix_(references, references)], [str(label) for label in chosen], max_separation
        )
        against = scores[np.ix_(queries, references)]
        best = against.argmin(axis=1)
        sampled.append(
            (
                against[np.arange(len(queries)), best],
                separation[best],
                np.isin(labels[queries], classes[chosen]),
                labels[references][best] == labels[queries],
            )
        )
    return Episodes(enrolled, *(np.concatenate(column) for column in zip(*sampled, strict=True)))


def fit_decision(
    sets: Sequence[Episodes], decision: Decision, look_alikes: Sequence[Episodes] = ()
) -> Decision:
    """Fit the coefficients and thresholds of a decision to episodes.

    All episodes have the same weight, and within each one queries of enrolled and of other actions
    have half of it.  At the threshold for a rate, the geometric mean of the episodes' false-accept
    rates equals that rate, since rates of data sets differ by factors.

    Args:
        sets: episodes of several data sets with several numbers of labels, of actions that the
            network was not trained on.
        decision: its weights made the scores; its coefficients are replaced.
        look_alikes: episodes that count for the coefficients only: of sets whose actions differ
            less than people do, such as rehabilitation exercises, which no threshold separates.

    Raises:
        FusionError: there is no set, or one lacks queries of enrolled or of other actions.
    """
    if not sets:
        raise FusionError("no episodes to fit a decision to; give at least one set")
    rows, targets, weights = [], [], []
    every = [*sets, *look_alikes]
    for one in every:
        share = one.enrolled.mean()
        if not 0 < share < 1:
            raise FusionError(
                "a set needs queries of enrolled and of other actions; enrol some of its classes"
            )
        rows.append(_evidence(one.scores, one.separation, one.labels, decision.max_separation))
        targets.append(one.right.astype(np.float64))
        weights.append(np.where(one.enrolled, 0.5 / share, 0.5 / (1 - share)) / len(one.enrolled))
    intercept, coefficients = _logistic_regression(
        np.concatenate(rows), np.concatenate(targets), np.concatenate(weights) / len(every)
    )
    fitted = replace(
        decision,
        intercept=intercept,
        **dict(zip(COEFFICIENTS, np.maximum(coefficients, 0).tolist(), strict=True)),
    )
    unknown = [
        np.sort(
            fitted.log_odds(one.scores[~one.enrolled], one.separation[~one.enrolled], one.labels)
        )
        for one in sets
    ]
    odds = np.linspace(-8, 8, 1601)
    accepted = np.stack([1 - np.searchsorted(one, odds) / len(one) for one in unknown])
    typical = np.exp(np.log(accepted + MIN_RATE).mean(axis=0)) - MIN_RATE
    thresholds = [odds[min(int(np.argmax(typical <= rate)), 1600)] for rate in FALSE_ACCEPT_RATES]
    return replace(
        fitted, rates=FALSE_ACCEPT_RATES, confidences=tuple(_logistic(thresholds).tolist())
    )


def _evidence(
    scores: ArrayLike, separation: ArrayLike, labels: int, max_separation: float
) -> NDArray[np.float64]:
    """(..., 3): the factors of :data:`COEFFICIENTS`."""
    scores = np.asarray(scores, dtype=np.float64)
    separation = np.broadcast_to(np.minimum(separation, max_separation), scores.shape)
    counted = min(max(labels, 1), MAX_LABELS)
    crowd = np.full(scores.shape, -np.log(counted / TYPICAL_LABELS))
    return np.stack([-scores, separation, crowd], axis=-1)


@dataclass(frozen=True)
class Resemblance:
    """How a new reference compares with those enrolled before.

    Attributes:
        label: the other label that it resembles most; empty if there is none.
        confidence: of a match with that label.
        own_label: label of the new reference.
        own_confidence: of the best match with its own label; None for the first of its label.
    """

    label: str
    confidence: float
    own_label: str
    own_confidence: float | None

    @property
    def warning(self) -> str:
        """Warning for the person who teaches; may be empty."""
        parts = []
        if self.confidence >= RESEMBLES:
            parts.append(
                f"resembles {self.label!r} ({self.confidence:.2f}): recognition may confuse them"
            )
        if self.own_confidence is not None and self.own_confidence < UNLIKE:
            parts.append(
                f"is unlike the earlier demonstrations of {self.own_label!r} "
                f"({self.own_confidence:.2f})"
            )
        return "; ".join(parts)


def resemblance(
    label: str, scores: ArrayLike, labels: Sequence[str], decision: Decision
) -> Resemblance:
    """Compare a new reference with those enrolled before.

    Args:
        label: of the new reference.
        scores: (references,) of the new reference as a query against each of them.
        labels: (references,) of the references.
        decision: the model's.
    """
    confidences = decision.confidence(scores, labels=len({*labels, label}))
    own = np.array([one == label for one in labels], dtype=bool)
    others = np.where(own, -1.0, confidences)
    best = int(others.argmax()) if len(others) and not own.all() else None
    return Resemblance(
        label="" if best is None else labels[best],
        confidence=0.0 if best is None else float(confidences[best]),
        own_label=label,
        own_confidence=float(confidences[own].max()) if own.any() else None,
    )


def _logistic(odds: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(odds, dtype=np.float64))))


def _logistic_regression(
    rows: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Intercept and coefficients by Newton's method on standardised columns.

    Args:
        rows: (n, columns).
        targets: (n,) 0 or 1.
        weights: (n,) that sum to 1.
    """
    mean = rows.mean(axis=0)
    deviation = np.maximum(rows.std(axis=0), 1e-9)
    design = np.concatenate([np.ones((len(rows), 1)), (rows - mean) / deviation], axis=1)
    ridge = 2 * RIDGE * np.diag([0.0] + [1.0] * rows.shape[1])
    solution = np.zeros(design.shape[1])
    for _ in range(50):
        chance = _logistic(design @ solution)
        gradient = design.T @ (weights * (chance - targets)) + ridge @ solution
        curvature = (design * (weights * chance * (1 - chance))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature + 1e-9 * np.eye(len(solution)), gradient)
        solution -= step / max(1.0, float(np.abs(step).max()) / 2)
        if np.abs(step).max() < 1e-8:
            break
    coefficients = solution[1:] / deviation
    return float(solution[0] - coefficients @ mean), coefficients
