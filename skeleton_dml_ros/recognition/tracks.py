# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tracks: the recent raw frames of each person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.segmentation import Segmenter
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import (
    NANOSECONDS_PER_SECOND,
    SkeletonSequence,
    nanoseconds,
)

FASTEST_RATE = 60
"""Frame rate that the buffer is sized for; of a faster input fewer seconds are kept."""


class NoFramesError(SkeletonDmlError):
    """No frames are kept of the given time."""


class Track:
    """The recent frames of one person, in a buffer of constant size.

    The buffer has twice the capacity; when it is full, the newer half moves to the front, so any
    interval is one slice.

    Args:
        input_name: the camera.
        person_id: unique within the input.
        layout: of the person's joints.
        seconds: length of the buffer.
        segmenter: of this person's stream.
    """

    def __init__(
        self,
        input_name: str,
        person_id: str,
        layout: Layout,
        seconds: float,
        segmenter: Segmenter,
    ) -> None:
        self.input_name = input_name
        self.person_id = person_id
        self.layout = layout
        self.segmenter = segmenter
        self.present = True
        joints = len(layout.joint_names)
        self._kept_ns = nanoseconds(seconds)
        self._capacity = max(2, round(seconds * FASTEST_RATE))
        self._stamps = np.zeros(2 * self._capacity, dtype=np.int64)
        self._positions = np.zeros((2 * self._capacity, joints, 3), dtype=np.float32)
        self._places = np.zeros((2 * self._capacity, 3), dtype=np.float32)
        # NaN for a frame without confidences.
        self._confidences = np.zeros((2 * self._capacity, joints), dtype=np.float32)
        self._count = 0

    @property
    def last_ns(self) -> int:
        """Stamp of the latest frame."""
        return int(self._stamps[self._count - 1])

    def append(
        self,
        stamp_ns: int,
        positions: NDArray[np.float32],
        confidences: NDArray[np.float32] | None,
        place: NDArray[np.float32],
    ) -> None:
        """Add a frame: positions (joints, 3), confidences (joints,) or None, the person's place (3,)."""
        if self._count == len(self._stamps):
            for buffer in (self._stamps, self._positions, self._places, self._confidences):
                buffer[: self._capacity] = buffer[self._capacity :]
            self._count = self._capacity
        self._stamps[self._count] = stamp_ns
        self._positions[self._count] = positions
        self._places[self._count] = place
        self._confidences[self._count] = np.nan if confidences is None else confidences
        self._count += 1

    def stamps(self, start_ns: int, end_ns: int) -> NDArray[np.int64]:
        """Stamps of the kept frames from ``start_ns`` to ``end_ns``, both included."""
        return self._stamps[self._slice(start_ns, end_ns)]

    def places(self, start_ns: int, end_ns: int) -> NDArray[np.float32]:
        """(frames, 3) the person's places from ``start_ns`` to ``end_ns``."""
        return self._places[self._slice(start_ns, end_ns)]

    def sequence(self, start_ns: int, end_ns: int) -> SkeletonSequence:
        """The raw frames from ``start_ns`` to ``end_ns``, as a sequence of one body.

        If only some frames have confidences, the others' are 1.

        Raises:
            NoFramesError: there are none.
        """
        frames = self._slice(start_ns, end_ns)
        stamps = self._stamps[frames]
        if len(stamps) == 0:
            first, last = self._stamps[self._slice(0, self.last_ns)][[0, -1]]
            raise NoFramesError(
                f"person {self.person_id} of input {self.input_name} was not seen between "
                f"{_seconds(start_ns)} and {_seconds(end_ns)} s; frames are kept from "
                f"{_seconds(first)} to {_seconds(last)} s"
            )
        return SkeletonSequence(
            positions=self._positions[frames][:, None].copy(),
            timestamps=(stamps - stamps[0]) / NANOSECONDS_PER_SECOND,
            layout=self.layout,
            start_ns=int(stamps[0]),
            confidence=_filled(self._confidences[frames][:, None]),
        )

    def _slice(self, start_ns: int, end_ns: int) -> slice:
        """Where the frames of an interval are in the buffer."""
        stamps = self._stamps[: self._count]
        oldest = max(start_ns, self.last_ns - self._kept_ns)
        begin = int(np.searchsorted(stamps, oldest, side="left"))
        return slice(
            max(begin, self._count - self._capacity),
            int(np.searchsorted(stamps, end_ns, side="right")),
        )


def _filled(confidences: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Confidences with 1 instead of NaN; None if all are NaN."""
    missing = np.isnan(confidences)
    return None if missing.all() else np.where(missing, np.float32(1), confidences)


def _seconds(stamp_ns: int) -> str:
    return f"{stamp_ns / NANOSECONDS_PER_SECOND:.3f}"


def pair_sequence(first: Track, second: Track, start_ns: int, end_ns: int) -> SkeletonSequence:
    """Two people's frames of an interval, at the stamps that both have.

    Raises:
        NoFramesError: they share no stamp.
    """
    one, two = first.sequence(start_ns, end_ns), second.sequence(start_ns, end_ns)
    shared, in_first, in_second = np.intersect1d(
        first.stamps(start_ns, end_ns), second.stamps(start_ns, end_ns), return_indices=True
    )
    if len(shared) == 0:
        raise NoFramesError(
            f"persons {first.person_id} and {second.person_id} of input {first.input_name} share no "
            "frame in this interval"
        )
    confidence = None
    if one.confidence is not None or two.confidence is not None:
        confidence = np.concatenate([_or_ones(one)[in_first], _or_ones(two)[in_second]], axis=1)
    return SkeletonSequence(
        positions=np.concatenate([one.positions[in_first], two.positions[in_second]], axis=1),
        timestamps=(shared - shared[0]) / NANOSECONDS_PER_SECOND,
        layout=first.layout,
        start_ns=int(shared[0]),
        confidence=confidence,
    )


def _or_ones(sequence: SkeletonSequence) -> NDArray[np.float32]:
    """(frames, bodies, joints): the confidences, or 1."""
    if sequence.confidence is not None:
        return sequence.confidence
    return np.ones(sequence.positions.shape[:3], dtype=np.float32)
