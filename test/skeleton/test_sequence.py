# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence


def positions(frames: int = 4, bodies: int = 1, joints: int = 25) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(frames, bodies, joints, 3)).astype(np.float32)


def sequence(**fields: object) -> SkeletonSequence:
    values: dict[str, Any] = {
        "positions": positions(),
        "timestamps": np.arange(4) / 30,
        "layout": NTU_25,
    }
    return SkeletonSequence(**{**values, **fields})


def test_fields_keep_their_values_and_types() -> None:
    clip = sequence(positions=positions().tolist(), start_ns=7)
    assert clip.positions.dtype == np.float32
    assert clip.timestamps.dtype == np.float64
    np.testing.assert_array_equal(clip.positions, positions())
    assert (len(clip), clip.bodies, clip.start_ns) == (4, 1, 7)
    assert clip.duration == pytest.approx(0.1)
    assert clip.end_ns == 7 + 100_000_000


def test_a_sequence_cannot_be_changed_but_the_callers_array_can() -> None:
    array = positions()
    clip = sequence(positions=array)
    with pytest.raises(ValueError, match="read-only"):
        clip.positions[0] = 0
    array[0] = 1


def test_nan_is_not_observed_by_default() -> None:
    array = positions()
    array[1, 0, 3] = np.nan
    clip = sequence(positions=array)
    assert not clip.observed[1, 0, 3]
    assert clip.observed.sum() == 99
    assert clip.visibility == pytest.approx(0.99)


def test_joints_that_are_rarely_observed_are_out_of_view() -> None:
    array = positions()
    array[:, 0, :10] = np.nan
    array[:3, 0, 10] = np.nan
    array[0, 0, 11] = np.nan
    assert sequence(positions=array).visibility_in_view == pytest.approx(55 / 56)
    array[:] = np.nan
    assert sequence(positions=array).visibility_in_view == 0


def partly_seen() -> np.ndarray:
    array = positions()
    array[1, 0, 3, 2] = np.nan
    return array


def infinite() -> np.ndarray:
    array = positions()
    array[2, 0, 3, 0] = np.inf
    return array


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"positions": np.zeros((4, 25, 3))}, r"positions have shape \(4, 25, 3\)"),
        ({"positions": np.zeros((0, 1, 25, 3))}, "positions have no frame"),
        ({"positions": np.zeros((4, 0, 25, 3))}, "positions have no body"),
        ({"positions": positions(joints=20)}, "joint count 20 does not fit layout ntu_25"),
        ({"positions": infinite()}, "infinite at frame 2, body 0, joint head"),
        ({"positions": partly_seen()}, "coordinates are NaN at frame 1, body 0, joint head"),
        ({"positions": "walk"}, "positions is not an array of float32"),
        ({"timestamps": [0.0, 0.1, 0.2]}, r"timestamps have shape \(3,\)"),
        ({"timestamps": [0.0, 0.1, 0.1, 0.2]}, "do not increase at frame 2"),
        ({"timestamps": [0.0, 0.2, 0.1, 0.3]}, "do not increase at frame 2"),
        ({"timestamps": [0.0, 0.1, 0.2, 1e300]}, r"timestamps reach 1e\+300; pass seconds"),
        ({"timestamps": [0.0, 0.1, np.nan, 0.3]}, "timestamps are not all finite"),
        ({"confidence": np.ones((4, 1, 24))}, "confidence has shape"),
        ({"confidence": np.full((4, 1, 25), 1.5)}, "confidence has a value of 1.5"),
        ({"confidence": np.full((4, 1, 25), np.nan)}, "confidence has a value of nan"),
        ({"observed": np.ones((4, 1, 24))}, "observed has shape"),
    ],
)
def test_an_error_names_the_field_that_is_not_valid(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SkeletonError, match=message):
        sequence(**fields)


def test_a_joint_without_position_cannot_be_observed() -> None:
    array = positions()
    array[1, 0, 3] = np.nan
    with pytest.raises(SkeletonError, match="observed is true for a joint whose position is NaN"):
        sequence(positions=array, observed=np.ones((4, 1, 25), bool))


def test_a_part_starts_at_zero_and_keeps_its_absolute_time() -> None:
    clip = sequence(start_ns=5_000_000_000, timestamps=[0.0, 0.5, 1.0, 2.0])
    cut = clip.frames(1, 3)
    np.testing.assert_allclose(cut.timestamps, [0.0, 0.5])
    assert (cut.start_ns, cut.end_ns) == (5_500_000_000, 6_000_000_000)
    np.testing.assert_array_equal(cut.positions, clip.positions[1:3])
    np.testing.assert_array_equal(
        clip.between(5_500_000_000, 6_000_000_000).positions, cut.positions
    )


def test_a_part_without_frames_is_refused() -> None:
    with pytest.raises(SkeletonError, match="there is no frame between"):
        sequence().frames(4, 9)


def test_replaced_positions_keep_which_joints_were_observed() -> None:
    clip = sequence(observed=np.arange(100).reshape(4, 1, 25) % 2 == 0)
    moved = clip.replace(positions=clip.positions + 1)
    np.testing.assert_array_equal(moved.observed, clip.observed)


def test_replaced_positions_of_another_shape_are_refused() -> None:
    flat = np.full((4, 1, 25, 2), np.nan)
    with pytest.raises(SkeletonError, match=r"positions have shape \(4, 1, 25, 2\); pass"):
        sequence().replace(positions=flat)
