# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Display of ``skeleton-dml demo``: on a terminal, as plain lines, or none."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rich.align import Align
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from skeleton_dml_ros.cli.stick_figure import stick_figure
from skeleton_dml_ros.cli.terminal import literal
from skeleton_dml_ros.evaluation.demonstration import Scene
from skeleton_dml_ros.evaluation.streams.matching import Occurrence
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

MAX_REDRAWS_PER_SECOND = 15
VERDICT_DURATION = 2.0
"""Seconds of message time for which a person's panel shows a recognition."""

FIGURE_HEIGHT = 2.5
"""Height of the drawing in metres; enough for raised arms and jumps."""

OTHER_LINES = 13
"""Lines besides the figures and the log."""


class DemoOutput(Protocol):
    """Shows the demonstration."""

    def teaching(self, label: str) -> None:
        """The teacher starts to show an action."""
        ...

    def pose(self, joints: NDArray[np.float32], layout: Layout) -> None:
        """The teacher moves."""
        ...

    def begin(self, scene: Scene, enrolled: tuple[str, ...]) -> None:
        """A scene starts."""
        ...

    def frame(self, frame: SkeletonFrame) -> None:
        """The recogniser has processed a frame."""
        ...

    def report(self, recognition: Recognition, done: Occurrence | None, right: bool | None) -> None:
        """The recogniser has decided about ``done``, the true action."""
        ...

    def learned(self, label: str, question: Recognition | None) -> None:
        """An unknown clip was taught; None if no unknown clip was reported."""
        ...


class SilentOutput(AbstractContextManager["SilentOutput"]):
    """Shows nothing."""

    def __exit__(self, *_: object) -> None: ...

    def teaching(self, label: str) -> None: ...

    def pose(self, joints: NDArray[np.float32], layout: Layout) -> None: ...

    def begin(self, scene: Scene, enrolled: tuple[str, ...]) -> None: ...

    def frame(self, frame: SkeletonFrame) -> None: ...

    def report(
        self, recognition: Recognition, done: Occurrence | None, right: bool | None
    ) -> None: ...

    def learned(self, label: str, question: Recognition | None) -> None: ...


class Lines:
    """Prints a plain line for each event."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start_ns = 0

    def teaching(self, label: str) -> None:
        self._print(f"taught with one demonstration: {plain(label)}")

    def pose(self, joints: NDArray[np.float32], layout: Layout) -> None:
        pass

    def begin(self, scene: Scene, enrolled: tuple[str, ...]) -> None:
        self._start_ns = scene.start_ns
        self._print(f"{', '.join(scene.people)} in front of the camera")

    def frame(self, frame: SkeletonFrame) -> None:
        pass

    def report(self, recognition: Recognition, done: Occurrence | None, right: bool | None) -> None:
        seconds = (recognition.decided_ns - self._start_ns) / NANOSECONDS_PER_SECOND
        action = plain(done.label) if done else "idle"
        word = {True: "", False: "  wrong", None: ""}[right]
        self._print(
            f"{seconds:5.1f} s  {' + '.join(recognition.person_ids):<6}{action:<22} -> "
            f"{found(recognition):<15} {recognition.confidence:4.0%} "
            f"{sign(recognition)} {recognition.threshold:.0%}{word}"
        )

    def learned(self, label: str, question: Recognition | None) -> None:
        self._print(answer(label, question))

    def _print(self, line: str) -> None:
        self._console.print(literal(line))


@contextmanager
def on_screen(console: Console) -> Iterator[DemoOutput]:
    """A display that redraws part of the terminal while the block runs."""
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        yield Screen(live)


class Screen:
    """Shows people as stick figures, and a table of the latest decisions."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._drawn = 0.0
        height = live.console.height
        self._figure_rows = 9 if height >= 32 else 6
        self._log: deque[tuple[Text, ...]] = deque(
            maxlen=max(3, min(12, height - self._figure_rows - OTHER_LINES))
        )
        self._heading = Text("")
        self._people: RenderableType = Text("")
        self._scene: Scene | None = None
        self._enrolled: tuple[str, ...] = ()
        self._centres: dict[str, tuple[float, float]] = {}
        self._latest: dict[str, tuple[Recognition, bool | None]] = {}
        self._right = self._wrong = 0

    def teaching(self, label: str) -> None:
        self._centres.clear()
        self._enrolled = (*self._enrolled, label)
        self._heading = Text.assemble("A teacher shows an action once: ", (plain(label), "bold"))

    def pose(self, joints: NDArray[np.float32], layout: Layout) -> None:
        if self._due():
            panel = self._person("Teacher", joints, layout, plain(self._enrolled[-1]), Text(""))
            self._show(panel)

    def begin(self, scene: Scene, enrolled: tuple[str, ...]) -> None:
        self._scene, self._enrolled = scene, enrolled
        self._centres.clear()
        self._latest.clear()
        names = ", ".join(plain(label) for label in enrolled)
        self._heading = Text.assemble("Other people. The robot knows: ", (names, "bold"))

    def frame(self, frame: SkeletonFrame) -> None:
        assert self._scene is not None
        if not self._due():
            return
        panels: list[RenderableType] = []
        for person in self._scene.people:
            joints = np.full((len(frame.layout.joint_names), 3), np.nan, dtype=np.float32)
            action, found_text = "left", Text("")
            if person in frame.person_ids:
                joints = frame.positions[frame.person_ids.index(person)]
                action = self._doing(person, frame.stamp_ns)
            if person in self._latest:
                recognition, right = self._latest[person]
                if (
                    frame.stamp_ns - recognition.decided_ns
                    < VERDICT_DURATION * NANOSECONDS_PER_SECOND
                ):
                    found_text = verdict(recognition, right)
            panels.append(self._person(person, joints, frame.layout, action, found_text))
        self._show(Columns(panels, padding=(0, 1)))

    def report(self, recognition: Recognition, done: Occurrence | None, right: bool | None) -> None:
        assert self._scene is not None
        for person in recognition.person_ids:
            self._latest[person] = recognition, right
        self._right += right is True
        self._wrong += right is False
        seconds = (recognition.decided_ns - self._scene.start_ns) / NANOSECONDS_PER_SECOND
        self._log.append(
            (
                Text(f"{seconds:.1f} s", style="dim"),
                Text(" + ".join(recognition.person_ids)),
                Text(plain(done.label) if done else "idle"),
                verdict(recognition, right),
                Text(
                    f"{recognition.confidence:4.0%} {sign(recognition)} {recognition.threshold:.0%}"
                ),
            )
        )

    def learned(self, label: str, question: Recognition | None) -> None:
        self._heading = literal(answer(label, question))
        self._show(self._people)

    def _due(self) -> bool:
        """Whether to redraw: terminals are slow."""
        now = time.monotonic()
        if now - self._drawn < 1 / MAX_REDRAWS_PER_SECOND:
            return False
        self._drawn = now
        return True

    def _doing(self, person: str, stamp_ns: int) -> str:
        assert self._scene is not None
        for done in self._scene.occurrences:
            if done.person == person and done.start_ns <= stamp_ns <= done.end_ns:
                return plain(done.label)
        return "idle"

    def _person(
        self, name: str, joints: NDArray[np.float32], layout: Layout, action: str, found_text: Text
    ) -> Panel:
        hips = joints[layout.index("spine_base")]
        if name not in self._centres and np.isfinite(hips).all():
            # Fixed from the first frame on, so that squats and jumps are visible.
            self._centres[name] = (float(hips[0]), float(hips[1]) + 0.15)
        centre = self._centres.get(name, (0.0, 0.0))
        figure = stick_figure(joints, layout, centre, FIGURE_HEIGHT, 22, self._figure_rows)
        lines = Group(
            Text(figure, style="cyan"),
            Text(f"action  {action}", no_wrap=True),
            Text("robot   ") + found_text,
        )
        return Panel(lines, title=name, width=26)

    def _show(self, people: RenderableType) -> None:
        self._people = people
        log = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        log.add_column("time", justify="right", min_width=7)
        log.add_column("person", min_width=6)
        log.add_column("action", min_width=20)
        log.add_column("recognised as", min_width=15)
        log.add_column("confidence", min_width=13)
        for row in self._log:
            log.add_row(*row)
        for _ in range((self._log.maxlen or 0) - len(self._log)):
            log.add_row("")
        score = Text.assemble(
            (f"{self._right} right", "green"), ", ", (f"{self._wrong} wrong", "red")
        )
        self._live.update(
            Group(
                self._heading,
                Align.left(people),
                log,
                score,
            ),
            refresh=True,
        )


def plain(label: str) -> str:
    """A label with spaces."""
    return label.replace("_", " ")


def found(recognition: Recognition) -> str:
    """The verdict in a few words."""
    if recognition.verdict is Verdict.KNOWN:
        return plain(recognition.label)
    return str(recognition.verdict.value).replace("_", " ")


def verdict(recognition: Recognition, right: bool | None) -> Text:
    """The verdict, with a mark and colour for right or wrong."""
    mark, style = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("·", "dim")}[right]
    return Text(f"{mark} {found(recognition)}", style=style, no_wrap=True)


def sign(recognition: Recognition) -> str:
    """Comparison of the confidence with the threshold."""
    return ">=" if recognition.confidence >= recognition.threshold else "< "


def answer(label: str, question: Recognition | None) -> str:
    """The robot's question and the answer in a line."""
    if question is None:
        return f"The robot took every {plain(label)} for a known action and asked no question."
    return (
        f"What was that, {question.person_ids[0]}? (clip {question.clip_id})  "
        f"Taught from this clip: {plain(label)}"
    )
