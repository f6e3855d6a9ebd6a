# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest
from acting import FRAME, SECOND

from skeleton_dml_ros.recognition.segmentation import make_segmenter
from skeleton_dml_ros.recognition.settings import Segmentation
from skeleton_dml_ros.recognition.tracks import FASTEST_RATE, NoFramesError, Track
from skeleton_dml_ros.skeleton.layouts import NTU_25

KEPT = 2.0


def filled(count: int, step_ns: int = FRAME, *, with_confidence: bool = False) -> Track:
    """A track whose frame ``i`` holds ``i`` everywhere."""
    track = Track("camera", "7", NTU_25, KEPT, make_segmenter(Segmentation()))
    for index in range(count):
        track.append(
            SECOND + index * step_ns,
            np.full((25, 3), index, dtype=np.float32),
            np.full(25, 0.5, dtype=np.float32) if with_confidence else None,
            np.full(3, index, dtype=np.float32),
        )
    return track


@pytest.mark.parametrize("count", [1, 50, 119, 120, 121, 240, 241, 1000])
def test_any_interval_in_the_buffer_is_returned_unchanged(count: int) -> None:
    track = filled(count)
    first = max(0, count - round(KEPT * 30))
    sequence = track.sequence(SECOND + first * FRAME, SECOND + count * FRAME)
    expected = np.arange(first, count)
    np.testing.assert_array_equal(sequence.positions[:, 0, 3, 1], expected)
    assert sequence.start_ns == SECOND + first * FRAME
    np.testing.assert_array_equal(
        np.round(sequence.timestamps * SECOND), (expected - first) * FRAME
    )
    np.testing.assert_array_equal(track.places(sequence.start_ns, 2**62)[:, 0], expected)


def test_frames_older_than_the_buffer_are_dropped() -> None:
    stamps = filled(1000).stamps(0, 2**62)
    assert stamps[-1] - stamps[0] <= KEPT * SECOND


def test_of_a_very_fast_input_the_latest_frames_are_kept() -> None:
    track = filled(5000, step_ns=SECOND // 1000)
    assert len(track.stamps(0, 2**62)) == KEPT * FASTEST_RATE
    assert track.sequence(0, 2**62).positions[-1, 0, 0, 0] == 4999


def test_a_returned_sequence_does_not_change_later() -> None:
    track = filled(100)
    sequence = track.sequence(0, 2**62)
    before = sequence.positions.copy()
    for index in range(400):
        track.append(
            100 * SECOND + index * FRAME,
            np.zeros((25, 3), np.float32),
            None,
            np.zeros(3, np.float32),
        )
    np.testing.assert_array_equal(sequence.positions, before)


def test_confidences_are_kept_where_the_input_has_them() -> None:
    sequence = filled(10, with_confidence=True).sequence(0, 2**62)
    assert sequence.confidence is not None
    assert (sequence.confidence == 0.5).all()
    assert filled(10).sequence(0, 2**62).confidence is None


def test_frames_without_confidences_beside_others_get_one() -> None:
    track = filled(10)
    unseen = np.zeros((25, 3), np.float32)
    half = np.full(25, 0.5, np.float32)
    track.append(SECOND + 10 * FRAME, unseen, half, np.zeros(3, np.float32))
    assert track.sequence(0, SECOND + 9 * FRAME).confidence is None
    confidence = track.sequence(0, 2**62).confidence
    assert confidence is not None
    assert confidence[:, 0, 3].tolist() == [1.0] * 10 + [0.5]


def test_the_error_for_another_interval_says_what_is_kept() -> None:
    with pytest.raises(
        NoFramesError, match=r"between 50\.000 and 51\.000 s; .* from 1\.000 to 1\.3"
    ):
        filled(10).sequence(50 * SECOND, 51 * SECOND)
