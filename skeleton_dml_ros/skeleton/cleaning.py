# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Remove a tracker's faults: joints at the origin, spikes of one frame, and short gaps.

Joints at the origin and spikes become unseen; short gaps are interpolated, long ones stay open.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence
from skeleton_dml_ros.skeleton.vectors import all_finite, lengths

MAXIMUM_GAP = 0.5
"""Seconds of a joint that are interpolated; in a longer gap a hand can make a whole stroke."""

SPIKE_DISTANCE = 0.3
"""Metres between a joint and the straight line between its neighbours in time from which it is a
spike: 9 m/s there and back at 30 Hz, several times the speed of a throw."""


def clean(
    sequence: SkeletonSequence,
    maximum_gap: float = MAXIMUM_GAP,
    spike_distance: float = SPIKE_DISTANCE,
) -> SkeletonSequence:
    """Remove joints at the origin and spikes, and interpolate short gaps.

    Interpolated joints are not ``observed``.

    Args:
        sequence: any layout; metres.
        maximum_gap: maximum length in seconds of a gap that is interpolated; at the ends of the
            sequence the nearest position is held.
        spike_distance: metres; see :data:`SPIKE_DISTANCE`.

    Raises:
        SkeletonError: a setting is negative, or spike_distance is zero.
    """
    if not maximum_gap >= 0:
        raise SkeletonError(f"maximum_gap is {maximum_gap}; pass seconds, 0 or more")
    if not spike_distance > 0:
        raise SkeletonError(f"spike_distance is {spike_distance}; pass metres, more than 0")
    positions = sanitize_positions(sequence.positions).copy()
    positions[_spikes(positions, sequence.timestamps, spike_distance)] = np.nan
    observed = sequence.observed & all_finite(positions)
    filled = fill_gaps(positions, sequence.timestamps, maximum_gap)
    return sequence.replace(positions=filled, observed=observed)


def sanitize_positions(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mark joints that are infinite, seen in part or at the origin as unseen (NaN).

    Trackers put joints that they do not see at the sensor's origin.

    Args:
        positions: (..., 3).

    Returns:
        (..., 3); the array itself if there is nothing to change.
    """
    squared = np.einsum("...i,...i->...", positions, positions)
    # Comparisons with NaN are false.
    seen = (squared > 0) & (squared < np.inf)
    if seen.all():
        return positions
    return np.where(seen[..., None], positions, np.float32(np.nan))


def sanitize_confidences(confidences: NDArray[np.float32]) -> NDArray[np.float32]:
    """Clip confidences of any shape to [0, 1], NaN to 0; the array itself if all are."""
    if ((confidences >= 0) & (confidences <= 1)).all():
        return confidences
    return np.clip(np.nan_to_num(confidences, nan=0.0), 0.0, 1.0)


def _spikes(
    positions: NDArray[np.float32], timestamps: NDArray[np.float64], spike_distance: float
) -> NDArray[np.bool_]:
    """(frames, bodies, joints): whether a joint leaves the line between its neighbours in time.

    The neighbours must be within half the distance of each other; otherwise the joint is just fast.
    """
    spikes = np.zeros(positions.shape[:3], dtype=bool)
    if len(positions) < 3:
        return spikes
    before, here, after = positions[:-2], positions[1:-1], positions[2:]
    share = (timestamps[1:-1] - timestamps[:-2]) / (timestamps[2:] - timestamps[:-2])
    expected = before + share[:, None, None, None].astype(np.float32) * (after - before)
    # Comparisons with NaN are false, so there are no spikes next to a gap.
    away = lengths(here - expected) > spike_distance
    still = lengths(after - before) < spike_distance / 2
    spikes[1:-1] = away & still
    return spikes


def fill_gaps(
    positions: NDArray[np.float32], timestamps: NDArray[np.float64], maximum_gap: float
) -> NDArray[np.float32]:
    """Interpolate unseen joints over gaps of at most ``maximum_gap`` seconds.

    A gap lasts from the last frame that saw the joint, or the first of the sequence, to the next
    frame that does, or the last of the sequence.

    Args:
        positions: (frames, bodies, joints, 3), NaN = not seen.
        timestamps: (frames,) seconds.
        maximum_gap: seconds; with infinity only joints that were never seen stay unseen.

    Returns:
        (frames, bodies, joints, 3); the array itself if every joint was seen.
    """
    seen = all_finite(positions)
    with_gaps = ~seen.all(axis=0)
    if not with_gaps.any():
        return positions
    filled = positions.copy()
    filled[:, with_gaps] = _filled(
        positions[:, with_gaps], seen[:, with_gaps], timestamps, maximum_gap
    )
    return filled


def _filled(
    positions: NDArray[np.float32],
    seen: NDArray[np.bool_],
    timestamps: NDArray[np.float64],
    maximum_gap: float,
) -> NDArray[np.float32]:
    """As :func:`fill_gaps`, for positions (frames, joints, 3) and ``seen`` (frames, joints)."""
    frames = len(positions)
    index = np.arange(frames)[:, None]
    before = np.maximum.accumulate(np.where(seen, index, -1), axis=0)
    after = np.minimum.accumulate(np.where(seen, index, frames)[::-1], axis=0)[::-1]
    has_before, has_after = before >= 0, after < frames
    before = np.where(has_before, before, np.minimum(after, frames - 1))
    after = np.where(has_after, after, np.maximum(before, 0))

    begins = np.where(has_before, timestamps[before], timestamps[0])
    ends = np.where(has_after, timestamps[after], timestamps[-1])
    # A nanosecond of tolerance, since stamps are sums of rounded steps.
    fill = ~seen & (has_before | has_after) & (ends - begins <= maximum_gap + 1e-9)

    width = timestamps[after] - timestamps[before]
    elapsed = timestamps[:, None] - timestamps[before]
    share = np.clip(elapsed / np.where(width > 0, width, 1), 0, 1)[..., None].astype(np.float32)
    left = np.take_along_axis(positions, before[..., None], axis=0)
    right = np.take_along_axis(positions, after[..., None], axis=0)
    return np.where(fill[..., None], left + share * (right - left), positions)
