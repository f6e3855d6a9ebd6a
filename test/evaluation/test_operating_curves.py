# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Formulas, against cases that can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.open_set import (
    area_under_roc,
    equal_error_rate,
    false_positive_rate_at,
    open_set_classification_rate,
)


def test_auroc_is_the_share_of_ordered_pairs_with_ties_as_half() -> None:
    # Pairs: 1 beats 2, 3 and 5; 2 ties with 2 and beats 3 and 5; 4 beats 5: 6.5 of 9.
    assert area_under_roc([1, 2, 4], [2, 3, 5]) == pytest.approx(6.5 / 9)
    assert area_under_roc([1, 2], [3, 4]) == 1
    assert area_under_roc([3, 4], [1, 2]) == 0
    assert area_under_roc([1, 1, 1], [1, 1]) == 0.5


def test_auroc_agrees_with_counting_all_pairs() -> None:
    generator = np.random.default_rng(0)
    genuine, impostor = generator.integers(0, 12, 50), generator.integers(4, 16, 70)
    pairs = genuine[:, None] - impostor[None]
    expected = ((pairs < 0) + 0.5 * (pairs == 0)).mean()
    assert area_under_roc(genuine, impostor) == pytest.approx(expected)


def test_a_misclassified_query_adds_nothing_to_oscr() -> None:
    genuine, impostor = [1, 2, 4], [2, 3, 5]
    # Rates at 1, 2, 3, 4, 5, where 2 is wrong: false positives 0, 1, 2, 2, 3 of 3 and right ones
    # 1, 1, 1, 2, 2 of 3: the area is (1 + 1 + 2) / 9.
    assert open_set_classification_rate(genuine, [True, False, True], impostor) == pytest.approx(
        4 / 9
    )
    assert open_set_classification_rate(genuine, [False] * 3, impostor) == 0


def test_oscr_equals_auroc_if_all_is_right_and_is_at_most_the_accuracy() -> None:
    generator = np.random.default_rng(1)
    genuine, impostor = generator.integers(0, 12, 50), generator.integers(4, 16, 70)
    assert open_set_classification_rate(genuine, np.ones(50), impostor) == pytest.approx(
        area_under_roc(genuine, impostor)
    )
    correct = generator.random(50) < 0.7
    far = np.full(5, 100)
    assert open_set_classification_rate(genuine, correct, far) == pytest.approx(correct.mean())
    assert open_set_classification_rate(genuine, correct, impostor) < correct.mean()


def test_false_positives_are_counted_at_the_lowest_sufficient_threshold() -> None:
    genuine = np.arange(20)
    # 95 % of 20 are 19: the threshold is 18.
    assert false_positive_rate_at(genuine, [17.5, 18, 18.5, 30]) == 0.5
    assert false_positive_rate_at(genuine, [18.5, 30], 1.0) == 0.5
    assert false_positive_rate_at(genuine, [18.5, 30], 0.5) == 0
    assert false_positive_rate_at([1, 1, 1], [1, 2]) == 0.5


def test_both_errors_are_equal_at_the_equal_error_rate() -> None:
    # At 3, one impostor of 4 is accepted and one genuine query of 4 refused.
    assert equal_error_rate([1, 2, 3, 5], [3, 4, 6, 7]) == pytest.approx(1 / 4)
    assert equal_error_rate([1, 2], [3, 4]) == 0
    assert equal_error_rate([3, 4], [1, 2]) == 1
    # One threshold accepts everything, the other nothing: half-way between, each errs by half.
    assert equal_error_rate([1, 1], [1, 1]) == 0.5
    # 0 of 3 and 1 of 2 at 1, 1 of 3 and 0 of 2 at 2: equal after 3/5 of the way.
    assert equal_error_rate([1, 2], [2, 3, 4]) == pytest.approx(0.2)


def test_chance_is_a_half() -> None:
    generator = np.random.default_rng(2)
    genuine, impostor = generator.normal(size=4000), generator.normal(size=4000)
    assert area_under_roc(genuine, impostor) == pytest.approx(0.5, abs=0.02)
    assert equal_error_rate(genuine, impostor) == pytest.approx(0.5, abs=0.02)
    assert false_positive_rate_at(genuine, impostor) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("function", [area_under_roc, equal_error_rate, false_positive_rate_at])
def test_empty_and_non_finite_scores_are_refused(function: Callable[..., float]) -> None:
    with pytest.raises(SkeletonDmlError, match="genuine scores of shape"):
        function([], [1])
    with pytest.raises(SkeletonDmlError, match="impostor scores of shape"):
        function([1], [np.inf])


def test_a_share_out_of_range_is_refused() -> None:
    with pytest.raises(SkeletonDmlError, match="true_positive_rate is 0"):
        false_positive_rate_at([1], [2], 0)
