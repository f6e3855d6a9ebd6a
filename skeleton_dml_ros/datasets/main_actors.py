# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Select the people who act; sensors also report bystanders, furniture and reflections as bodies.

A person whose id changes is one body.  Not actors are bodies that were seen in a few frames only, that are
too flat for a person (the limits for both are those commonly used for NTU RGB+D, in the preprocessing of
CTR-GCN, ICCV 2021), or that stand still while another moves.  Of the rest, NTU RGB+D's authors take the
body whose joints move most, measured by the summed variance of all coordinates.
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

BRIEF_FRAMES = 11
"""Maximum frames of a body that is a ghost beside one seen for longer."""

STILL_MOTION = 0.02
"""Square metres, see :func:`motion`: a body of 25 joints with less varies by 16 mm a coordinate or less."""

MAX_TRACKED = 32
"""Maximum number of bodies that are compared; a damaged file may have thousands."""

SAME_PLACE = 0.5
"""Metres between the last place of one body and the first of another within which both may be one
person."""


def main_actors(
    sequence: SkeletonSequence, max_actors: int | None = MAX_ACTORS, still: bool = False
) -> SkeletonSequence:
    """The sequence of the people who act, in descending order of motion.

    Brief, flat and still bodies are excluded, each unless that would leave nobody.

    Args:
        sequence: any number of bodies.
        max_actors: maximum number of bodies kept; None keeps all.
        still: whether people who stand still may take part, as in an action of two people.
    """
    if sequence.bodies == 1:
        return sequence
    sequence = join_bodies(sequence)
    positions = sequence.positions
    moved = motion(positions)
    excluded = [_present(positions).sum(axis=0) <= BRIEF_FRAMES, are_flat(positions)]
    if not still:
        excluded.append(moved < STILL_MOTION)
    candidates = np.arange(sequence.bodies)
    for kind in excluded:
        left = candidates[~kind[candidates]]
        candidates = left if len(left) > 0 else candidates
    # Bodies with equal motion keep their order.
    order = np.argsort(-moved[candidates], kind="stable")
    return select_bodies(sequence, candidates[order[:max_actors]])


def select_bodies(sequence: SkeletonSequence, bodies: NDArray[np.intp]) -> SkeletonSequence:
    """The sequence of these bodies, in this order."""
    return sequence.replace(
        positions=sequence.positions[:, bodies],
        confidence=None if sequence.confidence is None else sequence.confidence[:, bodies],
        observed=sequence.observed[:, bodies],
    )


def join_bodies(sequence: SkeletonSequence) -> SkeletonSequence:
    """The sequence with one body for each person whose id changed.

    Bodies are one person if no frame has both, and each appears where the other was last.  Of more than
    `MAX_TRACKED` bodies, those seen longest are kept.
    """
    seen = _present(sequence.positions).sum(axis=0)
    bodies = np.sort(np.argsort(-seen, kind="stable")[:MAX_TRACKED])
    places = _places(sequence.positions)
    owners: list[NDArray[np.intp]] = []
    """For each person the body in each frame, -1 for none."""
    for body in bodies[seen[bodies] > 0]:
        own = np.where(np.isfinite(places[:, body, 0]), body, -1)
        for number, other in enumerate(owners):
            if _is_same_person(own, other, places):
                owners[number] = np.maximum(own, other)
                break
        else:
            owners.append(own)
    if len(owners) in (0, sequence.bodies):
        return sequence
    # A frame without the person is taken from a body that is absent there too.
    taken = np.stack([np.where(owner < 0, owner.max(), owner) for owner in owners], axis=1)
    frames = np.arange(len(sequence))[:, None]
    return sequence.replace(
        positions=sequence.positions[frames, taken],
        confidence=None if sequence.confidence is None else sequence.confidence[frames, taken],
        observed=sequence.observed[frames, taken],
    )


def _is_same_person(
    first: NDArray[np.intp], second: NDArray[np.intp], places: NDArray[np.float64]
) -> bool:
    if ((first >= 0) & (second >= 0)).any():
        return False
    either = np.maximum(first, second)
    frames = np.flatnonzero(either >= 0)
    changes = np.flatnonzero(np.diff(first[frames] >= 0))
    before, after = frames[changes], frames[changes + 1]
    steps = places[after, either[after]] - places[before, either[before]]
    return len(changes) > 0 and bool((np.linalg.norm(steps, axis=-1) < SAME_PLACE).all())


def _present(positions: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(frames, bodies) whether a joint was seen."""
    return np.asarray(np.isfinite(positions[..., 0]).any(axis=2))


def _places(positions: NDArray[np.float32]) -> NDArray[np.float64]:
    """(frames, bodies, 3) mean of the joints that were seen; NaN without one."""
    is_seen = np.isfinite(positions)
    count = is_seen.sum(axis=2)
    sums = np.where(is_seen, positions, 0).sum(axis=2, dtype=np.float64)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)


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
