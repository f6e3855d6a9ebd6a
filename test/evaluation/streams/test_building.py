# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from acted import clip, pairs_archive, small_archive, walking

from skeleton_dml_ros.datasets.archive import archive_of
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.streams.building import (
    MIN_WALK_METRES,
    STAGE,
    build_stream,
)
from skeleton_dml_ros.evaluation.streams.idle_motion import FRAME_RATE, gait_of
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import KINECT_V1_20, NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

SECOND = 1_000_000_000
HIP, HAND = NTU_25.index("spine_base"), NTU_25.index("hand_right")


def test_the_occurrences_locate_the_clips() -> None:
    archive = small_archive()
    recording, occurrences = build_stream(archive, [5, 0, 11], np.random.default_rng(0))
    sequence = recording.sequence
    assert [occurrence.label for occurrence in occurrences] == ["kick", "wave", "bow"]
    hand, hip = NTU_25.index("hand_right"), NTU_25.index("spine_base")
    for index, occurrence in zip((5, 0, 11), occurrences, strict=True):
        part = sequence.between(occurrence.start_ns, occurrence.end_ns).positions[:, 0]
        original = archive.clip(index).positions[:, 0]
        np.testing.assert_allclose(
            part[:, hand] - part[:, hip], original[:, hand] - original[:, hip], atol=2e-3
        )


def test_each_clip_starts_at_the_first_clips_place() -> None:
    recording, occurrences = build_stream(small_archive(), [0, 9, 17], np.random.default_rng(0))
    sequence = recording.sequence
    hips = [
        sequence.between(occurrence.start_ns, occurrence.end_ns).positions[0, 0, 0, [0, 2]]
        for occurrence in occurrences
    ]
    np.testing.assert_allclose(hips, [hips[0]] * 3, atol=2e-3)


def test_idling_looks_like_the_sensor_at_rest() -> None:
    still = archive_of(
        [SkeletonSequence(np.repeat(REST_POSE[None, None], 2, 0), np.arange(2) / 30, NTU_25)],
        [0],
        ("stand",),
    )
    generator = np.random.default_rng(0)
    streams = [build_stream(still, [0] * 10, generator)[0].sequence.positions for _ in range(5)]
    steps = np.concatenate([np.diff(positions, axis=0) for positions in streams])
    assert 0.0012 < steps.std() < 0.0021


def test_pairs_act_together_with_one_occurrence_per_person() -> None:
    archive = pairs_archive()
    recording, occurrences = build_stream(
        archive, [0, 6], np.random.default_rng(0), people=("a", "b")
    )
    assert recording.people == ("a", "b")
    assert recording.sequence.bodies == 2
    assert [(one.label, one.person) for one in occurrences] == [
        ("wave", "a"), ("wave", "b"), ("clap", "a"), ("clap", "b"),
    ]  # fmt: skip
    assert occurrences[0].start_ns == occurrences[1].start_ns
    part = recording.sequence.between(occurrences[2].start_ns, occurrences[2].end_ns).positions
    original = archive.clip(6).positions
    apart = original[:, 1, HIP] - original[:, 0, HIP]
    np.testing.assert_allclose(part[:, 1, HIP] - part[:, 0, HIP], apart, atol=2e-3)


def walking_stream(seed: int = 0) -> tuple[SkeletonSequence, list[tuple[int, int]]]:
    """Twelve clips with walks between some, and first and last frame of each clip."""
    recording, occurrences = build_stream(
        small_archive(), [0, 9, 17] * 4, np.random.default_rng(seed), gaits=[gait_of(walking())]
    )
    sequence = recording.sequence
    frames = [
        tuple(
            round((stamp - sequence.start_ns) / SECOND * FRAME_RATE)
            for stamp in (one.start_ns, one.end_ns)
        )
        for one in occurrences
    ]
    return sequence, [(begin, end) for begin, end in frames]


def test_in_some_pauses_people_walk_to_another_place() -> None:
    sequence, clips = walking_stream()
    places = [sequence.positions[begin, 0, HIP, [0, 2]] for begin, _ in clips]
    shifts = [float(np.linalg.norm(after - before)) for before, after in pairwise(places)]
    walks = [shift for shift in shifts if shift > 0.01]
    assert 2 <= len(walks) < len(shifts)
    assert min(walks) >= MIN_WALK_METRES - 0.01
    low, high = np.array(STAGE)[:, [0, 2]]
    assert (places - places[0] >= low - 0.01).all()
    assert (places - places[0] <= high + 0.01).all()


def test_a_clip_is_the_same_at_every_place() -> None:
    sequence, clips = walking_stream()
    original = small_archive().clip(9).positions[:, 0]
    for begin, end in clips[1::3]:
        part = sequence.positions[begin : end + 1, 0]
        np.testing.assert_allclose(
            part[:, HAND] - part[:, HIP], original[:, HAND] - original[:, HIP], atol=2e-3
        )


def test_nobody_jumps_on_the_way_and_bones_keep_their_length() -> None:
    sequence, _ = walking_stream()
    steps = np.linalg.norm(np.diff(sequence.positions[:, 0], axis=0), axis=-1)
    assert steps.max() * FRAME_RATE < 6
    trunk = sequence.positions[:, 0, NTU_25.index("spine_shoulder")] - sequence.positions[:, 0, HIP]
    lengths = np.linalg.norm(trunk, axis=-1)
    np.testing.assert_allclose(lengths, np.median(lengths), atol=0.06)


def test_a_walking_stream_is_in_the_layout_of_the_gaits() -> None:
    poses = np.random.default_rng(0).normal(size=(2, 1, 20, 3))
    few = archive_of([SkeletonSequence(poses, np.arange(2) / 30, KINECT_V1_20)], [0], ("stand",))
    generator = np.random.default_rng(0)
    still, _ = build_stream(few, [0], generator)
    walked, _ = build_stream(few, [0], generator, gaits=[gait_of(walking())])
    assert still.sequence.layout == KINECT_V1_20
    assert walked.sequence.layout == NTU_25


def test_no_clips_or_wrong_numbers_of_people_are_refused() -> None:
    pair = SkeletonSequence(np.ones((3, 2, 25, 3)), np.arange(3) / 30, NTU_25)
    mixed = archive_of([pair, clip(0, 0.0)], [0, 0], ("hug",), names=["both", "alone"])
    generator = np.random.default_rng(0)
    with pytest.raises(SkeletonDmlError, match="clip 'both' shows 2 people, the stream 1"):
        build_stream(mixed, [0], generator)
    with pytest.raises(SkeletonDmlError, match="clip 'alone' shows 1 people, the stream 2"):
        build_stream(mixed, [1], generator, people=("0", "1"))
    with pytest.raises(SkeletonDmlError, match="at least one clip"):
        build_stream(small_archive(), [], generator)
