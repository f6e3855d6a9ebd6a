# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Commands that talk to a node over DDS; the node runs in a separate process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from waiting import PATIENCE

pytest.importorskip("cyclonedds", reason="install the extra dds")

from skeleton_dml_ros.cli import main
from skeleton_dml_ros.cli.demo_live import private_domain
from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.datasets.synthetic_actor import (
    Act,
    Idle,
    Person,
    perform_stream,
)
from skeleton_dml_ros.dds import running_node

COMMAND = [sys.executable, "-m", "skeleton_dml_ros.cli"]

Client = Callable[..., Any]


def record(path: Path, actions: list[str], generator: np.random.Generator) -> None:
    """Record a synthetic person."""
    script: list[Act | Idle] = [Idle(1.5)]
    for action in actions:
        script += [Act(action), Idle(1.5)]
    person = Person.sample(generator, left_handed=False)
    sequence = perform_stream(script, person, generator).sequence
    write_archive(path, archive_of([sequence], [0], ["several"], names=[path.stem]))


class Watching:
    """``skeleton-dml watch --json`` in a separate process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "watch", "--json"], stdout=subprocess.PIPE, text=True
        )
        self.events: list[dict[str, Any]] = []
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self.events.append(json.loads(line))
                self._more.notify_all()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in list(self.events) if event["event"] == kind]

    def wait(self, holds: Callable[[], bool]) -> None:
        with self._more:
            assert self._more.wait_for(holds, PATIENCE), self.events[-3:]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with recordings, and a running node."""
    folder = tmp_path_factory.mktemp("clients")
    generator = np.random.default_rng(0)
    record(folder / "wave.npz", ["wave"], generator)
    record(folder / "bow.npz", ["bow"], generator)
    record(folder / "evening.npz", ["wave", "kick", "bow", "throw", "wave"], generator)
    with private_domain():
        settings = (f"references={folder / 'taught.db'}", "fixed_frame=")
        node = subprocess.Popen(
            [*COMMAND, "node", *(word for one in settings for word in ("--set", one))]
        )
        try:
            yield folder
        finally:
            node.terminate()
            node.wait(20)


@pytest.fixture(scope="module")
def watching(place: Path) -> Iterator[Watching]:
    there = Watching()
    try:
        there.wait(lambda: bool(there.of("references")))
        yield there
    finally:
        there.process.terminate()
        there.process.wait(20)


@pytest.fixture
def client(watching: Watching, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Client:
    """Run a command; returns its output, or its error output if the status is not 0."""

    def run(*arguments: object, status: int = 0) -> Any:
        reached = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert reached == status, said
        if status:
            return said.err
        return json.loads(said.out) if "--json" in arguments else said.out

    monkeypatch.chdir(place)
    return run


def test_taught_actions_are_recognised_and_unknown_ones_can_be_taught(
    client: Client, watching: Watching
) -> None:
    assert "there are no references in /recognition_node" in client("references", "list", "--node")
    assert client("teach", "wave", "--recording", "wave.npz").startswith("taught 'wave' as ")
    assert "1 subscriber" in client("play", "evening.npz", "--rate", "4")
    watching.wait(lambda: len(watching.of("recognition")) >= 5)
    said = [(event["verdict"], event["label"]) for event in watching.of("recognition")]
    assert said == [
        ("known", "wave"),
        ("unknown", ""),
        ("unknown", ""),
        ("unknown", ""),
        ("known", "wave"),
    ]
    assert watching.of("references")[-1]["references"][0]["label"] == "wave"
    assert watching.of("diagnostics")[-1]["inputs"]["camera"]["format"] == "skeleton_array"
    # Answer the reported unknown action.
    asked = watching.of("question")[0]
    enrolled = client("teach", "kick", "--clip", asked["clip_id"], "--json")
    assert (enrolled["label"], enrolled["source"]) == ("kick", asked["clip_id"])


def test_a_persons_last_seconds_are_taught(client: Client) -> None:
    # The last movement is in the recording's last 4.5 seconds, followed by 2 seconds without people.
    playing = subprocess.Popen([*COMMAND, "play", "evening.npz", "--loop"])
    try:
        threading.Event().wait(8.0)
        said = client("teach", "lately", "--person", "camera/0", "--last", "5", "--ignore")
    finally:
        playing.terminate()
        playing.wait(20)
    assert "taught 'lately'" in said
    (row,) = [
        one for one in client("references", "list", "--node", "--json") if one["label"] == "lately"
    ]
    assert row["kind"] == "ignore"
    assert row["duration"] < 5


def test_without_messages_message_time_is_unknown(client: Client) -> None:
    said = client("teach", "lately", "--person", "camera/0", "--last", "5", status=2)
    assert "message time is unknown" in said
    assert "--clip" in said


def test_references_of_a_node_are_managed_as_in_a_file(client: Client, place: Path) -> None:
    client("teach", "low", "--recording", "bow.npz")
    client("references", "rename", "--node", "low", "bow low")
    labels = [row["label"] for row in client("references", "list", "--node", "--json")]
    assert "bow low" in labels
    client("references", "export", "--node=/recognition_node", "there.safetensors")
    client("references", "export", "taught.db", "here.safetensors")
    client("references", "import", "other.db", "there.safetensors")
    assert len(client("references", "list", "other.db", "--json")) == len(labels)
    assert client("references", "remove", "--node", "bow low").startswith("removed bow low (")
    imported = client("references", "import", "--node", "there.safetensors", "--json")
    assert [row["label"] for row in imported["added"]] == ["bow low"]
    assert len(imported["already_here"]) == len(labels) - 1
    shown = client("references", "list", "--node")
    assert sorted(shown) == sorted(client("references", "list", "taught.db"))


def test_a_refusal_is_reported_in_one_line(client: Client) -> None:
    assert "camera/9/1" in client("teach", "bow", "--clip", "camera/9/1", status=2)
    assert "nowhere" in client("references", "remove", "--node", "nowhere", status=2)


def test_an_unavailable_node_is_reported_in_one_line(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_node, "FINDING", 0.2)
    said = client("references", "list", "--node=/elsewhere", status=2)
    assert "/elsewhere/list_references is unavailable" in said
    assert len(said.splitlines()) == 1


@pytest.mark.slow
def test_the_demo_passes_with_separate_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--live", "--json", "--out", str(tmp_path / "shown")]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["passed"] is True
    assert figures["recognised_percent"] >= 90
    assert (tmp_path / "shown" / "timeline.png").is_file()
