# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fixtures: recordings as files, and functions that run a command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

# The fake network belongs to the tests of DDS.
sys.path.append(str(Path(__file__).parent.parent / "dds"))

from network import Network

from skeleton_dml_ros.cli import main
from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

FRAME_RATE = 30
STILL = 30
"""Frames of standing still before and after a movement."""

Command = Callable[..., tuple[str, str]]


def movement(arm: str, height: float, frames: int = 45) -> SkeletonSequence:
    """A person who stands still, raises and lowers an arm, and stands still again."""
    raised = height * np.sin(np.linspace(0, np.pi, frames)) ** 2
    course = np.concatenate([np.zeros(STILL), raised, np.zeros(STILL)])
    positions = np.repeat(REST_POSE[None, None] * 0.5, len(course), axis=0)
    positions[..., 2] += 3
    for joint, share in ((f"elbow_{arm}", 0.5), (f"wrist_{arm}", 1.0), (f"hand_{arm}", 1.1)):
        positions[:, 0, NTU_25.index(joint), 1] += share * course
    return SkeletonSequence(positions, np.arange(len(course)) / FRAME_RATE, NTU_25)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with ``motions.npz`` (four clips, two classes) and ``one.npz`` (one clip)."""
    clips = [movement(arm, height) for height in (0.6, 0.8) for arm in ("left", "right")]
    names = ["first", "7", "odd:name", "last"]
    archive = archive_of(clips, [0, 1, 0, 1], ["raise_left", "raise_right"], names=names)
    write_archive(tmp_path / "motions.npz", archive)
    write_archive(tmp_path / "one.npz", archive.select([0]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def four_classes(folder: Path) -> Path:
    """``four.npz`` in the working folder: four classes of three clips."""
    clips = [movement(arm, height) for arm in ("left", "right") for height in (0.6, 0.7, 0.8)]
    clips += [movement("left", 0.4, frames) for frames in (45, 60, 90)]
    clips += [movement("right", 0.4, frames) for frames in (45, 60, 90)]
    names = ["raise_left", "raise_right", "left_half_way", "right_half_way"]
    labels = [label for label in range(4) for _ in range(3)]
    write_archive(folder / "four.npz", archive_of(clips, labels, names))
    return folder / "four.npz"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command; returns standard output and standard error."""

    def run_command(*arguments: object, status: int = 0) -> tuple[str, str]:
        reached = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert reached == status, said
        if status == 2:
            assert len(said.err.splitlines()) == 1, said
        return said.out, said.err

    return run_command


@pytest.fixture
def run_json(run: Command) -> Callable[..., Any]:
    """Run a command with ``--json``; returns the value that it prints."""

    def run_command(*arguments: object) -> Any:
        return json.loads(run(*arguments, "--json")[0])

    return run_command


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """A fake network in the place of DDS."""
    there = Network()
    monkeypatch.setitem(
        sys.modules,
        "skeleton_dml_ros.dds.endpoints",
        SimpleNamespace(Participant=there.participant),
    )
    monkeypatch.setattr("skeleton_dml_ros.dds.require_dds", lambda: None)
    return there
