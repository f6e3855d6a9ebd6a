# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Dummy clip for warm-up."""

from __future__ import annotations

import numpy as np

from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def dummy_clip() -> SkeletonSequence:
    """A person three metres away raises and lowers a hand, in one second."""
    frames = 30
    positions = np.repeat(0.5 * REST_POSE[None, None] + [0, 0, 3], frames, axis=0)
    raised = 0.5 * np.sin(np.linspace(0, np.pi, frames))[:, None]
    arm = [NTU_25.index(joint) for joint in ("wrist_right", "hand_right")]
    positions[:, 0, arm, 1] += raised
    return SkeletonSequence(positions, np.arange(frames) / frames, NTU_25)
