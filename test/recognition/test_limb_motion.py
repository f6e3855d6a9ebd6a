# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest
from acting import FRAME, SECOND, WAVE, motion, script, standing
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.limb_motion import HOLD, LAG, LimbMotion
from skeleton_dml_ros.skeleton.layouts import NTU_25

HAND, FOOT, HIPS = (NTU_25.index(name) for name in ("hand_right", "foot_left", "spine_base"))


def speeds(poses: NDArray[np.float32], step_ns: int = FRAME) -> NDArray[np.float64]:
    measure = LimbMotion()
    return np.array(
        [measure.update(SECOND + index * step_ns, pose) for index, pose in enumerate(poses)]
    )


def tremble(poses: NDArray[np.float32], deviation: float) -> NDArray[np.float32]:
    noise = np.random.default_rng(0).normal(scale=deviation, size=poses.shape)
    return np.asarray(poses + noise, dtype=np.float32)


def raised_arm(metres_a_second: float, seconds: float = 2.0) -> NDArray[np.float32]:
    """(frames, 25, 3): elbow, wrist and hand rise together."""
    poses = np.repeat(standing()[None], round(seconds * 30), axis=0)
    rise = metres_a_second * np.arange(len(poses)) / 30
    for joint in ("elbow_right", "wrist_right", "hand_right"):
        poses[:, NTU_25.index(joint), 1] += rise
    return poses


@pytest.mark.parametrize("speed", [0.3, 1.0, 3.0])
def test_an_arm_that_rises_evenly_has_its_speed(speed: float) -> None:
    assert speeds(raised_arm(speed))[-1] == pytest.approx(speed, rel=0.01)


def test_the_frame_rate_makes_no_difference() -> None:
    assert speeds(raised_arm(1.0)[::3], 3 * FRAME)[-1] == pytest.approx(1.0, rel=0.01)


def test_a_robot_that_drives_makes_nobody_move() -> None:
    poses = np.repeat(standing()[None], 60, axis=0)
    poses[:, :, 2] -= np.linspace(0, 2, 60, dtype=np.float32)[:, None]
    assert speeds(poses).max() < 1e-4
    poses[30:, HIPS] = np.nan
    assert speeds(poses).max() < 1e-3


def test_trembling_joints_hardly_move() -> None:
    assert speeds(tremble(script((None, 20)), 0.010)).max() < 0.25


def test_a_joint_that_jumps_away_for_one_frame_does_not_move() -> None:
    poses = script((None, 2))
    poses[30, [HAND, HAND - 1, HAND - 2]] += 0.7
    assert speeds(poses).max() < 1e-4


def test_joints_that_drop_out_at_random_leave_the_speed_as_it_is() -> None:
    whole = motion(WAVE, 2.0)
    holey = whole.copy()
    holey[np.random.default_rng(3).random(holey.shape[:2]) < 0.2] = np.nan
    assert speeds(holey) == pytest.approx(speeds(whole), abs=0.2)


def test_a_joint_that_comes_back_elsewhere_has_not_moved_there() -> None:
    poses = script((None, 3))
    lost = round((HOLD + 0.2) * 30)
    poses[30 : 30 + lost, HAND] = np.nan
    poses[30 + lost :, HAND, 1] += 0.6
    assert speeds(poses).max() < 1e-4


def test_somebody_behind_a_table_moves_all_the_same() -> None:
    poses = script((None, 1), (WAVE, 1.2), (None, 1))
    legs = [HIPS, *range(12, 20)]
    hidden = poses.copy()
    hidden[:, legs] = np.nan
    assert speeds(hidden) == pytest.approx(speeds(poses), abs=1e-3)


def test_hips_that_come_and_go_move_nobody() -> None:
    poses = script((None, 3))
    poses[::3, [HIPS, 12, 16]] = np.nan
    assert speeds(poses).max() < 1e-3


def test_what_is_long_past_changes_nothing() -> None:
    poses = tremble(script((WAVE, 1.0), (None, 2.0), (WAVE, 1.0), (None, 9)), 0.004)
    late = speeds(poses[40:])
    assert np.array_equal(speeds(poses)[40 + 30 :], late[30:])


def test_nobody_seen_at_all_stands_still() -> None:
    assert speeds(np.full((30, 25, 3), np.nan, dtype=np.float32)).max() == 0


def test_one_foot_that_jumps_about_alone_counts_for_a_third() -> None:
    poses = script((None, 3))
    poses[:, FOOT, 0] += 0.9 * np.arange(len(poses)) * FRAME / SECOND
    assert speeds(poses)[-1] == pytest.approx(0.3, rel=0.05)


def test_the_speed_comes_as_late_as_stated() -> None:
    poses = script((None, 1), (WAVE, 1.2), (None, 1))
    wrist = poses[:, NTU_25.index("wrist_right"), 1]
    true_peak = int(np.abs(np.diff(wrist)).argmax())
    late = (int(speeds(poses)[: 30 + 18].argmax()) - true_peak) * FRAME / SECOND
    assert late == pytest.approx(LAG, abs=0.07)
