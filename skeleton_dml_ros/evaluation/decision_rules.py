# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Compare rules that tell known actions from unknown ones.

Every rule scores the reference nearest to a query; the rules differ in the score.  A good rule ranks
genuine queries before impostors on new actions (AUROC), and its threshold, fitted on some actions,
keeps its false-accept rate on others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.open_set import area_under_roc
from skeleton_dml_ros.evaluation.spread import Spread
from skeleton_dml_ros.references.episodes import EpisodeScores, open_set_episodes, pooled
from skeleton_dml_ros.references.open_set import NEAREST_SHARE, TRIMMED_SHARE, fit_threshold

FALSE_ACCEPT_RATES = (0.05, 0.1)
"""False-accept rates at which rules are compared."""

SMALLEST_DEVIATION = 1e-3
"""Lower limit of a cohort's standard deviation: a cohort of copies must not blow up the score."""

PLAIN = "distance"
"""The rule that others are compared to."""


@dataclass(frozen=True, eq=False)
class Queries:
    """The queries of one episode.

    Attributes:
        nearest: (queries,) distance to the nearest reference.
        second: (queries,) distance to the second nearest, which is of another class.
        query: (queries,) row of each query in the set.
        reference: (queries,) row of its nearest reference.
    """

    nearest: NDArray[np.float64]
    second: NDArray[np.float64]
    query: NDArray[np.intp]
    reference: NDArray[np.intp]


Scorer = Callable[[Queries], NDArray[np.float64]]
"""Scores of queries, (queries,); lower means more similar."""

Rule = Callable[[NDArray[np.float64]], Scorer]
"""Makes a scorer of the distances from each clip to the cohort, (clips, members), ascending in each
row."""


def _distance(impostors: NDArray[np.float64]) -> Scorer:
    return lambda queries: queries.nearest


def _margin(impostors: NDArray[np.float64]) -> Scorer:
    """Distance to the nearest reference minus distance to the second nearest."""
    return lambda queries: queries.nearest - queries.second


def _quantile(impostors: NDArray[np.float64]) -> Scorer:
    """Number of cohort members nearer to the reference than the query is, interpolated."""
    before = np.concatenate([np.zeros((len(impostors), 1)), impostors], axis=1)
    ranks = np.arange(before.shape[1], dtype=np.float64)

    def classify(queries: Queries) -> NDArray[np.float64]:
        return np.array(
            [
                np.interp(distance, before[row], ranks)
                for distance, row in zip(queries.nearest, queries.reference, strict=True)
            ]
        )

    return classify


def _normalised(share: float, trimmed: float, sides: Sequence[str], scaled: bool) -> Rule:
    """Distance minus the mean distance to the cohort, seen from one side or averaged over both.

    Args:
        share: nearest share of the cohort that counts.
        trimmed: share of the cohort, the very nearest, that does not count.
        sides: ``query``, ``reference``, or both.
        scaled: divide by the standard deviation of the distances to the cohort.
    """

    def rule(impostors: NDArray[np.float64]) -> Scorer:
        members = impostors.shape[1]
        first = round(trimmed * members)
        used = impostors[:, first : first + max(1, round(share * members))]
        mean = used.mean(axis=1)
        scale = np.maximum(used.std(axis=1), SMALLEST_DEVIATION) if scaled else np.ones(len(mean))

        def classify(queries: Queries) -> NDArray[np.float64]:
            rows = {"query": queries.query, "reference": queries.reference}
            each = [(queries.nearest - mean[rows[side]]) / scale[rows[side]] for side in sides]
            return np.asarray(np.mean(each, axis=0))

        return classify

    return rule


BOTH = ("query", "reference")

RULES: Mapping[str, Rule] = {
    PLAIN: _distance,
    "z_norm": _normalised(1, 0, ("reference",), scaled=True),
    "t_norm": _normalised(1, 0, ("query",), scaled=True),
    "s_norm": _normalised(1, 0, BOTH, scaled=True),
    "adaptive_s_norm": _normalised(NEAREST_SHARE, 0, BOTH, scaled=True),
    "adaptive_s_norm_trimmed": _normalised(NEAREST_SHARE, TRIMMED_SHARE, BOTH, scaled=True),
    "local_centring": _normalised(NEAREST_SHARE, 0, BOTH, scaled=False),
    "local_centring_trimmed": _normalised(NEAREST_SHARE, TRIMMED_SHARE, BOTH, scaled=False),
    "reference_quantile": _quantile,
    "margin": _margin,
}
"""The rules by name: the norms of speaker verification, and local centring as in word retrieval, see
:mod:`skeleton_dml_ros.references.open_set`."""


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """Embedded clips of a set.

    Attributes:
        name: shown to users.
        embeddings: (clips, dimension) float32 unit vectors.
        labels: (clips,) their classes.
    """

    name: str
    embeddings: NDArray[np.float32]
    labels: NDArray[np.integer]


@dataclass(frozen=True)
class RateFigures:
    """A rule at one false-accept rate; every rate is a share in [0, 1].

    Attributes:
        asked: the requested false-accept rate.
        accepted: genuine queries accepted under the right class, with the threshold that has this
            rate on the set itself.
        held: impostors accepted with the threshold fitted on the other set.
        held_accepted: genuine queries accepted under the right class with that threshold.
    """

    asked: float
    accepted: Spread
    held: Spread
    held_accepted: Spread


@dataclass(frozen=True)
class RuleFigures:
    """A rule on one set.

    Attributes:
        rule: its name.
        data: name of the set.
        auroc: area under the ROC.
        gain: AUROC minus that of the plain distance in the same episode.
        rates: at each false-accept rate.
    """

    rule: str
    data: str
    auroc: Spread
    gain: Spread
    rates: tuple[RateFigures, ...]

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return asdict(self)


def compare_rules(
    cohort: NDArray[np.float32],
    fitted_on: LabelledSet,
    tested_on: Sequence[LabelledSet],
    known: int = 4,
    episodes: int = 100,
    seed: int = 0,
) -> list[RuleFigures]:
    """Compare all rules: fit their thresholds on one set and measure them on others.

    Args:
        cohort: (members, dimension) unit vectors of actions that no set contains.
        fitted_on: the thresholds are fitted on this set.
        tested_on: the rules are measured on these sets.
        known: classes enrolled in each episode, at least two.
        episodes: number of episodes.
        seed: of the episodes, which are the same for all rules.

    Returns:
        For each set in turn, one entry per rule.

    Raises:
        SkeletonDmlError: ``known`` is below two, or a set has too few classes.
    """
    if known < 2:
        raise SkeletonDmlError(
            f"known is {known}; the margin rule needs a second reference, give at least 2"
        )
    fitted = _scores(cohort, fitted_on, known, episodes, seed)
    figures = []
    for tested in tested_on:
        scores = _scores(cohort, tested, known, episodes, seed)
        plain = np.array([area_under_roc(one.genuine, one.impostor) for one in scores[PLAIN]])
        for rule, of_episodes in scores.items():
            auroc = np.array([area_under_roc(one.genuine, one.impostor) for one in of_episodes])
            figures.append(
                RuleFigures(
                    rule,
                    tested.name,
                    Spread.of(auroc),
                    Spread.of(auroc - plain),
                    tuple(_at_rate(rate, fitted[rule], of_episodes) for rate in FALSE_ACCEPT_RATES),
                )
            )
    return figures


def _at_rate(
    rate: float, fitted: Sequence[EpisodeScores], tested: Sequence[EpisodeScores]
) -> RateFigures:
    own, other = (
        fit_threshold(pooled(scores).impostor, rate).threshold for scores in (tested, fitted)
    )
    return RateFigures(
        asked=rate,
        accepted=Spread.of([one.recognition_rate(own) for one in tested]),
        held=Spread.of([one.false_accept_rate(other) for one in tested]),
        held_accepted=Spread.of([one.recognition_rate(other) for one in tested]),
    )


def _scores(
    cohort: NDArray[np.float32], data: LabelledSet, known: int, episodes: int, seed: int
) -> dict[str, list[EpisodeScores]]:
    """For each rule, the scores of each episode."""
    labels = np.asarray(data.labels)
    impostors = np.sort(_distances(data.embeddings, cohort), axis=1)
    scorers = {name: rule(impostors) for name, rule in RULES.items()}
    apart = _distances(data.embeddings, data.embeddings)
    scores: dict[str, list[EpisodeScores]] = {name: [] for name in RULES}
    for references, rows in open_set_episodes(labels, known, episodes, np.random.default_rng(seed)):
        distances = apart[np.ix_(rows, references)]
        order = np.argsort(distances, axis=1)
        nearest, second = np.take_along_axis(distances, order[:, :2], axis=1).T
        queries = Queries(nearest, second, rows, references[order[:, 0]])
        enrolled = np.isin(labels[rows], labels[references])
        correct = labels[queries.reference] == labels[rows]
        for name, classify in scorers.items():
            classified = classify(queries)
            scores[name].append(
                EpisodeScores(classified[~enrolled], classified[enrolled], correct[enrolled], known)
            )
    return scores


def _distances(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, m) Euclidean distances of unit vectors, (n, dimension) and (m, dimension)."""
    return np.sqrt(np.maximum(0, 2 - 2 * (first @ second.T).astype(np.float64)))


def markdown(figures: Sequence[RuleFigures]) -> str:
    """The figures as one Markdown table per set, in percent except for AUROC."""
    lines: list[str] = []
    for data in dict.fromkeys(one.data for one in figures):
        of_data = [one for one in figures if one.data == data]
        asked = [100 * rate.asked for rate in of_data[0].rates]
        columns = ["rule", "AUROC", "against distance"]
        for percent in asked:
            columns += [
                f"right at {percent:.0f} % false accepts",
                f"false accepts, fitted for {percent:.0f} %",
                "right then",
            ]
        lines += ["", f"{data}:", "", _row(columns), _row(["---"] + ["--:"] * (len(columns) - 1))]
        for one in of_data:
            cells = [
                one.rule.replace("_", " "),
                f"{one.auroc.mean:.3f} ± {one.auroc.std:.3f}",
                f"{one.gain.mean:+.3f} ± {one.gain.std:.3f}",
            ]
            for rate in one.rates:
                cells += [
                    _percent(rate.accepted),
                    _percent(rate.held),
                    _percent(rate.held_accepted),
                ]
            lines.append(_row(cells))
    return "\n".join(lines[1:])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _percent(rate: Spread) -> str:
    return f"{100 * rate.mean:.0f} ± {100 * rate.std:.0f}"
