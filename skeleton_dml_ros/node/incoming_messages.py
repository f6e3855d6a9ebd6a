# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A camera's frames and a node's decisions, read back from their messages."""

from __future__ import annotations

from typing import Any

from skeleton_dml_ros.messages.make import nanoseconds_of
from skeleton_dml_ros.messages.skeleton_array import SkeletonArrayInput, read_skeleton_array
from skeleton_dml_ros.node.outgoing_messages import verdict_of
from skeleton_dml_ros.recognition.event import Recognition
from skeleton_dml_ros.skeleton.axes import to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SEPARATOR, SkeletonFrame


def read_frame(message: Any, input_name: str) -> SkeletonFrame:
    """What a ``SkeletonArray`` shows, as the node takes it without a fixed frame."""
    frame = read_skeleton_array(message)
    positions = to_kinect_axes(frame.positions, SkeletonArrayInput.axes)
    return frame.derived(positions=positions, input_name=input_name)


def read_recognition(message: Any, decided_ns: int) -> Recognition:
    """What an ``ActionRecognition`` says, apart from what a message does not hold.

    Args:
        message: as it came.
        decided_ns: message time at which it came.
    """
    where = message.position
    return Recognition(
        clip_id=message.clip_id,
        input_name=message.input,
        person_ids=tuple(
            one.removeprefix(f"{message.input}{SEPARATOR}") for one in message.person_ids
        ),
        start_ns=nanoseconds_of(message.start),
        end_ns=nanoseconds_of(message.end),
        decided_ns=max(decided_ns, nanoseconds_of(message.end)),
        position=(where.x, where.y, where.z),
        verdict=verdict_of(message.verdict),
        label=message.label,
        reference_id=message.reference_id,
        distance=float(message.distance),
        score=float(message.score),
        threshold=float(message.threshold),
        repetitions=int(message.repetitions),
        latency=float(message.latency),
    )
