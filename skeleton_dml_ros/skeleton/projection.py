# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Project a skeleton onto the image plane for drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.layouts import Layout

HEAD_RADIUS = 0.09
"""Metres."""


@dataclass(frozen=True, eq=False)
class ProjectedSkeleton:
    """Bones and head of a skeleton in the image plane.

    Attributes:
        bones: (bones, 2, 2) parent and joint in metres, x to the right and y up; only bones whose
            ends were both seen.
        joints: (bones,) index of the joint at the end of each bone.
        head: (2,) centre of the head, or None if it was not seen.
    """

    bones: NDArray[np.float32]
    joints: NDArray[np.intp]
    head: NDArray[np.float32] | None


def project_skeleton(joints: NDArray[np.float32], layout: Layout) -> ProjectedSkeleton:
    """Project a skeleton.

    Args:
        joints: (joints, 3) metres, Kinect axes, NaN = not seen.
        layout: of the joints.
    """
    # The Kinect's x points to the left.
    plane = joints[:, :2] * np.array([-1, 1], dtype=np.float32)
    seen: NDArray[np.bool_] = np.asarray(np.isfinite(plane).all(axis=1))
    ends = np.array(
        [
            (parent, joint)
            for joint, parent in enumerate(layout.parents)
            if parent >= 0 and seen[parent] and seen[joint]
        ],
        dtype=np.intp,
    ).reshape(-1, 2)
    head = layout.joint_names.index("head") if "head" in layout.joint_names else None
    return ProjectedSkeleton(
        bones=plane[ends],
        joints=ends[:, 1],
        head=plane[head] if head is not None and seen[head] else None,
    )
