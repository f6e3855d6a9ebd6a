# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from directions import DirectionEngine, archive_of_directions

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.open_set import episode_figures, evaluate_open_set
from skeleton_dml_ros.evaluation.spread import Spread
from skeleton_dml_ros.references.episodes import EpisodeScores
from skeleton_dml_ros.references.fusion import Decision, FusionError


def draw(genuine: list[float], correct: list[bool], impostor: list[float]) -> EpisodeScores:
    return EpisodeScores(np.array(impostor), np.array(genuine), np.array(correct), 2)


def test_figures_are_means_and_spreads_over_the_episodes() -> None:
    figures = episode_figures(
        [
            draw([1, 2, 3, 4], [True, True, False, True], [2.5, 6, 7]),
            draw([1, 2, 3, 4], [True, True, True, True], [6, 7, 8]),
        ],
        threshold=3,
        unknown=3,
        left_out=1,
    )
    assert figures.closed_set_accuracy == Spread(0.875, 0.125)
    assert figures.correct_accept_rate == Spread(0.625, 0.125)
    assert figures.false_accept_rate.mean == pytest.approx(1 / 6)
    assert figures.auroc.mean == pytest.approx((10 / 12 + 1) / 2)
    assert figures.fpr_at_95_tpr.mean == pytest.approx(1 / 6)
    assert (figures.known, figures.unknown, figures.episodes, figures.queries) == (2, 3, 2, 7)
    assert figures.to_dict()["oscr"]["mean"] == pytest.approx((2 / 3 * 3 / 4 + 1 / 6 + 1) / 2)


BY_DISTANCE = Decision(
    1, 0, np.inf, intercept=30, slope=100, rates=(0.1, 0.2), confidences=(0.7, 0.6)
)
"""Its confidence is one half at a distance of 0.3."""


def measured(archive: SkeletonArchive, decision: Decision = BY_DISTANCE, **options: Any) -> Any:
    [figures] = evaluate_open_set(DirectionEngine(), archive, [decision], 0.5, **options)
    return figures


def test_actions_that_lie_apart_are_told_apart() -> None:
    figures = measured(archive_of_directions(classes=5, clips=4), known=3, episodes=10)
    assert (figures.known, figures.unknown, figures.queries) == (3, 2, 17)
    assert figures.closed_set_accuracy == figures.auroc == Spread(1, 0)
    assert figures.false_accept_rate == figures.equal_error_rate == Spread(0, 0)
    assert figures.correct_accept_rate == Spread(1, 0)
    assert (figures.threshold, figures.matcher, figures.at_rate) == (0.5, "embedding", None)


def test_the_threshold_is_a_confidence() -> None:
    archive = archive_of_directions(classes=5, clips=4)
    accepted = [
        evaluate_open_set(DirectionEngine(), archive, [BY_DISTANCE], threshold, known=3)[0]
        for threshold in (0, 1)
    ]
    assert [one.correct_accept_rate.mean for one in accepted] == [1, 0]
    assert [one.false_accept_rate.mean for one in accepted] == [1, 0]


def test_rates_are_also_measured_at_the_threshold_for_a_false_accept_rate() -> None:
    archive = archive_of_directions(classes=5, clips=4)
    rate = measured(archive, known=3, episodes=5, false_accept_rate=0.2).at_rate
    assert (rate.asked_rate, rate.threshold) == (0.2, pytest.approx(0.6))
    assert (rate.false_accept_rate, rate.correct_accept_rate) == (Spread(0, 0), Spread(1, 0))
    with pytest.raises(FusionError, match="not fitted for any false-accept rate"):
        measured(archive, Decision(1, 0), known=3, false_accept_rate=0.2)


def test_the_separation_around_a_reference_raises_its_confidence() -> None:
    archive = archive_of_directions(classes=5, clips=4)
    lower = replace(BY_DISTANCE, intercept=-100)
    weighted = replace(lower, separation_weight=100.0)
    rates = [
        measured(archive, decision, known=3, episodes=5).correct_accept_rate.mean
        for decision in (lower, weighted)
    ]
    assert rates == [0, 1]


def test_more_references_of_a_class_leave_fewer_queries() -> None:
    figures = measured(archive_of_directions(classes=5, clips=4), known=3, episodes=5, shots=2)
    assert (figures.queries, figures.shots) == (14, 2)
    assert figures.closed_set_accuracy == Spread(1, 0)


def test_with_shuffled_labels_everything_falls_to_chance() -> None:
    archive = archive_of_directions(classes=5, clips=20, shuffled=True)
    figures = measured(archive, known=4, episodes=20)
    assert figures.closed_set_accuracy.mean == pytest.approx(1 / 4, abs=0.05)
    assert figures.auroc.mean == pytest.approx(0.5, abs=0.05)


def test_classes_with_a_single_clip_leave_no_genuine_query() -> None:
    with pytest.raises(SkeletonDmlError, match="have one clip each"):
        measured(archive_of_directions(3, 1), known=2)


@pytest.mark.parametrize("known", [0, 5, 6])
def test_no_or_only_known_classes_are_refused(known: int) -> None:
    with pytest.raises(SkeletonDmlError, match=f"{known} known classes of 5"):
        measured(archive_of_directions(5, 2), known=known)
