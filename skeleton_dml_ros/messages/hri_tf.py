# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``hri_tf``: bodies of ROS4HRI as TF frames.

Published by hri_body_detect (which starts a robot_state_publisher for each body), or by any tracker
that follows REP-155: ids of bodies on ``/humans/bodies/tracked``, and each body's links on ``/tf``
and ``/tf_static``: ``body_<id>`` between the hips, in the sensor's frame, and below it ``waist_``, ``torso_``, ``head_``, ``l_shoulder_``, ``l_elbow_``, ``l_wrist_``, ``l_hip_``,
``l_knee_``, ``l_ankle_`` and the right side's, with frames of single axes between them.

Messages: ``hri_msgs/msg/IdsList``: ``sudo apt install ros-$ROS_DISTRO-hri-msgs``;
``tf2_msgs/msg/TFMessage`` is part of ROS.

Axes: those of a camera's optical frame, in which hri_body_detect places bodies.

Confidence: none.

``/tf`` is read directly.  A body's root comes from the tracker and its limbs a little later from
another process, both with the image's stamp.  A joint has a position if all frames above it have
this stamp or are in ``/tf_static``.  A robot_state_publisher may skip stamps
(``publish_frequency``); with only a root there is no frame.
"""

from __future__ import annotations

from collections import ChainMap
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.fields import (
    LeftOut,
    frame_of,
    only_frame,
    readable,
    reading,
    stamp_of,
)
from skeleton_dml_ros.messages.frame_tree import TYPE as TF_TYPE
from skeleton_dml_ros.messages.frame_tree import Link, are_seen, place, read_link
from skeleton_dml_ros.messages.hri_ids import TOPIC, TrackedBodies, read_tracked_bodies
from skeleton_dml_ros.messages.hri_ids import TYPE as IDS_TYPE
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.messages.synchronizer import Synchronizer
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import REP_155

MAX_STATIC = 10_000
"""Maximum number of frames kept from ``/tf_static``: the robot's and those of past bodies."""

MAX_NAMES = 10_000
"""Maximum number of frame names whose owner is cached."""

ROOT = "body"


def link_name(joint: str) -> str:
    """A joint's name in REP-155: ``l_wrist`` for ``wrist_left``."""
    name, _, side = joint.rpartition("_")
    return f"{side[0]}_{name}" if side in ("left", "right") else joint


LINK_NAMES = tuple(link_name(joint) for joint in REP_155.joint_names)
"""Links of the joints of layout rep_155."""


class HriTfInput:
    """Reads skeletons from REP-155's TF frames."""

    axes: ClassVar[Axes] = Axes.CAMERA_OPTICAL
    person_type: ClassVar[str] = ""

    def __init__(self, options: InputOptions) -> None:
        self.left_out = LeftOut()
        static = options.topic("tf_static_topic", "/tf_static")
        self._sources = (
            Source("ids", "topic", IDS_TYPE, options.topic("topic", TOPIC)),
            Source("tf", "tf_topic", TF_TYPE, options.topic("tf_topic", "/tf"), depth=100),
            Source("tf_static", "tf_static_topic", TF_TYPE, static, latched=True, depth=100),
        )
        self._static: dict[str, Link] = {}
        self._synchronizer: Synchronizer[dict[str, Link]] = Synchronizer(
            options.patience, self._is_complete
        )
        self._ids: tuple[str, ...] = ()
        self._frame_id = ""
        self._owners: dict[str, str | None] = {}
        self._moving: dict[str, frozenset[str]] = {}

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        if role == "ids":
            with reading(IDS_TYPE):
                tracked = read_tracked_bodies(message, self.left_out)
            return self._take_ids(tracked)
        if role == "tf_static":
            with reading(TF_TYPE):
                links = readable(
                    message.transforms,
                    lambda t: (frame_of(t.child_frame_id), read_link(t)),
                    self.left_out,
                )
            self._take_static(links)
            return []
        with reading(TF_TYPE):
            owned = [
                (t, person, child)
                for t in message.transforms
                if (person := self._owner(child := frame_of(t.child_frame_id))) is not None
            ]
            moving = readable(
                owned,
                lambda one: (stamp_of(one[0].header), one[1], one[2], read_link(one[0])),
                self.left_out,
            )
        return self._take_links(moving)

    def _take_ids(self, tracked: TrackedBodies) -> list[SkeletonFrame]:
        if tracked.ids != self._ids:
            self._ids = tracked.ids
            self._owners.clear()
            self._moving = {
                person: frames for person, frames in self._moving.items() if person in tracked.ids
            }
        if not tracked.ids:
            self._frame_id = self._frame_id or tracked.frame_id
        return self._frames(self._synchronizer.present(tracked.stamp_ns, tracked.ids))

    def _take_static(self, links: list[tuple[str, Link]]) -> None:
        for child, link in links:
            self._static.pop(child, None)
            self._static[child] = link
        excess = len(self._static) - MAX_STATIC
        if excess > 0:
            # Delete the oldest, and frames of present bodies only if nothing else is left.
            endings = tuple(f"_{person}" for person in self._ids)
            for frame in sorted(self._static, key=lambda frame: frame.endswith(endings))[:excess]:
                del self._static[frame]

    def _take_links(self, moving: list[tuple[int, str, str, Link]]) -> list[SkeletonFrame]:
        for stamp_ns, person, child, link in moving:
            links = self._synchronizer.part_of(stamp_ns, person, dict)
            if links is None:
                # It came too late; wait for it from now on.
                self._moving[person] = self._moving.get(person, frozenset()) | {child}
            else:
                links[child] = link
        return self._frames(self._synchronizer.complete(self._ids)) if moving else []

    def _owner(self, frame: str) -> str | None:
        """The body whose id ends the frame's name."""
        if frame not in self._owners:
            if len(self._owners) > MAX_NAMES:
                self._owners.clear()
            mine = [person for person in self._ids if frame.endswith(f"_{person}")]
            self._owners[frame] = max(mine, key=len, default=None)
        return self._owners[frame]

    def _is_complete(self, person: str, links: dict[str, Link]) -> bool:
        """Whether all frames have arrived that moved when the person was last seen."""
        moving = self._moving.get(person)
        return moving is not None and moving <= links.keys()

    def _frames(self, stamps: list[tuple[int, dict[str, dict[str, Link]]]]) -> list[SkeletonFrame]:
        frames = (self._frame(stamp_ns, people) for stamp_ns, people in stamps)
        return [frame for frame in frames if frame is not None]

    def _frame(self, stamp_ns: int, people: dict[str, dict[str, Link]]) -> SkeletonFrame | None:
        """The frame of one stamp; None if there are people, but no limbs are known."""
        if not people:
            return SkeletonFrame(stamp_ns, (), (), REP_155, frame_id=self._frame_id)
        persons = [person for person, links in people.items() if f"{ROOT}_{person}" in links]
        sensors = [people[person][f"{ROOT}_{person}"].parent for person in persons]
        positions = self._positions(persons, sensors, people)
        there = are_seen(positions)
        present = np.flatnonzero(there)
        if not len(present):
            return None
        for index in present:
            self._moving[persons[index]] = frozenset(people[persons[index]])
        self._frame_id = only_frame(
            (sensors[index] for index in present),
            "bodies",
            "let the bodies of one input come from one camera",
            self.left_out,
        )
        present = present[[sensors[index] == self._frame_id for index in present]]
        return SkeletonFrame(
            stamp_ns=stamp_ns,
            frame_id=self._frame_id,
            layout=REP_155,
            person_ids=tuple(persons[index] for index in present),
            positions=positions[present],
        )

    def _positions(
        self, persons: list[str], sensors: list[str], people: dict[str, dict[str, Link]]
    ) -> NDArray[np.float32]:
        """(people, joints, 3), each person in their sensor's frame."""
        moving = {frame: link for person in persons for frame, link in people[person].items()}
        frames = [f"{name}_{person}" for person in persons for name in LINK_NAMES]
        positions, roots = place(ChainMap(moving, self._static), frames, ends=sensors)
        # A joint whose chain does not reach the sensor has no position.
        ends = [sensor for sensor in sensors for _ in LINK_NAMES]
        broken = [root != end for root, end in zip(roots, ends, strict=True)]
        positions[broken] = np.nan
        return positions.reshape(len(persons), len(LINK_NAMES), 3)
