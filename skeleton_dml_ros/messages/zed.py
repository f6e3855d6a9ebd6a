# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``zed``: body tracking of Stereolabs' ZED cameras.

Published by zed-ros2-wrapper with ``body_tracking.bt_enabled`` set, on
``<camera>/zed_node/body_trk/skeletons``.

Message: ``zed_msgs/msg/ObjectsStamped``: ``sudo apt install ros-$ROS_DISTRO-zed-msgs``.  Recordings
of its predecessor ``zed_interfaces`` have the same fields.  A skeleton always has 70 keypoints;
``body_format`` 0, 1, 2 means that the first 18, 34 or 38 are used.  Unseen keypoints are NaN or zero.

Axes: REP-103 body, in the frame of the left camera: x forward, y left, z up.

Confidence: none for keypoints; the wrapper filters people by ``body_tracking.confidence_threshold``.

Objects without a skeleton are ignored, and so are people whom the tracker has lost and extrapolates
(``tracking_state`` other than OK).
"""

from __future__ import annotations

from collections import Counter
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
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame, as_float32
from skeleton_dml_ros.skeleton.layouts import ZED_18, ZED_34, ZED_38, Layout

TYPE = "zed_msgs/msg/ObjectsStamped"

LAYOUTS = {0: ZED_18, 1: ZED_34, 2: ZED_38}
"""By ``Object.body_format``."""

TRACKED = 1
"""``Object.tracking_state`` OK."""


class ZedInput:
    """Reads skeletons from a ZED camera's objects."""

    axes: ClassVar[Axes] = Axes.ROS_BODY
    person_type: ClassVar[str] = ""

    def __init__(self, options: InputOptions) -> None:
        topic = options.topic("topic", "/zed/zed_node/body_trk/skeletons")
        self.left_out = LeftOut()
        self._sources = (Source("objects", "topic", TYPE, topic),)
        # Of the latest message with people; a message without people has none.
        self._layout = ZED_38

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        with reading(TYPE):
            frame = self._read(message)
        self._layout = frame.layout
        return [frame]

    def _read(self, message: Any) -> SkeletonFrame:
        people = [item for item in message.objects if item.skeleton_available]
        layout = self._layout
        if people:
            layout = _layout_of(people)
        joints = len(layout.joint_names)
        # People who were lost are checked as well: they may be the only ones without an id.
        read = read_people(people, _id_of, lambda person: _joints(person, layout), self.left_out)
        seen = {str(person.label_id) for person in people if person.tracking_state == TRACKED}
        read = {person: positions for person, positions in read.items() if person in seen}
        return SkeletonFrame(
            stamp_ns=stamp_of(message.header),
            frame_id=frame_of(message.header.frame_id),
            layout=layout,
            person_ids=tuple(read),
            positions=np.array(list(read.values()), np.float32).reshape(len(read), joints, 3),
        )


def _id_of(person: Any) -> str:
    if not person.tracking_available or person.label_id < 0:
        raise MessageError(
            f"person {person.label_id} is not tracked; set body_tracking.enable_tracking in "
            "the wrapper's configuration"
        )
    return str(person.label_id)


def _layout_of(people: list[Any]) -> Layout:
    formats = Counter(int(person.body_format) for person in people)
    (body_format, most), *others = formats.most_common()
    if others and 2 * most <= len(people):
        raise MessageError(
            f"people of one message have body formats {sorted(formats)}; use a topic with one "
            "publisher"
        )
    if body_format not in LAYOUTS:
        raise MessageError(
            f"body format {body_format} is unknown; set body_tracking.body_format to BODY_18, "
            "BODY_34 or BODY_38"
        )
    return LAYOUTS[body_format]


def _joints(person: Any, layout: Layout) -> NDArray[np.float32]:
    """(joints, 3) in metres."""
    joints = len(layout.joint_names)
    if LAYOUTS.get(int(person.body_format)) is not layout:
        raise MessageError(
            f"person {person.label_id} has body format {person.body_format}, unlike the others of "
            "the message; use a topic with one publisher"
        )
    keypoints = person.skeleton_3d.keypoints
    values = as_float32(
        f"keypoints of person {person.label_id}", [point.kp for point in keypoints[:joints]]
    )
    if values.shape != (joints, 3):
        raise MessageError(
            f"person {person.label_id} has {len(keypoints)} keypoints; layout {layout.name} has "
            f"{joints}"
        )
    return values
