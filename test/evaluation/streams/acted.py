# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Small archives of a person, and of two, who move a hand."""

from __future__ import annotations

import numpy as np

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

ACTIONS = ("wave", "bow", "kick", "clap")


def clip(label: int, place: float, frames: int = 40) -> SkeletonSequence:
    """A person at rest who stands at ``place``, steps to the left and raises a hand."""
    time = np.linspace(0, 1, frames)
    positions = np.repeat(REST_POSE[None, None] * 0.5, frames, axis=0) + np.array([place, 0, 3])
    positions[..., 0] += 0.3 * time[:, None, None]
    positions[:, 0, NTU_25.index("hand_right"), 1] += (label + 1) * 0.1 * np.sin(np.pi * time)
    return SkeletonSequence(positions, np.arange(frames) / 30, NTU_25)


def small_archive(persons: int = 3, clips: int = 2) -> SkeletonArchive:
    content = [
        (label, person, clip(label, place=0.2 * person + 0.05 * labelled))
        for person in range(persons)
        for label in range(4)
        for labelled in range(clips)
    ]
    return archive_of(
        [sequence for _, _, sequence in content],
        [label for label, _, _ in content],
        ACTIONS,
        subjects=[person for _, person, _ in content],
    )


def pairs_archive(pairs: int = 2, clips: int = 2) -> SkeletonArchive:
    """Pairs of people who stand opposite each other; the second one only looks on."""
    content = []
    for pair in range(pairs):
        for label in range(4):
            for labelled in range(clips):
                first = clip(label, place=0.1 * pair + 0.05 * labelled)
                second = np.repeat(REST_POSE[None, None] * 0.5, len(first), axis=0)
                second = second + np.array([1, 0, 3])
                positions = np.concatenate([first.positions, second.astype(np.float32)], axis=1)
                content.append((label, pair, SkeletonSequence(positions, first.timestamps, NTU_25)))
    return archive_of(
        [sequence for _, _, sequence in content],
        [label for label, _, _ in content],
        ACTIONS,
        subjects=[pair for _, pair, _ in content],
    )


def walking(frames: int = 90) -> SkeletonSequence:
    """Somebody who walks on the spot, two steps a second."""
    time = np.arange(frames) / 30
    positions = np.repeat(REST_POSE[None, None] * 0.5, frames, axis=0)
    positions = positions + np.array([0.2, 0, 2.5])
    for side, sign in (("left", 1), ("right", -1)):
        swing = sign * np.sin(2 * np.pi * time)
        for joint, share in (("hand", 0.3), ("wrist", 0.25), ("elbow", 0.1)):
            positions[:, 0, NTU_25.index(f"{joint}_{side}"), 2] += share * swing
        for joint in ("knee", "ankle", "foot"):
            positions[:, 0, NTU_25.index(f"{joint}_{side}"), 1] += 0.15 * np.maximum(0, -swing)
    return SkeletonSequence(positions, time, NTU_25)
