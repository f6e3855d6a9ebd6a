# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Map any layout to NTU-25, the layout of the network's input.

Each joint of NTU-25 is a weighted sum of the source's joints, so a mapping is one matrix.  A joint
that the source has is copied; one that it lacks is interpolated: the spine's base between the hips,
the neck between shoulders and head.  Where a source is not seen, the trunk and the head are derived
from those that are: the middle of the shoulders without the hips, the spine's base from one hip.
Joints are matched by position rather than by name alone:
Kinect v1's hip centre is 7 cm above the hips and its shoulder centre 11 cm above the shoulders,
Kinect v2's spine base is at the hips and its spine shoulder 4 cm above the shoulders.

The weights are medians over standing people in recordings of Kinect v1 (UTD-MHAD, Kinder-Gator) and
Kinect v2 (IntelliRehabDS).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.layouts import NTU_25, Layout
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence
from skeleton_dml_ros.skeleton.vectors import all_finite

_SPINE = [NTU_25.index("spine_base"), NTU_25.index("spine_shoulder")]

# Weight of each source joint.  The first alternative whose joints the layout has is used; in frames
# where one of them is not seen, the next.  A weight of zero only requires the joint.  "=" marks a joint of NTU-25 that an earlier rule has derived.
_Alternative = dict[str, float]

# From the side only one shoulder and one hip are seen.
_FROM_SHOULDERS: list[_Alternative] = [
    {"shoulder_left": 0.5, "shoulder_right": 0.5},
    {"shoulder_left": 1, "hip_left": -1, "hip_right": 1},
    {"shoulder_right": 1, "hip_right": -1, "hip_left": 1},
    {"shoulder_left": 1},
    {"shoulder_right": 1},
]

_TRUNK: dict[str, list[_Alternative]] = {
    "spine_base": [
        {"spine_base": 1},
        {"pelvis": 1},
        {"mid_hip": 1},
        {"hip_left": 0.5, "hip_right": 0.5},
        # The hips are half as far apart as the shoulders.
        {"hip_left": 1, "shoulder_left": -0.25, "shoulder_right": 0.25},
        {"hip_right": 1, "shoulder_right": -0.25, "shoulder_left": 0.25},
        {"hip_center": 1},
        {"hip_left": 1},
        {"hip_right": 1},
    ],
    "spine_shoulder": [
        {"spine_shoulder": 1},
        {"clavicle_left": 0.5, "clavicle_right": 0.5},
        {"hip_center": 0.25, "shoulder_center": 0.75},
        # Above the middle of the shoulders by 4 % of the distance between hips and shoulders.
        {"shoulder_left": 0.52, "shoulder_right": 0.52, "hip_left": -0.02, "hip_right": -0.02},
        *_FROM_SHOULDERS,
    ],
    "spine_mid": [
        {"spine_mid": 1},
        {"spine_navel": 1},
        {"spine_2": 1},
        {"hip_center": 0.64, "shoulder_center": 0.36},
        # OpenNI's torso is half-way up; other trackers' may be anywhere.
        {"torso": 1, "neck": 0},
        {"=spine_base": 0.42, "=spine_shoulder": 0.58},
    ],
    "head": [
        {"head": 1},
        {"ear_left": 0.5, "ear_right": 0.5},
        {"eye_left": 0.5, "eye_right": 0.5},
        {"nose": 1},
        {"ear_left": 1},
        {"ear_right": 1},
    ],
    "neck": [
        # Without collar bones, "neck" is the middle of the shoulders.
        {"neck": 1, "spine_shoulder": 0},
        {"neck": 1, "clavicle_left": 0},
        {"hip_center": 0.12, "shoulder_center": 0.88},
        {"=spine_shoulder": 0.64, "=head": 0.36},
        {"neck": 1},
    ],
}

# MSR Action3D uses Kinect v1's joint names, but its hip and shoulder centres differ.
_TRUNK_OF_LAYOUT: dict[str, dict[str, list[_Alternative]]] = {
    "msr_action3d_20": {
        "spine_shoulder": [{"spine": 0.19, "shoulder_center": 0.81}, *_FROM_SHOULDERS],
        "spine_mid": [{"spine": 1}, {"=spine_base": 0.42, "=spine_shoulder": 0.58}],
        "neck": [
            {"shoulder_center": 0.76, "head": 0.24},
            {"=spine_shoulder": 0.64, "=head": 0.36},
        ],
    }
}

_LIMBS: dict[str, list[_Alternative]] = {
    "shoulder": [{"shoulder": 1}],
    "elbow": [{"elbow": 1}],
    "wrist": [{"wrist": 1}, {"hand": 0.78, "elbow": 0.22}],
    "hand": [
        {"hand": 1},
        {"hand_index": 0.5, "hand_pinky": 0.5},
        # The hand extends the forearm by 0.28 of its length.
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

    Only joints that were copied are ``observed``.  A derived joint has the minimum of the
    confidences of its sources that were seen.

    Raises:
        SkeletonError: the layout is 2-D, or lacks shoulders or hips.
    """
    positions = map_positions(sequence.positions, sequence.layout)
    if positions is sequence.positions:
        return sequence
    if sequence.layout == NTU_25:
        return sequence.replace(positions=positions)
    weights = ntu25_weights(sequence.layout)
    copied = _copied(weights)
    observed = np.zeros((*sequence.positions.shape[:2], len(weights)), dtype=bool)
    observed[:, :, copied] = sequence.observed[:, :, weights[copied].argmax(axis=1)]
    confidence = sequence.confidence
    if confidence is not None:
        seen = np.where(all_finite(sequence.positions), confidence, np.inf)
        contributing = np.where(weights != 0, seen[:, :, None, :], np.inf).min(axis=-1)
        confidence = np.where(np.isfinite(contributing), contributing, 0).astype(np.float32)
    return SkeletonSequence(
        positions=positions,
        timestamps=sequence.timestamps,
        layout=NTU_25,
        start_ns=sequence.start_ns,
        confidence=confidence,
        observed=observed,
    )


def map_positions(
    positions: NDArray[np.float32], layout: Layout, *, alternatives: bool = True
) -> NDArray[np.float32]:
    """Joint positions in NTU-25.

    Args:
        positions: (..., joints, 3) in the layout's order; NaN = not seen.
        layout: of the positions.
        alternatives: whether trunk and head are derived from other joints where a source is not
            seen.  Without, they are NaN, but never move because their derivation changes.

    Returns:
        (..., 25, 3); the array itself if it is in NTU-25 and the spine was seen.  A joint is NaN if
        it cannot be derived from the joints that were seen.

    Raises:
        SkeletonError: as :func:`to_ntu25`.
    """
    if layout == NTU_25:
        if not alternatives or not np.isnan(positions[..., _SPINE, 0]).any():
            return positions
        mapped = positions.copy()
        _derive_from_seen(mapped, positions, layout)
        return mapped
    weights = ntu25_weights(layout)
    unseen = np.isnan(positions)
    mapped = weights @ np.where(unseen, np.float32(0), positions)
    holes = (weights != 0).astype(np.float32) @ unseen.astype(np.float32) > 0
    mapped[holes] = np.nan
    mapped[..., ~weights.any(axis=1), :] = np.nan
    if alternatives and holes.any():
        _derive_from_seen(mapped, positions, layout)
    return np.asarray(mapped, dtype=np.float32)


def _derive_from_seen(
    mapped: NDArray[np.float32], positions: NDArray[np.float32], layout: Layout
) -> None:
    """Fill the unseen joints of trunk and head, in place, by the first alternative that was seen.

    Args:
        mapped: (..., 25, 3) NTU-25.
        positions: (..., joints, 3) in the layout.
        layout: of the positions.
    """
    for target, alternatives in _alternatives_if_unseen(layout):
        for alternative in alternatives:
            unseen = np.isnan(mapped[..., target, 0])
            if not unseen.any():
                break
            derived = sum(
                np.float32(weight) * (mapped if from_mapped else positions)[..., source, :]
                for from_mapped, source, weight in alternative
            )
            mapped[..., target, :] = np.where(unseen[..., None], derived, mapped[..., target, :])


@lru_cache(maxsize=64)
def _alternatives_if_unseen(
    layout: Layout,
) -> list[tuple[int, list[list[tuple[bool, int, float]]]]]:
    """For each joint of trunk and head, in order, the alternatives that the layout offers.

    A term is (whether its source is a joint of NTU-25, index of the source, weight).
    """
    return [
        (
            NTU_25.index(target),
            [
                [
                    (True, NTU_25.index(name[1:]), weight)
                    if name.startswith("=")
                    else (False, layout.index(name), weight)
                    for name, weight in alternative.items()
                ]
                for alternative in alternatives
                if all(name.startswith("=") or name in layout.joint_names for name in alternative)
            ],
        )
        for target, alternatives in _trunk_rules(layout).items()
    ]


def _trunk_rules(layout: Layout) -> dict[str, list[_Alternative]]:
    return {**_TRUNK, **_TRUNK_OF_LAYOUT.get(layout.name, {})}


@lru_cache(maxsize=64)
def ntu25_weights(layout: Layout) -> NDArray[np.float32]:
    """The weight of each source joint in each joint of NTU-25, (25, joints).

    The row of a joint that cannot be derived is zero.

    Raises:
        SkeletonError: the layout is 2-D, or lacks shoulders or hips.
    """
    if layout.dimensions != 3:
        raise SkeletonError(
            f"layout {layout.name} holds image points; lift them with a depth image first"
        )
    found: dict[str, NDArray[np.float32]] = {}
    rules = _trunk_rules(layout)
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
                f"layout {layout.name} has no joint {joint}; its joints are "
                + ", ".join(layout.joint_names)
            )
    nothing = np.zeros(len(layout.joint_names), dtype=np.float32)
    weights = np.stack([found.get(joint, nothing) for joint in NTU_25.joint_names])
    weights.flags.writeable = False
    return weights


def _row(
    alternative: _Alternative, layout: Layout, found: dict[str, NDArray[np.float32]]
) -> NDArray[np.float32] | None:
    """The matrix's row for one alternative, or None if the layout lacks one of its joints."""
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


def _copied(weights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(25,) which rows copy a source joint; of several rows with the same source, the first.

    If the source has no hand tip, NTU-25's is a copy of the hand, but was not observed.
    """
    single = ((weights != 0).sum(axis=1) == 1) & (weights.max(axis=1) == 1)
    source = weights.argmax(axis=1)
    first: dict[int, int] = {}
    for target in np.flatnonzero(single):
        first.setdefault(int(source[target]), int(target))
    copied = np.zeros(len(weights), dtype=bool)
    copied[list(first.values())] = True
    return copied
