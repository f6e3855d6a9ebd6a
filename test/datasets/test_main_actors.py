# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.datasets.main_actors import are_flat, main_actors, motion
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

FRAMES = 20


def person(swing: float) -> np.ndarray:
    """(frames, 25, 3): someone who stands and moves a hand so far."""
    positions = np.repeat(0.5 * REST_POSE[None], FRAMES, axis=0) + np.array([0, 0, 3])
    positions[:, NTU_25.index("hand_left"), 1] += swing * np.sin(np.linspace(0, np.pi, FRAMES))
    return np.asarray(positions)


def sofa(swing: float) -> np.ndarray:
    """(frames, 25, 3): wide, low, and restless."""
    generator = np.random.default_rng(0)
    places = generator.uniform((-1, -0.2, 3), (1, 0.2, 3.2), size=(25, 3))
    return places + swing * generator.normal(size=(FRAMES, 25, 3))


def sequence(*bodies: np.ndarray) -> SkeletonSequence:
    positions = np.stack(bodies, axis=1)
    confidence = np.full(positions.shape[:3], 0.5) * np.isfinite(positions[..., 0])
    return SkeletonSequence(
        positions, np.arange(FRAMES) / 30, NTU_25, start_ns=5, confidence=confidence
    )


def test_the_two_most_moving_bodies_are_kept_in_order_of_motion() -> None:
    everybody = sequence(person(0.1), person(0.3), person(0.0), person(0.2))
    actors = main_actors(everybody)
    np.testing.assert_array_equal(actors.positions, everybody.positions[:, [1, 3]])
    np.testing.assert_array_equal(actors.confidence, np.full((FRAMES, 2, 25), 0.5))
    assert actors.start_ns == 5


def test_a_flat_body_is_excluded_however_much_it_moves() -> None:
    everybody = sequence(sofa(0.1), person(0.1), person(0.0))
    assert motion(everybody.positions).argmax() == 0
    assert are_flat(everybody.positions).tolist() == [True, False, False]
    np.testing.assert_array_equal(main_actors(everybody).positions, everybody.positions[:, [1, 2]])


def test_a_single_body_is_kept_even_if_flat() -> None:
    alone = sequence(sofa(0.1))
    assert main_actors(alone) is alone
    both = sequence(sofa(0.0), sofa(0.1))
    np.testing.assert_array_equal(main_actors(both).positions, both.positions[:, ::-1])


def test_a_falling_person_is_not_flat() -> None:
    fallen = person(0.1)
    lying = fallen[FRAMES // 2 :, :, [1, 0, 2]]
    falls = np.concatenate([fallen[: FRAMES - len(lying)], lying])
    assert are_flat(sequence(falls, person(0.1)).positions).tolist() == [False, False]


def test_frames_without_a_body_count_neither_as_motion_nor_as_flat() -> None:
    late = person(0.2)
    late[:15] = np.nan
    away = np.full_like(late, np.nan)
    positions = sequence(late, away).positions
    variance = late[15:, NTU_25.index("hand_left"), 1].var()
    assert motion(positions) == pytest.approx([variance, 0], rel=1e-4)
    assert are_flat(positions).tolist() == [False, False]
