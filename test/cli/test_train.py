# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml train``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skeleton_dml_ros.embedding.model import load_model

Command = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def finished(
    training_configuration: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The folder of a finished run, and its standard error."""
    import contextlib
    import io

    from skeleton_dml_ros.cli import main

    out = tmp_path_factory.mktemp("runs") / "small"
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert main(["train", str(training_configuration), "--out", str(out)]) == 0
    return out, said.getvalue()


def test_a_run_writes_model_checkpoint_and_scalars(finished: tuple[Path, str]) -> None:
    out, _ = finished
    assert load_model(out).card.name == "small"
    assert (out / "checkpoint.safetensors").is_file()
    assert list(out.glob("events.out.tfevents.*"))


def test_each_epoch_is_printed_as_a_line(finished: tuple[Path, str]) -> None:
    lines = [line for line in finished[1].splitlines() if line.startswith("epoch")]
    assert len(lines) == 2
    assert lines[-1].startswith("epoch   2 of 2   loss ")
    assert "validation one-shot accuracy" in lines[-1]


def test_resuming_a_finished_run_gives_the_same_model(
    finished: tuple[Path, str], training_configuration: Path, run_json: Callable[..., Any]
) -> None:
    out, _ = finished
    weights = (out / "weights.safetensors").read_bytes()
    result = run_json("train", training_configuration, "--out", out, "--resume")
    assert result["model"] == str(out)
    assert "threshold" in result
    assert (out / "weights.safetensors").read_bytes() == weights


def test_an_existing_model_is_not_overwritten(
    finished: tuple[Path, str], training_configuration: Path, run: Command
) -> None:
    _, said = run("train", training_configuration, "--out", finished[0], status=2)
    assert "--resume" in said


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("name: [", "is not valid YAML"),
        ("name: x\ndata: []\nepochs: 3", "no key 'epochs'"),
        ("name: x\ndata:\n- archive: nowhere.npz", "nowhere.npz"),
    ],
    ids=["no YAML", "unknown key", "no data"],
)
def test_a_wrong_configuration_is_refused(
    content: str, complaint: str, run: Command, tmp_path: Path
) -> None:
    (tmp_path / "wrong.yaml").write_text(content)
    _, said = run("train", tmp_path / "wrong.yaml", "--out", tmp_path / "run", status=2)
    assert complaint in said


def test_an_unknown_device_is_refused(
    training_configuration: Path, run: Command, tmp_path: Path
) -> None:
    _, said = run(
        *("train", training_configuration, "--out", tmp_path / "run", "--device", "abacus"),
        status=2,
    )
    assert "abacus" in said
