# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read the fields that the messages of all input formats have in common.

Messages are plain objects with the messages' fields, whichever middleware or bag reader made them.
Their numbers may be in an ``array.array``, a numpy array or a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from skeleton_dml_ros.errors import SkeletonDmlError, one_line
from skeleton_dml_ros.skeleton.frame import check_person_ids
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

BACKWARDS_NS = NANOSECONDS_PER_SECOND
"""A larger step back in time is not a delay: a bag was started again."""


class MessageError(SkeletonDmlError):
    """A message cannot be used; it is ignored as a whole."""

    def __init__(self, text: str) -> None:
        # The text quotes names from the message.
        super().__init__(one_line(text))


class LeftOut:
    """People left out of frames whose other people were read.

    Attributes:
        people: how many.
        reason: why the latest one was left out.
    """

    def __init__(self) -> None:
        self.people = 0
        self.reason = ""

    def add(self, error: SkeletonDmlError) -> None:
        """Count a person."""
        self.people += 1
        self.reason = str(error)


Item = TypeVar("Item")
Read = TypeVar("Read")


def read_people(
    people: Iterable[Item],
    person_id: Callable[[Item], str],
    read: Callable[[Item], Read],
    left_out: LeftOut,
) -> dict[str, Read]:
    """Read each person of a message, and leave out those who cannot be read.

    Args:
        people: of the message.
        person_id: the id of one; may raise.
        read: reads one; may raise.
        left_out: counts those who cannot be read.

    Returns:
        What was read, by the person's id.  People who share an id are left out.

    Raises:
        SkeletonDmlError: nobody could be read.
    """
    found: list[tuple[str, Read]] = []
    errors: list[SkeletonDmlError] = []
    for person in people:
        try:
            name = person_id(person)
            check_person_ids((name,))
            found.append((name, read(person)))
        except SkeletonDmlError as error:
            errors.append(error)
    times = Counter(name for name, _ in found)
    errors += [
        MessageError(f"person id {name!r} occurs twice in a frame; ids must be unique")
        for name, _ in found
        if times[name] > 1
    ]
    taken = {name: value for name, value in found if times[name] == 1}
    if errors and not taken:
        raise errors[0]
    for reason in errors:
        left_out.add(reason)
    return taken


def readable(items: Iterable[Item], read: Callable[[Item], Read], left_out: LeftOut) -> list[Read]:
    """Read each item, and leave out those that cannot be read.

    Raises:
        SkeletonDmlError: none could be read.
    """
    found: list[Read] = []
    errors: list[SkeletonDmlError] = []
    for item in items:
        try:
            found.append(read(item))
        except SkeletonDmlError as error:
            errors.append(error)
    if errors and not found:
        raise errors[0]
    for reason in errors:
        left_out.add(reason)
    return found


def stamp_of(header: Any) -> int:
    """The header's stamp in nanoseconds.

    Raises:
        MessageError: it is not a time, or was not set.
    """
    seconds, nanoseconds = header.stamp.sec, header.stamp.nanosec
    try:
        is_time = seconds >= 0 and 0 <= nanoseconds < NANOSECONDS_PER_SECOND
        stamp_ns = int(seconds) * NANOSECONDS_PER_SECOND + int(nanoseconds)
    except (TypeError, ValueError, OverflowError):
        is_time, stamp_ns = False, 0
    if not is_time:
        raise MessageError(
            f"stamp {seconds} s {nanoseconds} ns is not a time; set header.stamp to the time at "
            "which the image was taken"
        )
    if stamp_ns == 0:
        raise MessageError(
            "header.stamp is zero, so it was not set; set it to the time at which the image was "
            "taken"
        )
    return stamp_ns


def frame_of(frame_id: str) -> str:
    """A frame's name without the leading slash that older senders write."""
    return frame_id.lstrip("/")


def only_frame(
    frames: Iterable[str], who: str, remedy: str, left_out: LeftOut | None = None
) -> str:
    """The coordinate frame that all people share.

    Args:
        frames: one for each person; at least one.
        who: subject of the error's sentence.
        remedy: end of the error's sentence.
        left_out: counts the people outside the frame of the majority.

    Raises:
        MessageError: there are several, and no majority or no ``left_out``.
    """
    times = Counter(frames)
    (frame, most), *others = times.most_common()
    if others:
        error = MessageError(f"{who} are in several frames ({', '.join(sorted(times))}); {remedy}")
        if left_out is None or 2 * most <= times.total():
            raise error
        for _ in range(times.total() - most):
            left_out.add(error)
    return frame


@contextmanager
def reading(type_name: str) -> Iterator[None]:
    """Report in one line that a message is of another type than the one being read."""
    try:
        yield
    except AttributeError as error:
        raise MessageError(
            f"this is not a {type_name} ({error}); choose a topic with messages of this type"
        ) from error
