# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest
from acted import pairs_archive, walking

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.streams.idle_motion import (
    FEET,
    FRAME_RATE,
    MIN_GAIT_SECONDS,
    facing,
    floor_under,
    gait_of,
    turned,
    walk,
)
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25

STANDING = (REST_POSE * 0.5).astype(np.float32)


def test_a_gait_cycle_can_be_repeated() -> None:
    gait = gait_of(walking())
    assert len(gait.cycle) >= MIN_GAIT_SECONDS * FRAME_RATE
    # Two steps a second: a whole number of them.
    assert len(gait.cycle) % 30 in (0, 1, 29)
    twice = np.concatenate([gait.cycle, gait.cycle])
    steps = np.linalg.norm(np.diff(twice, axis=0), axis=-1)
    assert steps[len(gait.cycle) - 1].max() <= steps.max(axis=1).max() + 1e-3


def test_a_gait_faces_the_camera_with_its_feet_on_the_floor() -> None:
    turned_away = walking()
    turned_away = turned_away.replace(
        positions=turned(turned_away.positions, 0.7).astype(np.float32)
    )
    gait = gait_of(turned_away)
    assert facing(gait.cycle) == pytest.approx(0, abs=0.05)
    assert gait.cycle[:, FEET, 1].min() == pytest.approx(0, abs=0.02)
    np.testing.assert_allclose(floor_under(gait.cycle), 0, atol=0.02)


def test_a_walker_turns_towards_the_goal_and_back() -> None:
    goal = STANDING + np.array([2, 0, 0], dtype=np.float32)
    way = walk(STANDING, goal, gait_of(walking()), 2.5, np.random.default_rng(0))
    assert len(way) == 75
    angles = facing(way)
    assert angles[[0, -1]] == pytest.approx(0, abs=0.1)
    # To greater x, a quarter of a circle.
    assert angles[25:50] == pytest.approx(np.pi / 2, abs=0.1)
    x = floor_under(way)[:, 0]
    assert (np.diff(x) > -0.01).all()
    assert (x[0], x[-1]) == (pytest.approx(0, abs=0.05), pytest.approx(2, abs=0.05))


def test_a_walker_moves_arms_and_legs_and_keeps_to_the_floor() -> None:
    goal = STANDING + np.array([0, 0, 2], dtype=np.float32)
    way = walk(STANDING, goal, gait_of(walking()), 2.5, np.random.default_rng(0))
    hips = way[:, [NTU_25.index("spine_base")]]
    assert (way - hips)[25:50].std(axis=0).max() > 0.1
    floor = STANDING[FEET, 1].min()
    assert way[25:50, FEET, 1].min() == pytest.approx(floor, abs=0.05)


def test_joints_unseen_in_the_poses_stay_unseen() -> None:
    pose = STANDING.copy()
    pose[NTU_25.index("thumb_left")] = np.nan
    way = walk(pose, pose + np.float32(1), gait_of(walking()), 2, np.random.default_rng(0))
    unseen = np.isnan(way).any(axis=(0, 2))
    assert np.flatnonzero(unseen).tolist() == [NTU_25.index("thumb_left")]


def test_a_recording_without_a_gait_is_refused() -> None:
    with pytest.raises(SkeletonDmlError, match=r"1 bodies and 1\.0 s holds no gait"):
        gait_of(walking(frames=30))
    with pytest.raises(SkeletonDmlError, match="2 bodies"):
        gait_of(pairs_archive().clip(0))
    hidden = walking()
    positions = hidden.positions.copy()
    positions[40, 0, 3] = np.nan
    with pytest.raises(SkeletonDmlError, match="is not always seen"):
        gait_of(hidden.replace(positions=positions))
