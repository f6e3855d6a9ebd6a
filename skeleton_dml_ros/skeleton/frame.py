# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The people in view of one camera at one instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.skeleton.cleaning import sanitize_confidences, sanitize_positions
from skeleton_dml_ros.skeleton.layouts import Layout, get_layout, joint_count_error
from skeleton_dml_ros.skeleton.sequence import SkeletonError

MAX_PEOPLE = 200
"""Maximum number of people in a frame; more than any camera sees, so a larger one is a fault."""

MAX_ID_LENGTH = 300
"""Maximum length of a person's id in characters: room for a file name."""

SEPARATOR = "/"
"""Separates input, person and start in a clip's id; not allowed in an input's name."""


def person_name(input_name: str, person_id: str) -> str:
    """A person's name that is unique over all inputs."""
    return SEPARATOR.join((input_name, person_id))


@dataclass(frozen=True, eq=False)
class SkeletonFrame:
    """The people in view of one camera at one instant; immutable.

    The constructor checks and sanitizes: a joint that is infinite, lacks a coordinate or lies
    exactly at the origin (where trackers put joints that they do not see) becomes unseen;
    confidences are clipped to [0, 1], NaN becomes 0.  A frame need not be checked again.

    Args:
        stamp_ns: time of the image in nanoseconds, such as ``time.time_ns()``.
        person_ids: one for each person; unique within an input, constant while the person is
            tracked.  A clip has the latest id of its person.
        positions: (people, joints, 3) metres, NaN = not seen; float32 without copying.
        layout: the joints' names and order; a :class:`Layout` or the name of one.
        confidences: (people, joints), or None if the source has none.
        input_name: the camera; must not contain ``/``.
        frame_id: coordinate frame of the positions.  The recogniser takes the Kinect's axes: x to
            the sensor's left, y up, z away from the camera.  A frame that was read from a message
            has the axes of its :class:`~skeleton_dml_ros.messages.input_format.InputFormat`.

    Raises:
        SkeletonError: a field does not fit; the message names it.
        UnknownLayoutError: there is no layout of this name.
    """

    stamp_ns: int
    person_ids: tuple[str, ...]
    positions: NDArray[np.float32]
    layout: Layout
    confidences: NDArray[np.float32] | None = None
    input_name: str = "camera"
    frame_id: str = ""

    if TYPE_CHECKING:
        # The constructor accepts more types than the fields hold afterwards.
        def __init__(
            self,
            stamp_ns: int | np.integer[Any],
            person_ids: Iterable[str],
            positions: ArrayLike,
            layout: Layout | str,
            confidences: ArrayLike | None = None,
            input_name: str = "camera",
            frame_id: str = "",
        ) -> None: ...

    def __post_init__(self) -> None:
        # Callers without a type checker pass anything.
        stamp_ns: Any = self.stamp_ns
        name: Any = self.input_name
        layout: Any = self.layout
        person_ids: Any = self.person_ids
        if not isinstance(stamp_ns, (int, np.integer)) or not 0 <= stamp_ns < 2**63:
            raise SkeletonError(
                f"stamp_ns {stamp_ns} is not a time in nanoseconds; pass an integer from 0 to "
                "2**63 - 1, such as time.time_ns()"
            )
        if not isinstance(name, str) or not name or SEPARATOR in name:
            raise SkeletonError(
                f"input_name {name!r} is not a name; pass a text without {SEPARATOR!r}"
            )
        if isinstance(layout, str):
            layout = get_layout(layout)
        if not isinstance(layout, Layout):
            raise SkeletonError(f"layout {layout!r} is not a layout; pass the name of one")
        if layout.dimensions != 3:
            raise SkeletonError(
                f"layout {layout.name} holds image points; pass joint positions in metres"
            )
        if isinstance(person_ids, str):
            raise SkeletonError(f"person_ids is the text {person_ids!r}; pass [{person_ids!r}]")
        person_ids = tuple(person_ids)
        check_person_ids(person_ids)
        positions = sanitize_positions(
            _array(
                "positions", self.positions, (len(person_ids), len(layout.joint_names), 3), layout
            )
        ).view()
        positions.flags.writeable = False
        confidences = self.confidences
        if confidences is not None:
            confidences = sanitize_confidences(
                _array("confidences", confidences, positions.shape[:2], layout)
            ).view()
            confidences.flags.writeable = False
        self.__dict__.update(
            stamp_ns=int(stamp_ns),
            person_ids=person_ids,
            positions=positions,
            layout=layout,
            confidences=confidences,
        )

    def derived(self, **fields: Any) -> SkeletonFrame:
        """A copy with other fields, which are not checked: compute them from a checked frame."""
        frame = object.__new__(SkeletonFrame)
        frame.__dict__.update(self.__dict__, **fields)
        return frame


def check_person_ids(person_ids: tuple[Any, ...]) -> None:
    """Refuse ids that cannot be told apart or displayed.

    Raises:
        SkeletonError: there are too many; or one is empty, too long, unprintable or a duplicate.
    """
    if len(person_ids) > MAX_PEOPLE:
        raise SkeletonError(f"a frame has {len(person_ids)} people; the maximum is {MAX_PEOPLE}")
    for person in person_ids:
        if not isinstance(person, str) or not person:
            raise SkeletonError(f"person id {person!r} is not a name; pass a non-empty text")
        if len(person) > MAX_ID_LENGTH:
            raise SkeletonError(
                f"person id {person[:20]!r}... has {len(person)} characters; the maximum is "
                f"{MAX_ID_LENGTH}"
            )
        if not person.isprintable():
            raise SkeletonError(f"person id {person!r} is not printable; remove control characters")
    if len(set(person_ids)) < len(person_ids):
        twice = next(person for person in person_ids if person_ids.count(person) > 1)
        raise SkeletonError(f"person id {twice!r} occurs twice in a frame; ids must be unique")


def as_float32(name: str, values: ArrayLike) -> NDArray[np.float32]:
    """``values`` as a float32 array, without copying one; a number that is too large is infinite.

    Raises:
        SkeletonError: they are not numbers, or the rows differ in length.
    """
    try:
        array = np.asarray(values)
        if array.dtype != np.float32:
            with np.errstate(over="ignore"):
                array = array.astype(np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise SkeletonError(f"{name} are not numbers: {error}") from None
    return array


def _array(
    name: str, values: ArrayLike, shape: tuple[int, ...], layout: Layout
) -> NDArray[np.float32]:
    """``values`` as float32 of the given shape; anything empty will do for a frame without people.

    Raises:
        SkeletonError: the values or their shape do not fit.
    """
    array = as_float32(name, values)
    if array.shape == shape:
        return array
    if array.size == 0 and shape[0] == 0:
        return np.empty(shape, dtype=np.float32)
    if len(array.shape) == len(shape) and (shape[0], *array.shape[1:2], *shape[2:]) == array.shape:
        raise SkeletonError(f"{name}: {joint_count_error(layout, array.shape[1])}")
    raise SkeletonError(
        f"{name} have shape {array.shape}, but {shape[0]} people in layout {layout.name} need "
        f"{shape}" + (f"; pass {name}[None] for one person" if array.shape == shape[1:] else "")
    )
