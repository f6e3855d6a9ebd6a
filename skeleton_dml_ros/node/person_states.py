# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is drawn of each person: where they are, what they do, what they did last."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.make import Make
from skeleton_dml_ros.node.markers import LIFETIME, PersonState, PersonView, skeleton_markers
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame, person_name
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

SHOWN = 3.0
"""Seconds for which a decision is shown: long enough to be read twice."""

MAX_PEOPLE = 1000
"""People whose latest decision is remembered."""

_STATES = {
    Verdict.UNKNOWN: PersonState.UNKNOWN,
    Verdict.NO_REFERENCES: PersonState.UNKNOWN,
    Verdict.POORLY_SEEN: PersonState.POORLY_SEEN,
}


class PersonStates:
    """Remembers the latest decision on each person; safe to use from several threads.

    Args:
        make: makes messages.
    """

    def __init__(self, make: Make) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._latest: dict[tuple[str, str], Recognition] = {}
        self._due: dict[str, int] = {}

    def forget(self, input_name: str | None = None) -> None:
        """No decision on an input's people is known any more; None for all inputs."""
        with self._lock:
            for who in [one for one in self._latest if input_name in (None, one[0])]:
                del self._latest[who]

    def note(self, recognition: Recognition) -> None:
        """Remember a decision."""
        with self._lock:
            for person_id in recognition.person_ids:
                who = (recognition.input_name, person_id)
                self._latest.pop(who, None)
                self._latest[who] = recognition
            while len(self._latest) > MAX_PEOPLE:
                del self._latest[next(iter(self._latest))]

    def is_due(self, frame: SkeletonFrame, rate: float) -> bool:
        """Whether a frame is to be drawn, at so many a second of message time."""
        with self._lock:
            interval = round(NANOSECONDS_PER_SECOND / rate)
            late = frame.stamp_ns - self._due.get(frame.input_name, frame.stamp_ns)
            if -interval <= late < 0:
                return False
            # From when it was due on, so that of thirty frames a second ten are drawn, not seven.
            on_time = late if 0 <= late < interval else 0
            self._due[frame.input_name] = frame.stamp_ns + interval - on_time
            return True

    def markers(
        self,
        frame: SkeletonFrame,
        axes: Axes,
        moving: Mapping[tuple[str, str], bool],
        rate: float,
    ) -> Any:
        """A ``MarkerArray`` of everybody whom an input sees.

        Args:
            frame: where they are, in the Kinect's axes.
            axes: of the coordinate frame ``frame.frame_id``.
            moving: whether a movement of somebody, by input and person, goes on.
            rate: markers a second.
        """
        positions = from_kinect_axes(frame.positions, axes)
        people = [
            self._view(frame, row, positions[row], moving.get((frame.input_name, person_id), False))
            for row, person_id in enumerate(frame.person_ids)
        ]
        return skeleton_markers(
            self._make,
            frame.stamp_ns,
            frame.frame_id,
            frame.input_name,
            people,
            lifetime=max(LIFETIME, 2 / rate),
        )

    def _view(
        self, frame: SkeletonFrame, row: int, positions: NDArray[np.float32], moves: bool
    ) -> PersonView:
        person_id = frame.person_ids[row]
        with self._lock:
            latest = self._latest.get((frame.input_name, person_id))
        state = PersonState.MOVING if moves else PersonState.IDLE
        label, distance = "", float("inf")
        if latest is not None:
            since = frame.stamp_ns - latest.decided_ns
            if 0 <= since < SHOWN * NANOSECONDS_PER_SECOND:
                state = _state(latest)
                label, distance = latest.label, latest.distance
        return PersonView(
            person_id=person_name(frame.input_name, person_id),
            positions=positions,
            layout=frame.layout,
            state=state,
            label=label,
            distance=distance,
            asked=latest is not None and latest.report and state is PersonState.UNKNOWN,
        )


def _state(recognition: Recognition) -> PersonState:
    if recognition.verdict is Verdict.KNOWN:
        ignored = recognition.kind is ReferenceKind.IGNORE
        return PersonState.IGNORED if ignored else PersonState.KNOWN
    return _STATES[recognition.verdict]
