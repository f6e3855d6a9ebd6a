# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a running node says, on a terminal or as plain lines."""

from __future__ import annotations

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

from skeleton_dml_ros.cli.terminal import table
from skeleton_dml_ros.cli.watch_json import Watched
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

NOBODY_AFTER = 3.0
"""Seconds after which it is said that nobody is there; diagnostics come once a second."""

GONE_AFTER = 30.0
"""Seconds after which a person of whom nothing was heard is no longer listed."""

OTHER_LINES = 9
"""Lines that are neither people, recognitions nor questions."""

MIN_ROWS = 3
"""Recognitions that are shown on the smallest terminal."""

QUESTIONS = 3
"""Questions that are shown with the command that answers them."""

STYLES = {0: "green", 1: "yellow", 2: "bold red"}
LEVELS = {0: "ok", 1: "warning", 2: "error"}
"""Of diagnostics."""


class Lines:
    """A plain line for each event.

    Args:
        console: to print on.
        place: which node is watched, and where.
    """

    def __init__(self, console: Console, place: str) -> None:
        self._console = console
        self._place = place
        self._begun = time.monotonic()
        self._alone: bool | None = None
        self._levels: dict[str, int] = {}
        self._print(f"watching {place}")

    def take(self, event: Watched) -> None:
        """Print what there is to say about an event."""
        self._alone = False
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
            self._print(f"what was that?  {answering(event)}")

    def wait(self) -> None:
        """Say once that nobody is there."""
        if self._alone is None and time.monotonic() - self._begun > NOBODY_AFTER:
            self._alone = True
            self._print(f"nothing comes from {self._place}; still listening")

    def _take_diagnostics(self, event: Watched) -> None:
        """Print levels that have changed; what counts upwards in a message is no news."""
        for name, status in event["status"].items():
            level = status["level"]
            if self._levels.get(name, 0) != level:
                self._print(f"{name}: {LEVELS.get(level, '')} {status['message']}")
            self._levels[name] = level

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False)
        self._console.file.flush()


@contextmanager
def on_screen(console: Console, place: str, latest: int) -> Iterator[Screen]:
    """A screen that is drawn anew while the block runs; the last picture stays."""
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        yield Screen(live, place, latest)


class Screen:
    """Node, people and recognitions, as they are now.

    Args:
        live: what draws.
        place: which node is watched, and where.
        latest: recognitions that are shown.
        now: wall clock in seconds, monotonic.
    """

    def __init__(
        self,
        live: Live,
        place: str,
        latest: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._live = live
        self._place = place
        self._now = now
        self._begun = now()
        self._heard: float | None = None
        self._references: Watched | None = None
        self._diagnosis: Watched | None = None
        self._people: dict[str, tuple[float, Watched]] = {}
        self._latest: deque[Watched] = deque(maxlen=latest)
        self._rows = latest
        self._questions: dict[str, Watched] = {}

    def take(self, event: Watched) -> None:
        """Remember what an event says."""
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
        """Show how things are."""
        height = self._live.console.height
        asked = len(self._questions)
        used = OTHER_LINES + len(self._lately()) + (asked + 2 if asked else 0)
        self._rows = max(MIN_ROWS, height - used)
        self._live.update(Group(*self._parts()), refresh=True)

    def _parts(self) -> Iterator[RenderableType]:
        yield Text.assemble((self._place, "bold"), "   Ctrl-C ends", style="dim")
        if self._heard is None:
            waited = self._now() - self._begun
            nobody = waited > NOBODY_AFTER
            yield Text(
                "Nothing comes: no node of this name is there. Start it (skeleton-dml node), or name "
                "another: --node, ROS_DOMAIN_ID."
                if nobody
                else "Listening ...",
                style="yellow" if nobody else "dim",
            )
            return
        if (silence := self._now() - self._heard) > NOBODY_AFTER:
            yield Text(f"Nothing has come for {silence:.0f} s: has the node ended?", style="red")
        if self._references is not None:
            yield Text(
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
                yield Text(answering(question), overflow="fold")

    def _status(self, diagnosis: Watched) -> Iterator[RenderableType]:
        for name, status in diagnosis["status"].items():
            if name.startswith("input ") or status["level"]:
                yield Text.assemble(
                    f"{name}  ",
                    (f"{LEVELS.get(status['level'], '')}  ", STYLES.get(status["level"], "")),
                    status["message"],
                )

    def _people_table(self) -> Table:
        people = table("person", "did last", "", right=())
        people.columns[0].min_width = 16
        people.columns[1].min_width = 24
        recent = self._lately()
        for person, (when, event) in recent.items():
            people.add_row(
                Text(person),
                Text(found(event), style=style_of(event)),
                Text(f"{self._now() - when:.0f} s ago", style="dim"),
            )
        if not recent:
            people.add_row(Text("nobody has done anything lately", style="dim"))
        return people

    def _lately(self) -> dict[str, tuple[float, Watched]]:
        """Who has done something, and when."""
        return {
            person: (when, event)
            for person, (when, event) in sorted(self._people.items())
            if self._now() - when < GONE_AFTER
        }

    def _latest_table(self) -> Table:
        rows = table("time", "who", "action", "sure", "took", "clip", right=("sure", "took"))
        # One line each; a narrow terminal cuts the clips' ids, which questions show whole.
        for column in rows.columns[:-1]:
            column.no_wrap = True
        for event in list(reversed(self._latest))[: self._rows]:
            rows.add_row(
                Text(clock(event["end_ns"]), style="dim"),
                Text(" + ".join(event["person_ids"])),
                Text(found(event), style=style_of(event)),
                percent(event["confidence"]),
                f"{1000 * (event['latency'] or 0):.0f} ms",
                Text(event["clip_id"], style="dim", no_wrap=True, overflow="ellipsis"),
            )
        return rows


def found(event: Mapping[str, Any]) -> str:
    """What was recognised, in a word or two."""
    if event["verdict"] == "known":
        return str(event["label"])
    nearest = f" (nearest: {event['nearest']})" if event["nearest"] else ""
    return str(event["verdict"]).replace("_", " ") + nearest


def style_of(event: Mapping[str, Any]) -> str:
    """Colour of what was recognised."""
    return {"known": "bold green", "unknown": "yellow"}.get(event["verdict"], "dim")


def answering(event: Mapping[str, Any]) -> str:
    """The command that answers a question."""
    return f"skeleton-dml teach LABEL --clip {event['clip_id']}"


def known_labels(event: Mapping[str, Any]) -> str:
    """What was taught, in words."""
    labels = sorted({reference["label"] for reference in event["references"]})
    return ", ".join(labels) if labels else "nothing yet"


def percent(confidence: float | None) -> str:
    """A confidence or threshold in percent; empty if there is none."""
    return "" if confidence is None else f"{confidence:.0%}"


def clock(stamp_ns: int) -> str:
    """The time of day of a stamp, as its clock has it."""
    return f"{datetime.fromtimestamp(stamp_ns / NANOSECONDS_PER_SECOND):%H:%M:%S}"
