# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml demo``."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from skeleton_dml_ros.cli import main
from skeleton_dml_ros.cli.demo_live import exit_on_termination

Command = Callable[..., tuple[str, str]]


def played(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Exit status and standard output of the demonstration at full speed."""
    status = main(["demo", "--speed", "0", *(str(argument) for argument in arguments)])
    said = capsys.readouterr()
    assert said.err == ""
    return status, said.out


def test_the_shipped_model_passes_and_the_figures_are_json(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, said = played(capsys, "--json", "--out", tmp_path / "shown")
    figures: dict[str, Any] = json.loads(said)
    assert status == 0
    assert figures["passed"] is True
    assert figures["recognised_percent"] >= 90
    assert figures["wrongly_accepted_percent"] <= 10
    assert figures["enrolled"] >= 20
    assert figures["unknown"] >= 20
    assert figures["enrolled_from_clip"].startswith("camera/")
    assert [len(chapter["labels"]) for chapter in figures["chapters"]] == [3, 4]
    picture = Path(figures["picture"])
    assert picture == tmp_path / "shown" / "timeline.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 10))
def test_other_seeds_pass(capsys: pytest.CaptureFixture[str], tmp_path: Path, seed: int) -> None:
    status, said = played(capsys, "--seed", seed, "--out", tmp_path / "shown")
    assert status == 0, said
    assert said.splitlines()[-1] == "passed"


def test_the_exit_status_is_1_if_the_model_recognises_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, untrained_model: Path
) -> None:
    status, said = played(capsys, "--model", untrained_model, "--out", tmp_path / "shown")
    lines = said.splitlines()
    assert status == 1
    assert lines[0] == "taught with one demonstration: wave"
    assert any(line.startswith("Ada, Ben, Cleo in front") for line in lines)
    assert lines[-1] == "not passed"
    assert any("known actions recognised" in line for line in lines[-6:])
    assert f"timeline: {tmp_path / 'shown' / 'timeline.png'}" in lines
    assert (tmp_path / "shown" / "timeline.png").is_file()


def test_matplotlib_is_required_before_anything_is_written(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    _, said = run("demo", "--out", tmp_path / "shown", status=2)
    assert "skeleton_dml_ros[plots]" in said
    assert not (tmp_path / "shown").exists()


def test_a_missing_model_is_reported(run: Command, tmp_path: Path) -> None:
    _, said = run("demo", "--model", tmp_path / "nowhere", "--out", tmp_path / "shown", status=2)
    assert "nowhere" in said


def test_an_output_folder_without_parent_is_refused(run: Command, tmp_path: Path) -> None:
    _, said = run("demo", "--out", tmp_path / "missing" / "shown", status=2)
    assert "missing" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_termination_closes_open_resources(number: signal.Signals) -> None:
    opened = ExitStack()
    closed: list[bool] = []
    opened.callback(closed.append, True)
    before = signal.getsignal(number)
    with pytest.raises(SystemExit) as ended, exit_on_termination(), opened:
        os.kill(os.getpid(), number)
    assert closed
    assert ended.value.code == 128 + number
    assert signal.getsignal(number) is before
