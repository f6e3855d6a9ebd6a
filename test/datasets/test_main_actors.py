# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.datasets.main_actors import are_flat, join_bodies, main_actors, motion
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
    both = sequence(sofa(0.05), sofa(0.1))
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


def seen(body: np.ndarray, start: int, stop: int) -> np.ndarray:
    """The body in these frames only."""
    part = np.full_like(body, np.nan)
    part[start:stop] = body[start:stop]
    return part


def test_a_person_whose_id_changes_is_one_body() -> None:
    whole = person(0.3)
    halves = sequence(seen(whole, 0, 9), seen(whole, 9, FRAMES))
    np.testing.assert_array_equal(main_actors(halves).positions, sequence(whole).positions)
    alternating = sequence(
        np.where(np.arange(FRAMES)[:, None, None] % 2 == 0, whole, np.nan),
        np.where(np.arange(FRAMES)[:, None, None] % 2 == 1, whole, np.nan),
    )
    joined = join_bodies(alternating)
    np.testing.assert_array_equal(joined.positions, sequence(whole).positions)
    np.testing.assert_array_equal(joined.confidence, np.full((FRAMES, 1, 25), 0.5))


def test_people_in_different_places_or_at_one_time_are_not_joined() -> None:
    whole = person(0.3)
    for other in (seen(whole, 9, FRAMES) + np.array([1, 0, 0]), seen(whole, 8, FRAMES)):
        assert join_bodies(sequence(seen(whole, 0, 9), other)).bodies == 2


@pytest.mark.parametrize("frames", [1, 8, 11])
def test_a_body_of_a_few_frames_is_a_ghost(frames: int) -> None:
    ghost = seen(person(2.0) + np.array([1, 0, 0]), 4, 4 + frames)
    for bodies in ((person(0.3), ghost), (ghost, person(0.3))):
        np.testing.assert_array_equal(
            main_actors(sequence(*bodies)).positions, sequence(person(0.3)).positions
        )


def test_a_body_that_stands_still_is_an_actor_only_of_an_action_of_two() -> None:
    both = sequence(person(0.0), person(0.9))
    assert motion(both.positions)[1] > 0.02
    assert main_actors(both).bodies == 1
    assert main_actors(both, still=True).bodies == 2


def test_thousands_of_bodies_are_joined_in_bounded_steps() -> None:
    many = np.full((FRAMES, 4000, 25, 3), np.nan, dtype=np.float32)
    many[np.arange(4000) % FRAMES, np.arange(4000)] = 1 + np.arange(4000)[:, None, None]
    assert join_bodies(SkeletonSequence(many, np.arange(FRAMES) / 30, NTU_25)).bodies <= 32
