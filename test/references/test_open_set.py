# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from teaching import unit_vectors

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.episodes import episode_scores, pooled
from skeleton_dml_ros.references.open_set import (
    Cohort,
    OpenSetError,
    background_scores,
    fit_threshold,
    min_background_clips,
    pair_offsets,
    score,
    statistics_of,
)


def clustered(
    classes: int, clips: int, spread: NDArray[np.floating] | float, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Clips scattered about a direction of their class: (classes * clips, 32) and their labels."""
    random = np.random.default_rng(seed)
    centres = unit_vectors(classes, 32, seed)
    labels = np.repeat(np.arange(classes), clips)
    scatter = np.broadcast_to(spread, classes)[labels, None] / np.sqrt(32)
    vectors = centres[labels] + scatter * random.normal(size=(len(labels), 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), labels


def test_the_score_is_the_mean_of_the_distance_seen_from_both_sides() -> None:
    # From the query 0.4 nearer than impostors are, from the reference 0.2.
    assert score([0.6], [1.0], [0.8]) == pytest.approx([-0.3])


def test_statistics_are_those_of_the_nearest_members_without_the_very_nearest() -> None:
    members, queries = unit_vectors(200), unit_vectors(4, seed=1)
    statistics = Cohort(members, nearest_share=0.25, trimmed_share=0.05).statistics(queries)
    for row, query in enumerate(queries):
        distances = np.sort(np.linalg.norm(members - query, axis=1))[10:60]
        assert statistics[row] == pytest.approx(distances.mean(), abs=1e-6)


def test_a_taught_action_among_the_cohort_does_not_count_as_an_impostor() -> None:
    query = unit_vectors(1, seed=1)
    others = unit_vectors(200)
    with_itself = np.concatenate([others, np.repeat(query, 4, axis=0)])
    trimmed = Cohort(with_itself, 0.3, 0.02).statistics(query)
    untrimmed = Cohort(with_itself, 0.3, 0.0).statistics(query)
    clean = Cohort(others, 0.3, 0.0).statistics(query)
    assert trimmed[0] == pytest.approx(clean[0], abs=0.02)
    assert untrimmed[0] < clean[0] - 0.05


def test_an_embedding_has_the_same_statistics_in_whatever_company() -> None:
    cohort = Cohort(unit_vectors(150, 128))
    queries = unit_vectors(40, 128, seed=1)
    together = cohort.statistics(queries)
    for row in range(40):
        alone = cohort.statistics(queries[row : row + 1])
        assert alone[0] == together[row]


@pytest.mark.parametrize("size", [1, 2, 5, 12, 30])
def test_a_small_cohort_gives_finite_scores(size: int) -> None:
    statistics = Cohort(unit_vectors(size)).statistics(unit_vectors(3, seed=1))
    assert np.isfinite(score(0.5, statistics, statistics)).all()


def test_a_member_can_be_left_out_of_its_own_statistics() -> None:
    members = unit_vectors(40)
    without = Cohort(members).statistics(members[:1], without=np.array([0]))
    expected = Cohort(members[1:]).statistics(members[:1])
    assert without == pytest.approx(expected)


def test_without_a_cohort_the_score_is_the_distance() -> None:
    statistics = statistics_of(None, unit_vectors(3))
    assert score([0.1, 0.7, 1.4], statistics, statistics) == pytest.approx([0.1, 0.7, 1.4])


def test_a_cohort_of_nothing_is_refused() -> None:
    with pytest.raises(OpenSetError, match=r"shape \(0, 16\)"):
        Cohort(unit_vectors(0))
    with pytest.raises(OpenSetError, match="finite"):
        Cohort(np.full((3, 4), np.nan, dtype=np.float32))
    with pytest.raises(OpenSetError, match="nearest_share is 2"):
        Cohort(unit_vectors(5), nearest_share=2)


def test_a_cohort_is_not_altered_from_outside() -> None:
    members = unit_vectors(20)
    cohort = Cohort(members)
    before = cohort.statistics(unit_vectors(1, seed=1))
    members[:] = 0
    assert cohort.embeddings.any()
    assert np.array_equal(cohort.statistics(unit_vectors(1, seed=1)), before)


@pytest.mark.parametrize("rate", [0.001, 0.05, 0.1, 0.29, 0.5, 0.99])
@pytest.mark.parametrize("decimals", [1, 8])
def test_the_threshold_is_the_largest_that_keeps_the_rate(rate: float, decimals: int) -> None:
    scores = np.random.default_rng(0).normal(size=100).round(decimals)
    fitted = fit_threshold(scores, rate)
    assert fitted.measured_rate == np.mean(scores <= fitted.threshold) <= rate
    larger = np.nextafter(fitted.threshold, np.inf)
    assert np.mean(scores <= larger) > rate


@pytest.mark.parametrize(("rate", "accepted"), [(0.1, 1), (0.29, 2), (0.3, 3), (0.09, 0)])
def test_the_share_is_counted_as_a_person_counts_it(rate: float, accepted: int) -> None:
    fitted = fit_threshold(np.arange(10.0), rate)
    assert (fitted.measured_rate, fitted.impostors) == (accepted / 10, 10)


def test_impostors_that_score_the_same_stay_outside_together() -> None:
    assert fit_threshold([1.0, 1.0, 1.0, 2.0], 0.5).measured_rate == 0
    assert fit_threshold([1.0, 2.0, 2.0, 2.0], 0.5).measured_rate == 0.25


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, 5.0, float("nan")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(OpenSetError, match=r"not between 0 and 1; give 0\.05"):
        fit_threshold([1.0], rate)


def test_a_threshold_needs_scores_that_are_finite() -> None:
    with pytest.raises(OpenSetError, match="no impostor's score"):
        fit_threshold([], 0.1)
    with pytest.raises(OpenSetError, match="not finite"):
        fit_threshold([1.0, np.nan], 0.1)


def test_the_protocol_asks_every_clip_but_the_references() -> None:
    vectors, labels = clustered(classes=6, clips=4, spread=0.3)
    scores = pooled(episode_scores(vectors, labels, None, enrolled=2, episodes=5))
    assert len(scores.impostor) == 5 * 4 * 4
    assert len(scores.genuine) == len(scores.correct) == 5 * 2 * 3
    assert scores.correct.mean() == 1
    assert scores.genuine.max() < scores.impostor.min()


def test_the_protocol_judges_the_reference_that_is_nearest_by_distance() -> None:
    # With one class untaught, the nearest to 0 and to 1 is the other; the nearest to 2 is 1.
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    scores = pooled(episode_scores(vectors, np.arange(3), None, enrolled=2, episodes=60))
    assert set(scores.impostor.round(5)) == {np.sqrt(0.4).round(5), np.sqrt(0.8).round(5)}


def test_the_protocol_repeats_with_its_seed() -> None:
    vectors, labels = clustered(classes=6, clips=4, spread=0.8)
    cohort = Cohort(unit_vectors(60, 32, seed=9))
    first, again, other = (
        pooled(episode_scores(vectors, labels, cohort, enrolled=3, episodes=4, seed=seed))
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first.impostor, again.impostor)
    assert not np.array_equal(first.impostor, other.impostor)


def test_rates_at_a_threshold_count_the_right_action_only() -> None:
    vectors, labels = clustered(classes=8, clips=5, spread=1.5)
    scores = pooled(episode_scores(vectors, labels, None, enrolled=4, episodes=20))
    everything = float(scores.genuine.max())
    assert scores.recognition_rate(everything) == scores.correct.mean() < 1
    fitted = fit_threshold(scores.impostor, 0.1)
    assert scores.false_accept_rate(fitted.threshold) == fitted.measured_rate


@pytest.mark.parametrize(("enrolled", "episodes"), [(0, 1), (6, 1), (7, 1), (2, 0)])
def test_a_protocol_that_teaches_all_or_nothing_is_refused(enrolled: int, episodes: int) -> None:
    vectors, labels = clustered(classes=6, clips=2, spread=0.3)
    with pytest.raises(SkeletonDmlError, match="give"):
        pooled(episode_scores(vectors, labels, None, enrolled, episodes))


def test_normalised_scores_tell_apart_what_one_threshold_on_the_distance_cannot() -> None:
    # Half of the actions are crowded together and done alike, the others stand apart and are done
    # freely: a distance within the latter is larger than one between the former.
    random = np.random.default_rng(0)

    def actions(clips: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        crowd = np.eye(32)[0] + 0.12 * random.normal(size=(20, 32))
        centres = np.concatenate([crowd, random.normal(size=(20, 32))])
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        labels = np.repeat(np.arange(40), clips)
        spread = np.where(labels < 20, 0.03, 0.12)[:, None]
        vectors = centres[labels] + spread * random.normal(size=(len(labels), 32))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors.astype(np.float32), labels

    cohort = Cohort(actions(clips=10)[0])
    vectors, labels = actions(clips=6)
    rates = []
    for normalised in (None, cohort):
        scores = pooled(episode_scores(vectors, labels, normalised, enrolled=8, episodes=30))
        threshold = fit_threshold(scores.impostor, 0.05).threshold
        rates.append(scores.recognition_rate(threshold))
    assert rates[1] > rates[0] + 0.1


def test_a_background_clip_is_not_its_own_cohort() -> None:
    background, references = unit_vectors(15), unit_vectors(2, seed=1)
    model = Cohort(unit_vectors(30, seed=2))
    scores = background_scores(background, references, model)
    row = 4
    others = model.joined(np.delete(background, row, axis=0))
    distances = np.linalg.norm(references - background[row], axis=1)
    nearest = references[[distances.argmin()]]
    expected = score(
        distances.min(), others.statistics(background[[row]]), others.statistics(nearest)
    )
    assert scores[row] == pytest.approx(expected[0], abs=1e-5)
    assert len(background_scores(background, references, None)) == 15


def test_scores_of_pairs_lie_higher_by_their_offset() -> None:
    vectors, labels = unit_vectors(12), np.repeat(np.arange(4), 3)
    offsets = pair_offsets([2] * 12, 0.3)
    assert pair_offsets([1, 2, 1], 0.3).tolist() == [0, 0.3, 0]
    plain, shifted = (
        next(episode_scores(vectors, labels, None, 2, episodes=1, offsets=added))
        for added in (0.0, offsets)
    )
    np.testing.assert_allclose(shifted.impostor, plain.impostor + 0.3)
    np.testing.assert_allclose(shifted.genuine, plain.genuine + 0.3)
    background = unit_vectors(10, seed=1)
    np.testing.assert_allclose(
        background_scores(background, vectors, None, pair_offsets([1, 2] * 5, 0.3)),
        background_scores(background, vectors, None) + [0, 0.3] * 5,
    )


@pytest.mark.parametrize(("rate", "fewest"), [(0.5, 10), (0.1, 10), (0.05, 20), (0.01, 100)])
def test_a_small_rate_needs_more_background(rate: float, fewest: int) -> None:
    assert min_background_clips(rate) == fewest
