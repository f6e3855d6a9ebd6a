# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The recogniser itself, with an engine that sees which hands are raised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from acted import walking
from deciding import by_distance
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.embedding.engine import EmbeddingKey
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.streams.evaluating import StreamProtocol, evaluate_streams
from skeleton_dml_ros.evaluation.streams.idle_motion import gait_of
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

HANDS = ("left", "right")
RAISED = {"raise_left": ("left",), "raise_right": ("right",), "raise_both": HANDS}


class HandsEngine:
    """Embeds a clip as how far each hand rises, and how far the feet do."""

    key = EmbeddingKey("hands", "numpy", "float32")
    dimension = 3

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        joints = [NTU_25.index(name) for name in ("hand_left", "hand_right", "foot_left")]
        heights = [clip.positions[:, 0, joints, 1] for clip in sequences]
        rises = np.array([np.ptp(height, axis=0) for height in heights]) + 1e-3
        rises /= np.linalg.norm(rises, axis=1, keepdims=True)
        return np.asarray(rises, dtype=np.float32)


def archive(people: int = 3) -> SkeletonArchive:
    """Each person raises the left, the right, and both hands, twice each."""
    time = np.arange(45) / 30
    clips, labels, subjects = [], [], []
    for subject in range(people):
        for label, hands in enumerate([*RAISED.values()] * 2):
            positions = np.repeat(REST_POSE[None, None] * 0.5, len(time), axis=0)
            positions = positions + np.array([0.1 * subject, 0, 3])
            for hand in hands:
                for joint, share in (("elbow", 0.5), ("wrist", 0.9), ("hand", 1.0)):
                    rise = share * np.sin(np.pi * time / time[-1]) ** 2
                    positions[:, 0, NTU_25.index(f"{joint}_{hand}"), 1] += 0.8 * rise
            clips.append(SkeletonSequence(positions, time, NTU_25))
            labels.append(label % 3)
            subjects.append(subject)
    return archive_of(clips, labels, tuple(RAISED), subjects)


def test_enrolled_actions_are_found_and_others_and_walking_are_rejected() -> None:
    protocol = StreamProtocol(known=2, streams=2, gaits=[gait_of(walking())])
    result = evaluate_streams(HandsEngine(), by_distance(0.4), 0.5, archive(), protocol)
    assert [one.pooled.iou for one in result.figures] == [0.3, 0.5]
    for one in result.figures:
        counted = one.pooled
        assert (counted.enrolled, counted.unknown) == (2 * 10, 2 * 6)
        assert (counted.recognised, counted.reported) == (20, 20)
        assert (counted.f1, one.f1.std, counted.false_alarms) == (1, 0, 0)
        assert counted.delay is not None
        assert 0 < counted.delay < 1
    assert (result.streams, result.known, result.walking) == (2, 2, True)


def test_a_threshold_that_accepts_everything_costs_precision() -> None:
    protocol = StreamProtocol(known=2, streams=1, gaits=[gait_of(walking())])
    result = evaluate_streams(HandsEngine(), by_distance(0.4), 0.0, archive(), protocol)
    counted = result.figures[1].pooled
    assert counted.accepted_percent == 100
    assert counted.false_alarms > 0
    assert counted.precision < counted.recall


def test_the_same_seed_gives_the_same_figures_and_json_holds_them() -> None:
    first, again = (
        evaluate_streams(
            HandsEngine(),
            by_distance(0.4),
            0.5,
            archive(2),
            StreamProtocol(1, streams=1, seed=3),
        )
        for _ in range(2)
    )
    assert first == again
    content = first.to_dict()
    assert content["classes"] == list(RAISED)
    assert content["figures"][1]["iou"] == 0.5
    assert {"f1", "f1_std", "delay_p95", "false_alarms_per_hour"} <= set(content["figures"][0])


def test_zero_streams_are_refused() -> None:
    with pytest.raises(SkeletonDmlError, match="streams is 0"):
        StreamProtocol(streams=0)
