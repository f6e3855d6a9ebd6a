# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What time it is for a running node: the clock of its messages.

A stretch of time is taught in message time, and a person says "the last four seconds".  The node's
interface does not tell message time as such, so it is taken from where it is told best:

- The diagnostics name each input with its format and topic.  Where an input's format is this
  package's own message, the next one that comes on this topic is listened to: its stamp is the time.
- Of another format the diagnostics' own stamp is taken, which is the node's clock.  Cameras stamp
  by this clock; a recording that is played without ``use_sim_time`` does not.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from skeleton_dml_ros.dds.running_node import RunningNode
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.make import nanoseconds_of
from skeleton_dml_ros.messages.skeleton_array import TYPE
from skeleton_dml_ros.skeleton.frame import SEPARATOR

REPORTED = 5.0
"""Seconds in which diagnostics come, which are sent once a second."""

FRAMES = 2.0
"""Seconds in which an input that is not silent sends something."""

OWN_FORMAT = "skeleton_array"


class UnknownTimeError(SkeletonDmlError):
    """What time it is cannot be known."""


@dataclass(frozen=True)
class MessageTime:
    """What time it is.

    Attributes:
        now_ns: nanoseconds.
        origin: whose clock says so: a topic, or that of the node.
        certain: it is the clock of the messages themselves.
    """

    now_ns: int
    origin: str
    certain: bool


def message_time(node: RunningNode, person: str) -> MessageTime:
    """What time it is at the input that sees a person.

    Args:
        node: that has the input.
        person: ``input/person``, or the person alone where there is one input.

    Raises:
        UnknownTimeError: nothing came that would tell.
    """
    report = _next(lambda take: node.hear_reports(lambda *said: take(said)), REPORTED)
    if report is None:
        raise UnknownTimeError(
            f"no diagnostics of {node.name} came on domain {node.participant.domain}, so message "
            "time is not known; start the node, or teach by a clip: --clip"
        )
    stamp_ns, statuses = report
    inputs = described_inputs(statuses)
    name = _input_of(person, list(inputs))
    about = inputs[name]
    if about["format"] != OWN_FORMAT:
        return MessageTime(stamp_ns, f"the clock of {node.name}", False)
    topic = node.full_name(about["topics"])
    message = _next(lambda take: node.participant.subscription(topic, TYPE, take), FRAMES)
    if message is None:
        raise UnknownTimeError(
            f"nothing comes on {topic}, so message time is not known; start the camera, or teach by "
            "a clip: --clip"
        )
    return MessageTime(nanoseconds_of(message.header.stamp), topic, True)


def described_inputs(statuses: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The values of each input's status, by the input's name.

    Args:
        statuses: of a node, by their names without the node's.
    """
    begin = "input "
    return {
        name.removeprefix(begin): {pair.key: pair.value for pair in status.values}
        for name, status in statuses.items()
        if name.startswith(begin)
    }


def _input_of(person: str, inputs: list[str]) -> str:
    """The input that a person's name begins with; a name without one belongs to the only input."""
    named, separator, _ = person.partition(SEPARATOR)
    if separator and named in inputs:
        return named
    if len(inputs) == 1:
        return inputs[0]
    raise UnknownTimeError(
        f"person {person!r} names no input of the node ({', '.join(inputs) or 'it has none'}); give "
        "input/person"
    )


def _next(listen: Callable[[Callable[[Any], None]], Any], seconds: float) -> Any | None:
    """The next that comes where this listens; None if nothing comes in time."""
    came: queue.SimpleQueue[Any] = queue.SimpleQueue()
    subscription = listen(came.put)
    try:
        return came.get(timeout=seconds)
    except queue.Empty:
        return None
    finally:
        subscription.close()
