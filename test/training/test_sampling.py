# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np

from skeleton_dml_ros.training.configuration import Sampling
from skeleton_dml_ros.training.sampling import balanced, batches

LABELS = np.repeat([0, 1, 2, 5], [40, 3, 10, 1])


def drawn(seed: int, sampling: Sampling, epoch_clips: int = 54) -> list[np.ndarray]:
    return list(batches(LABELS, sampling, np.random.default_rng(seed), epoch_clips))


def test_a_batch_holds_as_many_clips_of_each_of_its_classes() -> None:
    for batch in drawn(0, Sampling(classes=3, clips=4)):
        names, counts = np.unique(LABELS[batch], return_counts=True)
        assert len(names) == 3
        assert set(counts) == {4}


def test_classes_are_used_equally_often_whatever_their_size() -> None:
    used = np.concatenate(drawn(0, Sampling(classes=2, clips=2), epoch_clips=800))
    shares = np.bincount(LABELS[used])[[0, 1, 2, 5]] / len(used)
    np.testing.assert_allclose(shares, 0.25, atol=0.01)


def test_the_clips_of_a_class_are_all_used_before_one_is_used_again() -> None:
    used = np.concatenate(drawn(0, Sampling(classes=4, clips=2), epoch_clips=160))
    of_first_class = used[LABELS[used] == 0]
    assert len(np.unique(of_first_class[:40])) == min(40, len(of_first_class))


def test_with_fewer_classes_than_asked_for_all_are_used() -> None:
    for batch in drawn(0, Sampling(classes=99, clips=2)):
        assert set(LABELS[batch]) == {0, 1, 2, 5}


def test_the_same_seed_gives_the_same_batches() -> None:
    first, second = drawn(3, Sampling(2, 2)), drawn(3, Sampling(2, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_selection_takes_from_all_classes_alike() -> None:
    labels = np.repeat([0, 1, 2], [50, 4, 10])
    chosen = balanced(labels, 18, np.random.default_rng(0))
    assert np.bincount(labels[chosen]).tolist() == [7, 4, 7]
    assert len(np.unique(chosen)) == 18
    assert len(balanced(labels, 1000, np.random.default_rng(0))) == 64
