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


def test_the_same_is_asked_about_once_and_counted() -> None:
    memory = UnknownMemory(Unknowns(interval=0))
    said = [memory.consider(action(number), 1.0, 0) for number in (1, 2, 1, 1, 2)]
    assert said == [(True, 0), (True, 0), (False, 1), (False, 2), (False, 1)]


def test_nearly_the_same_is_the_same() -> None:
    memory = UnknownMemory(Unknowns(interval=0, same_distance=0.5))
    memory.consider(action(1), 1.0, 0)
    near = action(1) + 0.4 * action(2)
    assert memory.consider(near / np.linalg.norm(near), 1.0, 1) == (False, 1)
    far = action(1) + 0.7 * action(2)
    assert memory.consider(far / np.linalg.norm(far), 1.0, 2) == (True, 0)


@pytest.mark.parametrize("back", [1, -1])
def test_questions_keep_their_distance_also_between_inputs_whose_clocks_differ(back: int) -> None:
    memory = UnknownMemory(Unknowns(interval=5))
    assert memory.consider(action(1), 1.0, 100 * SECOND)[0]
    assert not memory.consider(action(2), 1.0, (100 + back) * SECOND)[0]
    # What was not asked about was not remembered, and will be.
    assert memory.consider(action(2), 1.0, 106 * SECOND) == (True, 0)


def test_what_was_poorly_seen_is_asked_about_when_it_is_seen_better() -> None:
    memory = UnknownMemory(Unknowns(quality=0.7, interval=0))
    assert memory.consider(action(1), 0.6, 0) == (False, 0)
    assert memory.consider(action(1), 0.8, 1) == (True, 0)


def test_what_is_long_past_is_asked_about_again() -> None:
    memory = UnknownMemory(Unknowns(memory=60))
    assert memory.consider(action(1), 1.0, 0)[0]
    assert not memory.consider(action(1), 1.0, 59 * SECOND)[0]
    assert memory.consider(action(1), 1.0, 61 * SECOND) == (True, 0)


def test_the_memory_is_bounded_and_loses_the_oldest() -> None:
    memory = UnknownMemory(Unknowns(interval=0, remembered=10))
    for number in range(40):
        assert memory.consider(action(number), 1.0, number)[0]
        assert len(memory) <= 10
    assert not memory.consider(action(39), 1.0, 50)[0]
    assert memory.consider(action(0), 1.0, 51)[0]


def test_forgetting_makes_everything_new() -> None:
    memory = UnknownMemory(Unknowns(interval=100))
    memory.consider(action(1), 1.0, 100 * SECOND)
    memory.forget()
    assert memory.consider(action(1), 1.0, SECOND) == (True, 0)
