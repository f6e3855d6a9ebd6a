# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Output of the commands: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from skeleton_dml_ros.references.reference import JOINERS

PIPE_WIDTH = 1000
"""Columns where standard output is not a terminal, so that lines are not wrapped."""


def output() -> Console:
    """Standard output, for people."""
    # A new console each time, since tests and pipes exchange the stream.
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(width=width, highlight=False, soft_wrap=True)


def literal(text: str, style: str = "") -> Text:
    """Text without control characters, which rich prints without interpreting markup.

    Use it for labels, ids and other text from messages, files or users: such text could otherwise
    change the terminal's state or break the output's markup.
    """
    kept = (
        character if character.isprintable() or character in JOINERS else " " * character.isspace()
        for character in text
    )
    return Text("".join(kept), style=style)


def say(*lines: str) -> None:
    """Print lines as they are; see :func:`literal`."""
    for line in lines:
        output().print(literal(line))


def print_json(value: Mapping[str, Any] | Sequence[Any], indent: int | None = 2) -> None:
    """Print a value as JSON; without ``indent`` on one line."""
    print(json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False), flush=True)


def table(*columns: str, right: Sequence[str] = ()) -> Table:
    """An empty table without rules; the columns in ``right`` are right-aligned."""
    empty = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        empty.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return empty


class Bar:
    """A progress bar on standard error, with lines that scroll above it.

    Args:
        bar: rich's progress display.
        description: shown before the bar.
    """

    def __init__(self, bar: Progress, description: str) -> None:
        self._bar = bar
        self._task = bar.add_task(description, total=None)

    def advance(self, done: int, total: int) -> None:
        """Set the number of finished steps."""
        self._bar.update(self._task, completed=done, total=total)

    def say(self, line: str) -> None:
        """Print a line, also where no bar is drawn."""
        self._bar.console.print(literal(line), soft_wrap=True)


@contextmanager
def progress(description: str, shown: bool = True) -> Iterator[Bar]:
    """A progress bar while the block runs; not drawn if standard error is not a terminal."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        # By default rich redirects standard output to standard error while a bar is drawn.
        redirect_stdout=False,
        disable=not (shown and console.is_terminal),
    ) as bar:
        yield Bar(bar, description)
