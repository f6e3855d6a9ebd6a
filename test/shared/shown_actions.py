# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What people do in tests of a node in a process of its own, whichever carries its messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from waiting import wait_until

from skeleton_dml_ros.datasets.content import bytes_of_recording
from skeleton_dml_ros.datasets.synthetic_actor import Act, Idle
from skeleton_dml_ros.evaluation.demonstration import (
    ENROLLED_FIRST,
    ENROLLED_LATER,
    Scene,
    demonstrate,
    play,
)
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.skeleton.frame import SkeletonFrame

SECOND = 1_000_000_000
"""Nanoseconds."""


class Robot(Protocol):
    """A node that sees people, says what they do, and whose services answer.

    Attributes:
        heard: what the node said, by topic.
    """

    heard: dict[interface.Topic, list[Any]]

    def call(self, service: interface.Service, **fields: Any) -> Any:
        """The response of a service."""
        ...

    def play(self, frames: Iterable[SkeletonFrame], rate: float) -> None:
        """Let the node see frames, at a rate in Hz."""
        ...


def scene(*actions: str, start_ns: int = 1000 * SECOND) -> Scene:
    """Ada does the actions, one after the other."""
    script: list[Act | Idle] = [Idle(1.0)]
    for action in actions:
        script += [Act(action), Idle(1.5)]
    return play([("Ada", script)], np.random.default_rng(3), start_ns)


def recording(label: str) -> bytes:
    """A demonstration of an action as the content of an archive."""
    (shown,) = demonstrate([label], np.random.default_rng(1))
    return bytes_of_recording(shown.recording, label)


def teach(robot: Robot, *labels: str) -> None:
    """Teach a node actions, each by one recording."""
    for label in labels:
        answer = robot.call(interface.ENROLL, label=label, recording=recording(label))
        assert answer.success, answer.message


def teach_what_was_unknown(robot: Robot) -> None:
    """Teach a node by its own clip what it did not know; it knows it from then on."""
    teach(robot, *ENROLLED_FIRST)
    robot.play(scene("wave", ENROLLED_LATER).frames, 120)
    unknown = robot.heard[interface.UNKNOWN_ACTIONS]
    wait_until(lambda: unknown)
    said = robot.heard[interface.RECOGNITIONS]
    assert [one.label for one in said] == ["wave", ""]
    assert unknown[0].clip_id.startswith("camera/Ada/")
    answer = robot.call(interface.ENROLL, label=ENROLLED_LATER, clip_id=unknown[0].clip_id)
    assert answer.success, answer.message
    robot.play(scene(ENROLLED_LATER, "kick", start_ns=1100 * SECOND).frames, 120)
    wait_until(lambda: len(said) == 4)
    assert [one.label for one in said[2:]] == [ENROLLED_LATER, "kick"]


def references(robot: Robot) -> tuple[int, list[Any]]:
    """The version of what a node knows, and all of it."""
    known = robot.call(interface.LIST).references
    return known.version, known.references
