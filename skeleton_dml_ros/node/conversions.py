# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Convert decisions and references to messages, and messages back to frames and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.make import Make, header, nanoseconds_of, time_message
from skeleton_dml_ros.messages.skeleton_array import SkeletonArrayInput, read_skeleton_array
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.references.reference import ReferenceKind, ReferenceSummary
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes, to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SEPARATOR, SkeletonFrame, person_name

VERDICTS = {
    Verdict.KNOWN: 0,
    Verdict.UNKNOWN: 1,
    Verdict.NO_REFERENCES: 2,
    Verdict.POORLY_SEEN: 3,
}
"""The constants of ``ActionRecognition.msg``."""

KINDS = {ReferenceKind.ACTION: 0, ReferenceKind.IGNORE: 1}
"""The constants of ``Reference.msg``."""

DIGEST_LENGTH = 12
"""Characters of a digest to display."""


class ConstantError(SkeletonDmlError):
    """A message contains an undefined constant."""


def verdict_of(constant: int) -> Verdict:
    """The verdict for a constant of ``ActionRecognition.msg``.

    Raises:
        ConstantError: the constant is undefined.
    """
    for verdict, number in VERDICTS.items():
        if number == constant:
            return verdict
    raise ConstantError(f"verdict is {constant}; expected 0 to {max(VERDICTS.values())}")


def kind_of(constant: int) -> ReferenceKind:
    """The reference kind for a constant of ``Reference.msg``.

    Raises:
        ConstantError: the constant is undefined.
    """
    for kind, number in KINDS.items():
        if number == constant:
            return kind
    raise ConstantError(f"kind is {constant}; give 0 (ACTION) or 1 (IGNORE)")


def model_name(model: Model) -> str:
    """Name and abbreviated digest of a model."""
    return f"{model.card.name} {model.digest[:DIGEST_LENGTH]}"


def recognition_message(
    make: Make,
    recognition: Recognition,
    frame_id: str,
    axes: Axes,
    origin: ArrayLike = (0.0, 0.0, 0.0),
) -> Any:
    """An ``ActionRecognition`` message.

    Args:
        make: creates messages.
        recognition: the decision.
        frame_id: coordinate frame of the published position.
        axes: axes of this frame.
        origin: (3,) metres in this frame, of the decision's position.
    """
    position = np.asarray(recognition.position, dtype=np.float32)
    x, y, z = (from_kinect_axes(position, axes) + np.asarray(origin, dtype=np.float64)).tolist()
    return make(
        "skeleton_dml_ros/msg/ActionRecognition",
        header=header(make, recognition.end_ns, frame_id),
        clip_id=recognition.clip_id,
        person_ids=[person_name(recognition.input_name, one) for one in recognition.person_ids],
        position=make("geometry_msgs/msg/Point", x=x, y=y, z=z),
        start=time_message(make, recognition.start_ns),
        end=time_message(make, recognition.end_ns),
        verdict=VERDICTS[recognition.verdict],
        label=recognition.label,
        reference_id=recognition.reference_id,
        distance=recognition.distance,
        score=recognition.score,
        confidence=recognition.confidence,
        threshold=recognition.threshold,
        candidates=[
            make(
                "skeleton_dml_ros/msg/Candidate",
                reference_id=candidate.reference_id,
                label=candidate.label,
                distance=candidate.distance,
                score=candidate.score,
                confidence=candidate.confidence,
            )
            for candidate in recognition.candidates
        ],
        repetitions=recognition.repetitions,
        latency=recognition.latency,
        input=recognition.input_name,
    )


def reference_message(make: Make, reference: ReferenceSummary) -> Any:
    """A ``Reference`` message."""
    return make(
        "skeleton_dml_ros/msg/Reference",
        reference_id=reference.reference_id,
        label=reference.label,
        kind=KINDS[reference.kind],
        created=time_message(make, max(reference.created_ns, 0)),
        duration=reference.duration,
        frames=reference.frames,
        visibility=reference.visibility,
        source=reference.source,
    )


def references_message(
    make: Make,
    stamp_ns: int,
    references: Sequence[ReferenceSummary],
    version: int,
    model: str,
    threshold: float,
) -> Any:
    """A ``ReferenceArray`` message."""
    return make(
        "skeleton_dml_ros/msg/ReferenceArray",
        header=header(make, stamp_ns, ""),
        version=version,
        model=model,
        threshold=threshold,
        references=[reference_message(make, reference) for reference in references],
    )


def read_frame(message: Any, input_name: str) -> SkeletonFrame:
    """The frame of a ``SkeletonArray``, in Kinect axes; no fixed frame is applied."""
    frame = read_skeleton_array(message)
    positions = to_kinect_axes(frame.positions, SkeletonArrayInput.axes)
    return frame.derived(positions=positions, input_name=input_name)


def read_recognition(message: Any, decided_ns: int) -> Recognition:
    """The decision in an ``ActionRecognition``; fields that the message lacks have their defaults.

    Args:
        message: the message.
        decided_ns: message time of its arrival.
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
        confidence=float(message.confidence),
        threshold=float(message.threshold),
        repetitions=int(message.repetitions),
        latency=float(message.latency),
    )
