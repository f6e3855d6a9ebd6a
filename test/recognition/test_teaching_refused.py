# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recordings that must not be taught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from acting import WAVE, decisions, frames, play, recognizer, script, standing

from skeleton_dml_ros.recognition.recognizer import RecordingError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

WAVING = script((None, 1), (WAVE, 1.2), (None, 0.8))


def still(count: int, noise: float = 0.0) -> SkeletonSequence:
    poses = np.repeat(standing()[None], count, axis=0)
    poses += np.random.default_rng(0).normal(0, noise, poses.shape).astype(np.float32)
    return SkeletonSequence.from_array(poses, NTU_25, frame_rate=30)


def test_a_recording_of_one_frame_is_refused(tmp_path: Path) -> None:
    with recognizer(tmp_path) as target:
        with pytest.raises(RecordingError, match=r"^the recording has 1 frame; record the whole"):
            target.enroll(still(1), "wave")
        assert target.references() == []


@pytest.mark.parametrize("noise", [0.0, 0.005, 0.01])
def test_a_recording_in_which_nothing_moves_is_refused(tmp_path: Path, noise: float) -> None:
    seen = r"^nothing moves in the recording: in 90 frames \(3.0 s\) the limbs stay within [0-4] cm"
    with recognizer(tmp_path) as target:
        with pytest.raises(RecordingError, match=seen):
            target.enroll(still(90, noise), "wave")
        assert target.references() == []


def test_millimetres_read_as_kilometres_are_refused(tmp_path: Path) -> None:
    small = SkeletonSequence.from_array(WAVING / 1000, NTU_25, frame_rate=30)
    with recognizer(tmp_path) as target, pytest.raises(RecordingError, match=r"in metres$"):
        target.enroll(small, "wave")


def test_a_small_or_slow_movement_is_taught(tmp_path: Path) -> None:
    small = still(60).positions.copy()
    small[30:, 0, NTU_25.index("hand_right"), 1] += 0.2
    with recognizer(tmp_path) as target:
        target.enroll(SkeletonSequence.from_array(small, NTU_25, frame_rate=30), "point")
        slow = SkeletonSequence.from_array(WAVING, NTU_25, frame_rate=5)
        target.enroll(slow, "wave slowly")
        assert len(target.references()) == 2


def test_a_clip_is_taught_under_one_label_only(tmp_path: Path) -> None:
    with recognizer(tmp_path) as target:
        (clip,) = decisions(play(target, frames({"7": WAVING})))
        first = target.enroll_clip(clip.clip_id, "bow")
        refusal = (
            f"^clip {clip.clip_id} was taught as 'bow' already; to correct it, rename reference "
            f"{first.reference_id}, or remove it first$"
        )
        with pytest.raises(RecordingError, match=refusal):
            target.enroll_clip(clip.clip_id, "wave")
        target.remove("bow")
        target.enroll_clip(clip.clip_id, "wave")
        assert [one.label for one in target.references()] == ["wave"]
