# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from definitions import definition, make

from skeleton_dml_ros.node.conversions import (
    KINDS,
    VERDICTS,
    recognition_message,
    reference_message,
    references_message,
)
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.references.library import Candidate
from skeleton_dml_ros.references.reference import Reference, ReferenceKind
from skeleton_dml_ros.skeleton.axes import Axes, to_kinect_axes
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

MESSAGES = "skeleton_dml_ros/msg/"

WAVE = Reference(
    "0123456789ab",
    "wave",
    ReferenceKind.ACTION,
    1_700_000_000_000_000_007,
    SkeletonSequence(np.zeros((30, 1, 25, 3)), np.arange(30) / 30, NTU_25),
    "camera/7/1000",
    0.75,
)
KNOWN = Recognition(
    clip_id="camera/7+8/5000000007",
    input_name="camera",
    person_ids=("7", "8"),
    start_ns=5_000_000_007,
    end_ns=6_000_000_008,
    decided_ns=7_000_000_000,
    position=(0.5, 0.25, 3.0),
    verdict=Verdict.KNOWN,
    label="wave",
    kind=ReferenceKind.ACTION,
    reference_id="0123456789ab",
    distance=0.25,
    score=-4.5,
    confidence=0.75,
    threshold=0.5,
    candidates=(
        Candidate("0123456789ab", "wave", ReferenceKind.ACTION, 0.25, -4.5, 0.75),
        Candidate("ba9876543210", "bow", ReferenceKind.IGNORE, 1.25, 0.5, 0.125),
    ),
    visibility=0.9,
    repetitions=2,
    report=False,
    latency=0.125,
)


def test_the_verdicts_are_the_constants_of_the_message() -> None:
    constants = definition(MESSAGES + "ActionRecognition").constants
    assert {verdict.name: number for verdict, number in VERDICTS.items()} == constants
    assert set(VERDICTS) == set(Verdict)


def test_the_kinds_are_the_constants_of_the_message() -> None:
    constants = definition(MESSAGES + "Reference").constants
    assert {kind.name: number for kind, number in KINDS.items()} == constants
    assert set(KINDS) == set(ReferenceKind)


def test_a_recognition_message_has_all_fields() -> None:
    message = recognition_message(make, KNOWN, "odom", Axes.KINECT)
    assert message._given == set(definition(MESSAGES + "ActionRecognition").fields)
    assert (message.header.frame_id, message.header.stamp) == ("odom", message.end)
    assert (message.start.sec, message.start.nanosec) == (5, 7)
    assert (message.end.sec, message.end.nanosec) == (6, 8)
    assert message.clip_id == "camera/7+8/5000000007"
    assert message.person_ids == ["camera/7", "camera/8"]
    assert (message.verdict, message.label, message.reference_id) == (0, "wave", "0123456789ab")
    assert (message.distance, message.score) == (0.25, -4.5)
    assert (message.confidence, message.threshold) == (0.75, 0.5)
    assert (message.repetitions, message.latency, message.input) == (2, 0.125, "camera")


def test_candidates_are_published_completely_and_in_order() -> None:
    message = recognition_message(make, KNOWN, "odom", Axes.KINECT)
    assert all(
        one._given == set(definition(MESSAGES + "Candidate").fields) for one in message.candidates
    )
    assert [(one.label, one.distance, one.score, one.confidence) for one in message.candidates] == [
        ("wave", 0.25, -4.5, 0.75),
        ("bow", 1.25, 0.5, 0.125),
    ]


def test_without_references_distance_and_score_are_infinite() -> None:
    nothing = Recognition("c", "camera", ("7",), 0, 1, 2, (0.0, 0.0, 0.0), Verdict.NO_REFERENCES)
    message = recognition_message(make, nothing, "", Axes.KINECT)
    assert (message.verdict, message.label, message.reference_id) == (2, "", "")
    assert (message.distance, message.score, message.confidence) == (np.inf, np.inf, 0)


@pytest.mark.parametrize("axes", Axes)
def test_a_position_is_published_in_the_axes_of_its_frame(axes: Axes) -> None:
    there = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    x, y, z = to_kinect_axes(there, axes).tolist()
    message = recognition_message(make, replace(KNOWN, position=(x, y, z)), "odom", axes)
    assert [message.position.x, message.position.y, message.position.z] == [1, 2, 3]


def test_a_reference_message_has_all_fields() -> None:
    message = reference_message(make, WAVE.summary)
    assert message._given == set(definition(MESSAGES + "Reference").fields)
    assert (message.reference_id, message.label, message.kind) == ("0123456789ab", "wave", 0)
    assert (message.created.sec, message.created.nanosec) == (1_700_000_000, 7)
    assert (message.duration, message.frames) == (pytest.approx(29 / 30), 30)
    assert (message.visibility, message.source) == (0.75, "camera/7/1000")


@pytest.mark.parametrize(
    ("created_ns", "said"),
    [(-5, (0, 0)), (2**63 - 1, (2**31 - 1, 10**9 - 1)), (2**62, (2**31 - 1, 10**9 - 1))],
)
def test_an_unrepresentable_time_is_clipped(created_ns: int, said: tuple[int, int]) -> None:
    created = reference_message(make, replace(WAVE, created_ns=created_ns).summary).created
    assert (created.sec, created.nanosec) == said


def test_a_references_message_has_version_model_and_threshold() -> None:
    ignored = replace(WAVE, reference_id="1", label="scratching", kind=ReferenceKind.IGNORE)
    message = references_message(
        make, 8_000_000_009, [WAVE.summary, ignored.summary], 17, "default 0123", -1.5
    )
    assert message._given == set(definition(MESSAGES + "ReferenceArray").fields)
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (8, 9)
    assert (message.version, message.model, message.threshold) == (17, "default 0123", -1.5)
    assert [(one.label, one.kind) for one in message.references] == [("wave", 0), ("scratching", 1)]
