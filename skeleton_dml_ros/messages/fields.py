# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read the fields that the messages of all input formats have in common.

Messages are plain objects with the messages' fields, whichever middleware or bag reader made them.
Their numbers may be in an ``array.array``, a numpy array or a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from skeleton_dml_ros.errors import SkeletonDmlError, one_line
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

BACKWARDS_NS = NANOSECONDS_PER_SECOND
"""A larger step back in time is not a delay: a bag was started again."""


class MessageError(SkeletonDmlError):
    """A message cannot be used; it is ignored as a whole."""

    def __init__(self, text: str) -> None:
        # The text quotes names from the message.
        super().__init__(one_line(text))


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


def only_frame(frames: Iterable[str], who: str, remedy: str) -> str:
    """The coordinate frame that all people share.

    Args:
        frames: at least one; may repeat.
        who: subject of the error's sentence.
        remedy: end of the error's sentence.

    Raises:
        MessageError: there are several.
    """
    different = set(frames)
    if len(different) > 1:
        raise MessageError(
            f"{who} are in several frames ({', '.join(sorted(different))}); {remedy}"
        )
    (frame,) = different
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
