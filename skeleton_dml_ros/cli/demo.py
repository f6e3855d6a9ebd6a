# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""``skeleton-dml demo``: the main job, played before your eyes."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skeleton_dml_ros.cli.opening import check_place, open_model
from skeleton_dml_ros.cli.options import JsonOption, ModelOption
from skeleton_dml_ros.cli.terminal import output, print_json

if TYPE_CHECKING:
    from skeleton_dml_ros.cli.demo_stage import Stage
    from skeleton_dml_ros.evaluation.demonstration import (
        Chapter,
        Demonstration,
        DemonstrationFigures,
        Scene,
    )
    from skeleton_dml_ros.recognition.event import Recognition
    from skeleton_dml_ros.recognition.recognizer import Recognizer

PICTURE = "timeline.png"
FAILED = 1
"""Exit status when the demonstration did not keep what it promises."""

BETWEEN_SCENES = 5.0
"""Seconds of message time between two scenes."""

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
    model: ModelOption = None,
    speed: Annotated[
        float,
        typer.Option(
            metavar="FACTOR", help="How fast time passes; 0 is as fast as this machine goes.", min=0
        ),
    ] = 2.5,
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

    from skeleton_dml_ros.cli.demo_stage import Lines, Silence, on_screen

    with output().status("Loading the model") if not as_json else Silence():
        play = _Play(seed, model)
    try:
        if as_json:
            play.perform(Silence(), speed=0.0)
        elif output().is_terminal:
            with on_screen(output()) as screen:
                play.perform(screen, speed)
        else:
            play.perform(Lines(output()), speed)
    finally:
        play.close()

    draw_timeline(play.chapters, picture, play.taught_from)
    figures = play.figures()
    if as_json:
        print_json(play.described(picture))
    else:
        _print_figures(figures, play.decision_seconds(), picture)
    if not figures.passed:
        raise typer.Exit(FAILED)


class _Play:
    """The demonstration as it goes on: the robot, and what has happened so far."""

    def __init__(self, seed: int, model: Path | None) -> None:
        import numpy as np

        from skeleton_dml_ros.embedding.torch_engine import TorchEngine
        from skeleton_dml_ros.recognition.recognizer import Recognizer
        from skeleton_dml_ros.references.library import ReferenceLibrary
        from skeleton_dml_ros.references.store import ReferenceStore

        loaded = open_model(model)
        engine = TorchEngine(loaded)
        self.seed = seed
        self._folder = tempfile.TemporaryDirectory()
        self._store = ReferenceStore(Path(self._folder.name) / "taught.db")
        library = ReferenceLibrary(self._store, engine, loaded.cohort, loaded.threshold)
        self._recognizer: Recognizer = Recognizer(engine, library, live=False)
        self._generator = np.random.default_rng(seed)
        self.threshold = library.threshold
        self.chapters: list[Chapter] = []
        self.taught_from = ""

    def close(self) -> None:
        """Forget everything that was taught."""
        self._recognizer.close()
        self._store.close()
        self._folder.cleanup()

    def perform(self, stage: Stage, speed: float) -> None:
        """Teach, recognise, teach from what was recognised as unknown, recognise."""
        from skeleton_dml_ros.evaluation import demonstration as plan
        from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

        for shown in plan.demonstrate(plan.TAUGHT_FIRST, self._generator):
            self._teach(shown, stage, speed)
        first = plan.first_scene(self._generator, 0)
        self._recognise(first, plan.TAUGHT_FIRST, stage, speed)

        question = plan.unknown_clip(
            plan.TAUGHT_LATER, self.chapters[0].recognitions, first.occurrences
        )
        if question is not None:
            self._recognizer.enroll_clip(question.clip_id, plan.TAUGHT_LATER)
            self.taught_from = question.clip_id
        stage.learned(plan.TAUGHT_LATER, question)
        _wait(ANSWER, speed)

        start_ns = first.end_ns + round(BETWEEN_SCENES * NANOSECONDS_PER_SECOND)
        second = plan.second_scene(self._generator, start_ns)
        self._recognise(second, (*plan.TAUGHT_FIRST, plan.TAUGHT_LATER), stage, speed)

    def _teach(self, shown: Demonstration, stage: Stage, speed: float) -> None:
        stage.teaching(shown.label)
        if speed > 0:
            clock = _Clock(speed)
            for pose, second in zip(
                shown.recording.positions[:, 0], shown.recording.timestamps, strict=True
            ):
                clock.wait_for(float(second))
                stage.pose(pose, shown.recording.layout)
        self._recognizer.enroll_recording(shown.recording, shown.label)

    def _recognise(self, scene: Scene, taught: tuple[str, ...], stage: Stage, speed: float) -> None:
        from skeleton_dml_ros.evaluation.demonstration import Chapter, occurrence_of, outcome
        from skeleton_dml_ros.recognition.event import Recognition
        from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

        stage.begin(scene, taught)
        recognitions: list[Recognition] = []

        def take_events() -> None:
            for event in self._recognizer.events():
                if isinstance(event, Recognition):
                    recognitions.append(event)
                    done = occurrence_of(event, scene.occurrences)
                    stage.report(event, done, outcome(event, done, taught))

        clock = _Clock(speed)
        for frame in scene.frames:
            clock.wait_for((frame.stamp_ns - scene.start_ns) / NANOSECONDS_PER_SECOND)
            self._recognizer.push(frame)
            take_events()
            stage.frame(frame)
        self._recognizer.finish()
        take_events()
        self.chapters.append(Chapter(scene, taught, tuple(recognitions)))

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
            "taught": figures.taught,
            "recognised": figures.recognised,
            "recognised_percent": round(100 * figures.recall, 2),
            "others": figures.others,
            "wrongly_accepted": figures.accepted,
            "false_alarms": figures.false_alarms,
            "wrongly_accepted_percent": round(100 * figures.wrong_share, 2),
            "threshold": round(self.threshold, 4),
            "taught_from_clip": self.taught_from or None,
            "chapters": [
                {"labels": list(chapter.taught), **chapter.figures().to_dict()}
                for chapter in self.chapters
            ],
            "picture": str(picture),
        }


class _Clock:
    """Message time against the wall clock."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._begin = time.monotonic()

    def wait_for(self, second: float) -> None:
        """Return when so many seconds of message time have passed, at once where late."""
        if self._speed > 0:
            ahead = second / self._speed - (time.monotonic() - self._begin)
            if ahead > 0:
                time.sleep(ahead)


def _wait(seconds: float, speed: float) -> None:
    if speed > 0:
        time.sleep(seconds / speed)


def _print_figures(figures: DemonstrationFigures, decision: float, picture: Path) -> None:
    from skeleton_dml_ros.evaluation.demonstration import LEAST_RECALL, MOST_ACCEPTED

    console = output()
    console.print(
        f"\n{figures.recognised} of {figures.taught} taught occurrences recognised "
        f"([bold]{100 * figures.recall:.0f} %[/bold], at least {100 * LEAST_RECALL:.0f} % wanted)"
    )
    console.print(
        f"{figures.accepted} of {figures.others} others wrongly accepted, "
        f"{figures.false_alarms} false alarms while idling "
        f"([bold]{100 * figures.wrong_share:.0f} %[/bold], at most {100 * MOST_ACCEPTED:.0f} %)"
    )
    console.print(
        f"{3600 * figures.hours:.0f} s of stream, {1000 * decision:.0f} ms for a decision (median)"
    )
    console.print(f"The timeline as a picture: {picture}", markup=False)
    if figures.passed:
        console.print("[bold green]passed[/bold green]")
    else:
        console.print("[bold red]not passed[/bold red]")
