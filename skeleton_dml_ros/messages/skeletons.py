# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What every input format ends in: the people of one stamp, checked.

Messages come as plain objects with the messages' fields, whichever middleware or bag reader made
them.  Their numbers may lie in ``array.array``, numpy arrays or lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError, one_line
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sanitization import (
    mask_joints_at_origin,
    mask_partial_joints,
    sanitize_confidences,
)
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

MAX_PEOPLE = 200
"""More in one message than any camera sees: something is wrong with the sender."""

MAX_ID_LENGTH = 100
"""Characters of a person's id."""

BACKWARDS_NS = NANOSECONDS_PER_SECOND
"""A step back in time that no delay explains: a bag has started again."""


class MessageError(SkeletonDmlError):
    """A message cannot be used; nothing of it was taken."""

    def __init__(self, text: str) -> None:
        # It quotes names that others made.
        super().__init__(one_line(text))


@dataclass(frozen=True, eq=False)
class Skeletons:
    """All people that one input sees at one instant, in the input's own frame.

    An infinite joint, or one of which a coordinate is missing, becomes unseen, and so does one at
    the frame's own origin, where trackers report the joints that they do not see.  A confidence
    that is no number becomes 0.  Arrays that need no mending are not copied.

    Attributes:
        stamp_ns: nanoseconds of the message clock.
        frame_id: the frame that the positions stand in.
        layout: of the joints, 3-D.
        person_ids: one a person.
        positions: (people, joints, 3) float32, metres in the frame's own axes, NaN = not seen.
        confidences: (people, joints) float32 in [0, 1], or None where the input has none.

    Raises:
        MessageError: names what does not fit.
    """

    stamp_ns: int
    frame_id: str
    layout: Layout
    person_ids: tuple[str, ...]
    positions: NDArray[np.float32]
    confidences: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.stamp_ns < 2**63:
            raise MessageError(f"stamp {self.stamp_ns} is no time in nanoseconds")
        if self.layout.dimensions != 3:
            raise MessageError(
                f"layout {self.layout.name} holds points in the image; give joints in metres"
            )
        check_person_ids(self.person_ids)
        shape = (len(self.person_ids), len(self.layout.joint_names))
        positions = numbers("positions", self.positions)
        if positions.size == 0 and not self.person_ids:
            positions = positions.reshape(*shape, 3)
        if positions.shape != (*shape, 3):
            raise MessageError(
                f"positions have shape {positions.shape}; {shape[0]} people in layout "
                f"{self.layout.name} need {(*shape, 3)}"
            )
        object.__setattr__(self, "positions", mask_joints_at_origin(mask_partial_joints(positions)))
        if self.confidences is not None:
            confidences = numbers("confidences", self.confidences)
            if confidences.size == 0 and not self.person_ids:
                confidences = confidences.reshape(shape)
            if confidences.shape != shape:
                raise MessageError(
                    f"confidences have shape {confidences.shape}; {shape[0]} people in layout "
                    f"{self.layout.name} need {shape}"
                )
            object.__setattr__(self, "confidences", sanitize_confidences(confidences))


class Seen(Protocol):
    """What somebody sees at one instant, in the Kinect's axes, such as a recording's frame."""

    @property
    def stamp_ns(self) -> int:
        """Nanoseconds of the message clock."""
        ...

    @property
    def person_ids(self) -> tuple[str, ...]:
        """One a person."""
        ...

    @property
    def positions(self) -> NDArray[np.float32]:
        """(people, joints, 3) metres, NaN = not seen."""
        ...

    @property
    def confidences(self) -> NDArray[np.float32] | None:
        """(people, joints), or None."""
        ...


def as_camera_sees(
    frame: Seen, layout: Layout, frame_id: str, axes: Axes = Axes.CAMERA_OPTICAL
) -> Skeletons:
    """A frame as a camera would have sent it.

    Args:
        frame: what is seen.
        layout: of its joints.
        frame_id: what the camera's frame is called.
        axes: of the camera's frame.
    """
    return Skeletons(
        frame.stamp_ns,
        frame_id,
        layout,
        frame.person_ids,
        from_kinect_axes(frame.positions, axes),
        frame.confidences,
    )


def nobody(stamp_ns: int, frame_id: str, layout: Layout) -> Skeletons:
    """A frame in which nobody is seen."""
    return Skeletons(
        stamp_ns, frame_id, layout, (), np.empty((0, len(layout.joint_names), 3), dtype=np.float32)
    )


def check_person_ids(person_ids: tuple[str, ...]) -> None:
    """Refuse ids by which people cannot be told apart or shown.

    Raises:
        MessageError: too many; or one is empty, too long, not printable, or there twice.
    """
    if len(person_ids) > MAX_PEOPLE:
        raise MessageError(
            f"{len(person_ids)} people in one message; at most {MAX_PEOPLE} are taken"
        )
    for person in person_ids:
        # Types are promises; a sender without them breaks them.
        anything: object = person
        if not isinstance(anything, str) or not anything:
            raise MessageError(f"a person has the id {person!r}; give each a name of its own")
        if len(person) > MAX_ID_LENGTH:
            raise MessageError(
                f"person {person[:20]!r}... has an id of {len(person)} characters; give at most "
                f"{MAX_ID_LENGTH}"
            )
        if not person.isprintable():
            raise MessageError(f"the id of person {person!r} is not printable; give one that is")
    if len(set(person_ids)) < len(person_ids):
        twice = next(person for person in person_ids if person_ids.count(person) > 1)
        raise MessageError(
            f"person {twice!r} occurs twice in one message; give each an id of its own"
        )


def stamp_of(header: Any) -> int:
    """The header's stamp in nanoseconds.

    Raises:
        MessageError: it is negative, no time, or was never set.
    """
    seconds, nanoseconds = header.stamp.sec, header.stamp.nanosec
    try:
        is_time = seconds >= 0 and 0 <= nanoseconds < NANOSECONDS_PER_SECOND
        stamp_ns = int(seconds) * NANOSECONDS_PER_SECOND + int(nanoseconds)
    except (TypeError, ValueError, OverflowError):
        is_time, stamp_ns = False, 0
    if not is_time:
        raise MessageError(
            f"stamp {seconds} s {nanoseconds} ns is no time; fill header.stamp with the time at "
            "which the image was taken"
        )
    if stamp_ns == 0:
        raise MessageError(
            "header.stamp is zero, so it was not set; fill it with the time at which the image was "
            "taken"
        )
    return stamp_ns


def frame_of(frame_id: str) -> str:
    """A frame's name without the leading slash that older senders write."""
    return frame_id.lstrip("/")


def only_frame(frames: Iterable[str], who: str, remedy: str) -> str:
    """The one frame that people stand in.

    Args:
        frames: at least one, each as often as one likes.
        who: stands in them, for the error.
        remedy: likewise.

    Raises:
        MessageError: there are several.
    """
    different = set(frames)
    if len(different) > 1:
        raise MessageError(f"{who} stand in frames {', '.join(sorted(different))}; {remedy}")
    (frame,) = different
    return frame


def numbers(name: str, values: ArrayLike) -> NDArray[np.float32]:
    """``values`` as float32, viewed where they already are.

    Raises:
        MessageError: they are no numbers, or not all rows are of one length.
    """
    try:
        # What is too large for float32 becomes infinite, and thereby unseen.
        with np.errstate(over="ignore"):
            return np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise MessageError(f"{name} hold no numbers: {error}") from None


@contextmanager
def reading(type_name: str) -> Iterator[None]:
    """While a message is read: say in one line that it is of another type than expected."""
    try:
        yield
    except AttributeError as error:
        raise MessageError(
            f"this is no {type_name} ({error}); give the topic on which such messages come"
        ) from error
