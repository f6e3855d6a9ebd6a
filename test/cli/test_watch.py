# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml watch``: on a terminal, as lines and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from network import Network
from rich.console import Console
from rich.live import Live

from skeleton_dml_ros.cli.watch import decision, references, report
from skeleton_dml_ros.cli.watch_screen import SILENT_AFTER, Lines, Screen
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
    """A screen of a fixed size with a clock that is set by hand."""

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


def test_the_screen_shows_people_actions_and_how_to_teach_an_unknown_one() -> None:
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


def test_an_answered_question_disappears() -> None:
    watched = Watched()
    watched.screen.take(decision("question", recognised("camera/Ben/2")))
    assert "What was that?" in watched.shown()
    watched.screen.take(references(known("bow", source="camera/Ben/2")))
    assert "What was that?" not in watched.shown()


def test_the_screen_reports_a_silent_node() -> None:
    watched = Watched()
    assert "Waiting for messages" in watched.shown()
    watched.seconds = SILENT_AFTER + 1
    assert "skeleton-dml node" in watched.shown()
    watched.screen.take(references(known()))
    assert "knows nothing yet" in watched.shown()
    watched.seconds += SILENT_AFTER + 1
    assert "Has the node stopped?" in watched.shown()


def test_messages_cannot_control_the_terminal_or_the_shell() -> None:
    clip_id = "camera/[/x]\x1b]0;title\x07/1; reboot"
    watched = Watched(width=150)
    file = StringIO()
    lines = Lines(Console(file=file, width=200), "/[/x]\x9b2J")
    for event in (
        references(known("[/x]\x1b[2J")),
        diagnosis(reported(2, "[/y]\x07")),
        decision("recognition", recognised(clip_id, "[/z]\x1b[0m")),
        decision("question", recognised(clip_id)),
    ):
        watched.screen.take(event)
        lines.take(event)
    for shown in (watched.shown(), file.getvalue()):
        assert shown.replace("\n", "").isprintable()
        assert "--clip 'camera/[/x]]0;title/1; reboot'" in shown
        assert all(text in shown for text in ("[/x][2J", "[/y]", "[/z][0m"))


def test_a_small_terminal_shows_questions_and_the_latest_recognitions() -> None:
    watched = Watched(height=24, width=70)
    for number in range(30):
        clip_id = f"camera/Ada/{number}{NOW}"
        watched.screen.take(decision("recognition", recognised(clip_id, f"wave {number}")))
    watched.screen.take(decision("question", recognised(f"camera/Ben/{NOW}")))
    shown = watched.shown()
    assert len(shown.splitlines()) <= 24
    assert f"--clip camera/Ben/{NOW}" in shown
    assert f"{datetime.fromtimestamp(NOW / SECOND):%H:%M:%S}  camera/Ada  wave 29" in shown
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


def test_json_is_one_line_per_event_without_the_diagnostics_of_others(
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


def test_the_extra_to_install_is_named_without_dds(
    run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cyclonedds", None)
    for arguments in (["teach", "bow", "--clip", "x"], ["watch"], ["references", "list", "--node"]):
        assert "skeleton_dml_ros[dds]" in run(*arguments, status=2)[1]
