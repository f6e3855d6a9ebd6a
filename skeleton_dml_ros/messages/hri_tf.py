# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``hri_tf``: bodies of ROS4HRI as frames of TF.

Published by hri_body_detect (which starts a robot_state_publisher for each body), or by any tracker
that follows REP-155: ids of bodies on ``/humans/bodies/tracked``, and for each body its links on
``/tf`` and ``/tf_static``: ``body_<id>`` between the hips, standing in the sensor's frame, and below
it ``waist_``, ``torso_``, ``head_``, ``l_shoulder_``, ``l_elbow_``, ``l_wrist_``, ``l_hip_``,
``l_knee_``, ``l_ankle_`` and those of the right side, with frames of single axes between them.

Messages: ``hri_msgs/msg/IdsList``: ``sudo apt install ros-$ROS_DISTRO-hri-msgs``;
``tf2_msgs/msg/TFMessage`` comes with ROS.

Axes: those of a camera's optical frame, in which hri_body_detect places bodies.

Confidence: none.

``/tf`` is read directly.  A body's root comes from the tracker and its limbs from another process a
little later, in both cases with the image's stamp; a joint is placed when all frames above it are
there with this very stamp, or in ``/tf_static``.  A robot_state_publisher may leave out stamps
(``publish_frequency``): at these, nothing but a root is known, and no frame is made.
"""

from __future__ import annotations

from collections import ChainMap
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.fields import frame_of, only_frame, reading, stamp_of
from skeleton_dml_ros.messages.frame_tree import TYPE as TF_TYPE
from skeleton_dml_ros.messages.frame_tree import Link, are_there, place, read_link
from skeleton_dml_ros.messages.hri_ids import TOPIC, TrackedBodies, read_tracked_bodies
from skeleton_dml_ros.messages.hri_ids import TYPE as IDS_TYPE
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.messages.synchronizer import Synchronizer
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import REP_155

MAX_STATIC = 10_000
"""Frames kept of ``/tf_static``: a robot's, and some of everyone who has passed."""

MAX_NAMES = 10_000
"""Names of frames that are remembered as a body's or as something else."""

ROOT = "body"


def link_name(joint: str) -> str:
    """A joint's link in REP-155: ``l_wrist`` for ``wrist_left``."""
    name, _, side = joint.rpartition("_")
    return f"{side[0]}_{name}" if side in ("left", "right") else joint


LINK_NAMES = tuple(link_name(joint) for joint in REP_155.joint_names)
"""The links that are joints of layout rep_155, in its order."""


class HriTfInput:
    """Skeletons of the frames of REP-155."""

    axes: ClassVar[Axes] = Axes.CAMERA_OPTICAL
    person_type: ClassVar[str] = ""

    def __init__(self, options: InputOptions) -> None:
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
                tracked = read_tracked_bodies(message)
            return self._take_ids(tracked)
        if role == "tf_static":
            with reading(TF_TYPE):
                links = [(frame_of(t.child_frame_id), read_link(t)) for t in message.transforms]
            self._take_static(links)
            return []
        with reading(TF_TYPE):
            moving = [
                (stamp_of(t.header), person, child, read_link(t))
                for t in message.transforms
                if (person := self._owner(child := frame_of(t.child_frame_id))) is not None
            ]
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
        return self._made(self._synchronizer.present(tracked.stamp_ns, tracked.ids))

    def _take_static(self, links: list[tuple[str, Link]]) -> None:
        for child, link in links:
            self._static.pop(child, None)
            self._static[child] = link
        excess = len(self._static) - MAX_STATIC
        if excess > 0:
            # The oldest first, and what belongs to a body that is there after everything else.
            endings = tuple(f"_{person}" for person in self._ids)
            for frame in sorted(self._static, key=lambda frame: frame.endswith(endings))[:excess]:
                del self._static[frame]

    def _take_links(self, moving: list[tuple[int, str, str, Link]]) -> list[SkeletonFrame]:
        for stamp_ns, person, child, link in moving:
            links = self._synchronizer.part_of(stamp_ns, person, dict)
            if links is None:
                # Too late this time; from now on, it is waited for.
                self._moving[person] = self._moving.get(person, frozenset()) | {child}
            else:
                links[child] = link
        return self._made(self._synchronizer.complete(self._ids)) if moving else []

    def _owner(self, frame: str) -> str | None:
        """The body whose id the frame's name ends with."""
        if frame not in self._owners:
            if len(self._owners) > MAX_NAMES:
                self._owners.clear()
            mine = [person for person in self._ids if frame.endswith(f"_{person}")]
            self._owners[frame] = max(mine, key=len, default=None)
        return self._owners[frame]

    def _is_complete(self, person: str, links: dict[str, Link]) -> bool:
        """Whether all frames are there that moved when the person was last placed."""
        moving = self._moving.get(person)
        return moving is not None and moving <= links.keys()

    def _made(self, stamps: list[tuple[int, dict[str, dict[str, Link]]]]) -> list[SkeletonFrame]:
        made = (self._skeletons(stamp_ns, people) for stamp_ns, people in stamps)
        return [skeletons for skeletons in made if skeletons is not None]

    def _skeletons(self, stamp_ns: int, people: dict[str, dict[str, Link]]) -> SkeletonFrame | None:
        """The people of one stamp, or None where some are there and nobody's limbs are known."""
        if not people:
            return SkeletonFrame(stamp_ns, (), (), REP_155, frame_id=self._frame_id)
        persons = [person for person, links in people.items() if f"{ROOT}_{person}" in links]
        sensors = [people[person][f"{ROOT}_{person}"].parent for person in persons]
        positions = self._positions(persons, sensors, people)
        there = are_there(positions)
        present = np.flatnonzero(there)
        if not len(present):
            return None
        for index in present:
            self._moving[persons[index]] = frozenset(people[persons[index]])
        self._frame_id = only_frame(
            (sensors[index] for index in present),
            "bodies",
            "let the bodies of one input come from one camera",
        )
        return SkeletonFrame(
            stamp_ns=stamp_ns,
            frame_id=self._frame_id,
            layout=REP_155,
            person_ids=tuple(persons[index] for index in present),
            positions=positions[there],
        )

    def _positions(
        self, persons: list[str], sensors: list[str], people: dict[str, dict[str, Link]]
    ) -> NDArray[np.float32]:
        """(people, joints, 3) each in the frame of its sensor."""
        moving = {frame: link for person in persons for frame, link in people[person].items()}
        frames = [f"{name}_{person}" for person in persons for name in LINK_NAMES]
        positions, roots = place(ChainMap(moving, self._static), frames, ends=sensors)
        # A chain that breaks off ends in a frame of the body itself: this joint is not placed.
        ends = [sensor for sensor in sensors for _ in LINK_NAMES]
        broken = [root != end for root, end in zip(roots, ends, strict=True)]
        positions[broken] = np.nan
        return positions.reshape(len(persons), len(LINK_NAMES), 3)
