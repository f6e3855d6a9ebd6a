# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Compose TF links: the positions of many frames at one instant, in one pass over the tree."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.fields import MessageError, frame_of

TYPE = "tf2_msgs/msg/TFMessage"

MAX_CHAIN_LENGTH = 64
"""Maximum number of links from a joint to the sensor's frame."""

MIN_JOINTS = 2
"""Minimum number of joints for a person to count as seen."""


@dataclass(frozen=True)
class Link:
    """The pose of a frame in its parent.

    Attributes:
        parent: name of the parent frame.
        pose: x y z in metres and the orientation as a quaternion x y z w.
    """

    parent: str
    pose: tuple[float, float, float, float, float, float, float]


def read_link(transform: Any) -> Link:
    """The link in a ``geometry_msgs/msg/TransformStamped``."""
    place, turn = transform.transform.translation, transform.transform.rotation
    return Link(
        frame_of(transform.header.frame_id),
        (place.x, place.y, place.z, turn.x, turn.y, turn.z, turn.w),
    )


def place(
    links: Mapping[str, Link], frames: Sequence[str], ends: Collection[str] = ()
) -> tuple[NDArray[np.float32], list[str | None]]:
    """Positions of frames in their root.

    The root of a frame is its last ancestor that ``links`` leads to, or the first that is in
    ``ends``.

    Args:
        links: by the name of the child frame.
        frames: the frames whose positions are wanted.
        ends: frames that are roots, even if they have a link.

    Returns:
        (frames, 3) positions in metres and the name of each frame's root; NaN and None for a frame
        without a link.

    Raises:
        MessageError: the links form a loop.
    """
    order, parents, depths, roots = _sorted(links, frames, frozenset(ends))
    positions, turns = _poses([links[name] for name in order])
    depth = np.array(depths)
    parent = np.array(parents)
    for level in range(1, max(depths, default=0) + 1):
        rows = np.flatnonzero(depth == level)
        above = parent[rows]
        turned = (turns[above] @ positions[rows, :, None])[..., 0]
        positions[rows] = positions[above] + turned
        turns[rows] = turns[above] @ turns[rows]
    found = [order.get(frame, -1) for frame in frames]
    result = np.full((len(frames), 3), np.nan, dtype=np.float32)
    there = np.array(found, dtype=np.int64) >= 0
    result[there] = positions[[index for index in found if index >= 0]]
    return result, [roots[index] if index >= 0 else None for index in found]


def _sorted(
    links: Mapping[str, Link], frames: Sequence[str], ends: frozenset[str]
) -> tuple[dict[str, int], list[int], list[int], list[str]]:
    """Sort frames by depth: each frame's row, and for each row its parent, its depth and its root."""
    order: dict[str, int] = {}
    parents: list[int] = []
    depths: list[int] = []
    roots: list[str] = []
    for frame in frames:
        chain: list[str] = []
        name = frame
        while name not in order and name not in ends and name in links:
            chain.append(name)
            if len(chain) > MAX_CHAIN_LENGTH:
                raise MessageError(
                    f"frame {frame!r} has more than {MAX_CHAIN_LENGTH} ancestors; check TF for a loop"
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
    """(links, 3) positions and (links, 3, 3) rotations."""
    poses = np.array([link.pose for link in links], dtype=np.float64).reshape(-1, 7)
    return poses[:, :3].copy(), rotations(poses[:, 3:])


def rotations(quaternions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(rotations, 3, 3) matrices of quaternions x y z w, (rotations, 4).

    Quaternions of any length are normalised; an invalid one gives NaN.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True)
    x, y, z, w = unit.T
    matrices = np.empty((len(unit), 3, 3))
    matrices[:, 0] = np.stack(
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], axis=-1
    )
    matrices[:, 1] = np.stack(
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], axis=-1
    )
    matrices[:, 2] = np.stack(
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)], axis=-1
    )
    return matrices


def are_seen(positions: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(people,) whether enough joints have a position; positions are (people, joints, 3)."""
    placed = np.isfinite(positions).all(axis=-1).sum(axis=-1)
    return np.asarray(placed >= MIN_JOINTS)
