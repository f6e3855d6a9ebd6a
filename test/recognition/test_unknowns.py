# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.recognition.settings import Unknowns
from skeleton_dml_ros.recognition.unknowns import UnknownMemory

SECOND = 1_000_000_000


def action(number: int) -> np.ndarray:
    vector = np.zeros(64, dtype=np.float32)
    vector[number] = 1
    return vector


def test_the_same_action_is_reported_once_and_counted() -> None:
    memory = UnknownMemory(Unknowns(interval=0))
    said = [memory.consider(action(number), 1.0, 0) for number in (1, 2, 1, 1, 2)]
    assert said == [(True, 0), (True, 0), (False, 1), (False, 2), (False, 1)]


def test_similar_embeddings_are_the_same_action() -> None:
    memory = UnknownMemory(Unknowns(interval=0, same_distance=0.5))
    memory.consider(action(1), 1.0, 0)
    near = action(1) + 0.4 * action(2)
    assert memory.consider(near / np.linalg.norm(near), 1.0, 1) == (False, 1)
    far = action(1) + 0.7 * action(2)
    assert memory.consider(far / np.linalg.norm(far), 1.0, 2) == (True, 0)


@pytest.mark.parametrize("back", [1, -1])
def test_reports_keep_their_interval_with_different_clocks(back: int) -> None:
    memory = UnknownMemory(Unknowns(interval=5))
    assert memory.consider(action(1), 1.0, 100 * SECOND)[0]
    assert not memory.consider(action(2), 1.0, (100 + back) * SECOND)[0]
    # What was not asked about was not remembered, and will be.
    assert memory.consider(action(2), 1.0, 106 * SECOND) == (True, 0)


def test_a_poorly_seen_action_is_reported_when_it_is_seen_better() -> None:
    memory = UnknownMemory(Unknowns(min_visibility=0.7, interval=0))
    assert memory.consider(action(1), 0.6, 0) == (False, 0)
    assert memory.consider(action(1), 0.8, 1) == (True, 0)


def test_a_forgotten_action_is_reported_again() -> None:
    memory = UnknownMemory(Unknowns(memory=60))
    assert memory.consider(action(1), 1.0, 0)[0]
    assert not memory.consider(action(1), 1.0, 59 * SECOND)[0]
    assert memory.consider(action(1), 1.0, 61 * SECOND) == (True, 0)


def test_the_memory_is_limited_and_forgets_the_oldest() -> None:
    memory = UnknownMemory(Unknowns(interval=0, max_remembered=10))
    for number in range(40):
        assert memory.consider(action(number), 1.0, number)[0]
        assert len(memory) <= 10
    assert not memory.consider(action(39), 1.0, 50)[0]
    assert memory.consider(action(0), 1.0, 51)[0]


def test_a_forgotten_input_reports_again() -> None:
    memory = UnknownMemory(Unknowns(interval=100))
    memory.consider(action(1), 1.0, 100 * SECOND, "left")
    memory.forget("left")
    assert memory.consider(action(1), 1.0, SECOND, "left") == (True, 0)


def test_forgetting_an_input_keeps_those_of_others() -> None:
    memory = UnknownMemory(Unknowns(interval=5))
    assert memory.consider(action(1), 1.0, 100 * SECOND, "left")[0]
    memory.forget("right")
    assert memory.consider(action(1), 1.0, 110 * SECOND, "left") == (False, 1)
    assert memory.consider(action(2), 1.0, 102 * SECOND, "left") == (False, 0)


def test_an_action_is_reported_once_after_enough_occurrences() -> None:
    memory = UnknownMemory(Unknowns(interval=0, min_occurrences=3))
    said = [memory.consider(action(number), 1.0, 0) for number in (1, 2, 1, 1, 2, 1, 2)]
    assert said == [
        (False, 0), (False, 0), (False, 1), (True, 2), (False, 1), (False, 3), (True, 2),
    ]  # fmt: skip


def test_a_frequent_action_waits_for_visibility_and_interval() -> None:
    memory = UnknownMemory(Unknowns(min_visibility=0.7, interval=10, min_occurrences=2))
    for number in (1, 2):
        assert memory.consider(action(number), 0.6, 0) == (False, 0)
    assert memory.consider(action(1), 0.6, 1) == (False, 1)
    assert memory.consider(action(1), 0.8, 2) == (True, 2)
    assert memory.consider(action(2), 0.8, 5 * SECOND) == (False, 1)
    assert memory.consider(action(2), 0.8, 11 * SECOND) == (True, 2)


def test_old_occurrences_do_not_count() -> None:
    memory = UnknownMemory(Unknowns(memory=60, min_occurrences=2))
    memory.consider(action(1), 1.0, 0)
    assert memory.consider(action(1), 1.0, 61 * SECOND) == (False, 0)
    assert memory.consider(action(1), 1.0, 62 * SECOND) == (True, 1)
    # From the question on, the memory begins anew.
    assert memory.consider(action(1), 1.0, 121 * SECOND) == (False, 2)


def test_unreported_actions_are_forgotten_before_reported_ones() -> None:
    memory = UnknownMemory(Unknowns(interval=0, min_occurrences=2, max_remembered=3))
    for _ in range(2):
        memory.consider(action(1), 1.0, 0)
    for number in range(2, 30):
        memory.consider(action(number), 1.0, 1)
        assert len(memory) <= 3
    assert memory.consider(action(1), 1.0, 2) == (False, 2)
    assert memory.consider(action(29), 1.0, 2) == (True, 1)


def test_a_lower_minimum_of_occurrences_applies_at_once() -> None:
    memory = UnknownMemory(Unknowns(interval=0, min_occurrences=5))
    memory.consider(action(1), 1.0, 0)
    memory.settings = Unknowns(interval=0)
    assert memory.consider(action(1), 1.0, 1) == (True, 1)


@pytest.mark.parametrize("occurrences", [1, 2])
def test_withheld_actions_are_not_remembered_but_repetitions_count(occurrences: int) -> None:
    memory = UnknownMemory(Unknowns(interval=0, min_occurrences=occurrences))
    assert memory.consider(action(1), 1.0, 0, withheld=True) == (False, 0)
    assert len(memory) == 0
    for _ in range(occurrences):
        report, repetitions = memory.consider(action(1), 1.0, 1)
    assert (report, repetitions) == (True, occurrences - 1)
    assert memory.consider(action(1), 1.0, 2, withheld=True) == (False, occurrences)


def test_another_inputs_clock_forgets_nothing() -> None:
    memory = UnknownMemory(Unknowns(interval=0, memory=60))
    assert memory.consider(action(1), 1.0, 10 * SECOND, "left")[0]
    assert memory.consider(action(2), 1.0, 10**9 * SECOND, "right")[0]
    assert memory.consider(action(1), 1.0, 11 * SECOND, "left") == (False, 1)
    assert memory.consider(action(1), 1.0, 10**9 * SECOND, "right") == (False, 2)
