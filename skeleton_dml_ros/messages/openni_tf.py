# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``openni_tf``: skeletons of OpenNI and NiTE as TF frames.

Published by openni_tracker and its ports (openni_tracker_ros2): a frame ``<joint>_<user>`` for each
joint, such as ``left_hand_1``, in the depth camera's frame.  Other names are described by the
parameter ``joint_frame``: ``tracker/user_{person}/{joint}``.

Message: ``tf2_msgs/msg/TFMessage``, part of ROS.

Axes: REP-103 body, those of ``openni_depth_frame``: x forward, y left, z up.

Confidence: none in TF.  ``left`` is the user's left.

A tracker sends its joints one by one, each with its own stamp, 30 times a second.  Joints within
1/50 s form a frame with the stamp of the first, unless a joint repeats earlier.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import numpy as np

from skeleton_dml_ros.messages.fields import (
    LeftOut,
    frame_of,
    only_frame,
    readable,
    reading,
    stamp_of,
)
from skeleton_dml_ros.messages.frame_tree import TYPE, Link, are_seen, place, read_link
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NITE_15
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

CYCLE_NS = NANOSECONDS_PER_SECOND // 50
"""Maximum time between the first and the last joint of a cycle; cycles are 33 ms apart."""

MAX_NAMES = 10_000
"""Maximum number of frame names whose meaning is cached."""


def frame_name(joint: str) -> str:
    """A joint's name in OpenNI: ``left_hand`` for ``hand_left``."""
    name, _, side = joint.rpartition("_")
    return f"{side}_{name}" if side in ("left", "right") else joint


_JOINTS = {frame_name(joint): index for index, joint in enumerate(NITE_15.joint_names)}


class OpenniTfInput:
    """Reads skeletons from OpenNI's TF frames."""

    axes: ClassVar[Axes] = Axes.ROS_BODY
    person_type: ClassVar[str] = ""

    def __init__(self, options: InputOptions) -> None:
        topic = options.topic("topic", "/tf")
        self.left_out = LeftOut()
        self._sources = (Source("tf", "topic", TYPE, topic, depth=500),)
        pattern = re.escape(options.joint_frame)
        for word, group in (("joint", "|".join(_JOINTS)), ("person", r"\d+")):
            pattern = pattern.replace(re.escape(f"{{{word}}}"), f"(?P<{word}>{group})")
        self._pattern = re.compile(pattern.lstrip("/"))
        # (person, joint) by frame name, None for other frames.
        self._names: dict[str, tuple[str, int] | None] = {}
        self._start_ns = 0
        self._links: dict[str, Link] = {}
        self._before: frozenset[str] = frozenset()

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        with reading(TYPE):
            found = [
                (t, frame)
                for t in message.transforms
                if self._meaning(frame := frame_of(t.child_frame_id)) is not None
            ]
            joints = readable(
                found,
                lambda one: (stamp_of(one[0].header), one[1], read_link(one[0])),
                self.left_out,
            )
        made: list[SkeletonFrame] = []
        for stamp_ns, frame, link in joints:
            if self._links and (frame in self._links or abs(stamp_ns - self._start_ns) > CYCLE_NS):
                made += self._release()
            if not self._links:
                self._start_ns = stamp_ns
            self._links[frame] = link
            if self._before and self._before <= self._links.keys():
                made += self._release()
        return made

    def _meaning(self, frame: str) -> tuple[str, int] | None:
        if frame not in self._names:
            if len(self._names) > MAX_NAMES:
                self._names.clear()
            found = self._pattern.fullmatch(frame)
            self._names[frame] = found and (found["person"], _JOINTS[found["joint"]])
        return self._names[frame]

    def _release(self) -> list[SkeletonFrame]:
        """The people of the completed cycle."""
        links, self._links = self._links, {}
        self._before = frozenset(links)
        frames = list(links)
        meanings = [meaning for frame in frames if (meaning := self._meaning(frame))]
        person_ids = sorted({person for person, _ in meanings}, key=int)
        rows = [person_ids.index(person) for person, _ in meanings]
        positions = np.full(
            (len(person_ids), len(NITE_15.joint_names), 3), np.nan, dtype=np.float32
        )
        placed, roots = place(links, frames)
        positions[rows, [joint for _, joint in meanings]] = placed
        there = are_seen(positions)
        sensors = {root for row, root in zip(rows, roots, strict=True) if there[row] and root}
        if not sensors:
            return []
        return [
            SkeletonFrame(
                stamp_ns=self._start_ns,
                frame_id=only_frame(
                    sensors, "joints", "let one tracker publish frames of these names"
                ),
                layout=NITE_15,
                person_ids=tuple(
                    person for person, is_there in zip(person_ids, there, strict=True) if is_there
                ),
                positions=positions[there],
            )
        ]
