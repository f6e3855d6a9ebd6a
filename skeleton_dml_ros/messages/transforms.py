# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Frames of TF and where they stand: a tree that is composed at once for all joints of a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.skeletons import MessageError, frame_of

TYPE = "tf2_msgs/msg/TFMessage"

LONGEST_CHAIN = 64
"""Frames from a joint to the frame that the person stands in, at most."""

FEWEST_JOINTS = 2
"""A person of whom fewer joints are placed is not there: a root alone tells nothing."""


@dataclass(frozen=True)
class Link:
    """Where a frame stands.

    Attributes:
        parent: the frame in which it stands.
        pose: x y z in metres, and its orientation as a quaternion x y z w.
    """

    parent: str
    pose: tuple[float, float, float, float, float, float, float]


def read_link(transform: Any) -> Link:
    """What a ``geometry_msgs/msg/TransformStamped`` says."""
    place, turn = transform.transform.translation, transform.transform.rotation
    return Link(
        frame_of(transform.header.frame_id),
        (place.x, place.y, place.z, turn.x, turn.y, turn.z, turn.w),
    )


def place(
    links: Mapping[str, Link], frames: Sequence[str]
) -> tuple[NDArray[np.float32], list[str | None]]:
    """Where frames stand.

    Each frame is followed from parent to parent as far as ``links`` reaches.

    Args:
        links: by the name of the frame that they place.
        frames: the wanted ones.

    Returns:
        (frames, 3) positions in metres, NaN for a frame without link, and for each the name of the
        frame in which this position stands, None for a frame without link.

    Raises:
        MessageError: frames are each other's parents.
    """
    order, parents, depths, roots = _sorted(links, frames)
    positions, rotations = _poses([links[name] for name in order])
    depth = np.array(depths)
    parent = np.array(parents)
    for level in range(1, max(depths, default=0) + 1):
        rows = np.flatnonzero(depth == level)
        above = parent[rows]
        turned = (rotations[above] @ positions[rows, :, None])[..., 0]
        positions[rows] = positions[above] + turned
        rotations[rows] = rotations[above] @ rotations[rows]
    found = [order.get(frame, -1) for frame in frames]
    result = np.full((len(frames), 3), np.nan, dtype=np.float32)
    there = np.array(found, dtype=np.int64) >= 0
    result[there] = positions[[index for index in found if index >= 0]]
    return result, [roots[index] if index >= 0 else None for index in found]


def _sorted(
    links: Mapping[str, Link], frames: Sequence[str]
) -> tuple[dict[str, int], list[int], list[int], list[str]]:
    """Parents before children: row by name, and for each row its parent's, its depth, its root."""
    order: dict[str, int] = {}
    parents: list[int] = []
    depths: list[int] = []
    roots: list[str] = []
    for frame in frames:
        chain: list[str] = []
        name = frame
        while name in links and name not in order:
            chain.append(name)
            if len(chain) > LONGEST_CHAIN:
                raise MessageError(
                    f"frame {frame!r} has more than {LONGEST_CHAIN} frames above it; frames must "
                    "not be each other's parents"
                )
            name = links[name].parent
        for child in reversed(chain):
            above = order.get(links[child].parent, -1)
            order[child] = len(order)
            parents.append(above)
            depths.append(0 if above < 0 else depths[above] + 1)
            roots.append(links[child].parent if above < 0 else roots[above])
    return order, parents, depths, roots


def _poses(links: Sequence[Link]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(links, 3) positions and (links, 3, 3) rotations; a rotation is NaN where there is none."""
    poses = np.array([link.pose for link in links], dtype=np.float64).reshape(-1, 7)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Some senders' quaternions are not of unit length.
        quaternion = poses[:, 3:] / np.linalg.norm(poses[:, 3:], axis=1, keepdims=True)
    x, y, z, w = quaternion.T
    rotations = np.empty((len(poses), 3, 3))
    rotations[:, 0] = np.stack(
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], axis=-1
    )
    rotations[:, 1] = np.stack(
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], axis=-1
    )
    rotations[:, 2] = np.stack(
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)], axis=-1
    )
    return poses[:, :3].copy(), rotations
