# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml demo``: the main job, played before your eyes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skeleton_dml_ros.cli.demo_robot import Clock, Robot, RobotHere
from skeleton_dml_ros.cli.loading import check_place
from skeleton_dml_ros.cli.options import JsonOption, ModelOption
from skeleton_dml_ros.cli.terminal import output, print_json

if TYPE_CHECKING:
    from skeleton_dml_ros.cli.demo_output import DemoOutput
    from skeleton_dml_ros.evaluation.demonstration import (
        Chapter,
        Demonstration,
        DemonstrationFigures,
        Scene,
    )

PICTURE = "timeline.png"
FAILED = 1
"""Exit status when the demonstration did not keep what it promises."""

ANSWER = 5.0
"""Seconds for which question and answer stay to be read, at normal speed."""


def demo(
    seed: Annotated[
        int,
        typer.Option(metavar="N", help="Another one gives other people and actions.", min=0),
    ] = 0,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help=f"Folder for the picture {PICTURE}.")
    ] = Path("demo"),
    model: ModelOption = "default",
    speed: Annotated[
        float,
        typer.Option(
            metavar="FACTOR", help="How fast time passes; 0 is as fast as this machine goes.", min=0
        ),
    ] = 2.5,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Node, people and client as processes of their own, on the network of this machine.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the main job with synthetic people: teach once, recognise from then on.

    Three actions are taught, one demonstration each.  Other people then do what was taught and
    what was not, at their own pace and from other sides.  One of the unknown actions is taught
    from the very clip that was reported, and recognised from then on.

    The exit status is 1 under 90 % of taught occurrences recognised, or over 10 % of the others
    wrongly accepted.

    Example: `skeleton-dml demo --seed 3`
    """
    from skeleton_dml_ros.evaluation.timeline import draw_timeline, require_matplotlib

    require_matplotlib()
    check_place(out).mkdir(exist_ok=True)
    picture = out / PICTURE

    from skeleton_dml_ros.cli.demo_output import Lines, SilentOutput, on_screen

    if live:
        from skeleton_dml_ros.cli.demo_live import FASTEST, RobotBeside

        # As fast as it goes, a process would drop what it cannot keep up with.
        speed = FASTEST if as_json else min(speed or FASTEST, FASTEST)
        say = "Starting the node in a process of its own"
        start: Callable[[], Robot] = lambda: RobotBeside(seed, model)  # noqa: E731
    else:
        speed = 0.0 if as_json else speed
        say = "Loading the model"
        start = lambda: RobotHere(model)  # noqa: E731
    with output().status(say) if not as_json else SilentOutput():
        robot = start()
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
        print_json(play.described(picture))
    else:
        _print_figures(figures, play.decision_seconds(), picture)
    if not figures.passed:
        raise typer.Exit(FAILED)


class _Play:
    """The demonstration as it goes on: the robot, and what has happened so far."""

    def __init__(self, seed: int, robot: Robot) -> None:
        import numpy as np

        self.seed = seed
        self._robot = robot
        self._generator = np.random.default_rng(seed)
        self.chapters: list[Chapter] = []
        self.enrolled_from = ""

    @property
    def threshold(self) -> float:
        """Highest score of a known action."""
        return self._robot.threshold

    def perform(self, stage: DemoOutput, speed: float) -> None:
        """Teach, recognise, teach from what was recognised as unknown, recognise."""
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
        _wait(ANSWER, speed)

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
        """How it went."""
        from skeleton_dml_ros.evaluation.demonstration import DemonstrationFigures

        return DemonstrationFigures.of(self.chapters)

    def decision_seconds(self) -> float:
        """Median wall time from the frame that closed a clip to its decision."""
        latencies = [report.latency for chapter in self.chapters for report in chapter.recognitions]
        return statistics.median(latencies) if latencies else 0.0

    def described(self, picture: Path) -> dict[str, Any]:
        """What happened, as JSON knows it."""
        figures = self.figures()
        return {
            "seed": self.seed,
            "passed": figures.passed,
            "taught": figures.enrolled,
            "recognised": figures.recognised,
            "recognised_percent": round(100 * figures.recall, 2),
            "others": figures.others,
            "wrongly_accepted": figures.accepted,
            "false_alarms": figures.false_alarms,
            "wrongly_accepted_percent": round(100 * figures.wrong_share, 2),
            "threshold": round(self.threshold, 4),
            "taught_from_clip": self.enrolled_from or None,
            "chapters": [
                {"labels": list(chapter.enrolled), **chapter.figures().to_dict()}
                for chapter in self.chapters
            ],
            "picture": str(picture),
        }


def _wait(seconds: float, speed: float) -> None:
    if speed > 0:
        time.sleep(seconds / speed)


def _print_figures(figures: DemonstrationFigures, decision: float, picture: Path) -> None:
    from skeleton_dml_ros.evaluation.demonstration import MAX_FALSE_ACCEPTS, MIN_RECALL

    console = output()
    console.print(
        f"\n{figures.recognised} of {figures.enrolled} taught occurrences recognised "
        f"([bold]{100 * figures.recall:.0f} %[/bold], at least {100 * MIN_RECALL:.0f} % wanted)"
    )
    console.print(
        f"{figures.accepted} of {figures.others} others wrongly accepted, "
        f"{figures.false_alarms} false alarms while idling "
        f"([bold]{100 * figures.wrong_share:.0f} %[/bold], at most {100 * MAX_FALSE_ACCEPTS:.0f} %)"
    )
    console.print(
        f"{3600 * figures.hours:.0f} s of stream, {1000 * decision:.0f} ms for a decision (median)"
    )
    console.print(f"The timeline as a picture: {picture}", markup=False)
    if figures.passed:
        console.print("[bold green]passed[/bold green]")
    else:
        console.print("[bold red]not passed[/bold red]")
