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
    """Clips scattered around one direction for each class: (classes * clips, 32), and labels."""
    random = np.random.default_rng(seed)
    centres = unit_vectors(classes, 32, seed)
    labels = np.repeat(np.arange(classes), clips)
    scatter = np.broadcast_to(spread, classes)[labels, None] / np.sqrt(32)
    vectors = centres[labels] + scatter * random.normal(size=(len(labels), 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), labels


def test_the_score_is_the_distance_less_the_mean_of_both_statistics() -> None:
    assert score([0.6], [1.0], [0.8]) == pytest.approx([-0.3])


def test_statistics_are_means_over_the_nearest_members_after_trimming() -> None:
    members, queries = unit_vectors(200), unit_vectors(4, seed=1)
    statistics = Cohort(members, nearest_share=0.25, trimmed_share=0.05).statistics(queries)
    for row, query in enumerate(queries):
        distances = np.sort(np.linalg.norm(members - query, axis=1))[10:60]
        assert statistics[row] == pytest.approx(distances.mean(), abs=1e-6)


def test_trimming_excludes_the_enrolled_action_from_the_cohort() -> None:
    query = unit_vectors(1, seed=1)
    others = unit_vectors(200)
    with_itself = np.concatenate([others, np.repeat(query, 4, axis=0)])
    trimmed = Cohort(with_itself, 0.3, 0.02).statistics(query)
    untrimmed = Cohort(with_itself, 0.3, 0.0).statistics(query)
    clean = Cohort(others, 0.3, 0.0).statistics(query)
    assert trimmed[0] == pytest.approx(clean[0], abs=0.02)
    assert untrimmed[0] < clean[0] - 0.05


def test_statistics_do_not_depend_on_the_batch() -> None:
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


def test_a_member_can_be_excluded_from_its_own_statistics() -> None:
    members = unit_vectors(40)
    without = Cohort(members).statistics(members[:1], without=np.array([0]))
    expected = Cohort(members[1:]).statistics(members[:1])
    assert without == pytest.approx(expected)


def test_without_a_cohort_the_score_is_the_distance() -> None:
    statistics = statistics_of(None, unit_vectors(3))
    assert score([0.1, 0.7, 1.4], statistics, statistics) == pytest.approx([0.1, 0.7, 1.4])


def test_an_invalid_cohort_is_refused() -> None:
    with pytest.raises(OpenSetError, match=r"shape \(0, 16\)"):
        Cohort(unit_vectors(0))
    with pytest.raises(OpenSetError, match="finite"):
        Cohort(np.full((3, 4), np.nan, dtype=np.float32))
    with pytest.raises(OpenSetError, match="nearest_share is 2"):
        Cohort(unit_vectors(5), nearest_share=2)


def test_a_cohort_copies_its_members() -> None:
    members = unit_vectors(20)
    cohort = Cohort(members)
    before = cohort.statistics(unit_vectors(1, seed=1))
    members[:] = 0
    assert cohort.embeddings.any()
    assert np.array_equal(cohort.statistics(unit_vectors(1, seed=1)), before)


@pytest.mark.parametrize("rate", [0.001, 0.05, 0.1, 0.29, 0.5, 0.99])
@pytest.mark.parametrize("decimals", [1, 8])
def test_the_threshold_is_the_largest_within_the_rate(rate: float, decimals: int) -> None:
    scores = np.random.default_rng(0).normal(size=100).round(decimals)
    fitted = fit_threshold(scores, rate)
    assert fitted.measured_rate == np.mean(scores <= fitted.threshold) <= rate
    larger = np.nextafter(fitted.threshold, np.inf)
    assert np.mean(scores <= larger) > rate


@pytest.mark.parametrize(("rate", "accepted"), [(0.1, 1), (0.29, 2), (0.3, 3), (0.09, 0)])
def test_rounding_errors_do_not_change_the_number_accepted(rate: float, accepted: int) -> None:
    fitted = fit_threshold(np.arange(10.0), rate)
    assert (fitted.measured_rate, fitted.impostors) == (accepted / 10, 10)


def test_impostors_with_equal_scores_are_rejected_together() -> None:
    assert fit_threshold([1.0, 1.0, 1.0, 2.0], 0.5).measured_rate == 0
    assert fit_threshold([1.0, 2.0, 2.0, 2.0], 0.5).measured_rate == 0.25


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, 5.0, float("nan")])
def test_a_rate_outside_0_to_1_is_refused(rate: float) -> None:
    with pytest.raises(OpenSetError, match=r"not between 0 and 1; give 0\.05"):
        fit_threshold([1.0], rate)


def test_a_threshold_needs_finite_scores() -> None:
    with pytest.raises(OpenSetError, match="no impostor scores"):
        fit_threshold([], 0.1)
    with pytest.raises(OpenSetError, match="not finite"):
        fit_threshold([1.0, np.nan], 0.1)


def test_every_clip_but_the_references_is_a_query() -> None:
    vectors, labels = clustered(classes=6, clips=4, spread=0.3)
    scores = pooled(episode_scores(vectors, labels, None, enrolled=2, episodes=5))
    assert len(scores.impostor) == 5 * 4 * 4
    assert len(scores.genuine) == len(scores.correct) == 5 * 2 * 3
    assert scores.correct.mean() == 1
    assert scores.genuine.max() < scores.impostor.min()


def test_the_reference_nearest_by_distance_is_scored() -> None:
    # 0 and 1 are nearest to one another; the nearest to 2 is 1.
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    scores = pooled(episode_scores(vectors, np.arange(3), None, enrolled=2, episodes=60))
    assert set(scores.impostor.round(5)) == {np.sqrt(0.4).round(5), np.sqrt(0.8).round(5)}


def test_the_same_seed_gives_the_same_episodes() -> None:
    vectors, labels = clustered(classes=6, clips=4, spread=0.8)
    cohort = Cohort(unit_vectors(60, 32, seed=9))
    first, again, other = (
        pooled(episode_scores(vectors, labels, cohort, enrolled=3, episodes=4, seed=seed))
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first.impostor, again.impostor)
    assert not np.array_equal(first.impostor, other.impostor)


def test_the_recognition_rate_counts_only_right_labels() -> None:
    vectors, labels = clustered(classes=8, clips=5, spread=1.5)
    scores = pooled(episode_scores(vectors, labels, None, enrolled=4, episodes=20))
    everything = float(scores.genuine.max())
    assert scores.recognition_rate(everything) == scores.correct.mean() < 1
    fitted = fit_threshold(scores.impostor, 0.1)
    assert scores.false_accept_rate(fitted.threshold) == fitted.measured_rate


@pytest.mark.parametrize(("enrolled", "episodes"), [(0, 1), (6, 1), (7, 1), (2, 0)])
def test_episodes_need_known_and_unknown_classes(enrolled: int, episodes: int) -> None:
    vectors, labels = clustered(classes=6, clips=2, spread=0.3)
    with pytest.raises(SkeletonDmlError, match="give"):
        pooled(episode_scores(vectors, labels, None, enrolled, episodes))


def test_normalised_scores_recognise_more_than_distances() -> None:
    # Half of the classes are close together with little spread, the others far apart with a large
    # spread: distances within the latter are larger than distances between the former.
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


def test_a_background_clip_is_not_in_its_own_cohort() -> None:
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


def test_the_pair_offset_is_added_to_scores_of_pairs() -> None:
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


@pytest.mark.parametrize(("rate", "min_clips"), [(0.5, 10), (0.1, 10), (0.05, 20), (0.01, 100)])
def test_a_small_rate_needs_more_background(rate: float, min_clips: int) -> None:
    assert min_background_clips(rate) == min_clips
