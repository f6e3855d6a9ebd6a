# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml watch``: what a running node sees and says."""

from __future__ import annotations

import queue
import time
from typing import Annotated, Any

import typer

from skeleton_dml_ros.cli.options import NodeOption, join
from skeleton_dml_ros.cli.terminal import output, print_json
from skeleton_dml_ros.node.interface import DEFAULT_NODE

PICTURES = 0.2
"""Seconds between two pictures where nothing happens: ages are counted in seconds."""


def watch(
    node: NodeOption = DEFAULT_NODE,
    latest: Annotated[
        int, typer.Option("--latest", metavar="N", help="Recognitions that are shown.", min=1)
    ] = 12,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for each event and nothing else.")
    ] = False,
) -> None:
    """Show what a running node sees, recognises and does not know, until interrupted.

    An unknown action is shown with the id by which it is taught: `skeleton-dml teach LABEL --clip
    ID`.  Where the output is no terminal, each event is a plain line.

    Example: `skeleton-dml watch --latest 20`
    """
    with join("watch") as participant:
        from rich.console import Console

        from skeleton_dml_ros.cli.watch_json import Watched, watched
        from skeleton_dml_ros.cli.watch_screen import Lines, on_screen
        from skeleton_dml_ros.dds.running_node import RunningNode

        running = RunningNode(participant, node)
        came: queue.SimpleQueue[Watched] = queue.SimpleQueue()
        watched(running, came.put)
        place = f"{running.name} on domain {participant.domain}"
        if as_json:
            _show(came, lambda event: print_json(event, indent=None), lambda: None)
        elif output().is_terminal:
            # Long lines are broken here: what is redrawn cannot leave that to the terminal.
            with on_screen(Console(highlight=False), place, latest) as screen:
                _show(came, screen.take, screen.draw)
        else:
            lines = Lines(output(), place)
            _show(came, lines.take, lines.wait)


def _show(came: Any, take: Any, draw: Any) -> None:
    """Take what comes, and draw after each lot and after a while without any."""
    while True:
        draw()
        until = time.monotonic() + PICTURES
        while (left := until - time.monotonic()) > 0:
            try:
                take(came.get(timeout=left))
            except queue.Empty:
                break
