# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from directions import DirectionEngine, archive_of_directions

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.open_set import episode_figures, evaluate_open_set
from skeleton_dml_ros.evaluation.spread import Spread
from skeleton_dml_ros.references.episodes import EpisodeScores
from skeleton_dml_ros.references.open_set import Cohort


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


def test_actions_that_lie_apart_are_told_apart() -> None:
    figures = evaluate_open_set(
        DirectionEngine(),
        None,
        0.3,
        archive_of_directions(classes=5, clips=4),
        known=3,
        episodes=10,
    )
    assert (figures.known, figures.unknown, figures.queries) == (3, 2, 17)
    assert figures.closed_set_accuracy == figures.auroc == Spread(1, 0)
    assert figures.false_accept_rate == figures.equal_error_rate == Spread(0, 0)
    assert figures.correct_accept_rate == Spread(1, 0)


def test_pairs_are_scored_with_their_offset() -> None:
    single = archive_of_directions(classes=5, clips=4)
    pairs = replace(single, positions_mm=np.repeat(single.positions_mm, 2, axis=1))
    rates = [
        evaluate_open_set(
            DirectionEngine(), None, 0.3, archive, known=3, episodes=10, pair_offset=0.3
        ).correct_accept_rate.mean
        for archive in (single, pairs)
    ]
    assert rates == [1, 0]


def test_with_shuffled_labels_everything_falls_to_chance() -> None:
    archive = archive_of_directions(classes=5, clips=20, shuffled=True)
    figures = evaluate_open_set(DirectionEngine(), None, 0.3, archive, known=4, episodes=20)
    assert figures.closed_set_accuracy.mean == pytest.approx(1 / 4, abs=0.05)
    assert figures.auroc.mean == pytest.approx(0.5, abs=0.05)


def test_the_score_is_normalised_against_the_cohort_that_is_given() -> None:
    archive = archive_of_directions(classes=4, clips=4)
    cohort = Cohort(DirectionEngine().embed([archive.clip(index) for index in range(12)]))
    plain, normalised = (
        evaluate_open_set(DirectionEngine(), given, 0.0, archive, known=2, episodes=5)
        for given in (None, cohort)
    )
    # No distance is below zero; a score is where impostors lie farther away.
    assert plain.correct_accept_rate == Spread(0, 0)
    assert normalised.correct_accept_rate == Spread(1, 0)


def test_classes_with_a_single_clip_leave_no_genuine_query() -> None:
    with pytest.raises(SkeletonDmlError, match="have one clip each"):
        evaluate_open_set(DirectionEngine(), None, 0.3, archive_of_directions(3, 1), known=2)


@pytest.mark.parametrize("known", [0, 5, 6])
def test_no_or_only_known_classes_are_refused(known: int) -> None:
    with pytest.raises(SkeletonDmlError, match=f"{known} known classes of 5"):
        evaluate_open_set(DirectionEngine(), None, 0.3, archive_of_directions(5, 2), known=known)
