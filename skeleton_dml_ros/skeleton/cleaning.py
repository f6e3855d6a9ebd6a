# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Make a recorded sequence whole where the sensor's faults can be told from movement.

Trackers fail in three ways that are seen in the recordings of every camera: a joint is reported
at the sensor's own origin (all coordinates exactly zero), a joint jumps away for one frame and
back again, and a joint is lost for some frames.  The first two become "not seen"; what is not
seen for a short time is interpolated.  Long gaps stay open: nobody knows what happened in them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.sanitization import sanitize_positions
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence
from skeleton_dml_ros.skeleton.vectors import all_finite, lengths

MAXIMUM_GAP = 0.5
"""Seconds of a joint that are filled in.  In half a second a hand can draw a whole stroke, and a
longer guess would invent one."""

SPIKE_DISTANCE = 0.3
"""Metres from the path between its neighbours at which a joint in a single frame is a spike: at
30 Hz a hand would need 9 m/s there and 9 m/s back, several times what a throw reaches."""


def clean(
    sequence: SkeletonSequence,
    maximum_gap: float = MAXIMUM_GAP,
    spike_distance: float = SPIKE_DISTANCE,
) -> SkeletonSequence:
    """The sequence without zeros, single-frame spikes and short gaps.

    ``observed`` stays false where a joint was filled in.

    Args:
        sequence: any layout; metres.
        maximum_gap: seconds up to which a joint that was not seen is interpolated between the
            frames before and after; at the beginning and the end of the sequence it is held.
        spike_distance: metres; see :data:`SPIKE_DISTANCE`.

    Raises:
        SkeletonError: a setting is not positive.
    """
    if not maximum_gap >= 0:
        raise SkeletonError(f"maximum_gap is {maximum_gap}; give seconds, 0 or more")
    if not spike_distance > 0:
        raise SkeletonError(f"spike_distance is {spike_distance}; give metres, more than 0")
    positions = sanitize_positions(sequence.positions).copy()
    positions[_spikes(positions, sequence.timestamps, spike_distance)] = np.nan
    observed = sequence.observed & all_finite(positions)
    filled = fill_gaps(positions, sequence.timestamps, maximum_gap)
    return sequence.replace(positions=filled, observed=observed)


def _spikes(
    positions: NDArray[np.float32], timestamps: NDArray[np.float64], spike_distance: float
) -> NDArray[np.bool_]:
    """Where a joint leaves the straight path between its neighbours in time, for one frame.

    The neighbours must be near each other (half the distance), else the joint is just fast.

    Returns:
        (frames, bodies, joints) bool.
    """
    spikes = np.zeros(positions.shape[:3], dtype=bool)
    if len(positions) < 3:
        return spikes
    before, here, after = positions[:-2], positions[1:-1], positions[2:]
    share = (timestamps[1:-1] - timestamps[:-2]) / (timestamps[2:] - timestamps[:-2])
    expected = before + share[:, None, None, None].astype(np.float32) * (after - before)
    # Comparisons with NaN are false: next to a gap nothing counts as a spike.
    away = lengths(here - expected) > spike_distance
    still = lengths(after - before) < spike_distance / 2
    spikes[1:-1] = away & still
    return spikes


def fill_gaps(
    positions: NDArray[np.float32], timestamps: NDArray[np.float64], maximum_gap: float
) -> NDArray[np.float32]:
    """Interpolate unseen joints over gaps of at most ``maximum_gap`` seconds.

    A gap lasts from the last frame that saw the joint to the next that does; at the sequence's
    ends, from the first or last frame.

    Args:
        positions: (frames, bodies, joints, 3), NaN = not seen.
        timestamps: (frames,) seconds.
        maximum_gap: seconds; infinity leaves open only joints that were never seen.

    Returns:
        (frames, bodies, joints, 3); the input itself where nothing was missing.
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
    """The same for positions (frames, joints, 3) of which ``seen`` (frames, joints) are there."""
    frames = len(positions)
    index = np.arange(frames)[:, None]
    before = np.maximum.accumulate(np.where(seen, index, -1), axis=0)
    after = np.minimum.accumulate(np.where(seen, index, frames)[::-1], axis=0)[::-1]
    has_before, has_after = before >= 0, after < frames
    before = np.where(has_before, before, np.minimum(after, frames - 1))
    after = np.where(has_after, after, np.maximum(before, 0))

    begins = np.where(has_before, timestamps[before], timestamps[0])
    ends = np.where(has_after, timestamps[after], timestamps[-1])
    # A nanosecond of slack: stamps are sums of rounded steps.
    fill = ~seen & (has_before | has_after) & (ends - begins <= maximum_gap + 1e-9)

    width = timestamps[after] - timestamps[before]
    elapsed = timestamps[:, None] - timestamps[before]
    share = np.clip(elapsed / np.where(width > 0, width, 1), 0, 1)[..., None].astype(np.float32)
    left = np.take_along_axis(positions, before[..., None], axis=0)
    right = np.take_along_axis(positions, after[..., None], axis=0)
    return np.where(fill[..., None], left + share * (right - left), positions)
