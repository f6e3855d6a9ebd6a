# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""From a distance of embeddings and a cost of alignment to one score, and to a confidence.

The embedding and the alignment err on different clips (``docs/accuracy.md``), so their sum ranks
references better than either.  For a clip q and a reference r:

    score(q, r) = min over v of [ a * distance(q, r_v) + b * cost(q, r_v) + penalty(v) ]

where v is the reference as it was taught or, at a penalty, its mirror image: many people do with the
left what was shown with the right.  The weights are the same for every query, so that a score does not
depend on what else was taught.  Where both an action and its mirror image were taught, the penalty
lets the right one win.

The best score alone does not say whether an action is known.  In a library of actions that look alike
an unknown one will look like one of them as well, so the distance between the references themselves
counts; and the more labels there are, the nearer is the nearest by chance.  All enter one logistic
regression:

    confidence(q, r) = 1 / (1 + exp(-z))
    z = intercept - slope * score(q, r) + crowding * room(r) - choice * log(labels / 5)

with room(r) the score between r and the nearest reference of another label, at most
:attr:`Decision.most_room`, which also stands where there is no other label.  It is fitted on episodes
of actions that the network was not trained on, in which half of the weight lies on queries whose
action was taught: so the confidence is the probability that the label is right where known and
unknown actions are equally frequent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError

FALSE_ACCEPT_RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
"""Rates for which a fitted decision knows the confidence to ask for."""

SMALLEST_RATE = 0.002
"""Rates are compared by their logarithm; what was never accepted in a set counts as this."""

COEFFICIENTS = ("slope", "crowding", "choice")
"""What is fitted beside the intercept; none is below zero."""

USUAL_LABELS = 5
"""Labels taught at which their number neither adds nor takes confidence."""

MOST_LABELS = 10
"""Labels taught beyond which their number takes no more: the coefficient is fitted to up to 8."""

RIDGE = 1e-3
"""Penalty on the squares of standardised coefficients: it only keeps a perfect separation finite."""

ALIKE = 0.5
"""Confidence from which a reference is said to look like another label."""

UNLIKE = 0.05
"""Confidence below which a reference is said to be unlike the others of its own label.  People differ
more from one another than from themselves, so it is far below one half."""


class Matcher(Enum):
    """What ranks and decides."""

    FUSED = "fused"
    EMBEDDING = "embedding"
    ALIGNMENT = "alignment"


class FusionError(SkeletonDmlError):
    """A decision is not what it should be, or cannot be fitted to what is given."""


@dataclass(frozen=True)
class Decision:
    """The weights of the score and the coefficients of the confidence; part of a model.

    Attributes:
        distance_weight: of the Euclidean distance of embeddings.
        cost_weight: of the alignment's cost.
        mirror_penalty: added to the score of a reference's mirror image, infinite for no images.
        intercept: of the logistic regression.
        slope: how much a unit of the score takes from the confidence's logarithmic odds.
        crowding: how much a unit of room adds to them.
        choice: how much a logarithmic unit of the number of labels taught takes from them.
        most_room: room of a reference without a neighbour of another label.
        rates: false-accept rates, ascending.
        confidences: the least confidence to ask for at each of them.
    """

    distance_weight: float = 1.0
    cost_weight: float = 0.35
    mirror_penalty: float = 0.5
    intercept: float = 0.0
    slope: float = 1.0
    crowding: float = 0.0
    choice: float = 0.0
    most_room: float = 2.3
    rates: tuple[float, ...] = field(default=())
    confidences: tuple[float, ...] = field(default=())

    def __post_init__(self) -> None:
        for name in ("rates", "confidences"):
            object.__setattr__(self, name, tuple(float(value) for value in getattr(self, name)))
        for name in ("distance_weight", "cost_weight", "mirror_penalty", *COEFFICIENTS):
            value = getattr(self, name)
            if not value >= 0:
                raise FusionError(f"{name} is {value}; give a number, 0 or more")
        if len(self.rates) != len(self.confidences):
            raise FusionError(
                f"{len(self.rates)} rates do not fit {len(self.confidences)} confidences"
            )

    def scores(self, distances: ArrayLike, costs: ArrayLike) -> NDArray[np.float64]:
        """Scores of references, lower is more alike.

        Args:
            distances: (2, ...) of embeddings, to each reference and to its mirror image.
            costs: (2, ...) of alignment, likewise; what has no weight may be anything.

        Returns:
            (...) the lesser of both, with the penalty for the image.
        """
        terms = [
            weight * np.asarray(values, dtype=np.float64)
            for weight, values in ((self.distance_weight, distances), (self.cost_weight, costs))
            if weight
        ]
        if not terms:
            raise FusionError("neither distance nor cost has a weight; give one of them")
        total = sum(terms[1:], start=terms[0])
        return np.asarray(np.minimum(total[0], total[1] + self.mirror_penalty))

    def log_odds(
        self, scores: ArrayLike, room: ArrayLike, labels: int = USUAL_LABELS
    ) -> NDArray[np.float64]:
        """Logarithm of the odds that a label is right; see :meth:`confidence`."""
        coefficients = np.array([getattr(self, name) for name in COEFFICIENTS])
        return np.asarray(
            self.intercept + _evidence(scores, room, labels, self.most_room) @ coefficients
        )

    def confidence(
        self, scores: ArrayLike, room: ArrayLike | None = None, labels: int = USUAL_LABELS
    ) -> NDArray[np.float64]:
        """Probability that a label is right, in [0, 1].

        Args:
            scores: of references.
            room: around each of them; None for as much as can be.
            labels: how many are taught.
        """
        return _logistic(self.log_odds(scores, self.most_room if room is None else room, labels))

    def confidence_at(self, false_accept_rate: float) -> float:
        """The threshold on the confidence for a false-accept rate, between those that were fitted.

        Raises:
            FusionError: the rate is not between 0 and 1, or none was fitted.
        """
        if not 0 < false_accept_rate < 1:
            raise FusionError(
                f"false-accept rate {false_accept_rate} is not between 0 and 1; give 0.05 for 5 %"
            )
        if not self.rates:
            raise FusionError("this model's decision was fitted for no false-accept rate")
        odds = np.log(self.confidences) - np.log1p(-np.asarray(self.confidences))
        wanted = np.interp(np.log(false_accept_rate), np.log(self.rates), odds)
        return float(_logistic(wanted))


def rooms(scores: NDArray[np.float64], labels: Sequence[str], most: float) -> NDArray[np.float64]:
    """Room around each reference: the score to the nearest one of another label.

    Args:
        scores: (references, references) of each as a query against each.
        labels: (references,)
        most: room where no other label is as near.

    Returns:
        (references,)
    """
    names = np.asarray(labels)
    between = np.where(names[:, None] != names[None], np.minimum(scores, scores.T), np.inf)
    return np.asarray(np.minimum(between.min(axis=1, initial=np.inf), most))


@dataclass(frozen=True, eq=False)
class Episodes:
    """Queries against libraries of as many taught actions each, all of one data set.

    Attributes:
        labels: how many are taught in each library.
        scores: (queries,) of the best reference.
        room: (queries,) around that reference.
        taught: (queries,) bool, whether the query's action was taught.
        right: (queries,) bool, whether the reference is of the query's action.
    """

    labels: int
    scores: NDArray[np.float64]
    room: NDArray[np.float64]
    taught: NDArray[np.bool_]
    right: NDArray[np.bool_]


def episodes_of(
    scores: NDArray[np.float64],
    labels: NDArray[np.integer],
    taught: int,
    draws: int,
    most_room: float,
    seed: int = 0,
) -> Episodes:
    """Draw libraries of one reference a label from a data set, and ask all its other clips.

    Args:
        scores: (clips, clips) of each clip as a query against each as a reference.
        labels: (clips,) their classes.
        taught: number of classes taught; at most all classes but one.
        draws: libraries in all.
        most_room: as of :class:`Decision`.
        seed: decides the draws.

    Raises:
        FusionError: there are fewer than two classes, or no draw.
    """
    classes = np.unique(labels)
    taught = min(taught, len(classes) - 1)
    if taught < 1 or draws < 1:
        raise FusionError(f"{len(classes)} classes and {draws} draws make no episode")
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(labels == label) for label in classes]
    drawn = []
    for _ in range(draws):
        chosen = random.choice(len(classes), size=taught, replace=False)
        references = np.array([random.choice(members[index]) for index in chosen])
        queries = np.setdiff1d(np.arange(len(labels)), references)
        room = rooms(
            scores[np.ix_(references, references)], [str(label) for label in chosen], most_room
        )
        against = scores[np.ix_(queries, references)]
        best = against.argmin(axis=1)
        drawn.append(
            (
                against[np.arange(len(queries)), best],
                room[best],
                np.isin(labels[queries], classes[chosen]),
                labels[references][best] == labels[queries],
            )
        )
    return Episodes(taught, *(np.concatenate(column) for column in zip(*drawn, strict=True)))


def fit_decision(
    sets: Sequence[Episodes], decision: Decision, look_alikes: Sequence[Episodes] = ()
) -> Decision:
    """The decision with coefficients and thresholds fitted to episodes.

    In each of the episodes taught and untaught queries have half of the weight, and all episodes count
    alike.  The threshold for a rate is the one at which the geometric mean of the episodes'
    false-accept rates is that rate, since sets differ by factors.  Sets whose actions differ less from
    one another than people do, such as exercises of rehabilitation, take part in the coefficients only:
    no threshold tells their actions apart.

    Args:
        sets: episodes of several data sets, of each with several numbers of labels; of actions that
            the network was not trained on.
        decision: whose weights made the scores; only its coefficients are replaced.
        look_alikes: episodes that count for the coefficients, and not for the thresholds.

    Raises:
        FusionError: there is no set, or one lacks taught or untaught queries.
    """
    if not sets:
        raise FusionError("there are no episodes to fit a decision to; give at least one set")
    rows, targets, weights = [], [], []
    every = [*sets, *look_alikes]
    for one in every:
        share = one.taught.mean()
        if not 0 < share < 1:
            raise FusionError("a set needs taught and untaught queries; teach some of its classes")
        rows.append(_evidence(one.scores, one.room, one.labels, decision.most_room))
        targets.append(one.right.astype(np.float64))
        weights.append(np.where(one.taught, 0.5 / share, 0.5 / (1 - share)) / len(one.taught))
    intercept, coefficients = _logistic_regression(
        np.concatenate(rows), np.concatenate(targets), np.concatenate(weights) / len(every)
    )
    fitted = replace(
        decision,
        intercept=intercept,
        **dict(zip(COEFFICIENTS, np.maximum(coefficients, 0).tolist(), strict=True)),
    )
    untaught = [
        np.sort(fitted.log_odds(one.scores[~one.taught], one.room[~one.taught], one.labels))
        for one in sets
    ]
    odds = np.linspace(-8, 8, 1601)
    accepted = np.stack([1 - np.searchsorted(one, odds) / len(one) for one in untaught])
    typical = np.exp(np.log(accepted + SMALLEST_RATE).mean(axis=0)) - SMALLEST_RATE
    thresholds = [odds[min(int(np.argmax(typical <= rate)), 1600)] for rate in FALSE_ACCEPT_RATES]
    return replace(
        fitted, rates=FALSE_ACCEPT_RATES, confidences=tuple(_logistic(thresholds).tolist())
    )


def _evidence(
    scores: ArrayLike, room: ArrayLike, labels: int, most_room: float
) -> NDArray[np.float64]:
    """(..., 3): what each of :data:`COEFFICIENTS` multiplies."""
    scores = np.asarray(scores, dtype=np.float64)
    room = np.broadcast_to(np.minimum(room, most_room), scores.shape)
    counted = min(max(labels, 1), MOST_LABELS)
    choice = np.full(scores.shape, -np.log(counted / USUAL_LABELS))
    return np.stack([-scores, room, choice], axis=-1)


@dataclass(frozen=True)
class Resemblance:
    """What a new reference looks like among those taught before.

    Attributes:
        label: the other label that it looks most like; empty if there is none.
        confidence: that a match with this label would have.
        own_confidence: that of the best match with its own label; None if it is its first.
    """

    label: str
    confidence: float
    own_confidence: float | None

    @property
    def warning(self) -> str:
        """What a person who teaches should know; empty if there is nothing."""
        parts = []
        if self.confidence >= ALIKE:
            parts.append(
                f"resembles {self.label!r} ({self.confidence:.2f}): recognition may confuse them"
            )
        if self.own_confidence is not None and self.own_confidence < UNLIKE:
            parts.append(
                f"unlike the earlier demonstrations of its own label ({self.own_confidence:.2f})"
            )
        return "; ".join(parts)


def resemblance(
    label: str, scores: ArrayLike, labels: Sequence[str], decision: Decision
) -> Resemblance:
    """Compare a new reference with those taught before.

    Args:
        label: of the new reference.
        scores: (references,) of the new one as a query against each of them.
        labels: (references,) theirs.
        decision: the model's.
    """
    confidences = decision.confidence(scores, labels=len({*labels, label}))
    own = np.array([one == label for one in labels], dtype=bool)
    others = np.where(own, -1.0, confidences)
    best = int(others.argmax()) if len(others) and not own.all() else None
    return Resemblance(
        label="" if best is None else labels[best],
        confidence=0.0 if best is None else float(confidences[best]),
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
