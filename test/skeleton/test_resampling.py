# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.resampling import resample
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence


def at(times: np.ndarray) -> SkeletonSequence:
    """Joints whose x is the time and whose y is twice the time."""
    positions = np.zeros((len(times), 1, 25, 3), np.float32)
    positions[..., 0] = np.asarray(times)[:, None, None]
    positions[..., 1] = 2 * positions[..., 0]
    return SkeletonSequence(positions, times, NTU_25, confidence=np.ones((len(times), 1, 25)))


def test_frames_are_resampled_by_time_not_by_index() -> None:
    stuttering = np.concatenate([np.linspace(0, 0.2, 20), np.linspace(1.5, 2.0, 4)])
    result = resample(at(stuttering), 9)
    np.testing.assert_allclose(result.timestamps, np.linspace(0, 2, 9))
    np.testing.assert_allclose(result.positions[:, 0, 0, 0], np.linspace(0, 2, 9), atol=1e-6)


def test_half_the_frame_rate_gives_the_same_result() -> None:
    fast, slow = at(np.linspace(0, 2, 61)), at(np.linspace(0, 2, 31))
    np.testing.assert_allclose(
        resample(fast, 48).positions, resample(slow, 48).positions, atol=1e-6
    )


def test_resampling_to_the_same_number_of_frames_changes_nothing() -> None:
    source = at(np.linspace(0, 1, 17))
    np.testing.assert_allclose(resample(source, 17).positions, source.positions, atol=1e-6)


def test_one_frame_is_held() -> None:
    result = resample(at(np.array([0.0])), 12)
    assert len(result) == 12
    assert result.duration == pytest.approx(1.0)
    assert (result.positions == result.positions[0]).all()


def test_a_joint_is_seen_only_between_frames_that_saw_it() -> None:
    source = at(np.linspace(0, 1, 5))
    positions = source.positions.copy()
    positions[2, 0, 3] = np.nan
    result = resample(SkeletonSequence(positions, source.timestamps, NTU_25), 9)
    assert np.isnan(result.positions[:, 0, 3, 0]).tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0]
    np.testing.assert_array_equal(
        result.observed[:, 0, 3], np.isfinite(result.positions[:, 0, 3, 0])
    )


def test_fewer_than_two_frames_are_refused() -> None:
    with pytest.raises(SkeletonError, match="cannot resample to 1 frames"):
        resample(at(np.linspace(0, 1, 5)), 1)
