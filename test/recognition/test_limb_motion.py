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
def test_the_speed_of_an_arm_that_rises_evenly_is_measured(speed: float) -> None:
    assert speeds(raised_arm(speed))[-1] == pytest.approx(speed, rel=0.01)


def test_the_frame_rate_makes_no_difference() -> None:
    assert speeds(raised_arm(1.0)[::3], 3 * FRAME)[-1] == pytest.approx(1.0, rel=0.01)


def test_a_driving_robot_causes_no_motion() -> None:
    poses = np.repeat(standing()[None], 60, axis=0)
    poses[:, :, 2] -= np.linspace(0, 2, 60, dtype=np.float32)[:, None]
    assert speeds(poses).max() < 1e-4
    poses[30:, HIPS] = np.nan
    assert speeds(poses).max() < 1e-3


def test_noisy_joints_hardly_move() -> None:
    assert speeds(tremble(script((None, 20)), 0.010)).max() < 0.25


def test_a_spike_of_one_frame_is_not_motion() -> None:
    poses = script((None, 2))
    poses[30, [HAND, HAND - 1, HAND - 2]] += 0.7
    assert speeds(poses).max() < 1e-4


def test_random_dropouts_do_not_change_the_speed() -> None:
    whole = motion(WAVE, 2.0)
    holey = whole.copy()
    holey[np.random.default_rng(3).random(holey.shape[:2]) < 0.2] = np.nan
    assert speeds(holey) == pytest.approx(speeds(whole), abs=0.2)


def test_the_jump_of_a_joint_after_a_gap_is_not_motion() -> None:
    poses = script((None, 3))
    lost = round((HOLD + 0.2) * 30)
    poses[30 : 30 + lost, HAND] = np.nan
    poses[30 + lost :, HAND, 1] += 0.6
    assert speeds(poses).max() < 1e-4


def test_motion_is_measured_without_visible_hips() -> None:
    poses = script((None, 1), (WAVE, 1.2), (None, 1))
    legs = [HIPS, *range(12, 20)]
    hidden = poses.copy()
    hidden[:, legs] = np.nan
    assert speeds(hidden) == pytest.approx(speeds(poses), abs=1e-3)


def test_hips_that_appear_and_disappear_cause_no_motion() -> None:
    poses = script((None, 3))
    poses[::3, [HIPS, 12, 16]] = np.nan
    assert speeds(poses).max() < 1e-3


def test_old_frames_do_not_matter() -> None:
    poses = tremble(script((WAVE, 1.0), (None, 2.0), (WAVE, 1.0), (None, 9)), 0.004)
    late = speeds(poses[40:])
    assert np.array_equal(speeds(poses)[40 + 30 :], late[30:])


def test_an_unseen_person_does_not_move() -> None:
    assert speeds(np.full((30, 25, 3), np.nan, dtype=np.float32)).max() == 0


def test_a_single_noisy_foot_counts_a_third() -> None:
    poses = script((None, 3))
    poses[:, FOOT, 0] += 0.9 * np.arange(len(poses)) * FRAME / SECOND
    assert speeds(poses)[-1] == pytest.approx(0.3, rel=0.05)


def test_the_speed_has_the_documented_delay() -> None:
    poses = script((None, 1), (WAVE, 1.2), (None, 1))
    wrist = poses[:, NTU_25.index("wrist_right"), 1]
    true_peak = int(np.abs(np.diff(wrist)).argmax())
    late = (int(speeds(poses)[: 30 + 18].argmax()) - true_peak) * FRAME / SECOND
    assert late == pytest.approx(LAG, abs=0.07)
