# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of the display of the demonstration."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from skeleton_dml_ros.cli.demo_output import Lines, on_screen
from skeleton_dml_ros.datasets.synthetic_actor import Act, Idle
from skeleton_dml_ros.evaluation.demonstration import Scene, play
from skeleton_dml_ros.evaluation.streams.matching import Occurrence
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.skeleton.layouts import NTU_25


@pytest.fixture(scope="module")
def scene() -> Scene:
    """Ada waves, Ben bows and leaves."""
    scripts: list[tuple[str, list[Act | Idle]]] = [
        ("Ada", [Idle(1.0), Act("wave"), Idle(3.0)]),
        ("Ben", [Act("bow"), Idle(0.5)]),
    ]
    return play(scripts, np.random.default_rng(0), 7_000_000_000)


def report(scene: Scene, person: str, label: str) -> tuple[Recognition, Occurrence]:
    done = next(one for one in scene.occurrences if one.person == person)
    recognition = Recognition(
        clip_id=f"camera/{person}/{done.start_ns}",
        input_name="camera",
        person_ids=(person,),
        start_ns=done.start_ns,
        end_ns=done.end_ns,
        decided_ns=done.end_ns + 500_000_000,
        position=(0.0, 0.0, 3.0),
        verdict=Verdict.KNOWN if label else Verdict.UNKNOWN,
        label=label,
        confidence=0.81 if label else 0.1,
        threshold=0.5,
    )
    return recognition, done


def on_terminal(width: int, height: int) -> Console:
    return Console(file=StringIO(), force_terminal=True, width=width, height=height)


def shown(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_line_shows_person_action_and_verdict(scene: Scene) -> None:
    console = Console(file=StringIO(), width=200)
    stage = Lines(console)
    stage.teaching("wave")
    stage.begin(scene, ("wave",))
    stage.report(*report(scene, "Ada", "wave"), True)
    stage.report(*report(scene, "Ben", "wave"), False)
    enrolled, people, right, wrong = shown(console).splitlines()
    assert enrolled == "taught with one demonstration: wave"
    assert people == "Ada, Ben in front of the camera"
    assert right.split() == [
        *f"{(report(scene, 'Ada', 'wave')[0].decided_ns - scene.start_ns) / 1e9:.1f} s".split(),
        *(["Ada", "wave", "->", "wave", "81%", ">=", "50%"]),
    ]
    assert wrong.endswith("wrong")
    assert "\x1b" not in shown(console)


def test_the_answer_names_the_clip(scene: Scene) -> None:
    console = Console(file=StringIO(), width=200)
    stage = Lines(console)
    question, _ = report(scene, "Ben", "")
    stage.learned("bow", question)
    stage.learned("pick_up", None)
    asked, nothing = shown(console).splitlines()
    assert question.clip_id in asked
    assert asked.endswith("Taught from this clip: bow")
    assert "every pick up" in nothing


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_the_screen_fits_the_terminal(scene: Scene, width: int, height: int) -> None:
    console = on_terminal(width, height)
    with on_screen(console) as stage:
        stage.teaching("wave")
        stage.pose(scene.frames[0].positions[0], NTU_25)
        stage.begin(scene, ("wave",))
        for _ in range(30):
            stage.report(*report(scene, "Ada", "wave"), True)
        stage.learned("bow", report(scene, "Ben", "")[0])
    last = shown(console).split("\x1b[2K")[-1].splitlines()
    assert len(last) <= height


def test_the_screen_shows_people_actions_and_verdicts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skeleton_dml_ros.cli.demo_output.MAX_REDRAWS_PER_SECOND", 1e9)
    console = on_terminal(100, 40)
    recognition, done = report(scene, "Ada", "wave")
    with on_screen(console) as stage:
        stage.begin(scene, ("wave",))
        during = next(frame for frame in scene.frames if frame.stamp_ns > done.start_ns)
        stage.frame(during)
        assert "action  wave" in shown(console)
        assert "action  left" not in shown(console)
        stage.report(recognition, done, True)
        stage.frame(next(one for one in scene.frames if one.stamp_ns > recognition.decided_ns))
    assert "robot   \x1b[32m✓ wave" in shown(console)
    assert "action  left" in shown(console)
    assert "1 right" in shown(console)
