# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Known against unknown: what can be read off two heaps of scores, whatever the threshold.

A query is accepted as known when its score is at most the threshold; a lower score is more alike.
*Genuine* scores are of queries whose action was taught, *impostor* scores of those whose action was
not.  Every threshold gives a true-positive rate (genuine queries accepted) and a false-positive
rate (impostors accepted).  Each function goes through all thresholds that make a difference; equal
scores are accepted together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError


def area_under_roc(genuine: ArrayLike, impostor: ArrayLike) -> float:
    """AUROC: how often a genuine query scores lower than an impostor; equal scores count half.

    Args:
        genuine: (m,) scores of queries whose action was taught, at least one.
        impostor: (n,) scores of the others, at least one.

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
    """OSCR: area under the rate of correct classification over the false-positive rate.

    At a threshold, the correct classification rate is the share of genuine queries that are both
    accepted and taken for the right action (A. R. Dhamija, M. Günther, T. E. Boult, "Reducing
    network agnostophobia", NeurIPS 2018).  Its area is AUROC where every accepted query is right,
    and never more than the closed-set accuracy.

    Args:
        genuine: (m,) scores of queries whose action was taught.
        correct: (m,) whether the nearest reference is one of the query's action.
        impostor: (n,) scores of the others.

    Returns:
        In [0, 1]; trapezoids between the thresholds.
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
    """FPR at 95 % TPR: impostors accepted where at least this share of the genuine queries is.

    Args:
        genuine: (m,) scores of queries whose action was taught.
        impostor: (n,) scores of the others.
        true_positive_rate: least share of the genuine queries, above 0 and up to 1.

    Returns:
        In [0, 1]; of all thresholds that accept so many, the lowest decides.
    """
    genuine, impostor = _scores(genuine, "genuine"), _scores(impostor, "impostor")
    if not 0 < true_positive_rate <= 1:
        raise SkeletonDmlError(
            f"true_positive_rate is {true_positive_rate}; give a share above 0 and up to 1"
        )
    # 0.95 * 20 is 19.000...: counted as a person counts it.
    accepted = int(np.ceil(true_positive_rate * len(genuine) - 1e-9))
    return float(np.mean(impostor <= np.sort(genuine)[accepted - 1]))


def equal_error_rate(genuine: ArrayLike, impostor: ArrayLike) -> float:
    """EER: the rate at which impostors accepted and genuine queries refused are equally many.

    Args:
        genuine: (m,) scores of queries whose action was taught.
        impostor: (n,) scores of the others.

    Returns:
        In [0, 1]; linear between the two thresholds next to it.
    """
    genuine, impostor = _scores(genuine, "genuine"), _scores(impostor, "impostor")
    thresholds = _thresholds(genuine, impostor)
    false_accept = _accepted(impostor, thresholds)
    excess = false_accept - (1 - _accepted(genuine, thresholds))
    # From -1, where nothing is accepted, to 1, where everything is, and never falling.
    after = int(np.argmax(excess >= 0))
    share = -excess[after - 1] / (excess[after] - excess[after - 1])
    between = false_accept[after] - false_accept[after - 1]
    return float(false_accept[after - 1] + share * between)


def _thresholds(genuine: NDArray[np.float64], impostor: NDArray[np.float64]) -> NDArray[np.float64]:
    """One that accepts nothing, and every score."""
    return np.concatenate([[-np.inf], np.unique(np.concatenate([genuine, impostor]))])


def _accepted(scores: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the scores that each threshold accepts."""
    return np.searchsorted(np.sort(scores), thresholds, side="right") / len(scores)


def _scores(scores: ArrayLike, name: str) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise SkeletonDmlError(
            f"{name} scores of shape {values.shape} say nothing; give at least one, all finite"
        )
    return values
