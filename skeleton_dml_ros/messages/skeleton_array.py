# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton_array``: this package's own message, for any other tracker.

Message: ``skeleton_dml_ros/msg/SkeletonArray``, part of this package: the layout's name, each
person's id, and x y z of each joint in the layout's order.

Axes: those of a camera's optical frame, unless the input's parameters say otherwise.

Confidence: optional.  ``min_confidence`` does not apply; the sender marks unseen joints with NaN.
If only some people have confidences, the others' are 1.
"""

from __future__ import annotations

from array import array
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.fields import (
    LeftOut,
    MessageError,
    frame_of,
    read_people,
    reading,
    stamp_of,
)
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.messages.make import Make, header
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame, as_float32
from skeleton_dml_ros.skeleton.layouts import Layout, UnknownLayoutError, get_layout

TYPE = "skeleton_dml_ros/msg/SkeletonArray"

TOPIC = "skeletons"
"""Default topic."""

CAMERA_FRAME = "camera_optical_frame"
"""Coordinate frame of the skeletons that this package sends."""


class SkeletonArrayInput:
    """Reads skeletons from this package's own message."""

    axes: ClassVar[Axes] = Axes.CAMERA_OPTICAL
    person_type: ClassVar[str] = ""

    def __init__(self, options: InputOptions) -> None:
        topic = options.topic("topic", TOPIC)
        self.left_out = LeftOut()
        self._sources = (Source("skeletons", "topic", TYPE, topic),)

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        with reading(TYPE):
            return [read_skeleton_array(message, self.left_out)]


def read_skeleton_array(message: Any, left_out: LeftOut | None = None) -> SkeletonFrame:
    """The people in a SkeletonArray, in the message's axes.

    Args:
        message: the SkeletonArray.
        left_out: counts the people who cannot be read.

    Raises:
        MessageError: the layout is unknown, or nobody can be read.
        SkeletonError: as :class:`SkeletonFrame`.
    """
    try:
        layout = get_layout(message.layout)
    except UnknownLayoutError as error:
        raise MessageError(str(error)) from None
    people = read_people(
        message.skeletons,
        lambda person: str(person.person_id),
        lambda person: (_positions(person, layout), _confidences(person, layout)),
        left_out or LeftOut(),
    )
    shape = (len(people), len(layout.joint_names))
    confidences = None
    if any(one is not None for _, one in people.values()):
        confidences = np.ones(shape, dtype=np.float32)
        for row, (_, one) in zip(confidences, people.values(), strict=True):
            row[:] = 1 if one is None else one
    return SkeletonFrame(
        stamp_ns=stamp_of(message.header),
        frame_id=frame_of(message.header.frame_id),
        layout=layout,
        person_ids=tuple(people),
        positions=np.array([one for one, _ in people.values()], np.float32).reshape(*shape, 3),
        confidences=confidences,
    )


def _positions(person: Any, layout: Layout) -> NDArray[np.float32]:
    """(joints, 3) positions of a person."""
    joints = len(layout.joint_names)
    values = as_float32(f"positions of person {person.person_id!r}", person.positions)
    if values.shape != (joints * 3,):
        count = f"{values.size // 3} joints" if values.size % 3 == 0 else f"{values.size} values"
        raise MessageError(
            f"person {person.person_id!r} has {count} in positions; layout {layout.name} needs "
            f"x y z of {joints} joints, {joints * 3} values; change the message's layout"
        )
    return values.reshape(joints, 3)


def _confidences(person: Any, layout: Layout) -> NDArray[np.float32] | None:
    """(joints,) confidences of a person, or None."""
    joints = len(layout.joint_names)
    values = as_float32(f"confidences of person {person.person_id!r}", person.confidences)
    if values.size == 0:
        return None
    if values.shape != (joints,):
        raise MessageError(
            f"person {person.person_id!r} has {values.size} confidences; layout {layout.name} "
            f"needs {joints}, or none"
        )
    return values


def as_camera_sees(
    frame: SkeletonFrame, frame_id: str = CAMERA_FRAME, axes: Axes = Axes.CAMERA_OPTICAL
) -> SkeletonFrame:
    """A frame in the Kinect's axes as a camera would send it.

    Args:
        frame: to send.
        frame_id: name of the camera's frame.
        axes: of the camera's frame.
    """
    return frame.derived(positions=from_kinect_axes(frame.positions, axes), frame_id=frame_id)


def skeleton_array_message(frame: SkeletonFrame, make: Make) -> Any:
    """A frame as a SkeletonArray.

    Args:
        frame: to send, in the axes of the message.
        make: see :mod:`skeleton_dml_ros.messages.make`.

    Returns:
        What ``make`` returned for ``skeleton_dml_ros/msg/SkeletonArray``.
    """
    people = [
        make(
            "skeleton_dml_ros/msg/Skeleton",
            person_id=person,
            positions=_floats(frame.positions[index]),
            confidences=(
                array("f") if frame.confidences is None else _floats(frame.confidences[index])
            ),
        )
        for index, person in enumerate(frame.person_ids)
    ]
    return make(
        TYPE,
        header=header(make, frame.stamp_ns, frame.frame_id),
        layout=frame.layout.name,
        skeletons=people,
    )


def _floats(values: NDArray[np.float32]) -> array[float]:
    return array("f", values.astype(np.float32, copy=False).tobytes())
