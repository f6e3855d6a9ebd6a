# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A recorded movement: joint positions of one or more bodies over time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import Layout, get_layout, joint_count_error
from skeleton_dml_ros.skeleton.vectors import all_finite

NANOSECONDS_PER_SECOND = 1_000_000_000

MAX_SECONDS = 1e9
"""Thirty years; larger timestamps are not seconds."""


def nanoseconds(seconds: float) -> int:
    """Seconds as whole nanoseconds."""
    return round(seconds * NANOSECONDS_PER_SECOND)


class SkeletonError(SkeletonDmlError):
    """A skeleton, or one of its fields, is not valid."""


@dataclass(frozen=True, eq=False)
class SkeletonSequence:
    """Joint positions over time, validated and immutable.

    Arrays of the right type are not copied.

    Args:
        positions: (frames, bodies, joints, 3) float32, metres, NaN = not seen.  A joint has all
            of its coordinates or none.  2-D layouts have pixels in x and y, and 0 in z.
        timestamps: (frames,) float64, seconds since the sequence's start, strictly increasing.
        layout: the joints' names and order.
        start_ns: time of the sequence's start, nanoseconds.
        confidence: (frames, bodies, joints) float32 in [0, 1], or None if the source has none.
        observed: (frames, bodies, joints) bool: seen rather than derived or interpolated.
            By default where positions are finite.

    Raises:
        SkeletonError: a field is not valid; the message names it and its value.
    """

    positions: NDArray[np.float32]
    timestamps: NDArray[np.float64]
    layout: Layout
    start_ns: int = 0
    confidence: NDArray[np.float32] | None = None
    observed: NDArray[np.bool_] = None  # type: ignore[assignment]  # never None after construction

    if TYPE_CHECKING:
        # The constructor accepts more types than the fields hold afterwards.
        def __init__(
            self,
            positions: ArrayLike,
            timestamps: ArrayLike,
            layout: Layout,
            start_ns: int = 0,
            confidence: ArrayLike | None = None,
            observed: ArrayLike | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        positions = _array("positions", self.positions, np.float32)
        if positions.ndim != 4 or positions.shape[3] != 3:
            raise SkeletonError(
                f"positions have shape {positions.shape}; pass (frames, bodies, joints, 3)"
            )
        frames, bodies, joints, _ = positions.shape
        if frames == 0:
            raise SkeletonError("positions have no frame; pass at least one")
        if bodies == 0:
            raise SkeletonError("positions have no body; pass at least one")
        if joints != len(self.layout.joint_names):
            raise SkeletonError(joint_count_error(self.layout, joints))
        seen = all_finite(positions)
        if not seen.all() and not np.isnan(positions[~seen]).all():
            frame, body, joint = np.argwhere(~seen & ~np.isnan(positions).all(axis=3))[0]
            where = f"at frame {frame}, body {body}, joint {self.layout.joint_names[joint]}"
            if np.isinf(positions[frame, body, joint]).any():
                raise SkeletonError(
                    f"positions are infinite {where}; use NaN for joints that were not seen"
                )
            raise SkeletonError(f"some coordinates are NaN {where}; pass all three, or NaN for all")

        timestamps = _array("timestamps", self.timestamps, np.float64)
        if timestamps.shape != (frames,):
            raise SkeletonError(
                f"timestamps have shape {timestamps.shape}; pass one for each of the {frames} frames"
            )
        if not np.isfinite(timestamps).all():
            raise SkeletonError("timestamps are not all finite; pass seconds")
        if np.abs(timestamps).max() > MAX_SECONDS:
            raise SkeletonError(
                f"timestamps reach {np.abs(timestamps).max():g}; pass seconds since the start"
            )
        steps = np.diff(timestamps)
        if (steps <= 0).any():
            frame = int(np.argmax(steps <= 0)) + 1
            raise SkeletonError(
                f"timestamps do not increase at frame {frame}: {timestamps[frame]:.6f} s after "
                f"{timestamps[frame - 1]:.6f} s; remove frames with repeated or earlier timestamps"
            )

        confidence = self.confidence
        if confidence is not None:
            confidence = _array("confidence", confidence, np.float32)
            if confidence.shape != positions.shape[:3]:
                raise SkeletonError(
                    f"confidence has shape {confidence.shape}; pass {positions.shape[:3]}"
                )
            if not ((confidence >= 0) & (confidence <= 1)).all():
                bad = confidence[~((confidence >= 0) & (confidence <= 1))][0]
                raise SkeletonError(f"confidence has a value of {bad}; pass values in [0, 1]")

        observed = seen
        if self.observed is not None:
            observed = _array("observed", self.observed, np.bool_)
            if observed.shape != positions.shape[:3]:
                raise SkeletonError(
                    f"observed has shape {observed.shape}; pass {positions.shape[:3]}"
                )
            if (observed & ~seen).any():
                raise SkeletonError(
                    "observed is true for a joint whose position is NaN; set it to false"
                )

        for name, value in (
            ("positions", positions),
            ("timestamps", timestamps),
            ("confidence", confidence),
            ("observed", observed),
        ):
            if value is not None:
                value.flags.writeable = False
            object.__setattr__(self, name, value)
        object.__setattr__(self, "start_ns", int(self.start_ns))

    @classmethod
    def from_array(
        cls,
        positions: ArrayLike,
        layout: Layout | str,
        frame_rate: float | None = None,
        timestamps: ArrayLike | None = None,
    ) -> SkeletonSequence:
        """A sequence of positions in an array, with either a frame rate or timestamps.

        Args:
            positions: (frames, joints, 3) or (frames, bodies, joints, 3), metres, NaN = not seen.
            layout: of the joints, or its name.
            frame_rate: frames per second.
            timestamps: (frames,) seconds, strictly increasing.

        Raises:
            SkeletonDmlError: the layout is unknown, the shape does not fit it, or not exactly one
                of frame rate and timestamps is given.
        """
        if isinstance(layout, str):
            layout = get_layout(layout)
        array = _array("positions", positions, np.float32)
        if array.ndim not in (3, 4) or array.shape[-1] != 3:
            raise SkeletonError(
                f"positions have shape {array.shape}; pass (frames, joints, 3) or "
                "(frames, bodies, joints, 3)"
            )
        if array.ndim == 3:
            array = array[:, None]
        if (frame_rate is None) == (timestamps is None):
            raise SkeletonError(
                "positions need times; pass either frame_rate in frames per second or timestamps "
                "in seconds"
            )
        if timestamps is None:
            if frame_rate is None or not 0 < frame_rate < np.inf:
                raise SkeletonError(f"frame_rate is {frame_rate!r}; pass frames per second")
            timestamps = np.arange(len(array)) / frame_rate
        return cls(array, timestamps, layout)

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def bodies(self) -> int:
        """Number of bodies."""
        return int(self.positions.shape[1])

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return float(self.timestamps[-1] - self.timestamps[0])

    @property
    def end_ns(self) -> int:
        """Time of the last frame, nanoseconds."""
        return self.start_ns + round(float(self.timestamps[-1]) * NANOSECONDS_PER_SECOND)

    @property
    def visibility(self) -> float:
        """Share of joints that were observed, in [0, 1], over all frames and bodies."""
        return float(self.observed.mean())

    @property
    def visibility_in_view(self) -> float:
        """Share of joints that were observed, of those in view: observed in half of the frames or more.

        The legs of a person behind a table are out of view.  0 if no joint is in view.
        """
        in_view = self.observed.mean(axis=0) >= 0.5
        return float(self.observed[:, in_view].mean()) if in_view.any() else 0.0

    def replace(self, **fields: Any) -> SkeletonSequence:
        """A copy with other fields, validated again.

        With ``positions`` but not ``observed``, joints stay observed where positions are finite.
        """
        if "positions" in fields and "observed" not in fields:
            positions = np.asarray(fields["positions"])
            same = positions.shape == self.positions.shape
            fields["observed"] = self.observed & all_finite(positions) if same else None
        return replace(self, **fields)

    def mirrored(self) -> SkeletonSequence:
        """The mirror image: left and right joints exchanged, x negated."""
        order = np.arange(self.positions.shape[2])
        for left, right in self.layout.left_right_pairs:
            order[[left, right]] = right, left
        confidence = self.confidence
        return self.replace(
            positions=self.positions[:, :, order] * np.array([-1, 1, 1], dtype=np.float32),
            observed=self.observed[:, :, order],
            confidence=None if confidence is None else confidence[:, :, order],
        )

    def frames(self, start: int, stop: int) -> SkeletonSequence:
        """The frames from ``start`` to ``stop``, excluded; timestamps start at zero again.

        Raises:
            SkeletonError: there is no frame in the range.
        """
        selected = slice(start, stop)
        times = self.timestamps[selected]
        if len(times) == 0:
            raise SkeletonError(f"there is no frame between {start} and {stop} of {len(self)}")
        offset = float(times[0])
        return SkeletonSequence(
            positions=self.positions[selected],
            timestamps=times - offset,
            layout=self.layout,
            start_ns=self.start_ns + round(offset * NANOSECONDS_PER_SECOND),
            confidence=None if self.confidence is None else self.confidence[selected],
            observed=self.observed[selected],
        )

    def between(self, start_ns: int, end_ns: int) -> SkeletonSequence:
        """The frames from ``start_ns`` to ``end_ns``, both included.

        Raises:
            SkeletonError: there is no frame in the interval.
        """
        stamps = self.start_ns + np.round(self.timestamps * NANOSECONDS_PER_SECOND).astype(np.int64)
        first = int(np.searchsorted(stamps, start_ns, side="left"))
        last = int(np.searchsorted(stamps, end_ns, side="right"))
        return self.frames(first, last)


def _array(name: str, value: ArrayLike, dtype: Any) -> NDArray[Any]:
    """``value`` as a view of the given type, so that the caller's array stays writeable."""
    try:
        return np.asarray(value, dtype=dtype).view()
    except (TypeError, ValueError) as error:
        raise SkeletonError(f"{name} is not an array of {np.dtype(dtype).name}: {error}") from error
