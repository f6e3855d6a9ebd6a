# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who acts: a sensor also takes bystanders, furniture and reflections for bodies.

NTU RGB+D's authors take the body whose joints move most, measured as the sum of the variances of
all coordinates.  Before that, bodies that are too flat for a person are left out; the limits are
those that have become customary with this set (the preprocessing of CTR-GCN, ICCV 2021).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

MAX_ACTORS = 2
"""An action is of one person, or of two with each other."""

FLAT_RATIO = 0.8
"""Spread of a body's joints in x against that in y, over which it is flat in a frame: people are
higher than wide."""

FLAT_SHARE = 0.7
"""Share of its frames in which a body that is none is flat.  People bend down, fall, and stretch
their arms, but not throughout."""


def main_actors(sequence: SkeletonSequence, most: int = MAX_ACTORS) -> SkeletonSequence:
    """The sequence of those who act, the one who moves most first.

    A flat body is left out where another is there that is not.

    Args:
        sequence: of any number of bodies.
        most: how many of them are kept at most.
    """
    if sequence.bodies == 1:
        return sequence
    positions = sequence.positions
    candidates = np.flatnonzero(~are_flat(positions))
    if len(candidates) == 0:
        candidates = np.arange(sequence.bodies)
    # Of bodies that move equally the first in the file is first.
    order = np.argsort(-motion(positions[:, candidates]), kind="stable")
    kept = candidates[order[:most]]
    return SkeletonSequence(
        positions=positions[:, kept],
        timestamps=sequence.timestamps,
        layout=sequence.layout,
        start_ns=sequence.start_ns,
        confidence=None if sequence.confidence is None else sequence.confidence[:, kept],
        observed=sequence.observed[:, kept],
    )


def motion(positions: NDArray[np.float32]) -> NDArray[np.float64]:
    """(bodies,) square metres: the variances over time of all coordinates of a body, added up.

    Args:
        positions: (frames, bodies, joints, 3), NaN = not seen.
    """
    is_seen = np.isfinite(positions)
    frames = np.maximum(is_seen.sum(axis=0), 1)
    values = np.where(is_seen, positions, 0).astype(np.float64)
    errors = np.where(is_seen, values - values.sum(axis=0) / frames, 0)
    return np.asarray(((errors**2).sum(axis=0) / frames).sum(axis=(1, 2)))


def are_flat(positions: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(bodies,) whether a body's joints spread too far in x for their spread in y.

    Args:
        positions: (frames, bodies, joints, 3), NaN = not seen.
    """
    is_seen = np.isfinite(positions)
    # Of a body that is away the spread is minus infinity, which is not flat.
    highest = np.where(is_seen, positions, -np.inf).max(axis=2)
    spread = highest - np.where(is_seen, positions, np.inf).min(axis=2)
    is_flat = spread[..., 0] > FLAT_RATIO * spread[..., 1]
    frames = is_seen[..., 0].any(axis=2).sum(axis=0)
    return np.asarray((is_flat.sum(axis=0) >= FLAT_SHARE * frames) & (frames > 0))
