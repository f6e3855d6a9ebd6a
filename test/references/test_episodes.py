# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.episodes import one_shot_accuracies, one_shot_episodes

LABELS = np.repeat([2, 5, 9], [4, 6, 5])


def unit(vectors: np.ndarray) -> np.ndarray:
    unit_vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(unit_vectors, dtype=np.float32)


def test_each_episode_has_one_reference_per_class_and_all_other_clips_as_queries() -> None:
    episodes = list(one_shot_episodes(LABELS, 30, np.random.default_rng(0)))
    assert len(episodes) == 30
    for references, queries in episodes:
        assert LABELS[references].tolist() == [2, 5, 9]
        assert sorted([*references, *queries]) == list(range(15))
    assert len({tuple(references) for references, _ in episodes}) > 10


def test_several_references_per_class_are_distinct_and_leave_a_query() -> None:
    for references, queries in one_shot_episodes(LABELS, 10, np.random.default_rng(0), shots=4):
        assert LABELS[references].tolist() == [2] * 3 + [5] * 4 + [9] * 4
        assert sorted([*references, *queries]) == list(range(15))


def test_the_same_seed_draws_the_same_references() -> None:
    first, second = (
        [references.tolist() for references, _ in one_shot_episodes(LABELS, 5, generator)]
        for generator in (np.random.default_rng(4), np.random.default_rng(4))
    )
    assert first == second


def test_classes_far_apart_are_told_apart() -> None:
    generator = np.random.default_rng(0)
    centres = np.eye(10)[LABELS]
    embeddings = unit(centres + 0.05 * generator.normal(size=centres.shape))
    assert one_shot_accuracies(embeddings, LABELS, 5, generator).tolist() == [1.0] * 5


def test_embeddings_without_information_give_chance() -> None:
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(5), 100)
    embeddings = unit(generator.normal(size=(500, 32)))
    assert one_shot_accuracies(embeddings, labels, 40, generator).mean() == pytest.approx(
        0.2, abs=0.03
    )


def test_too_few_classes_or_clips_are_refused() -> None:
    generator = np.random.default_rng(0)
    with pytest.raises(SkeletonDmlError, match="needs at least two classes, not 1"):
        next(one_shot_episodes(np.zeros(5, int), 1, generator))
    with pytest.raises(SkeletonDmlError, match="no query is left"):
        next(one_shot_episodes(np.arange(5), 1, generator))
