# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Normalise a sequence: remove the person's place, size and facing, which are not the action.

The steps work on NTU-25 skeletons in the Kinect's axes, are optional, and are applied in the order
of :data:`STEPS`.  Two people are normalised together, because their distance and orientation to
each other are part of the action.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence
from skeleton_dml_ros.skeleton.vectors import lengths

HIP = NTU_25.index("spine_base")
SHOULDERS = (NTU_25.index("shoulder_left"), NTU_25.index("shoulder_right"))
HIPS = (NTU_25.index("hip_left"), NTU_25.index("hip_right"))

SMALLEST_BODY = 0.3
"""Minimum size in metres, see :func:`body_size`; a toddler has 0.6 m, so less is a tracking fault."""

_MEASURED = np.array(
    [
        (NTU_25.index(first), NTU_25.index(second))
        for first, second in (
            ("spine_base", "spine_shoulder"),
            ("spine_shoulder", "head"),
            ("hip_left", "knee_left"),
            ("hip_right", "knee_right"),
            ("knee_left", "ankle_left"),
            ("knee_right", "ankle_right"),
        )
    ]
)
_MEASURED_SHARE = np.array([1.0, 1.0, 0.5, 0.5, 0.5, 0.5])


def normalize(sequence: SkeletonSequence, steps: Sequence[str]) -> SkeletonSequence:
    """Apply the named steps.

    Args:
        sequence: NTU-25, Kinect axes, metres.
        steps: names from :data:`STEPS`, in any order.

    Returns:
        The normalised sequence; after ``scale`` its unit is about the length of the trunk.

    Raises:
        SkeletonError: a step is unknown, the layout is not NTU-25, or the joints that a step
            measures were never seen.
    """
    unknown = [step for step in steps if step not in STEPS]
    if unknown:
        raise SkeletonError(
            f"there is no normalisation step {unknown[0]!r}; choose from {', '.join(STEPS)}"
        )
    if sequence.layout.name != NTU_25.name:
        raise SkeletonError(
            f"layout {sequence.layout.name} cannot be normalised; map it to {NTU_25.name} first"
        )
    positions = sequence.positions
    for name, step in STEPS.items():
        if name in steps:
            positions = step(positions)
    return sequence.replace(positions=positions)


def move_to_origin(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Move the first visible hip centre (of two people, the middle of both) to the origin.

    Later frames are moved by the same amount: walking and sitting down move the hips.

    Args:
        positions: (frames, bodies, 25, 3), metres.

    Raises:
        SkeletonError: the hip centre was never seen.
    """
    hips = positions[:, :, HIP].mean(axis=1)
    seen = np.isfinite(hips).all(axis=-1)
    if not seen.any():
        raise SkeletonError(
            "the hip centre was not seen in any frame, so the person's place is unknown"
        )
    return np.asarray(positions - hips[np.argmax(seen)], dtype=np.float32)


def scale_by_body(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale the body to the size of the rest pose.

    The size is the total length of spine, neck, thigh and shin, each the median over frames and
    bodies.  The trunk alone is unreliable: trackers disagree on hips and shoulders (Kinect v1's
    trunk is 30 % shorter than Kinect v2's), but hardly on feet and head.

    Args:
        positions: (frames, bodies, 25, 3), metres.

    Raises:
        SkeletonError: a part was never seen, or the body is too small.
    """
    size = body_size(positions)
    if not np.isfinite(size):
        raise SkeletonError(
            "spine, thighs or shins were never seen, so the person's size is unknown"
        )
    if size < SMALLEST_BODY:
        raise SkeletonError(f"the body measures {size:.3f} m; pass positions of a person in metres")
    return np.asarray(positions * np.float32(_REST_SIZE / size), dtype=np.float32)


def body_size(positions: NDArray[np.float32]) -> float:
    """Total length of spine, neck, thigh and shin, in the unit of the positions.

    Args:
        positions: (frames, bodies, 25, 3).

    Returns:
        The length; NaN if one part was never seen.
    """
    parts = lengths(positions[:, :, _MEASURED[:, 0]] - positions[:, :, _MEASURED[:, 1]])
    parts = parts.reshape(-1, len(_MEASURED))
    seen = ~np.isnan(parts)
    if not seen.any(axis=0).all():
        return float("nan")
    # np.median is several times faster than np.nanmedian.
    median = np.median if seen.all() else np.nanmedian
    return float((median(parts, axis=0) * _MEASURED_SHARE).sum())


def face_camera(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rotate about the vertical so that the person faces the camera.

    The whole sequence is rotated by one angle, from the mean horizontal direction of shoulders and
    hips, so that turning remains visible.  Two people end up side by side, the first at the smaller
    x.

    Args:
        positions: (frames, bodies, 25, 3).

    Raises:
        SkeletonError: neither shoulders nor hips were seen in any frame.
    """
    bodies = positions.shape[1]
    if bodies == 1:
        across = [
            positions[:, 0, right] - positions[:, 0, left] for left, right in (SHOULDERS, HIPS)
        ]
        direction = np.nansum(np.concatenate(across), axis=0)
    else:
        direction = np.nansum(positions[:, 1, HIP] - positions[:, 0, HIP], axis=0)
    x, z = float(direction[0]), float(direction[2])
    length = np.hypot(x, z)
    if length == 0:
        raise SkeletonError(
            "neither shoulders nor hips were seen, so the person's facing is unknown"
        )
    cosine, sine = x / length, z / length
    rotation = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]], dtype=np.float32)
    return (positions.reshape(-1, 3) @ rotation.T).reshape(positions.shape)


_REST_SIZE = body_size(REST_POSE[None, None])

STEPS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "origin": move_to_origin,
    "scale": scale_by_body,
    "facing": face_camera,
}
"""The steps by name, in the order in which they are applied."""
