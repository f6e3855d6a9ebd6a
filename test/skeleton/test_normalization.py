# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25, Layout
from skeleton_dml_ros.skeleton.normalization import HIP, STEPS, normalize
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence


def moving(bodies: int = 1) -> np.ndarray:
    """People at rest beside each other whose right hand rises and who walk along x."""
    positions = np.repeat(REST_POSE[None, None], 40, axis=0).repeat(bodies, axis=1)
    positions = positions * np.float32(0.5) + np.array([0.2, 0.0, 3.0])
    time = np.linspace(0, 1, 40, dtype=np.float32)[:, None]
    positions[:, :, 11, 1] += time
    positions[..., 0] += 0.3 * time[..., None] + np.arange(bodies, dtype=np.float32)[:, None]
    return np.asarray(positions, dtype=np.float32)


def turned(positions: np.ndarray, yaw: float) -> np.ndarray:
    cosine, sine = np.cos(yaw), np.sin(yaw)
    rotation = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]], np.float32)
    return np.asarray(positions @ rotation.T)


def normalized(positions: np.ndarray, steps: tuple[str, ...] = tuple(STEPS)) -> np.ndarray:
    sequence = SkeletonSequence(positions, np.arange(len(positions)) / 30, NTU_25)
    return normalize(sequence, steps).positions


@pytest.mark.parametrize("bodies", [1, 2])
def test_place_size_and_facing_do_not_matter(bodies: int) -> None:
    expected = normalized(moving(bodies))
    other = turned(moving(bodies), 1.1) * 1.3 + np.array([-1.0, 0.4, 2.0])
    np.testing.assert_allclose(normalized(other), expected, atol=1e-4)


def test_the_hips_start_at_the_origin_and_move_from_there() -> None:
    result = normalized(moving(), ("origin",))
    np.testing.assert_allclose(result[0, 0, HIP], 0, atol=1e-6)
    np.testing.assert_allclose(result[-1, 0, HIP], [0.3, 0, 0], atol=1e-6)


def test_a_body_at_rest_is_scaled_to_the_rest_pose() -> None:
    still = np.repeat(REST_POSE[None, None] * np.float32(0.45), 5, axis=0)
    np.testing.assert_allclose(normalized(still, ("scale",))[0, 0], REST_POSE, atol=1e-5)


def test_a_person_who_faces_the_camera_has_the_left_shoulder_at_the_smaller_x() -> None:
    result = normalized(turned(moving(), 2.5), ("facing",))
    left, right = result[:, 0, 4], result[:, 0, 8]
    assert (left[:, 0] < right[:, 0]).all()
    np.testing.assert_allclose(left[:, 2], right[:, 2], atol=1e-5)


def test_each_step_can_be_left_out() -> None:
    np.testing.assert_array_equal(normalized(moving(), ()), moving())
    for step in STEPS:
        others = tuple(name for name in STEPS if name != step)
        assert not np.allclose(
            normalized(turned(moving(), 1.0), others), normalized(turned(moving(), 1.0))
        )


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(SkeletonError, match="there is no normalisation step 'shrink'"):
        normalized(moving(), ("shrink",))


def test_a_layout_other_than_ntu_25_is_refused() -> None:
    layout = Layout("pair", ("a", "b"), (-1, 0), ())
    sequence = SkeletonSequence(np.ones((2, 1, 2, 3)), [0.0, 0.1], layout)
    with pytest.raises(SkeletonError, match="layout pair cannot be normalised"):
        normalize(sequence, ("origin",))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("origin", "hip centre was not seen"),
        ("scale", "spine, thighs or shins were never seen"),
        ("facing", "neither shoulders nor hips were seen"),
    ],
)
def test_a_step_whose_joints_were_never_seen_is_refused(step: str, message: str) -> None:
    with pytest.raises(SkeletonError, match=message):
        normalized(np.full((4, 1, 25, 3), np.nan, np.float32), (step,))


def test_millimetres_or_a_collapsed_skeleton_are_refused() -> None:
    with pytest.raises(SkeletonError, match=r"the body measures 0\.003 m"):
        normalized(moving() * np.float32(0.002), ("scale",))
