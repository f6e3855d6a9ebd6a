# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Select the people who act; sensors also report bystanders, furniture and reflections as bodies.

NTU RGB+D's authors take the body whose joints move most, measured by the summed variance of all
coordinates.  Bodies too flat for a person are excluded first, with the limits commonly used for this
set (preprocessing of CTR-GCN, ICCV 2021).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

MAX_ACTORS = 2
"""Maximum number of people in an action."""

FLAT_RATIO = 0.8
"""Ratio of a body's spread in x to that in y above which it is flat in a frame; people are higher than
wide."""

FLAT_SHARE = 0.7
"""Share of its frames in which a body must be flat to be excluded; people bend down, fall and stretch
their arms, but not all the time."""


def main_actors(sequence: SkeletonSequence, max_actors: int = MAX_ACTORS) -> SkeletonSequence:
    """The sequence of the people who act, in descending order of motion.

    Flat bodies are excluded unless all bodies are flat.

    Args:
        sequence: any number of bodies.
        max_actors: maximum number of bodies kept.
    """
    if sequence.bodies == 1:
        return sequence
    positions = sequence.positions
    candidates = np.flatnonzero(~are_flat(positions))
    if len(candidates) == 0:
        candidates = np.arange(sequence.bodies)
    # Bodies with equal motion keep their order.
    order = np.argsort(-motion(positions[:, candidates]), kind="stable")
    kept = candidates[order[:max_actors]]
    return SkeletonSequence(
        positions=positions[:, kept],
        timestamps=sequence.timestamps,
        layout=sequence.layout,
        start_ns=sequence.start_ns,
        confidence=None if sequence.confidence is None else sequence.confidence[:, kept],
        observed=sequence.observed[:, kept],
    )


def motion(positions: NDArray[np.float32]) -> NDArray[np.float64]:
    """(bodies,) square metres: summed variance over time of all coordinates of a body.

    Args:
        positions: (frames, bodies, joints, 3), NaN = not seen.
    """
    is_seen = np.isfinite(positions)
    frames = np.maximum(is_seen.sum(axis=0), 1)
    values = np.where(is_seen, positions, 0).astype(np.float64)
    errors = np.where(is_seen, values - values.sum(axis=0) / frames, 0)
    return np.asarray(((errors**2).sum(axis=0) / frames).sum(axis=(1, 2)))


def are_flat(positions: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(bodies,) whether a body is flat: its spread in x is too large for that in y.

    Args:
        positions: (frames, bodies, joints, 3), NaN = not seen.
    """
    is_seen = np.isfinite(positions)
    # The spread of an absent body is minus infinity, which is not flat.
    highest = np.where(is_seen, positions, -np.inf).max(axis=2)
    spread = highest - np.where(is_seen, positions, np.inf).min(axis=2)
    is_flat = spread[..., 0] > FLAT_RATIO * spread[..., 1]
    frames = is_seen[..., 0].any(axis=2).sum(axis=0)
    return np.asarray((is_flat.sum(axis=0) >= FLAT_SHARE * frames) & (frames > 0))
