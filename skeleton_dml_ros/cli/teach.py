# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml teach``: teach a running node an action.

``--last SECONDS`` needs the current message time of an input:

- For this package's own input format, it is the stamp of the next message on the input's topic, which the
  node's diagnostics name.
- For other formats, it is the stamp of the diagnostics, the node's clock.  Cameras stamp by this clock; a
  recording played without ``use_sim_time`` does not.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skeleton_dml_ros.cli.options import JsonOption, NodeOption, join
from skeleton_dml_ros.cli.reference_access import row_of_message
from skeleton_dml_ros.cli.terminal import print_json, say
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.interface import DEFAULT_NODE
from skeleton_dml_ros.skeleton.frame import SEPARATOR
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.running_node import RunningNode

DIAGNOSTICS_WAIT = 5.0
"""Seconds to wait for diagnostics, which the node publishes once a second."""

FRAME_WAIT = 2.0
"""Seconds to wait for a frame of an input."""

OWN_FORMAT = "skeleton_array"


def teach(
    label: Annotated[
        str,
        typer.Argument(
            metavar="LABEL", help="Name of the action; an existing label gets another reference."
        ),
    ],
    clip: Annotated[
        str, typer.Option(metavar="ID", help="Id of a recent clip, as `skeleton-dml watch` shows.")
    ] = "",
    person: Annotated[
        str,
        typer.Option(
            metavar="PERSON",
            help="Person who has just shown the action, as INPUT/PERSON. Requires --last.",
        ),
    ] = "",
    last: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="How many seconds ago the action began; 0 uses all frames that the node keeps.",
            min=0,
        ),
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Archive of one clip, or NTU .skeleton file."),
    ] = None,
    ignore: Annotated[
        bool, typer.Option("--ignore", help="Never report this movement as unknown.")
    ] = False,
    node: NodeOption = DEFAULT_NODE,
    as_json: JsonOption = False,
) -> None:
    """Teach a running node an action.

    Without an option, the node learns the last unknown action that it reported. Examples:

    - `skeleton-dml teach bow`
    - `skeleton-dml teach bow --clip camera/Ada/1700000000000000000`
    - `skeleton-dml teach bow --person camera/Ada --last 5`
    - `skeleton-dml teach scratch --recording scratch.npz --ignore`
    """
    sources = {"--clip": clip, "--person": person, "--recording": recording}
    given = [option for option, value in sources.items() if value]
    if len(given) > 1:
        raise SkeletonDmlError(
            f"{' and '.join(given)} exclude each other; give one of --clip, --person and --recording, "
            "or none for the last unknown action"
        )
    if bool(person) != (last is not None):
        raise SkeletonDmlError(
            "--person and --last require each other; give both or another source"
        )
    fields: dict[str, Any] = {"label": label, "clip_id": clip, "person_id": person}
    if recording is not None:
        fields["recording"] = recording.read_bytes()
    with join("teach") as participant:
        from skeleton_dml_ros.dds.running_node import RunningNode
        from skeleton_dml_ros.messages.make import time_message
        from skeleton_dml_ros.node import interface
        from skeleton_dml_ros.node.conversions import KINDS
        from skeleton_dml_ros.references.reference import ReferenceKind

        running = RunningNode(participant, node)
        fields["kind"] = KINDS[ReferenceKind.IGNORE if ignore else ReferenceKind.ACTION]
        if last:
            now_ns, exact = message_time(running, person)
            if not exact and not as_json:
                say(
                    f"--last counts from the clock of {running.name}; the input's format does not "
                    "tell message time"
                )
            start_ns = max(now_ns - round(last * NANOSECONDS_PER_SECOND), 1)
            fields["start"] = time_message(participant.make, start_ns)
        response = running.ask(interface.ENROLL, **fields)
    if as_json:
        print_json(row_of_message(response.reference))
    else:
        say(response.message)


def message_time(node: RunningNode, person: str) -> tuple[int, bool]:
    """The current message time, in nanoseconds, of the input that sees a person.

    Args:
        node: the running node.
        person: ``input/person``, or the person alone if the node has one input.

    Returns:
        The time, and whether it is the messages' own clock instead of the node's.

    Raises:
        SkeletonDmlError: the time is unknown.
    """
    from skeleton_dml_ros.messages.make import nanoseconds_of
    from skeleton_dml_ros.messages.skeleton_array import TYPE

    report = _next(lambda take: node.hear_reports(lambda *said: take(said)), DIAGNOSTICS_WAIT)
    if report is None:
        raise SkeletonDmlError(
            f"no diagnostics of {node.name} arrived on domain {node.participant.domain}, so message "
            "time is unknown; start the node, or teach by a clip: --clip"
        )
    stamp_ns, statuses = report
    inputs = described_inputs(statuses)
    chosen = inputs[_input_of(person, list(inputs))]
    if chosen["format"] != OWN_FORMAT:
        return stamp_ns, False
    topic = node.full_name(chosen["topics"])
    message = _next(lambda take: node.participant.subscription(topic, TYPE, take), FRAME_WAIT)
    if message is None:
        raise SkeletonDmlError(
            f"no message arrived on {topic}, so message time is unknown; start the camera, or teach "
            "by a clip: --clip"
        )
    return nanoseconds_of(message.header.stamp), True


def described_inputs(statuses: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The values of each input's diagnostic status, by the input's name.

    Args:
        statuses: of a node, by their names without the node's.
    """
    prefix = "input "
    return {
        name.removeprefix(prefix): {pair.key: pair.value for pair in status.values}
        for name, status in statuses.items()
        if name.startswith(prefix)
    }


def _input_of(person: str, inputs: list[str]) -> str:
    named, separator, _ = person.partition(SEPARATOR)
    if separator and named in inputs:
        return named
    if len(inputs) == 1:
        return inputs[0]
    raise SkeletonDmlError(
        f"person {person!r} does not name an input of the node "
        f"({', '.join(inputs) or 'it has no inputs'}); give input/person"
    )


def _next(subscribe: Callable[[Callable[[Any], None]], Any], seconds: float) -> Any | None:
    """The next message of a subscription; None if it does not arrive in time."""
    arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
    subscription = subscribe(arrived.put)
    try:
        return arrived.get(timeout=seconds)
    except queue.Empty:
        return None
    finally:
        subscription.close()
