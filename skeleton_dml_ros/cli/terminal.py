# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the commands print: figures and tables to standard output, all else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

UNBROKEN = 1000
"""Columns of an output that is no terminal: a line there is cut by nobody."""


def output() -> Console:
    """Standard output, for people."""
    # Asked for anew each time, since tests and pipes exchange the stream.
    return Console(width=None if sys.stdout.isatty() else UNBROKEN, highlight=False, soft_wrap=True)


def print_json(value: Mapping[str, Any] | Sequence[Any], indent: int | None = 2) -> None:
    """One value as JSON; without ``indent`` on one line."""
    print(json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False), flush=True)


def table(*columns: str, right: Sequence[str] = ()) -> Table:
    """An empty table without lines; the columns in ``right`` are aligned to the right."""
    empty = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        empty.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return empty


class Bar:
    """A progress bar on standard error, and lines that scroll above it.

    Args:
        bar: what draws it.
        description: what is going on.
    """

    def __init__(self, bar: Progress, description: str) -> None:
        self._bar = bar
        self._task = bar.add_task(description, total=None)

    def advance(self, done: int, total: int) -> None:
        """So much is done, of so much in all."""
        self._bar.update(self._task, completed=done, total=total)

    def say(self, line: str) -> None:
        """One line about the way, also where no bar is drawn."""
        self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(description: str, shown: bool = True) -> Iterator[Bar]:
    """A progress bar while the block runs; none where standard error is no terminal."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        # Left alone: rich would send what is printed meanwhile to standard error as well.
        redirect_stdout=False,
        disable=not (shown and console.is_terminal),
    ) as bar:
        yield Bar(bar, description)
