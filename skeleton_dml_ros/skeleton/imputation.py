# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Impute the joints that were not seen, so that an image has no holes.

A joint that was seen at some time is interpolated over time.  A joint that was never seen, such as
legs behind a table, is taken from the rest pose in the person's size and facing, which adds no
motion.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.cleaning import fill_gaps
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence
from skeleton_dml_ros.skeleton.vectors import lengths

_RIGHT_HALF = {
    "shoulder": (0.33, 0.94, 0.0),
    "elbow": (0.45, 0.50, 0.02),
    "wrist": (0.45, 0.12, -0.06),
    "hand": (0.44, 0.02, -0.10),
    "hand_tip": (0.44, -0.10, -0.12),
    "thumb": (0.40, 0.02, -0.16),
    "hip": (0.16, 0.0, 0.0),
    "knee": (0.17, -0.72, 0.02),
    "ankle": (0.18, -1.34, 0.06),
    "foot": (0.19, -1.44, -0.08),
}
_MIDDLE = {
    "spine_base": (0.0, 0.0, 0.0),
    "spine_mid": (0.0, 0.57, 0.0),
    "spine_shoulder": (0.0, 1.0, 0.0),
    "neck": (0.0, 1.13, -0.02),
    "head": (0.0, 1.38, -0.06),
}


def _rest_pose() -> NDArray[np.float32]:
    places = dict(_MIDDLE)
    for joint, (x, y, z) in _RIGHT_HALF.items():
        places[f"{joint}_right"] = (x, y, z)
        places[f"{joint}_left"] = (-x, y, z)
    return np.array([places[name] for name in NTU_25.joint_names], dtype=np.float32)


REST_POSE = _rest_pose()
"""(25, 3): a person at rest facing the camera, in the Kinect's axes; hip centre at zero, trunk length
1.  Rounded from the standing people of IntelliRehabDS (Kinect v2)."""

MIN_JOINTS = 6
"""Minimum number of joints of a body seen at some time: a shoulder or a hip, and limbs."""

_PAIRS_ACROSS = tuple(
    (NTU_25.index(f"{joint}_left"), NTU_25.index(f"{joint}_right")) for joint in ("shoulder", "hip")
)
_BONES = np.array(
    [(joint, parent) for joint, parent in enumerate(NTU_25.parents) if parent >= 0]
    + list(_PAIRS_ACROSS)
)
_REST_LENGTHS = lengths(REST_POSE[_BONES[:, 0]] - REST_POSE[_BONES[:, 1]])


def impute(sequence: SkeletonSequence) -> SkeletonSequence:
    """Give every joint a position in every frame; imputed joints are not ``observed``.

    Args:
        sequence: NTU-25, Kinect axes, metres.

    Returns:
        The sequence itself if every joint was seen.

    Raises:
        SkeletonError: too few joints of a body were ever seen to know its size and place.
    """
    positions = fill_gaps(sequence.positions, sequence.timestamps, np.inf)
    for body in range(sequence.bodies):
        unseen = np.isnan(positions[0, body, :, 0])
        if unseen.any():
            positions = positions.copy() if positions is sequence.positions else positions
            positions[:, body] = _with_joints_at_rest(positions[:, body], ~unseen)
    return sequence if positions is sequence.positions else sequence.replace(positions=positions)


def _with_joints_at_rest(
    positions: NDArray[np.float32], seen: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Place the joints that were never seen next to their neighbours in the kinematic tree.

    Args:
        positions: (frames, 25, 3) of one body.
        seen: (25,) whether the joint was ever seen.
    """
    across = [pair for pair in _PAIRS_ACROSS if seen[list(pair)].all()]
    if (
        seen.sum() < MIN_JOINTS
        or not seen[[joint for pair in _PAIRS_ACROSS for joint in pair]].any()
    ):
        raise SkeletonError(
            f"only {seen.sum()} of {len(seen)} joints of a person were seen; at least {MIN_JOINTS} "
            "are needed, including a shoulder or a hip"
        )
    if across:
        direction = sum(
            (positions[:, right] - positions[:, left]).sum(axis=0) for left, right in across
        )
    else:
        # The camera sees one side of the person, so this side is the nearer one.
        sees_left = any(seen[left] for left, _ in _PAIRS_ACROSS)
        direction = np.array([0, 0, 1 if sees_left else -1], dtype=np.float32)
    length = max(float(np.hypot(direction[0], direction[2])), 1e-6)
    cosine, sine = direction[0] / length, direction[2] / length
    facing = np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]], dtype=np.float32)
    known = seen[_BONES].all(axis=1)
    bones = lengths(positions[:, _BONES[known, 0]] - positions[:, _BONES[known, 1]])
    size = np.median(np.median(bones, axis=0) / _REST_LENGTHS[known])
    rest = np.float32(size) * REST_POSE @ facing.T

    placed = positions.copy()
    done = seen.copy()
    while not done.all():
        for joint, parent in _BONES:
            if done[joint] != done[parent]:
                here, there = (joint, parent) if done[parent] else (parent, joint)
                placed[:, here] = placed[:, there] + rest[here] - rest[there]
                done[here] = True
    return placed
