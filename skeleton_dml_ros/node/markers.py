# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Skeletons for RViz: what each person's body does, and what is known about it.

A person is three markers: bones, joints, and a label above the head.  Each kind has a namespace of
its own (``camera/bones``, ``camera/joints``, ``camera/label``), so that RViz can switch it off, and
a person has the same id in all of them and from message to message: a marker replaces the one
before.  Nothing is ever deleted by a message.  Who has left is not sent any more, and a marker
that is not renewed vanishes after its lifetime, also where a message was lost.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.make import Make, header
from skeleton_dml_ros.recognition.settings import GAP
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

LIFETIME = GAP
"""Seconds for which a marker stays without being renewed: as long as somebody may be out of sight
before they count as having left.  Where markers come more rarely, give two of their periods."""

BONE_WIDTH = 0.025
JOINT_DIAMETER = 0.05
"""Metres.  Thinner than a limb, so that a hand before the chest is seen; thick enough for a few
pixels from ten metres away."""

TEXT_HEIGHT = 0.12
"""Metres of a capital letter: "wave 0.28" is then no wider than shoulders, and people who stand side
by side keep their labels apart."""

TEXT_ABOVE = 0.3
"""Metres from the head's joint to the middle of the label: half a head, half a line, and air."""

MAX_TEXT_LENGTH = 24
"""Characters of an action's name that are shown; a longer one would cover the neighbours."""

# Constants of visualization_msgs/Marker.
LINE_LIST, SPHERE_LIST, TEXT_VIEW_FACING = 5, 7, 9
ADD = 0

HIPS = ("hip_left", "hip_right", "pelvis", "spine_base", "mid_hip", "hip_center", "body")
SHOULDERS = ("shoulder_left", "shoulder_right", "spine_shoulder", "shoulder_center", "neck")
HEAD = ("head", "nose", "eye_left", "eye_right", "ear_left", "ear_right")


class PersonState(Enum):
    """What a person is shown as; the value is the colour.

    Made from Okabe and Ito's colours, some of them lighter, so that all are legible on RViz's dark
    grey and colour-blind people tell each from each.  Whatever a colour says, the label says too.
    """

    IDLE = "#949BA2"
    """Stands there; grey, since nothing is to be said."""
    MOVING = "#F7EE7F"
    """In the middle of a movement."""
    KNOWN = "#56B4E9"
    """Did a taught action."""
    UNKNOWN = "#E69F00"
    """Did what nobody has taught."""
    IGNORED = "#938BFF"
    """Did a movement that was taught as one to ignore."""
    POORLY_SEEN = "#FFC0E0"
    """Did something, of which too little was seen; pale, as the view of them is."""


BACKGROUND = "#303030"
"""RViz's, and that of ``config/recognition.rviz``."""


@dataclass(frozen=True, eq=False)
class PersonView:
    """One person as they are to be shown.

    Attributes:
        person_id: as ``input/person``.
        positions: (joints, 3) metres in the axes of the message's frame; NaN = not seen.
        layout: of the joints.
        state: what to show.
        label: of the action that was recognised.
        distance: to the nearest reference; infinite where there is none.
        asked: an unknown action that the person is being asked about.
    """

    person_id: str
    positions: NDArray[np.float32]
    layout: Layout
    state: PersonState = PersonState.IDLE
    label: str = ""
    distance: float = math.inf
    asked: bool = False


def skeleton_markers(
    make: Make,
    stamp_ns: int,
    frame_id: str,
    namespace: str,
    people: Sequence[PersonView],
    lifetime: float = LIFETIME,
) -> Any:
    """A ``visualization_msgs/MarkerArray`` of all people; an empty one where nobody is.

    Args:
        make: see :mod:`skeleton_dml_ros.messages.make`.
        stamp_ns: when they were seen.
        frame_id: of their positions.
        namespace: before the markers' own, such as the input's name.
        people: who is there.  Of somebody without a seen joint nothing is shown.
        lifetime: seconds after which what is not sent again vanishes.
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
        for kind, fields in _parts(make, person)
    ]
    return make("visualization_msgs/msg/MarkerArray", markers=markers)


def marker_id(person_id: str) -> int:
    """The id of a person's markers, in [0, 2^31): the same in every process and after a restart.

    Two of 32 people have the same one once in four million times; one of them is then not shown.
    """
    return zlib.crc32(person_id.encode("utf-8", "surrogatepass")) & 0x7FFFFFFF


def caption(person: PersonView) -> str:
    """The label: what is known, or of somebody idle the id by which they can be taught."""
    label = person.label
    if len(label) > MAX_TEXT_LENGTH:
        label = label[:MAX_TEXT_LENGTH].rstrip() + "..."
    if person.state is PersonState.MOVING:
        return "moving ..."
    if person.state is PersonState.KNOWN:
        return f"{label} {person.distance:.2f}" if math.isfinite(person.distance) else label
    if person.state is PersonState.UNKNOWN:
        return "what was that?" if person.asked else "unknown"
    if person.state is PersonState.IGNORED:
        return f"ignored: {label}"
    if person.state is PersonState.POORLY_SEEN:
        return "poorly seen"
    return person.person_id


def _parts(make: Make, person: PersonView) -> Iterator[tuple[str, dict[str, Any]]]:
    """The kinds of a person's markers, each with its own fields; none without a point."""
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
                "pose": _pose(make, (0.0, 0.0, 0.0)),
                "scale": _vector(make, BONE_WIDTH, 0.0, 0.0),
                "points": _points(make, ends),
            },
        )
    yield (
        "joints",
        {
            "type": SPHERE_LIST,
            "pose": _pose(make, (0.0, 0.0, 0.0)),
            "scale": _vector(make, JOINT_DIAMETER, JOINT_DIAMETER, JOINT_DIAMETER),
            "points": _points(make, person.positions[seen]),
        },
    )
    yield (
        "label",
        {
            "type": TEXT_VIEW_FACING,
            "pose": _pose(make, _above_the_head(person.positions, seen, person.layout).tolist()),
            "scale": _vector(make, 0.0, 0.0, TEXT_HEIGHT),
            "text": caption(person),
        },
    )


def _above_the_head(
    positions: NDArray[np.float32], seen: NDArray[np.bool_], layout: Layout
) -> NDArray[np.float64]:
    """Where the label goes, (3,): on from the hips through the head, whichever way the axes point.

    Of somebody behind a table, on from the shoulders; where nothing tells which way is up, beside
    what is seen.
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
    """(bones, 2) a joint and its parent; none in a layout that is known by its names alone."""
    pairs = [(joint, parent) for joint, parent in enumerate(layout.parents) if parent >= 0]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


@lru_cache(maxsize=64)
def _levels(layout: Layout) -> tuple[NDArray[np.intp], ...]:
    """The joints at the hips, at the shoulders and at the head, from low to high."""
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
