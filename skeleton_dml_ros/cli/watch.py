# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml watch``: show what a running node sees and recognises.

A node's messages become events: dictionaries of JSON values, whose ``event`` is ``recognition``,
``question`` (an unknown action worth asking about; it is a ``recognition`` before), ``references`` or
``diagnostics``.
"""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skeleton_dml_ros.cli.options import NodeOption, join
from skeleton_dml_ros.cli.reference_access import rows_of_messages
from skeleton_dml_ros.cli.teach import described_inputs
from skeleton_dml_ros.cli.terminal import output, print_json
from skeleton_dml_ros.node import interface

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.running_node import RunningNode

REDRAW_INTERVAL = 0.2
"""Maximum seconds between two drawings; the screen shows ages in seconds."""

Event = dict[str, Any]


def watch(
    node: NodeOption = interface.DEFAULT_NODE,
    latest: Annotated[
        int, typer.Option("--latest", metavar="N", help="Number of recognitions to show.", min=1)
    ] = 12,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON per event only.")
    ] = False,
) -> None:
    """Show what a running node sees and recognises, until interrupted.

    An unknown action is shown with the command that teaches it, `skeleton-dml teach LABEL --clip ID`.
    If the output is not a terminal, each event is a plain line.

    Example: `skeleton-dml watch --latest 20`
    """
    with join("watch") as participant:
        from rich.console import Console

        from skeleton_dml_ros.cli.watch_screen import Lines, on_screen
        from skeleton_dml_ros.dds.running_node import RunningNode

        running = RunningNode(participant, node)
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        subscribe(running, events.put)
        title = f"{running.name} on domain {participant.domain}"
        if as_json:
            _show(events, lambda event: print_json(event, indent=None), lambda: None)
        elif output().is_terminal:
            # Without soft_wrap: a screen that is redrawn must know the number of its lines.
            with on_screen(Console(highlight=False), title, latest) as screen:
                _show(events, screen.take, screen.draw)
        else:
            lines = Lines(output(), title)
            _show(events, lines.take, lines.wait)


def _show(
    events: queue.SimpleQueue[Event], take: Callable[[Event], None], draw: Callable[[], None]
) -> None:
    """Take events, and draw at intervals."""
    while True:
        draw()
        until = time.monotonic() + REDRAW_INTERVAL
        while (left := until - time.monotonic()) > 0:
            try:
                take(events.get(timeout=left))
            except queue.Empty:
                break


def subscribe(node: RunningNode, tell: Callable[[Event], None]) -> None:
    """Tell of all further events of a node, from DDS threads."""
    node.hear(interface.RECOGNITIONS, lambda message: tell(decision("recognition", message)))
    node.hear(interface.UNKNOWN_ACTIONS, lambda message: tell(decision("question", message)))
    node.hear(interface.REFERENCES, lambda message: tell(references(message)))
    node.hear_reports(lambda stamp_ns, statuses: tell(report(stamp_ns, statuses)))


def decision(event: str, message: Any) -> Event:
    """The event of an ``ActionRecognition``; infinite values become null."""
    from skeleton_dml_ros.messages.make import nanoseconds_of
    from skeleton_dml_ros.node.conversions import verdict_of

    return {
        "event": event,
        "clip_id": message.clip_id,
        "person_ids": list(message.person_ids),
        "verdict": verdict_of(message.verdict).value,
        "label": message.label,
        "start_ns": nanoseconds_of(message.start),
        "end_ns": nanoseconds_of(message.end),
        "score": _finite(message.score),
        "confidence": _finite(message.confidence),
        "threshold": _finite(message.threshold),
        "distance": _finite(message.distance),
        "nearest": message.candidates[0].label if len(message.candidates) else "",
        "repetitions": int(message.repetitions),
        "latency": _finite(message.latency),
    }


def references(message: Any) -> Event:
    """The event of a ``ReferenceArray``."""
    return {
        "event": "references",
        "model": message.model,
        "threshold": _finite(message.threshold),
        "references": rows_of_messages(message.references),
    }


def report(stamp_ns: int, statuses: Mapping[str, Any]) -> Event:
    """The event of a node's diagnostics.

    Args:
        stamp_ns: of the message, nanoseconds.
        statuses: by their names without the node's.
    """
    return {
        "event": "diagnostics",
        "stamp_ns": stamp_ns,
        "status": {
            name: {"level": int(status.level), "message": status.message}
            for name, status in statuses.items()
        },
        "inputs": described_inputs(statuses),
    }


def _finite(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
