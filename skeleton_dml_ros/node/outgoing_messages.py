# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the node says: decisions and references as messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.make import Make, header, time_message
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.references.reference import ReferenceKind, ReferenceSummary
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.frame import person_name
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

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
"""Characters of a digest that tell models apart at a glance."""

LATEST_NS = (2**31 - 1) * NANOSECONDS_PER_SECOND
"""What a ``builtin_interfaces/Time`` can say at most; an import may bring any number."""


class ConstantError(SkeletonDmlError):
    """A message holds a number that stands for nothing."""


def verdict_of(constant: int) -> Verdict:
    """The verdict of a constant of ``ActionRecognition.msg``.

    Raises:
        ConstantError: there is no such verdict.
    """
    for verdict, number in VERDICTS.items():
        if number == constant:
            return verdict
    raise ConstantError(f"verdict is {constant}; one from 0 to {max(VERDICTS.values())} is known")


def kind_of(constant: int) -> ReferenceKind:
    """The kind of a constant of ``Reference.msg``.

    Raises:
        ConstantError: there is no such kind.
    """
    for kind, number in KINDS.items():
        if number == constant:
            return kind
    raise ConstantError(f"kind is {constant}; give 0 (ACTION) or 1 (IGNORE)")


def model_name(model: Model) -> str:
    """A model's name, with so much of its digest as tells it from others."""
    return f"{model.card.name} {model.digest[:DIGEST_LENGTH]}"


def recognition_message(make: Make, recognition: Recognition, frame_id: str, axes: Axes) -> Any:
    """An ``ActionRecognition``.

    Args:
        make: makes messages.
        recognition: the decision.
        frame_id: the frame in which its position is published.
        axes: of this frame.
    """
    inside = np.asarray(recognition.position, dtype=np.float32)
    x, y, z = from_kinect_axes(inside, axes).tolist()
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
        threshold=recognition.threshold,
        candidates=[
            make(
                "skeleton_dml_ros/msg/Candidate",
                reference_id=candidate.reference_id,
                label=candidate.label,
                distance=candidate.distance,
                score=candidate.score,
            )
            for candidate in recognition.candidates
        ],
        repetitions=recognition.repetitions,
        latency=recognition.latency,
        input=recognition.input_name,
    )


def reference_message(make: Make, reference: ReferenceSummary) -> Any:
    """A ``Reference``."""
    return make(
        "skeleton_dml_ros/msg/Reference",
        reference_id=reference.reference_id,
        label=reference.label,
        kind=KINDS[reference.kind],
        created=time_message(make, min(max(reference.created_ns, 0), LATEST_NS)),
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
    """A ``ReferenceArray``."""
    return make(
        "skeleton_dml_ros/msg/ReferenceArray",
        header=header(make, stamp_ns, ""),
        version=version,
        model=model,
        threshold=threshold,
        references=[reference_message(make, reference) for reference in references],
    )
