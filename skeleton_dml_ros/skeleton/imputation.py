# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Give every joint a place, so that an image has no hole.

A robot often sees no legs behind a table, or loses a hand for seconds.  A joint that was seen at
some time is interpolated over time, however long; one that was never seen stands where a person
at rest has it, next to the joints that were seen, in their size and facing.  ``observed`` stays
false for both.  A network must not be led to believe in motion that nobody saw: rest is the
guess that adds none.
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
"""(25, 3): a person at rest who faces the camera, hip centre at zero, trunk length 1, in the
Kinect's axes.  Rounded from the standing skeletons of IntelliRehabDS (Kinect v2)."""

MIN_JOINTS = 6
"""Joints of a body that must have been seen at some time: shoulders or hips with one limb."""

_PAIRS_ACROSS = tuple(
    (NTU_25.index(f"{joint}_left"), NTU_25.index(f"{joint}_right")) for joint in ("shoulder", "hip")
)
_BONES = np.array(
    [(joint, parent) for joint, parent in enumerate(NTU_25.parents) if parent >= 0]
    + list(_PAIRS_ACROSS)
)
_REST_LENGTHS = lengths(REST_POSE[_BONES[:, 0]] - REST_POSE[_BONES[:, 1]])


def complete(sequence: SkeletonSequence) -> SkeletonSequence:
    """The sequence with a position for every joint in every frame; itself where none was missing.

    Args:
        sequence: NTU-25, Kinect axes, metres.

    Raises:
        SkeletonError: of a body, too little was ever seen to tell its size and place.
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
    if seen.sum() < MIN_JOINTS or not across:
        raise SkeletonError(
            f"too little of the person was seen: {seen.sum()} of {len(seen)} joints; at least "
            f"{MIN_JOINTS} are needed, both shoulders or both hips among them"
        )
    direction = sum(
        (positions[:, right] - positions[:, left]).sum(axis=0) for left, right in across
    )
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
