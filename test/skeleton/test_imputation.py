# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.skeleton.imputation import REST_POSE, impute
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence

LEGS = [NTU_25.index(f"{joint}_{side}") for side in ("left", "right") for joint in ("knee", "foot")]


def standing(trunk: float = 0.5, yaw: float = 0.6) -> np.ndarray:
    """A person at rest, turned by ``yaw``, 2.5 m away, for 60 frames."""
    cosine, sine = np.cos(yaw), np.sin(yaw)
    rotation = np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
    pose = trunk * REST_POSE @ rotation.T + [0.3, 0.1, 2.5]
    return np.repeat(pose[None, None].astype(np.float32), 60, axis=0)


def imputed(positions: np.ndarray) -> SkeletonSequence:
    return impute(SkeletonSequence(positions, np.arange(len(positions)) / 30, NTU_25))


def test_a_sequence_without_gaps_does_not_change() -> None:
    np.testing.assert_array_equal(imputed(standing()).positions, standing())


def test_joints_never_seen_come_from_the_rest_pose_in_the_persons_size_and_facing() -> None:
    positions = standing()
    positions[:, 0, LEGS] = np.nan
    result = imputed(positions)
    np.testing.assert_allclose(result.positions, standing(), atol=1e-4)
    assert not result.observed[:, 0, LEGS].any()


def test_a_lower_body_that_was_never_seen_is_placed_below_the_shoulders() -> None:
    positions = standing()
    hidden = [i for i, name in enumerate(NTU_25.joint_names) if REST_POSE[i, 1] < 0.5]
    hidden = [i for i in hidden if "hand" not in NTU_25.joint_names[i]]
    positions[:, 0, hidden] = np.nan
    np.testing.assert_allclose(imputed(positions).positions, standing(), atol=1e-4)


def test_a_long_gap_is_interpolated() -> None:
    positions = standing()
    positions[:, 0, 11, 1] += 0.01 * np.arange(60)
    whole = positions.copy()
    positions[5:55, 0, 11] = np.nan
    np.testing.assert_allclose(imputed(positions).positions, whole, atol=1e-5)


def test_the_callers_sequence_is_not_changed() -> None:
    positions = standing()
    positions[:, 0, LEGS] = np.nan
    sequence = SkeletonSequence(positions, np.arange(60) / 30, NTU_25)
    impute(sequence)
    assert np.isnan(sequence.positions[:, 0, LEGS]).all()


@pytest.mark.parametrize("kept", [[], ["hand_left", "hand_right"], ["head", "neck", "hip_left"]])
def test_a_person_with_too_few_joints_is_refused(kept: list[str]) -> None:
    positions = standing()
    hidden = [i for i, name in enumerate(NTU_25.joint_names) if name not in kept]
    positions[:, 0, hidden] = np.nan
    with pytest.raises(SkeletonError, match=f"only {len(kept)} of 25 joints"):
        imputed(positions)
