# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""TF lookup without tf2."""

from __future__ import annotations

import bisect
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.fields import frame_of
from skeleton_dml_ros.messages.frame_tree import read_link
from skeleton_dml_ros.messages.make import nanoseconds_of
from skeleton_dml_ros.node.throttled_log import ThrottledLog
from skeleton_dml_ros.node.transforms import (
    Transform,
    TransformUnavailableError,
    transform_of,
)
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

logger = logging.getLogger(__name__)

KEPT_NS = 10 * NANOSECONDS_PER_SECOND
"""How long transforms are kept: tf2's default."""

MAX_LINKS = 4096
"""Maximum number of frames; when it is reached, those that are no longer published are forgotten."""

MAX_FRAME_NAME = 256
"""Maximum characters of the name of a frame."""

MAX_POSES = 20_000
"""Maximum number of poses of a frame: ten seconds at 2 kHz."""

NEARLY_EQUAL = 0.9995
"""Cosine of the half angle from which quaternions are interpolated linearly."""


@dataclass
class _Link:
    """Poses of a frame in its parent.

    Attributes:
        parent: the parent frame.
        static: whether its single pose holds for all times.
        stamps: nanoseconds, increasing.
        poses: x y z and quaternion x y z w at each stamp.
    """

    parent: str
    static: bool
    stamps: list[int] = field(default_factory=list)
    poses: list[NDArray[np.float64]] = field(default_factory=list)


class TransformBuffer:
    """Implements :class:`skeleton_dml_ros.node.transforms.Transforms`."""

    def __init__(self) -> None:
        self._links: dict[str, _Link] = {}
        self._changing = threading.Lock()
        self._log = ThrottledLog()

    def take(self, message: Any, static: bool) -> None:
        """Take a ``tf2_msgs/TFMessage``."""
        for stamped in message.transforms:
            link, child = read_link(stamped), frame_of(stamped.child_frame_id)
            parent, pose = link.parent, np.array(link.pose)
            if not np.isfinite(pose).all() or not pose[3:].any() or parent == child:
                logger.debug("invalid transform from %.100s to %.100s: %s", parent, child, pose)
                continue
            if max(len(parent), len(child)) > MAX_FRAME_NAME:
                self._warn("name", f"a frame name is longer than {MAX_FRAME_NAME} characters")
                continue
            pose[3:] /= np.linalg.norm(pose[3:])
            with self._changing:
                self._add(parent, child, static, nanoseconds_of(stamped.header.stamp), pose)

    def lookup(self, target: str, source: str, stamp_ns: int) -> Transform:
        """The transform from ``source`` to ``target``; never waits."""
        target, source = frame_of(target), frame_of(source)
        with self._changing:
            up, down = list(self._above(source)), list(self._above(target))
            shared = next((frame for frame in up if frame in down), None)
            if shared is None:
                raise TransformUnavailableError(self._why_apart(target, source))
            into_shared = self._through(up[: up.index(shared)], stamp_ns)
            from_target = self._through(down[: down.index(shared)], stamp_ns)
        back = from_target.rotation.T
        return Transform(
            back @ into_shared.rotation,
            back @ (into_shared.translation - from_target.translation),
        )

    def clear(self) -> None:
        """Forget all transforms that are not static."""
        with self._changing:
            self._links = {name: link for name, link in self._links.items() if link.static}

    def _add(
        self, parent: str, child: str, static: bool, stamp_ns: int, pose: NDArray[np.float64]
    ) -> None:
        link = self._links.get(child)
        if link is None and len(self._links) >= MAX_LINKS and not self._forget_old(stamp_ns):
            self._warn("frames", f"more than {MAX_LINKS} frames are published")
            return
        if link is None or static or link.static or link.parent != parent:
            link = self._links[child] = _Link(parent, static)
        place = bisect.bisect_left(link.stamps, stamp_ns)
        if place < len(link.stamps) and link.stamps[place] == stamp_ns:
            link.poses[place] = pose
        else:
            link.stamps.insert(place, stamp_ns)
            link.poses.insert(place, pose)
        old = bisect.bisect_left(link.stamps, link.stamps[-1] - KEPT_NS)
        old = max(old, len(link.stamps) - MAX_POSES)
        del link.stamps[:old], link.poses[:old]

    def _forget_old(self, stamp_ns: int) -> bool:
        """Forget moving frames that are no longer published; returns whether there were any."""
        old = [
            name
            for name, link in self._links.items()
            if not link.static and link.stamps[-1] < stamp_ns - KEPT_NS
        ]
        for name in old:
            del self._links[name]
        return bool(old)

    def _warn(self, kind: str, what: str) -> None:
        self._log.warn(
            time.monotonic(), kind, f"/tf: {what}; new ones are ignored: fix the publisher"
        )

    def _above(self, frame: str) -> Iterator[str]:
        """A frame and its ancestors, nearest first; stops at a cycle."""
        seen: set[str] = set()
        while frame not in seen:
            seen.add(frame)
            yield frame
            if frame in self._links:
                frame = self._links[frame].parent

    def _why_apart(self, target: str, source: str) -> str:
        parents = {link.parent for link in self._links.values()}
        for frame in (source, target):
            if frame not in self._links and frame not in parents:
                return f"frame {frame} is unknown; it is not published on /tf or /tf_static"
        return f"frames {source} and {target} are not connected; publish the missing transform"

    def _through(self, frames: list[str], stamp_ns: int) -> Transform:
        """The transform from the first frame into the parent of the last."""
        rotation, translation = np.eye(3), np.zeros(3)
        for frame in frames:
            x, y, z, *turn = _pose_at(frame, self._links[frame], stamp_ns).tolist()
            step = transform_of((x, y, z), (turn[0], turn[1], turn[2], turn[3]))
            rotation = step.rotation @ rotation
            translation = step.rotation @ translation + step.translation
        return Transform(rotation, translation)


def _pose_at(frame: str, link: _Link, stamp_ns: int) -> NDArray[np.float64]:
    """The pose of a frame at a time, interpolated between two stamps."""
    if link.static:
        return link.poses[-1]
    place = bisect.bisect_left(link.stamps, stamp_ns)
    if place < len(link.stamps) and link.stamps[place] == stamp_ns:
        return link.poses[place]
    if place == len(link.stamps):
        behind = (stamp_ns - link.stamps[-1]) / NANOSECONDS_PER_SECOND
        raise TransformUnavailableError(
            f"the latest transform from {frame} to {link.parent} is {behind:.3f} s older than the "
            "skeleton; it is late, or the clocks differ"
        )
    if place == 0:
        ahead = (link.stamps[0] - stamp_ns) / NANOSECONDS_PER_SECOND
        raise TransformUnavailableError(
            f"the oldest transform from {frame} to {link.parent} is {ahead:.3f} s newer than the "
            "skeleton; the skeleton is late, or the clocks differ"
        )
    before, after = link.stamps[place - 1], link.stamps[place]
    return _interpolate(
        link.poses[place - 1], link.poses[place], (stamp_ns - before) / (after - before)
    )


def _interpolate(
    first: NDArray[np.float64], second: NDArray[np.float64], share: float
) -> NDArray[np.float64]:
    """Interpolate between two poses: translation linearly, rotation spherically (slerp)."""
    start, end = first[3:], second[3:]
    cosine = float(start @ end)
    if cosine < 0.0:
        # Of the two quaternions of the same rotation, take the nearer.
        end, cosine = -end, -cosine
    if cosine > NEARLY_EQUAL:
        turned = (1 - share) * start + share * end
    else:
        angle = np.arccos(cosine)
        turned = (np.sin((1 - share) * angle) * start + np.sin(share * angle) * end) / np.sin(angle)
    return np.concatenate([(1 - share) * first[:3] + share * second[:3], turned])
