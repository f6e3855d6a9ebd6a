# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write ``.skeleton`` files in NTU RGB+D's format, for tests without the licensed data.

Values that a sequence lacks are made plausible: pixels of depth and colour come from nominal cameras, a
joint's orientation from its bone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.ntu import TRACKED
from skeleton_dml_ros.datasets.ntu_text import JOINTS, VALUES_OF_A_JOINT, NtuError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

DEPTH_CAMERA = (365.5, 256.0, 208.0)
COLOUR_CAMERA = (1060.0, 960.0, 540.0)
"""Approximate focal length and centre of a Kinect v2's two cameras, pixels."""

TWIST = 0.5
"""Rotation of each joint about its bone, radians, which positions do not determine."""

FIRST_BODY_ID = 72057594037931101
"""A body id like the sensor's, with more digits than a float holds."""

_BODY_LINE = "%d 0 1 1 1 1 0 %.7g %.7g 2"
_JOINT_LINE = " ".join(["%.7g"] * (VALUES_OF_A_JOINT - 1) + ["%d"])


def write_skeleton_file(
    path: str | Path,
    sequence: SkeletonSequence,
    body_ids: Sequence[int] | None = None,
    newline: str = "\n",
    changing_order: bool = False,
) -> None:
    """Write one ``.skeleton`` file.

    A body without a seen joint is absent from that frame.  Unseen joints are not tracked; joints with
    confidence below 1 are inferred.  Coordinates have seven digits, as in the release.

    Args:
        path: of the file.
        sequence: in layout NTU-25.
        body_ids: one per body; counted from `FIRST_BODY_ID` if left out.
        newline: line end.
        changing_order: whether every second frame reverses the order of the bodies.

    Raises:
        NtuError: the sequence has another layout, or the number of ids is wrong.
    """
    if sequence.layout != NTU_25:
        raise NtuError(f"layout is {sequence.layout.name}; give ntu_25 for a .skeleton file")
    ids = list(body_ids or range(FIRST_BODY_ID, FIRST_BODY_ID + sequence.bodies))
    if len(ids) != sequence.bodies:
        raise NtuError(f"{len(ids)} ids for {sequence.bodies} bodies; give one for each")
    table = _joint_values(sequence)
    there = np.asarray(np.isfinite(sequence.positions[..., 0]).any(axis=2))
    joint_lines = newline.join([_JOINT_LINE] * JOINTS)
    lines = [str(len(sequence))]
    for frame in range(len(sequence)):
        bodies = np.flatnonzero(there[frame])
        lines.append(str(len(bodies)))
        for body in bodies[::-1] if changing_order and frame % 2 else bodies:
            lean = np.clip(table[frame, body, 20, :2] - table[frame, body, 0, :2], -1, 1)
            lines.append(_BODY_LINE % (ids[body], *lean))
            lines.append(str(JOINTS))
            lines.append(joint_lines % tuple(table[frame, body].ravel()))
    Path(path).write_bytes((newline.join(lines) + newline).encode("ascii"))


def _joint_values(sequence: SkeletonSequence) -> NDArray[np.float64]:
    """(frames, bodies, 25, 12): the values of each joint's line."""
    positions = sequence.positions.astype(np.float64)
    seen = np.isfinite(positions[..., 0])
    table = np.zeros((*seen.shape, VALUES_OF_A_JOINT))
    table[..., :3] = np.where(seen[..., None], positions, 0)
    depth = np.maximum(table[..., 2], 0.1)
    for column, (focal_length, x, y) in ((3, DEPTH_CAMERA), (5, COLOUR_CAMERA)):
        table[..., column] = x + focal_length * table[..., 0] / depth
        table[..., column + 1] = y - focal_length * table[..., 1] / depth
    table[..., 7:11] = _orientations(table[..., :3])
    certain = seen if sequence.confidence is None else seen & (sequence.confidence >= 1)
    table[..., 11] = np.where(certain, TRACKED, np.where(seen, TRACKED - 1, 0))
    # Turns -0.0 into 0.0.
    return table + 0.0


def _orientations(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 25, 4) quaternions W X Y Z that rotate the vertical to the bone to the parent joint."""
    parents = [max(parent, 0) for parent in NTU_25.parents]
    bones = positions - positions[..., parents, :]
    x, y, z = np.moveaxis(bones, -1, 0) / np.maximum(np.linalg.norm(bones, axis=-1), 1e-6)
    cosine, sine = np.cos(TWIST / 2), np.sin(TWIST / 2)
    # The smallest rotation (1 + y, z, 0, -x) after the twist about the vertical (cosine, 0, sine, 0).
    turn = np.stack(
        [(1 + y) * cosine, z * cosine + x * sine, (1 + y) * sine, z * sine - x * cosine], axis=-1
    )
    turn /= np.maximum(np.linalg.norm(turn, axis=-1, keepdims=True), 1e-6)
    return np.asarray(turn)
