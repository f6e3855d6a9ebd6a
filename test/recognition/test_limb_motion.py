from __future__ import annotations

import numpy as np
import pytest
from acting import FRAME, SECOND, WAVE, motion, script
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.limb_motion import LAG, LimbMotion
from skeleton_dml_ros.skeleton.layouts import NTU_25

HAND, FOOT = NTU_25.index("hand_right"), NTU_25.index("foot_left")


def speeds(poses: NDArray[np.float32], every: int = 1) -> NDArray[np.float64]:
    limbs = LimbMotion()
    return np.array(
        [
            limbs.update(SECOND + index * FRAME, pose)
            for index, pose in enumerate(poses)
            if index % every == 0
        ]
    )


def raising(speed: float, seconds: float) -> NDArray[np.float32]:
    """An arm that goes up at a steady speed, m/s."""
    poses = script((None, seconds))
    way = speed * np.arange(len(poses)) * FRAME / SECOND
    for joint in ("elbow_right", "wrist_right", "hand_right"):
        poses[:, NTU_25.index(joint), 1] += way
    return poses


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_steady_speed_is_measured_at_any_frame_rate(every: int) -> None:
    assert speeds(raising(0.8, 2), every)[-1] == pytest.approx(0.8, rel=0.02)


def test_trembling_joints_make_little_speed() -> None:
    noise = np.random.default_rng(0).normal(scale=0.005, size=(300, 25, 3))
    assert speeds((script((None, 10)) + noise).astype(np.float32))[30:].max() < 0.12


def test_a_joint_that_jumps_for_one_frame_makes_none() -> None:
    poses = script((None, 3))
    poses[45, HAND] += 1.0
    assert speeds(poses).max() < 1e-3


def test_a_joint_that_is_lost_and_comes_back_elsewhere_makes_none() -> None:
    poses = script((None, 4))
    poses[40:70, HAND] = np.nan
    poses[70:, HAND, 1] += 0.6
    assert speeds(poses).max() < 1e-3


def test_one_foot_that_jumps_about_alone_counts_for_a_third() -> None:
    poses = script((None, 3))
    poses[:, FOOT, 0] += 0.9 * np.arange(len(poses)) * FRAME / SECOND
    assert speeds(poses)[-1] == pytest.approx(0.3, rel=0.05)


def test_driving_past_makes_no_speed_also_where_the_hips_are_hidden() -> None:
    poses = script((None, 3))
    poses[:, :, 0] += 1.5 * (np.arange(len(poses)) * FRAME / SECOND)[:, None]
    assert speeds(poses).max() < 1e-3
    poses[30:, NTU_25.index("spine_base")] = np.nan
    assert speeds(poses).max() < 1e-3


def test_the_speed_comes_as_late_as_stated() -> None:
    poses = np.concatenate([script((None, 1)), motion(WAVE, 1.2), script((None, 1))])
    wrist = poses[:, NTU_25.index("wrist_right"), 1]
    true_peak = int(np.abs(np.diff(wrist)).argmax())
    late = (int(speeds(poses)[: 30 + 18].argmax()) - true_peak) * FRAME / SECOND
    assert late == pytest.approx(LAG, abs=0.07)
