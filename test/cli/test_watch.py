# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a node says, on a terminal, as lines and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from network import Network
from rich.console import Console
from rich.live import Live

from skeleton_dml_ros.cli.watch_json import decision, references, report
from skeleton_dml_ros.cli.watch_screen import NOBODY_AFTER, Lines, Screen
from skeleton_dml_ros.dds.running_node import report_of
from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.messages.make import header, time_message
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.conversions import VERDICTS
from skeleton_dml_ros.recognition.event import Verdict

Command = Callable[..., tuple[str, str]]

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND


def recognised(clip_id: str, label: str = "") -> Any:
    return make(
        "skeleton_dml_ros/msg/ActionRecognition",
        header=header(make, NOW, "odom"),
        clip_id=clip_id,
        person_ids=["/".join(clip_id.split("/")[:2])],
        start=time_message(make, NOW - SECOND),
        end=time_message(make, NOW),
        verdict=VERDICTS[Verdict.KNOWN if label else Verdict.UNKNOWN],
        label=label,
        score=0.25 if label else float("inf"),
        confidence=0.81 if label else 0.0,
        threshold=0.5,
        candidates=[make("skeleton_dml_ros/msg/Candidate", label=label or "wave")],
        latency=0.02,
    )


def known(*labels: str, source: str = "recording") -> Any:
    enrolled = [
        make("skeleton_dml_ros/msg/Reference", label=label, source=source) for label in labels
    ]
    return make(
        "skeleton_dml_ros/msg/ReferenceArray", model="default", threshold=0.5, references=enrolled
    )


def reported(level: int, message: str, name: str = interface.NODE_NAME) -> Any:
    status = make(
        "diagnostic_msgs/msg/DiagnosticStatus",
        level=level,
        name=f"{name}: input camera",
        message=message,
    )
    return make(
        "diagnostic_msgs/msg/DiagnosticArray", header=header(make, NOW, ""), status=[status]
    )


def diagnosis(said: Any) -> dict[str, Any]:
    told = report_of(interface.DEFAULT_NODE, said)
    assert told is not None
    return report(*told)


class Watched:
    """A screen of a fixed size, and a clock that stands until it is set."""

    def __init__(self, height: int = 30, width: int = 100) -> None:
        self.console = Console(file=StringIO(), force_terminal=True, width=width, height=height)
        self.width = width
        self.seconds = 0.0
        self.live = Live(console=self.console, auto_refresh=False)
        self.screen = Screen(self.live, "/recognition_node", 12, lambda: self.seconds)

    def shown(self) -> str:
        self.screen.draw()
        plain = Console(file=StringIO(), width=self.width)
        plain.print(self.live.renderable)
        assert isinstance(plain.file, StringIO)
        return plain.file.getvalue()


def test_the_screen_shows_who_did_what_and_how_an_unknown_one_is_taught() -> None:
    watched = Watched()
    watched.screen.take(references(known("wave", "kick")))
    watched.screen.take(diagnosis(reported(0, "30.0 Hz, 2 people")))
    watched.screen.take(decision("recognition", recognised("camera/Ada/1", "wave")))
    watched.screen.take(decision("recognition", recognised("camera/Ben/2")))
    watched.screen.take(decision("question", recognised("camera/Ben/2")))
    watched.seconds = 2.0
    shown = watched.shown()
    assert "knows kick, wave; threshold 50%" in shown
    assert "input camera  ok  30.0 Hz, 2 people" in shown
    assert "unknown (nearest: wave)" in shown
    assert "2 s ago" in shown
    assert "skeleton-dml teach LABEL --clip camera/Ben/2" in shown
    lines = [line.split() for line in shown.splitlines()]
    assert [words[1] for words in lines if words[-1:] == ["camera/Ada/1"]] == ["camera/Ada"]


def test_a_question_that_was_answered_is_no_longer_asked() -> None:
    watched = Watched()
    watched.screen.take(decision("question", recognised("camera/Ben/2")))
    assert "What was that?" in watched.shown()
    watched.screen.take(references(known("bow", source="camera/Ben/2")))
    assert "What was that?" not in watched.shown()


def test_the_screen_says_that_nobody_is_there() -> None:
    watched = Watched()
    assert "Listening" in watched.shown()
    watched.seconds = NOBODY_AFTER + 1
    assert "skeleton-dml node" in watched.shown()
    watched.screen.take(references(known()))
    assert "knows nothing yet" in watched.shown()
    watched.seconds += NOBODY_AFTER + 1
    assert "has the node ended?" in watched.shown()


def test_a_small_terminal_keeps_its_questions_and_the_latest_recognitions() -> None:
    watched = Watched(height=24, width=70)
    for number in range(30):
        clip_id = f"camera/Ada/{number}{NOW}"
        watched.screen.take(decision("recognition", recognised(clip_id, f"wave {number}")))
    watched.screen.take(decision("question", recognised(f"camera/Ben/{NOW}")))
    shown = watched.shown()
    assert len(shown.splitlines()) <= 24
    assert f"--clip camera/Ben/{NOW}" in shown
    assert "wave 29" in shown


def test_without_a_terminal_each_event_is_a_line() -> None:
    file = StringIO()
    lines = Lines(Console(file=file, width=200), "/recognition_node on domain 0")
    lines.take(references(known("wave")))
    lines.take(decision("recognition", recognised("camera/Ada/1", "wave")))
    lines.take(decision("question", recognised("camera/Ben/2")))
    lines.take(diagnosis(reported(0, "30.0 Hz")))
    lines.take(diagnosis(reported(2, "silent for 9 s")))
    lines.take(diagnosis(reported(2, "silent for 10 s")))
    said = file.getvalue().splitlines()
    assert len(said) == 5
    assert said[0] == "watching /recognition_node on domain 0"
    assert said[2].endswith("camera/Ada  wave  81%  camera/Ada/1")
    assert said[3] == "what was that?  skeleton-dml teach LABEL --clip camera/Ben/2"
    assert said[4] == "input camera: error silent for 9 s"


def test_as_json_each_event_is_a_line_and_others_diagnostics_are_none(
    network: Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from skeleton_dml_ros.cli import main

    network.say(interface.RECOGNITIONS, recognised("camera/Ben/2"))
    network.say(interface.UNKNOWN_ACTIONS, recognised("camera/Ben/2"))
    network.say(interface.REFERENCES, known("wave"))
    network.say(interface.DIAGNOSTICS, reported(1, "no message yet"))
    network.say(interface.DIAGNOSTICS, reported(1, "hot", name="motor"))
    network.say(interface.DIAGNOSTICS, reported(1, "silent", name="robot1/recognition_node"))

    shown = iter(range(4))

    def until_all_are_there(value: object, indent: int | None) -> None:
        print(json.dumps(value))
        if next(shown) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("skeleton_dml_ros.cli.watch.print_json", until_all_are_there)
    assert main(["watch", "--json"]) == 130
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == [
        "recognition",
        "question",
        "references",
        "diagnostics",
    ]
    assert events[0]["score"] is None
    assert events[0]["verdict"] == "unknown"
    assert events[3]["status"] == {"input camera": {"level": 1, "message": "no message yet"}}


def test_without_dds_the_extra_to_install_is_named(
    run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cyclonedds", None)
    for arguments in (["teach", "bow", "--clip", "x"], ["watch"], ["references", "list", "--node"]):
        assert "skeleton_dml_ros[dds]" in run(*arguments, status=2)[1]
