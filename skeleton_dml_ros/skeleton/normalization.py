# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Take out of a sequence what does not belong to the action.

Where the person stands, how tall they are and which way they face differ from one demonstration
to the next; the action does not.  Each step below removes one of these and can be left out.  The
steps work on NTU-25 skeletons in the Kinect's axes (x to the sensor's left, y up, z away from the
sensor).  Their order in :data:`STEPS` is the order in which they are applied.

One movement of two people is normalised as one: their distance and their orientation to each
other are part of the action.
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
"""Metres from head to ankle.  A toddler has 0.6 m: what is smaller is a tracker's fault."""

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
        The sequence in the frame that the steps define; with ``scale`` its unit is about the
        length of a trunk, that of the rest pose.

    Raises:
        SkeletonError: a step is unknown, the layout is another, or the joints that a step
            measures were never seen.
    """
    unknown = [step for step in steps if step not in STEPS]
    if unknown:
        raise SkeletonError(
            f"no normalisation step is called {unknown[0]!r}; there are {', '.join(STEPS)}"
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
    """Put the hip centre of the first frame that saw it at zero; of two people, the middle.

    Only the first frame's: walking and sitting down are movements of the hips.

    Args:
        positions: (frames, bodies, 25, 3), metres.

    Raises:
        SkeletonError: the hip centre was never seen.
    """
    hips = positions[:, :, HIP].mean(axis=1)
    seen = np.isfinite(hips).all(axis=-1)
    if not seen.any():
        raise SkeletonError("the hip centre was not seen in any frame; nothing to measure from")
    return np.asarray(positions - hips[np.argmax(seen)], dtype=np.float32)


def scale_by_body(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide by the size of the body, so that a body at rest is as large as the rest pose.

    The size is the length of spine, neck, thigh and shin together, each the median over frames
    and bodies.  The trunk alone would not do: trackers disagree on where hips and shoulders are
    (Kinect v1's trunk is 30 % shorter than Kinect v2's), but little on feet and head.

    Args:
        positions: (frames, bodies, 25, 3), metres.

    Raises:
        SkeletonError: a part was never seen, or the body is implausibly small.
    """
    size = body_size(positions)
    if not np.isfinite(size):
        raise SkeletonError("spine, thighs or shins were never seen; nothing to scale by")
    if size < SMALLEST_BODY:
        raise SkeletonError(
            f"the body measures {size:.3f} m; give positions in metres of a tracked person"
        )
    return np.asarray(positions * np.float32(_REST_SIZE / size), dtype=np.float32)


def body_size(positions: NDArray[np.float32]) -> float:
    """Length of spine, neck, thigh and shin together, in the unit of the positions.

    Args:
        positions: (frames, bodies, 25, 3).

    Returns:
        NaN where one of them was never seen.
    """
    parts = lengths(positions[:, :, _MEASURED[:, 0]] - positions[:, :, _MEASURED[:, 1]])
    parts = parts.reshape(-1, len(_MEASURED))
    seen = ~np.isnan(parts)
    if not seen.any(axis=0).all():
        return float("nan")
    # Several times as fast where there is no NaN to be left out.
    median = np.median if seen.all() else np.nanmedian
    return float((median(parts, axis=0) * _MEASURED_SHARE).sum())


def face_camera(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn about the vertical so that the person faces the camera.

    One angle for the whole sequence, from the mean horizontal direction of shoulders and hips,
    so that turning stays visible.  Two people are turned so that the first stands at the smaller
    x and the second at the larger, at the same distance from the camera.

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
        raise SkeletonError("neither shoulders nor hips were seen; the person's facing is unknown")
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
