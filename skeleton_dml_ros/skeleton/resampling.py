# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Resample sequences of any length and frame rate to a fixed number of frames."""

from __future__ import annotations

import numpy as np

from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence


def resample(sequence: SkeletonSequence, frames: int) -> SkeletonSequence:
    """The sequence at ``frames`` instants, evenly spaced in time.

    Resampling by time rather than by index makes the result independent of the frame rate.
    Positions and confidences are interpolated linearly; a joint is seen, and observed, if it is in
    both neighbouring frames.  A sequence of one frame is held for a second.

    Args:
        sequence: any layout.
        frames: number of frames, at least 2.

    Raises:
        SkeletonError: frames is less than 2.
    """
    if frames < 2:
        raise SkeletonError(f"cannot resample to {frames} frames; pass at least 2")
    if len(sequence) == 1:
        return SkeletonSequence(
            positions=np.repeat(sequence.positions, frames, axis=0),
            timestamps=np.linspace(0.0, 1.0, frames),
            layout=sequence.layout,
            start_ns=sequence.start_ns,
            confidence=None
            if sequence.confidence is None
            else np.repeat(sequence.confidence, frames, axis=0),
            observed=np.repeat(sequence.observed, frames, axis=0),
        )
    source = sequence.timestamps
    target = np.linspace(source[0], source[-1], frames)
    right = np.clip(np.searchsorted(source, target, side="left"), 1, len(source) - 1)
    left = right - 1
    share = (target - source[left]) / (source[right] - source[left])
    # An instant that coincides with a frame does not depend on its neighbour.
    left = np.where(share >= 1.0, right, left)
    right = np.where(share <= 0.0, left, right)
    weight = share.astype(np.float32)[:, None, None]

    positions = sequence.positions
    confidence = sequence.confidence
    return SkeletonSequence(
        positions=positions[left] + weight[..., None] * (positions[right] - positions[left]),
        timestamps=target,
        layout=sequence.layout,
        start_ns=sequence.start_ns,
        confidence=None
        if confidence is None
        else np.clip(confidence[left] + weight * (confidence[right] - confidence[left]), 0, 1),
        observed=sequence.observed[left] & sequence.observed[right],
    )
