# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""RViz markers: skeletons, coloured and labelled by each person's state.

Each person has three markers: bones, joints and a label above the head.  Each kind has its own
namespace (``camera/bones``, ``camera/joints``, ``camera/label``), so it can be hidden in RViz.  A
person's markers have the same id in all namespaces and messages, so a new marker replaces the old one.
Markers of people who have left expire after their lifetime; no deletions are sent.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.messages.make import Make, header
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.recognition.settings import GAP
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame, person_name
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

LIFETIME = GAP
"""Lifetime of a marker in seconds: the time for which a person may be out of sight.  At low marker rates,
two periods."""

BONE_WIDTH = 0.025
JOINT_DIAMETER = 0.05
"""In metres.  Thinner than a limb, so that a hand in front of the chest stays visible, and thick enough
for a few pixels at ten metres."""

TEXT_HEIGHT = 0.12
"""Height of a capital letter in metres: "wave 0.28" is about as wide as a person's shoulders."""

TEXT_ABOVE = 0.3
"""Distance in metres from the head joint to the label's centre."""

MAX_TEXT_LENGTH = 24
"""Maximum length of a displayed action name in characters."""

# Constants of visualization_msgs/Marker.
LINE_LIST, SPHERE_LIST, TEXT_VIEW_FACING = 5, 7, 9
ADD = 0

HIPS = ("hip_left", "hip_right", "pelvis", "spine_base", "mid_hip", "hip_center", "body")
SHOULDERS = ("shoulder_left", "shoulder_right", "spine_shoulder", "shoulder_center", "neck")
HEAD = ("head", "nose", "eye_left", "eye_right", "ear_left", "ear_right")


class PersonState(Enum):
    """A person's state; the value is its colour.

    Based on the colour-blind safe palette of Okabe and Ito, partly lightened to be legible on RViz's
    dark grey.  The label conveys the same information.
    """

    IDLE = "#949BA2"
    """Standing still."""
    MOVING = "#F7EE7F"
    """Moving."""
    KNOWN = "#56B4E9"
    """Performed a known action."""
    UNKNOWN = "#E69F00"
    """Performed an unknown action."""
    IGNORED = "#938BFF"
    """Performed a movement to ignore."""
    POORLY_SEEN = "#FFC0E0"
    """Performed a movement with too few visible joints."""


BACKGROUND = "#303030"
"""Background colour of RViz and of ``config/recognition.rviz``."""


@dataclass(frozen=True, eq=False)
class PersonView:
    """One person to draw.

    Attributes:
        person_id: ``input/person``.
        positions: (joints, 3) metres in the axes of the message's frame; NaN = not seen.
        layout: joint layout.
        state: state to show.
        label: label of the recognised action.
        confidence: confidence of the recognised action.
        asked: whether the unknown action was reported on ``~/unknown_actions``.
    """

    person_id: str
    positions: NDArray[np.float32]
    layout: Layout
    state: PersonState = PersonState.IDLE
    label: str = ""
    confidence: float = 0.0
    asked: bool = False


def skeleton_markers(
    make: Make,
    stamp_ns: int,
    frame_id: str,
    namespace: str,
    people: Sequence[PersonView],
    lifetime: float = LIFETIME,
    origin: ArrayLike = (0.0, 0.0, 0.0),
) -> Any:
    """A ``visualization_msgs/MarkerArray`` with markers of all people.

    Args:
        make: creates messages.
        stamp_ns: time of the positions.
        frame_id: coordinate frame of the positions.
        namespace: prefix of the markers' namespaces, such as the input's name.
        people: people to draw; those without a visible joint are skipped.
        lifetime: seconds until a marker expires.
        origin: (3,) metres in the coordinate frame, of the positions.
    """
    head = header(make, stamp_ns, frame_id)
    seconds, nanoseconds = divmod(round(lifetime * NANOSECONDS_PER_SECOND), NANOSECONDS_PER_SECOND)
    common = {
        "header": head,
        "action": ADD,
        "lifetime": make("builtin_interfaces/msg/Duration", sec=seconds, nanosec=nanoseconds),
    }
    markers = [
        make(
            "visualization_msgs/msg/Marker",
            ns=f"{namespace}/{kind}",
            id=marker_id(person.person_id),
            color=_colour(make, person.state),
            **common,
            **fields,
        )
        for person in people
        for kind, fields in _parts(make, person, np.asarray(origin, dtype=np.float64))
    ]
    return make("visualization_msgs/msg/MarkerArray", markers=markers)


def marker_id(person_id: str) -> int:
    """The id of a person's markers, in [0, 2^31); the same in every process.

    Among 32 people two ids collide with a probability of 1 in 4 million; then one person is hidden.
    """
    return zlib.crc32(person_id.encode("utf-8", "surrogatepass")) & 0x7FFFFFFF


def caption(person: PersonView) -> str:
    """The label's text: the person's state, or the person's id if idle."""
    label = person.label
    if len(label) > MAX_TEXT_LENGTH:
        label = label[:MAX_TEXT_LENGTH].rstrip() + "..."
    if person.state is PersonState.MOVING:
        return "moving ..."
    if person.state is PersonState.KNOWN:
        return f"{label} {person.confidence:.0%}"
    if person.state is PersonState.UNKNOWN:
        return "what was that?" if person.asked else "unknown"
    if person.state is PersonState.IGNORED:
        return f"ignored: {label}"
    if person.state is PersonState.POORLY_SEEN:
        return "poorly seen"
    return person.person_id


def _parts(
    make: Make, person: PersonView, origin: NDArray[np.float64]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the kind and the specific fields of each of a person's markers."""
    seen = np.asarray(np.isfinite(person.positions).all(axis=1))
    if not seen.any():
        return
    bones = _bones(person.layout)
    ends = person.positions[bones[seen[bones].all(axis=1)]].reshape(-1, 3)
    if len(ends):
        yield (
            "bones",
            {
                "type": LINE_LIST,
                "pose": _pose(make, origin.tolist()),
                "scale": _vector(make, BONE_WIDTH, 0.0, 0.0),
                "points": _points(make, ends),
            },
        )
    yield (
        "joints",
        {
            "type": SPHERE_LIST,
            "pose": _pose(make, origin.tolist()),
            "scale": _vector(make, JOINT_DIAMETER, JOINT_DIAMETER, JOINT_DIAMETER),
            "points": _points(make, person.positions[seen]),
        },
    )
    above = _above_the_head(person.positions, seen, person.layout) + origin
    yield (
        "label",
        {
            "type": TEXT_VIEW_FACING,
            "pose": _pose(make, above.tolist()),
            "scale": _vector(make, 0.0, 0.0, TEXT_HEIGHT),
            "text": caption(person),
        },
    )


def _above_the_head(
    positions: NDArray[np.float32], seen: NDArray[np.bool_], layout: Layout
) -> NDArray[np.float64]:
    """Position of the label, (3,): along the line from the hips, or else the shoulders, to the head.

    This works for any direction of the axes.  If only one of these is visible, the label is placed on
    it; if none is, in the centre of the visible joints.
    """
    levels = [
        positions[joints[seen[joints]]].mean(axis=0, dtype=np.float64)
        for joints in _levels(layout)
        if seen[joints].any()
    ]
    if not levels:
        return np.asarray(positions[seen].mean(axis=0, dtype=np.float64))
    up = levels[-1] - levels[0]
    length = float(np.linalg.norm(up))
    return np.asarray(levels[-1] + TEXT_ABOVE * up / length) if length > 0 else levels[-1]


@lru_cache(maxsize=64)
def _bones(layout: Layout) -> NDArray[np.intp]:
    """(bones, 2) joint and parent; empty for a layout without a hierarchy."""
    pairs = [(joint, parent) for joint, parent in enumerate(layout.parents) if parent >= 0]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


@lru_cache(maxsize=64)
def _levels(layout: Layout) -> tuple[NDArray[np.intp], ...]:
    """Joints of the hips, the shoulders and the head."""
    return tuple(
        np.array([i for i, name in enumerate(layout.joint_names) if name in names], dtype=np.intp)
        for names in (HIPS, SHOULDERS, HEAD)
    )


def _points(make: Make, positions: NDArray[np.float32]) -> list[Any]:
    return [make("geometry_msgs/msg/Point", x=x, y=y, z=z) for x, y, z in positions.tolist()]


def _pose(make: Make, position: Sequence[float]) -> Any:
    x, y, z = position
    return make(
        "geometry_msgs/msg/Pose",
        position=make("geometry_msgs/msg/Point", x=x, y=y, z=z),
        orientation=make("geometry_msgs/msg/Quaternion", x=0.0, y=0.0, z=0.0, w=1.0),
    )


def _vector(make: Make, x: float, y: float, z: float) -> Any:
    return make("geometry_msgs/msg/Vector3", x=x, y=y, z=z)


def _colour(make: Make, state: PersonState) -> Any:
    red, green, blue = bytes.fromhex(state.value[1:])
    return make("std_msgs/msg/ColorRGBA", r=red / 255, g=green / 255, b=blue / 255, a=1.0)


SHOWN = 3.0
"""Seconds for which a decision is displayed."""

MAX_PEOPLE = 1000
"""Maximum number of people whose latest decision is remembered."""

_STATES = {
    Verdict.UNKNOWN: PersonState.UNKNOWN,
    Verdict.NO_REFERENCES: PersonState.UNKNOWN,
    Verdict.POORLY_SEEN: PersonState.POORLY_SEEN,
}


class PersonMarkers:
    """Creates markers from frames and each person's latest decision; thread-safe.

    Args:
        make: creates messages.
    """

    def __init__(self, make: Make) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._latest: dict[tuple[str, str], Recognition] = {}
        self._due: dict[str, int] = {}

    def forget(self, input_name: str | None = None) -> None:
        """Forget the decisions of an input, or of all inputs if None."""
        with self._lock:
            for who in [one for one in self._latest if input_name in (None, one[0])]:
                del self._latest[who]

    def note(self, recognition: Recognition) -> None:
        """Remember a decision as its people's latest."""
        with self._lock:
            for person_id in recognition.person_ids:
                who = (recognition.input_name, person_id)
                self._latest.pop(who, None)
                self._latest[who] = recognition
            while len(self._latest) > MAX_PEOPLE:
                del self._latest[next(iter(self._latest))]

    def is_due(self, frame: SkeletonFrame, rate: float) -> bool:
        """Whether to draw a frame at this rate (Hz, message time)."""
        with self._lock:
            interval = round(NANOSECONDS_PER_SECOND / rate)
            late = frame.stamp_ns - self._due.get(frame.input_name, frame.stamp_ns)
            if -interval <= late < 0:
                return False
            # Count from the due time, so that 10 out of 30 frames per second are drawn, not 7.
            on_time = late if 0 <= late < interval else 0
            self._due[frame.input_name] = frame.stamp_ns + interval - on_time
            return True

    def markers(
        self,
        frame: SkeletonFrame,
        axes: Axes,
        moving: Mapping[tuple[str, str], bool],
        rate: float,
        origin: ArrayLike = (0.0, 0.0, 0.0),
    ) -> Any:
        """A ``MarkerArray`` of the people in a frame.

        Args:
            frame: the frame, in Kinect axes.
            axes: axes of the coordinate frame ``frame.frame_id``.
            moving: whether a person is moving, by input and person.
            rate: marker rate in Hz.
            origin: (3,) metres in the coordinate frame, of the frame's positions.
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
            origin=origin,
        )

    def _view(
        self, frame: SkeletonFrame, row: int, positions: NDArray[np.float32], moves: bool
    ) -> PersonView:
        person_id = frame.person_ids[row]
        with self._lock:
            latest = self._latest.get((frame.input_name, person_id))
        state = PersonState.MOVING if moves else PersonState.IDLE
        label, confidence = "", 0.0
        if latest is not None:
            since = frame.stamp_ns - latest.decided_ns
            if 0 <= since < SHOWN * NANOSECONDS_PER_SECOND:
                state = _state(latest)
                label, confidence = latest.label, latest.confidence
        return PersonView(
            person_id=person_name(frame.input_name, person_id),
            positions=positions,
            layout=frame.layout,
            state=state,
            label=label,
            confidence=confidence,
            asked=latest is not None and latest.report and state is PersonState.UNKNOWN,
        )


def _state(recognition: Recognition) -> PersonState:
    if recognition.verdict is Verdict.KNOWN:
        ignored = recognition.kind is ReferenceKind.IGNORE
        return PersonState.IGNORED if ignored else PersonState.KNOWN
    return _STATES[recognition.verdict]
