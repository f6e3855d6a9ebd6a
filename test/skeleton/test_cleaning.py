# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.skeleton.cleaning import clean
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence

FRAMES = 30


def straight_motion() -> np.ndarray:
    """All joints move 1 cm a frame along x, 2 m in front of the camera."""
    positions = np.zeros((FRAMES, 1, 25, 3), np.float32)
    positions[..., 0] = 0.01 * np.arange(FRAMES)[:, None, None]
    positions[..., 2] = 2.0
    return positions


def cleaned(positions: np.ndarray, **settings: float) -> SkeletonSequence:
    times = np.arange(len(positions)) / 30
    return clean(SkeletonSequence(positions, times, NTU_25), **settings)


def test_a_clean_sequence_does_not_change() -> None:
    result = cleaned(straight_motion())
    np.testing.assert_array_equal(result.positions, straight_motion())
    assert result.observed.all()


def test_a_short_gap_is_interpolated_and_stays_unobserved() -> None:
    positions = straight_motion()
    positions[10:15, 0, 7] = np.nan
    result = cleaned(positions)
    np.testing.assert_allclose(result.positions, straight_motion(), atol=1e-6)
    assert not result.observed[10:15, 0, 7].any()
    assert result.observed.sum() == FRAMES * 25 - 5


def test_a_long_gap_stays_open() -> None:
    positions = straight_motion()
    positions[5:25, 0, 7] = np.nan
    result = cleaned(positions, maximum_gap=0.5)
    assert np.isnan(result.positions[5:25, 0, 7]).all()
    assert np.isfinite(np.delete(result.positions, 7, axis=2)).all()


def test_the_length_of_a_gap_is_measured_in_time() -> None:
    positions = straight_motion()
    positions[5:10, 0, 7] = np.nan
    slow = SkeletonSequence(positions, np.arange(FRAMES) / 5, NTU_25)
    assert np.isnan(clean(slow).positions[5:10, 0, 7]).all()


def test_gaps_at_the_ends_are_held() -> None:
    positions = straight_motion()
    positions[:4, 0, 7] = np.nan
    positions[-4:, 0, 7] = np.nan
    result = cleaned(positions)
    np.testing.assert_allclose(result.positions[:4, 0, 7], positions[[4] * 4, 0, 7])
    np.testing.assert_allclose(result.positions[-4:, 0, 7], positions[[-5] * 4, 0, 7])


def test_joints_at_the_origin_become_unseen() -> None:
    positions = straight_motion()
    positions[12] = 0
    positions[20, 0, 3] = 0
    result = cleaned(positions)
    np.testing.assert_allclose(result.positions, straight_motion(), atol=1e-6)
    assert not result.observed[12].any()
    assert not result.observed[20, 0, 3]


def test_a_spike_of_one_frame_is_removed() -> None:
    positions = straight_motion()
    positions[12, 0, 11] += 0.8
    result = cleaned(positions)
    np.testing.assert_allclose(result.positions, straight_motion(), atol=1e-6)
    assert not result.observed[12, 0, 11]


def test_a_fast_movement_is_not_a_spike() -> None:
    positions = straight_motion()
    positions[12:, 0, 11, 1] += 0.8
    positions[11, 0, 11, 1] += 0.4
    np.testing.assert_array_equal(cleaned(positions).positions, positions)


def test_a_joint_that_was_never_seen_stays_unseen() -> None:
    positions = straight_motion()
    positions[:, 0, 5] = np.nan
    assert np.isnan(cleaned(positions).positions[:, 0, 5]).all()


def test_an_invalid_setting_is_refused() -> None:
    with pytest.raises(SkeletonError, match="maximum_gap is -1"):
        cleaned(straight_motion(), maximum_gap=-1)
    with pytest.raises(SkeletonError, match="spike_distance is 0"):
        cleaned(straight_motion(), spike_distance=0)
