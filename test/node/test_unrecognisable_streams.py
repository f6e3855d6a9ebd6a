# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Streams in which nothing can be recognised: what a user reads in the diagnostics."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from acting import FRAME, SECOND, frames, recognizer
from fakes import WAVING, NodeHarness, message_of, reading
from numpy.typing import NDArray

from skeleton_dml_ros.node.diagnostics import Level
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def test_a_person_who_is_left_out_is_named_with_the_reason(node_harness: NodeHarness) -> None:
    for frame in frames({"7": WAVING, "8": WAVING}):
        message = message_of(frame)
        message.skeletons[1].person_id = ""
        node_harness.node.receive("camera", "skeletons", message)
    status = node_harness.diagnostics()["input camera"]
    assert status.level == Level.WARN
    assert status.message == (
        f"{len(WAVING)} people left out of messages: person id '' is not a name; pass a non-empty "
        "text"
    )
    assert reading(status)["people"] == "1"


KNEEL = [NTU_25.index(joint) for joint in NTU_25.joint_names if "knee" in joint]


def stream(
    poses: NDArray[np.float32],
    stamp: Callable[[int], int] = lambda index: SECOND + index * FRAME,
    person: Callable[[int], str] = lambda index: "7",
) -> Iterator[SkeletonFrame]:
    """Frames of one person with stamps and ids of any kind."""
    for index, pose in enumerate(poses):
        yield SkeletonFrame(stamp(index), [person(index)], pose[None], NTU_25)


def turned(poses: NDArray[np.float32]) -> NDArray[np.float32]:
    """Upside down."""
    return poses * np.array([-1, -1, 1], np.float32)


def warnings_of(harness: NodeHarness, frames: Iterator[SkeletonFrame]) -> str:
    """What the diagnostics of the input say after these frames; empty if all is well."""
    harness.send(frames)
    status = harness.diagnostics()["input camera"]
    return "" if status.level == Level.OK else str(status.message)


LONG = np.concatenate([WAVING, WAVING])

FAULTS: dict[str, tuple[Callable[[], Iterator[SkeletonFrame]], str]] = {
    "stamps all equal": (
        lambda: stream(LONG, lambda index: SECOND),
        "150 of 150 frames left out: stamp not later than the one before; set header.stamp to the "
        "time of each image, with its nanoseconds",
    ),
    "whole seconds": (
        lambda: stream(LONG, lambda index: (SECOND + index * FRAME) // SECOND * SECOND),
        "frames left out: stamp not later than the one before",
    ),
    "two clocks": (
        lambda: stream(LONG, lambda index: 100 * SECOND + index * FRAME - index % 2 * 3 * SECOND),
        "two publishers with different clocks send on one topic; give each its own topic",
    ),
    "2.5 Hz": (
        lambda: stream(LONG, lambda index: SECOND + index * 400_000_000),
        "2.5 frames a second are too few to recognise actions; send at least 5",
    ),
    "a new id in every frame": (
        lambda: stream(LONG, person=str),
        "people have a new id in almost every frame, so nobody can be followed; switch on",
    ),
    "no joints": (
        lambda: stream(np.full(LONG.shape, np.nan, np.float32)),
        "150 of 150 people have no joint (all NaN or zero)",
    ),
    "millimetres": (lambda: stream(LONG * 1000), "in millimetres; divide them by 1000"),
    "centimetres": (lambda: stream(LONG * 100), "in centimetres; divide them by 100"),
    "a wrong depth divisor": (lambda: stream(LONG * np.float32(0.001)), "a wrong depth divisor"),
    "upside down": (
        lambda: stream(turned(LONG)),
        "heads are below hips in 150 of 150 skeletons, so the axes are wrong; set the input's axes",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_stream_in_which_nothing_can_be_recognised_is_a_warning_with_the_remedy(
    node_harness: NodeHarness, fault: str
) -> None:
    make_frames, message = FAULTS[fault]
    warning = warnings_of(node_harness, make_frames())
    assert message in warning
    assert ("frames a second" in warning) == (fault == "2.5 Hz")


def crouching() -> NDArray[np.float32]:
    poses = LONG.copy()
    poses[:, KNEEL, 1] = poses[:, [NTU_25.index("spine_base")], 1] + np.float32(0.2)
    return poses


def lying() -> NDArray[np.float32]:
    return LONG[..., [1, 0, 2]]


def bending() -> NDArray[np.float32]:
    poses = LONG.copy()
    above = poses[..., 1] > poses[:, [NTU_25.index("spine_base")], 1]
    poses[..., 1] = np.where(above, -poses[..., 1], poses[..., 1])
    return poses


PEOPLE: dict[str, Callable[[], NDArray[np.float32]]] = {
    "grown up": lambda: LONG,
    "a toddler": lambda: LONG * np.float32(0.45),
    "crouching": crouching,
    "lying": lying,
    "bending down": bending,
}


@pytest.mark.parametrize("person", PEOPLE)
def test_a_child_or_somebody_crouching_lying_or_bending_down_is_no_warning(
    node_harness: NodeHarness, person: str
) -> None:
    assert warnings_of(node_harness, stream(PEOPLE[person]())) == ""


def test_two_clocks_are_logged_once_not_for_every_frame(
    node_harness: NodeHarness, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        node_harness.send(FAULTS["two clocks"][0]())
    assert sum("ran backwards" in one.getMessage() for one in caplog.records) == 1


def test_people_above_the_limit_are_a_warning(node_harness: NodeHarness) -> None:
    node_harness.activate({"max_people": 1})
    node_harness.perform({"7": WAVING, "8": WAVING})
    status = node_harness.diagnostics()["recognition"]
    assert status.level == Level.WARN
    assert status.message == "only 1 people are followed and others are ignored; raise max_people"


@pytest.mark.parametrize("fault", ["stamps all equal", "a new id in every frame", "millimetres"])
def test_a_recording_in_which_nothing_can_be_recognised_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    make_frames, message = FAULTS[fault]
    with recognizer(tmp_path) as target, caplog.at_level(logging.WARNING):
        list(target.recognize(make_frames()))
    lines = [one.getMessage() for one in caplog.records]
    assert len(lines) == 1
    assert message.replace("150 of 150", "179 of 180") in lines[0]


def test_teaching_somebody_upside_down_warns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recording = SkeletonSequence.from_array(turned(LONG), NTU_25, frame_rate=30)
    with recognizer(tmp_path) as target, caplog.at_level(logging.WARNING):
        target.enroll(recording, "wave")
    (line,) = [one.getMessage() for one in caplog.records]
    assert "so the axes are wrong" in line
