# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Display of ``skeleton-dml watch``: a screen that is redrawn, or plain lines."""

from __future__ import annotations

import shlex
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from skeleton_dml_ros.cli.terminal import literal, table
from skeleton_dml_ros.cli.watch import Event
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

SILENT_AFTER = 3.0
"""Seconds without a message after which the node counts as silent; diagnostics come every second."""

GONE_AFTER = 30.0
"""Seconds without a recognition after which a person is no longer listed."""

OTHER_LINES = 9
"""Lines besides people, recognitions and questions."""

MIN_ROWS = 3
"""Minimum number of recognitions to show."""

QUESTIONS = 3
"""Maximum number of questions to show."""

STYLES = {0: "green", 1: "yellow", 2: "bold red"}
LEVELS = {0: "ok", 1: "warning", 2: "error"}
"""Levels of diagnostics."""


class Lines:
    """Prints a plain line for each event.

    Args:
        console: to print on.
        title: of the node.
    """

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._begun = time.monotonic()
        self._heard = self._warned = False
        self._levels: dict[str, int] = {}
        self._print(f"watching {title}")

    def take(self, event: Event) -> None:
        """Print an event."""
        self._heard = True
        if event["event"] == "references":
            self._print(f"knows {known_labels(event)}; threshold {percent(event['threshold'])}")
        elif event["event"] == "diagnostics":
            self._take_diagnostics(event)
        elif event["event"] == "recognition":
            self._print(
                f"{clock(event['end_ns'])}  {' + '.join(event['person_ids'])}  {found(event)}  "
                f"{percent(event['confidence'])}  {event['clip_id']}"
            )
        else:
            self._print(f"what was that?  {teach_command(event)}")

    def wait(self) -> None:
        """Report a silent node once."""
        silent = not self._heard and time.monotonic() - self._begun > SILENT_AFTER
        if silent and not self._warned:
            self._warned = True
            self._print(f"no messages from {self._title} yet; still waiting")

    def _take_diagnostics(self, event: Event) -> None:
        """Print a status when its level changes; messages change all the time."""
        for name, status in event["status"].items():
            level = status["level"]
            if self._levels.get(name, 0) != level:
                self._print(f"{name}: {LEVELS.get(level, '')} {status['message']}")
            self._levels[name] = level

    def _print(self, line: str) -> None:
        self._console.print(literal(line))
        self._console.file.flush()


@contextmanager
def on_screen(console: Console, title: str, latest: int) -> Iterator[Screen]:
    """A screen that is redrawn while the block runs."""
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        yield Screen(live, title, latest)


class Screen:
    """The current state of the node, its people and its recognitions.

    Args:
        live: rich's display.
        title: of the node.
        latest: number of recognitions to show.
        now: monotonic clock in seconds.
    """

    def __init__(
        self,
        live: Live,
        title: str,
        latest: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._live = live
        self._title = title
        self._now = now
        self._begun = now()
        self._heard: float | None = None
        self._references: Event | None = None
        self._diagnosis: Event | None = None
        self._people: dict[str, tuple[float, Event]] = {}
        self._latest: deque[Event] = deque(maxlen=latest)
        self._rows = latest
        self._questions: dict[str, Event] = {}

    def take(self, event: Event) -> None:
        """Update the state with an event."""
        self._heard = self._now()
        if event["event"] == "references":
            self._references = event
            enrolled = {reference["source"] for reference in event["references"]}
            for clip_id in enrolled & self._questions.keys():
                del self._questions[clip_id]
        elif event["event"] == "diagnostics":
            self._diagnosis = event
        elif event["event"] == "recognition":
            self._latest.append(event)
            for person in event["person_ids"]:
                self._people.pop(person, None)
                self._people[person] = self._now(), event
        else:
            self._questions[event["clip_id"]] = event
            while len(self._questions) > QUESTIONS:
                del self._questions[next(iter(self._questions))]

    def draw(self) -> None:
        """Redraw the screen."""
        height = self._live.console.height
        asked = len(self._questions)
        used = OTHER_LINES + len(self._lately()) + (asked + 2 if asked else 0)
        self._rows = max(MIN_ROWS, height - used)
        self._live.update(Group(*self._parts()), refresh=True)

    def _parts(self) -> Iterator[RenderableType]:
        yield Text.assemble(literal(self._title, "bold"), "   press Ctrl-C to stop", style="dim")
        if self._heard is None:
            waited = self._now() - self._begun
            silent = waited > SILENT_AFTER
            yield Text(
                "No messages from a node of this name. Start it (skeleton-dml node), or name another: "
                "--node, ROS_DOMAIN_ID."
                if silent
                else "Waiting for messages ...",
                style="yellow" if silent else "dim",
            )
            return
        if (silence := self._now() - self._heard) > SILENT_AFTER:
            yield Text(f"No messages for {silence:.0f} s. Has the node stopped?", style="red")
        if self._references is not None:
            yield literal(
                f"knows {known_labels(self._references)}; threshold "
                f"{percent(self._references['threshold'])}; model {self._references['model']}"
            )
        if self._diagnosis is not None:
            yield from self._status(self._diagnosis)
        yield Text("")
        yield self._people_table()
        yield Text("")
        yield self._latest_table()
        if self._questions:
            yield Text("")
            yield Text("What was that?", style="bold yellow")
            for question in self._questions.values():
                command = literal(teach_command(question))
                command.overflow = "fold"
                yield command

    def _status(self, diagnosis: Event) -> Iterator[RenderableType]:
        for name, status in diagnosis["status"].items():
            if name.startswith("input ") or status["level"]:
                yield Text.assemble(
                    literal(f"{name}  "),
                    (f"{LEVELS.get(status['level'], '')}  ", STYLES.get(status["level"], "")),
                    literal(status["message"]),
                )

    def _people_table(self) -> Table:
        people = table("person", "last action", "")
        people.columns[0].min_width = 16
        people.columns[1].min_width = 24
        recent = self._lately()
        for person, (when, event) in recent.items():
            people.add_row(
                literal(person),
                literal(found(event), style_of(event)),
                Text(f"{self._now() - when:.0f} s ago", style="dim"),
            )
        if not recent:
            people.add_row(Text("no recent actions", style="dim"))
        return people

    def _lately(self) -> dict[str, tuple[float, Event]]:
        """People with a recent recognition."""
        return {
            person: (when, event)
            for person, (when, event) in sorted(self._people.items())
            if self._now() - when < GONE_AFTER
        }

    def _latest_table(self) -> Table:
        rows = table(
            "time", "person", "action", "confidence", "latency", "clip",
            right=("confidence", "latency"),
        )  # fmt: skip
        # One line each; a narrow terminal truncates ids, which questions show in full.
        for column in rows.columns[:-1]:
            column.no_wrap = True
        for event in list(reversed(self._latest))[: self._rows]:
            clip_id = literal(event["clip_id"], "dim")
            clip_id.no_wrap, clip_id.overflow = True, "ellipsis"
            rows.add_row(
                Text(clock(event["end_ns"]), style="dim"),
                literal(" + ".join(event["person_ids"])),
                literal(found(event), style_of(event)),
                percent(event["confidence"]),
                f"{1000 * (event['latency'] or 0):.0f} ms",
                clip_id,
            )
        return rows


def found(event: Mapping[str, Any]) -> str:
    """The verdict in a few words."""
    if event["verdict"] == "known":
        return str(event["label"])
    nearest = f" (nearest: {event['nearest']})" if event["nearest"] else ""
    return str(event["verdict"]).replace("_", " ") + nearest


def style_of(event: Mapping[str, Any]) -> str:
    """The style of a verdict."""
    return {"known": "bold green", "unknown": "yellow"}.get(event["verdict"], "dim")


def teach_command(event: Mapping[str, Any]) -> str:
    """The shell command that answers a question."""
    return f"skeleton-dml teach LABEL --clip {shlex.quote(literal(event['clip_id']).plain)}"


def known_labels(event: Mapping[str, Any]) -> str:
    """The enrolled labels in words."""
    labels = sorted({reference["label"] for reference in event["references"]})
    return ", ".join(labels) if labels else "nothing yet"


def percent(confidence: float | None) -> str:
    """A confidence or threshold in percent; empty if there is none."""
    return "" if confidence is None else f"{confidence:.0%}"


def clock(stamp_ns: int) -> str:
    """The local time of day of a stamp."""
    return f"{datetime.fromtimestamp(stamp_ns / NANOSECONDS_PER_SECOND):%H:%M:%S}"
