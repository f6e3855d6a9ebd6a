# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml demo``: teach and recognise synthetic people.

:mod:`skeleton_dml_ros.cli.demo_output` shows what happens; :mod:`skeleton_dml_ros.cli.demo_live` runs the
robot and the people as processes of their own.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from skeleton_dml_ros.cli.options import JsonOption, ModelOption, check_output
from skeleton_dml_ros.cli.terminal import output, print_json, say
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

if TYPE_CHECKING:
    from skeleton_dml_ros.cli.demo_output import DemoOutput
    from skeleton_dml_ros.evaluation.demonstration import (
        Chapter,
        Demonstration,
        DemonstrationFigures,
        Scene,
    )
    from skeleton_dml_ros.recognition.event import Recognition
    from skeleton_dml_ros.skeleton.frame import SkeletonFrame
    from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

BETWEEN_SCENES_NS = nanoseconds(5.0)
"""Message time between two scenes."""

PICTURE = "timeline.png"
FAILED = 1
"""Exit status when the figures miss their targets."""

READING_TIME = 5.0
"""Seconds for which question and answer stay on the screen, at speed 1."""


def demo(
    seed: Annotated[
        int,
        typer.Option(metavar="N", help="Seed of the people and their movements.", min=0),
    ] = 0,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help=f"Output folder of the picture {PICTURE}.")
    ] = Path("demo"),
    model: ModelOption = "default",
    speed: Annotated[
        float,
        typer.Option(metavar="FACTOR", help="Playback rate; 0: as fast as possible.", min=0),
    ] = 2.5,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Run node, people and client as separate processes that communicate over DDS.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Teach and recognise synthetic people.

    Three actions are taught with one demonstration each. Other people then show these and other actions,
    at their own pace and facing other ways. One unknown action is taught from the reported clip, and is
    recognised from then on.

    The exit status is 1 if less than 90 % of the known actions are recognised, or more than 10 % of the
    unknown ones are accepted.

    Example: `skeleton-dml demo --seed 3`
    """
    from skeleton_dml_ros.evaluation.timeline import draw_timeline, require_matplotlib

    require_matplotlib()
    check_output(out).mkdir(exist_ok=True)
    picture = out / PICTURE

    from skeleton_dml_ros.cli.demo_output import Lines, SilentOutput, on_screen

    starting = "Starting the node" if live else "Loading the model"
    with SilentOutput() if as_json else output().status(starting):
        robot: Robot
        if live:
            from skeleton_dml_ros.cli.demo_live import MAX_SPEED, NodeRobot

            # A node drops frames that it cannot keep up with.
            speed = MAX_SPEED if as_json else min(speed or MAX_SPEED, MAX_SPEED)
            robot = NodeRobot(seed, model)
        else:
            speed = 0.0 if as_json else speed
            robot = LocalRobot(model)
    play = _Play(seed, robot)
    try:
        if as_json:
            play.perform(SilentOutput(), speed)
        elif output().is_terminal:
            with on_screen(output()) as screen:
                play.perform(screen, speed)
        else:
            play.perform(Lines(output()), speed)
    finally:
        robot.close()

    draw_timeline(play.chapters, picture, play.enrolled_from)
    figures = play.figures()
    if as_json:
        print_json(play.to_dict(picture))
    else:
        _print_figures(figures, play.decision_seconds(), picture)
    if not figures.passed:
        raise typer.Exit(FAILED)


class _Play:
    """Runs the demonstration and records what happens."""

    def __init__(self, seed: int, robot: Robot) -> None:
        import numpy as np

        self.seed = seed
        self._robot = robot
        self._generator = np.random.default_rng(seed)
        self.chapters: list[Chapter] = []
        self.enrolled_from = ""

    def perform(self, stage: DemoOutput, speed: float) -> None:
        """Teach, recognise, teach an unknown action, recognise again."""
        from skeleton_dml_ros.evaluation import demonstration as plan

        for shown in plan.demonstrate(plan.ENROLLED_FIRST, self._generator):
            self._teach(shown, stage, speed)
        first = plan.first_scene(self._generator, self._robot.next_ns())
        self._recognise(first, plan.ENROLLED_FIRST, stage, speed)

        question = plan.unknown_clip(
            plan.ENROLLED_LATER, self.chapters[0].recognitions, first.occurrences
        )
        if question is not None:
            self._robot.enroll_clip_of(question.clip_id, plan.ENROLLED_LATER)
            self.enrolled_from = question.clip_id
        stage.learned(plan.ENROLLED_LATER, question)
        if speed > 0:
            time.sleep(READING_TIME / speed)

        second = plan.second_scene(self._generator, self._robot.next_ns())
        self._recognise(second, (*plan.ENROLLED_FIRST, plan.ENROLLED_LATER), stage, speed)

    def _teach(self, shown: Demonstration, stage: DemoOutput, speed: float) -> None:
        stage.teaching(shown.label)
        if speed > 0:
            clock = Clock(speed)
            for pose, second in zip(
                shown.recording.positions[:, 0], shown.recording.timestamps, strict=True
            ):
                clock.wait_for(float(second))
                stage.pose(pose, shown.recording.layout)
        self._robot.teach(shown.recording, shown.label)

    def _recognise(
        self, scene: Scene, enrolled: tuple[str, ...], stage: DemoOutput, speed: float
    ) -> None:
        from skeleton_dml_ros.evaluation.demonstration import Chapter, occurrence_of, outcome
        from skeleton_dml_ros.recognition.event import Recognition

        stage.begin(scene, enrolled)
        recognitions: list[Recognition] = []
        for happened in self._robot.watch(scene, speed):
            if isinstance(happened, Recognition):
                recognitions.append(happened)
                done = occurrence_of(happened, scene.occurrences)
                stage.report(happened, done, outcome(happened, done, enrolled))
            else:
                stage.frame(happened)
        self.chapters.append(Chapter(scene, enrolled, tuple(recognitions)))

    def figures(self) -> DemonstrationFigures:
        """The figures of all scenes."""
        from skeleton_dml_ros.evaluation.demonstration import DemonstrationFigures

        return DemonstrationFigures.of(self.chapters)

    def decision_seconds(self) -> float:
        """Median wall time from a clip's last frame to its decision."""
        latencies = [report.latency for chapter in self.chapters for report in chapter.recognitions]
        return statistics.median(latencies) if latencies else 0.0

    def to_dict(self, picture: Path) -> dict[str, Any]:
        """The figures as JSON values."""
        figures = self.figures()
        return {
            "seed": self.seed,
            "passed": figures.passed,
            "enrolled": figures.enrolled,
            "recognised": figures.recognised,
            "recognised_percent": round(100 * figures.recall, 2),
            "unknown": figures.others,
            "accepted": figures.accepted,
            "false_alarms": figures.false_alarms,
            "wrongly_accepted_percent": round(100 * figures.wrong_share, 2),
            "threshold": round(self._robot.threshold, 4),
            "enrolled_from_clip": self.enrolled_from or None,
            "chapters": [
                {"labels": list(chapter.enrolled), **chapter.figures().to_dict()}
                for chapter in self.chapters
            ],
            "picture": str(picture),
        }


def _print_figures(figures: DemonstrationFigures, decision: float, picture: Path) -> None:
    from skeleton_dml_ros.evaluation.demonstration import MAX_FALSE_ACCEPTS, MIN_RECALL

    console = output()
    console.print(
        f"\n{figures.recognised} of {figures.enrolled} known actions recognised "
        f"([bold]{100 * figures.recall:.0f} %[/bold], target: at least {100 * MIN_RECALL:.0f} %)"
    )
    console.print(
        f"{figures.accepted} of {figures.others} unknown actions accepted, "
        f"{figures.false_alarms} false alarms "
        f"([bold]{100 * figures.wrong_share:.0f} %[/bold], "
        f"target: at most {100 * MAX_FALSE_ACCEPTS:.0f} %)"
    )
    console.print(
        f"{3600 * figures.hours:.0f} s of stream, median time per decision {1000 * decision:.0f} ms"
    )
    say(f"timeline: {picture}")
    if figures.passed:
        console.print("[bold green]passed[/bold green]")
    else:
        console.print("[bold red]not passed[/bold red]")


class Robot(Protocol):
    """What the demonstration needs of a robot."""

    @property
    def threshold(self) -> float:
        """Minimum confidence of a known action."""
        ...

    def next_ns(self) -> int:
        """Stamp of the next scene's first frame."""
        ...

    def teach(self, recording: SkeletonSequence, label: str) -> None:
        """Teach an action with one recording."""
        ...

    def enroll_clip_of(self, clip_id: str, label: str) -> None:
        """Teach an action with a clip that was reported."""
        ...

    def watch(self, scene: Scene, speed: float) -> Iterator[SkeletonFrame | Recognition]:
        """Play a scene, and yield its frames and the recognitions as they come.

        Args:
            scene: the scene.
            speed: playback rate; 0: as fast as possible.
        """
        ...

    def close(self) -> None:
        """Release resources, and forget what was taught."""
        ...


class LocalRobot:
    """A recogniser in this process.

    Args:
        model: model folder, or ``default``.
    """

    def __init__(self, model: str) -> None:
        from skeleton_dml_ros.recognition.recognizer import Recognizer

        self._folder = tempfile.TemporaryDirectory()
        self._recognizer: Recognizer = Recognizer.open(Path(self._folder.name) / "taught.db", model)
        self._next_ns = 0
        self.threshold = self._recognizer.threshold

    def next_ns(self) -> int:
        return self._next_ns

    def teach(self, recording: SkeletonSequence, label: str) -> None:
        self._recognizer.enroll(recording, label)

    def enroll_clip_of(self, clip_id: str, label: str) -> None:
        self._recognizer.enroll_clip(clip_id, label)

    def watch(self, scene: Scene, speed: float) -> Iterator[SkeletonFrame | Recognition]:
        clock = Clock(speed)
        for frame in scene.frames:
            clock.wait_for((frame.stamp_ns - scene.start_ns) / NANOSECONDS_PER_SECOND)
            self._recognizer.push(frame)
            yield from self._recognitions()
            yield frame
        self._recognizer.finish()
        yield from self._recognitions()
        self._next_ns = scene.end_ns + BETWEEN_SCENES_NS

    def close(self) -> None:
        self._recognizer.close()
        self._folder.cleanup()

    def _recognitions(self) -> Iterator[Recognition]:
        from skeleton_dml_ros.recognition.event import Recognition

        for event in self._recognizer.events():
            if isinstance(event, Recognition):
                yield event


class Clock:
    """Waits for message time to pass.

    Args:
        speed: playback rate; 0: do not wait.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._begin = time.monotonic()

    def wait_for(self, second: float) -> None:
        """Return when so many seconds of message time have passed."""
        if self._speed > 0:
            ahead = second / self._speed - (time.monotonic() - self._begin)
            if ahead > 0:
                time.sleep(ahead)
