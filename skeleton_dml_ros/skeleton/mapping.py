# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From any layout to NTU-25, the layout in which everything inside works.

Each joint of NTU-25 is a weighted sum of the source's joints, so a mapping is one matrix and a
live frame costs one product.  A joint that the source has is taken as it is; one that it lacks is
put where a person has it: the spine's base between the hips, the neck between shoulders and head.
Where two trackers give one name to different places, the place counts: Kinect v1's hip centre lies
7 cm above the hips and its shoulder centre 11 cm above the shoulders, where Kinect v2 has its
spine's base at the hips and its spine's shoulder 4 cm above the shoulders.

The rules below go by joint names.  Their numbers are medians over standing people in recordings of
Kinect v1 (UTD-MHAD, Kinder-Gator) and Kinect v2 (IntelliRehabDS).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.layouts import NTU_25, Layout
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence

# One alternative: source joint to weight.  A weight of zero only asks for the joint to be there.
# A name after "=" is a joint of NTU-25 for which a rule further up has been found.
_Alternative = dict[str, float]

_TRUNK: dict[str, list[_Alternative]] = {
    "spine_base": [
        {"spine_base": 1},
        {"pelvis": 1},
        {"mid_hip": 1},
        {"hip_left": 0.5, "hip_right": 0.5},
        {"hip_center": 1},
    ],
    "spine_shoulder": [
        {"spine_shoulder": 1},
        {"clavicle_left": 0.5, "clavicle_right": 0.5},
        {"hip_center": 0.25, "shoulder_center": 0.75},
        # The middle of the shoulders, and 4 % of the way from the hips to them above it.
        {"shoulder_left": 0.52, "shoulder_right": 0.52, "hip_left": -0.02, "hip_right": -0.02},
        {"shoulder_left": 0.5, "shoulder_right": 0.5},
    ],
    "spine_mid": [
        {"spine_mid": 1},
        {"spine_navel": 1},
        {"spine_2": 1},
        {"hip_center": 0.64, "shoulder_center": 0.36},
        # OpenNI's torso is half-way up; that of others may lie anywhere.
        {"torso": 1, "neck": 0},
        {"=spine_base": 0.42, "=spine_shoulder": 0.58},
    ],
    "head": [
        {"head": 1},
        {"ear_left": 0.5, "ear_right": 0.5},
        {"eye_left": 0.5, "eye_right": 0.5},
        {"nose": 1},
    ],
    "neck": [
        # Where there are no collar bones, "neck" is the middle of the shoulders.
        {"neck": 1, "spine_shoulder": 0},
        {"neck": 1, "clavicle_left": 0},
        {"hip_center": 0.12, "shoulder_center": 0.88},
        {"=spine_shoulder": 0.64, "=head": 0.36},
        {"neck": 1},
    ],
}

# MSR Action3D has Kinect v1's joint names, but its hip and shoulder centres lie elsewhere.
_TRUNK_OF_LAYOUT: dict[str, dict[str, list[_Alternative]]] = {
    "msr_action3d_20": {
        "spine_shoulder": [{"spine": 0.19, "shoulder_center": 0.81}],
        "spine_mid": [{"spine": 1}],
        "neck": [{"shoulder_center": 0.76, "head": 0.24}],
    }
}

_LIMBS: dict[str, list[_Alternative]] = {
    "shoulder": [{"shoulder": 1}],
    "elbow": [{"elbow": 1}],
    "wrist": [{"wrist": 1}, {"hand": 0.78, "elbow": 0.22}],
    "hand": [
        {"hand": 1},
        {"hand_index": 0.5, "hand_pinky": 0.5},
        # A hand goes on from the forearm by 0.28 of its length.
        {"wrist": 1.28, "elbow": -0.28},
    ],
    "hand_tip": [{"hand_tip": 1}, {"hand_middle": 1}, {"hand_index": 1}, {"=hand": 1}],
    "thumb": [{"thumb": 1}, {"hand_thumb": 1}, {"=hand": 1}],
    "hip": [{"hip": 1}],
    "knee": [{"knee": 1}],
    "ankle": [{"ankle": 1}, {"foot": 0.9, "knee": 0.1}],
    "foot": [{"foot": 1}, {"big_toe": 1}, {"=ankle": 1}],
}


def to_ntu25(sequence: SkeletonSequence) -> SkeletonSequence:
    """The sequence in NTU-25.

    ``observed`` is true only for joints that the source has and saw; what is derived from others
    has the lowest confidence among them, and is NaN where one of them is.

    Raises:
        SkeletonError: the layout is 2-D, or its joints' names say too little.
    """
    if sequence.layout == NTU_25:
        return sequence
    weights = ntu25_weights(sequence.layout)
    taken = _taken_as_is(weights)
    observed = np.zeros((*sequence.positions.shape[:2], len(weights)), dtype=bool)
    observed[:, :, taken] = sequence.observed[:, :, weights[taken].argmax(axis=1)]
    confidence = sequence.confidence
    if confidence is not None:
        contributing = np.where(weights != 0, confidence[:, :, None, :], np.inf).min(axis=-1)
        confidence = np.where(np.isfinite(contributing), contributing, 0).astype(np.float32)
    return SkeletonSequence(
        positions=map_positions(sequence.positions, sequence.layout),
        timestamps=sequence.timestamps,
        layout=NTU_25,
        start_ns=sequence.start_ns,
        confidence=confidence,
        observed=observed,
    )


def map_positions(positions: NDArray[np.float32], layout: Layout) -> NDArray[np.float32]:
    """Joint positions in NTU-25.

    Args:
        positions: (..., joints, 3) in the layout's order; NaN = not seen.
        layout: of the positions.

    Returns:
        (..., 25, 3); the array itself if it is in NTU-25.  A joint is NaN where one that it is derived from is NaN, or where the layout
        has nothing to derive it from.

    Raises:
        SkeletonError: as :func:`to_ntu25`.
    """
    if layout == NTU_25:
        return positions
    weights = ntu25_weights(layout)
    unseen = np.isnan(positions)
    mapped = weights @ np.where(unseen, np.float32(0), positions)
    holes = (weights != 0).astype(np.float32) @ unseen.astype(np.float32) > 0
    mapped[holes] = np.nan
    mapped[..., ~weights.any(axis=1), :] = np.nan
    return np.asarray(mapped, dtype=np.float32)


@lru_cache(maxsize=64)
def ntu25_weights(layout: Layout) -> NDArray[np.float32]:
    """The mapping's matrix, (25, joints): what each joint of NTU-25 takes of each source joint.

    A row of zeros belongs to a joint that cannot be had.

    Raises:
        SkeletonError: the layout is 2-D, or shoulders or hips cannot be told from its names.
    """
    if layout.dimensions != 3:
        raise SkeletonError(
            f"layout {layout.name} holds image points; lift them with a depth image first"
        )
    found: dict[str, NDArray[np.float32]] = {}
    rules = {**_TRUNK, **_TRUNK_OF_LAYOUT.get(layout.name, {})}
    for side in ("left", "right"):
        for joint, alternatives in _LIMBS.items():
            rules[f"{joint}_{side}"] = [
                {f"{name}_{side}": weight for name, weight in alternative.items()}
                for alternative in alternatives
            ]
    for target, alternatives in rules.items():
        for alternative in alternatives:
            row = _row(alternative, layout, found)
            if row is not None:
                found[target] = row
                break
    for joint in ("shoulder_left", "shoulder_right", "hip_left", "hip_right"):
        if joint not in found:
            raise SkeletonError(
                f"layout {layout.name} has no joint that is {joint}; its joints are "
                + ", ".join(layout.joint_names)
            )
    nothing = np.zeros(len(layout.joint_names), dtype=np.float32)
    weights = np.stack([found.get(joint, nothing) for joint in NTU_25.joint_names])
    weights.flags.writeable = False
    return weights


def _row(
    alternative: _Alternative, layout: Layout, found: dict[str, NDArray[np.float32]]
) -> NDArray[np.float32] | None:
    """The matrix's row for one alternative, or None where the layout lacks one of its joints."""
    row = np.zeros(len(layout.joint_names), dtype=np.float32)
    for name, weight in alternative.items():
        if name.startswith("="):
            if name[1:] not in found:
                return None
            row += np.float32(weight) * found[name[1:]]
        elif name in layout.joint_names:
            row[layout.joint_names.index(name)] += np.float32(weight)
        else:
            return None
    return row


def _taken_as_is(weights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(25,) which rows take one source joint whole, each source joint for its first taker only.

    NTU-25's hand tip is the hand where the source has no hand tip: the hand was seen, the tip not.
    """
    single = ((weights != 0).sum(axis=1) == 1) & (weights.max(axis=1) == 1)
    source = weights.argmax(axis=1)
    first: dict[int, int] = {}
    for target in np.flatnonzero(single):
        first.setdefault(int(source[target]), int(target))
    taken = np.zeros(len(weights), dtype=bool)
    taken[list(first.values())] = True
    return taken
