# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml report``."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Command = Callable[..., tuple[str, str]]


def test_a_page_about_recordings_is_written_to_the_given_file(
    run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    said = run_json(
        *("report", untrained_model, "--data", "motions.npz"),
        *("--episodes", "3", "--known", "1", "--out", "page.html"),
    )
    page = (folder / "page.html").read_bytes()
    assert said["bytes"] == len(page)
    assert said["one_shot_accuracy_mean"] >= 0
    assert page.startswith(b"<!DOCTYPE html>")
    assert b"raise_left taken for raise_right" in page or b"raise_left, not raise_right" in page
    assert b"odd:name" in page


def test_by_default_the_page_is_about_the_folder_and_lies_in_it(
    run: Command, folder: Path, untrained_model: Path
) -> None:
    shutil.copytree(untrained_model, folder / "run")
    shown, _ = run("report", "run")
    assert shown.startswith("wrote run/report.html (0.0 MB)")
    assert "No recordings were given" in (folder / "run" / "report.html").read_text()


@pytest.fixture
def finished(training_configuration: Path, untrained_model: Path, tmp_path: Path) -> Path:
    """The folder of a finished training run."""
    out = tmp_path / "finished"
    shutil.copytree(untrained_model, out)
    settings = yaml.safe_load(training_configuration.read_text())
    settings["data_folder"] = str(training_configuration.parent)
    (out / "run.yaml").write_text(yaml.safe_dump({"seed": 0, "configuration": settings}))
    lines = [json.dumps({"epoch": epoch, "loss": 2.0 / epoch}) for epoch in (1, 2)]
    (out / "history.jsonl").write_text("\n".join(lines) + "\n")
    return out


def test_the_page_of_a_run_shows_its_curves_and_validation_data(
    run_json: Callable[..., Any], finished: Path
) -> None:
    said = run_json("report", finished, "--known", "2")
    assert (said["classes"], said["clips"]) == (4, 24)
    assert said["open_set"]["known"] == 2
    page = (finished / "report.html").read_text()
    assert "24 clips of 4 classes of motions.npz (the run's validation classes)" in page
    assert "Loss and its parts over 2 epochs" in page
    assert "Map of 24 clips of 4 classes" in page


def test_moved_validation_data_requires_the_data_folder(
    run: Command, finished: Path, training_configuration: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "run"
    shutil.copytree(finished, moved)
    record = yaml.safe_load((moved / "run.yaml").read_text())
    record["configuration"]["data_folder"] = "nowhere"
    (moved / "run.yaml").write_text(yaml.safe_dump(record))
    _, said = run("report", moved, status=2)
    assert "nowhere/motions.npz" in said
    assert "give --data-folder" in said
    shown, _ = run("report", moved, "--data-folder", training_configuration.parent)
    assert shown.startswith("wrote ")


def test_a_split_selects_the_references(
    run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    split = {
        "auxiliary": ["other"],
        "evaluation": ["raise_right", "raise_left"],
        "references": ["last", "first"],
    }
    (folder / "split.yaml").write_text(yaml.safe_dump(split))
    run_json(
        *("report", untrained_model, "--data", "motions.npz", "--split", "split.yaml"),
        *("--known", "1", "--out", "page.html"),
    )
    page = (folder / "page.html").read_text()
    assert "the split's references, one per class, 2 queries" in page
    for query in ("7", "odd:name"):
        assert f"</b><br>{query}</figcaption>" in page
    for reference in ("first", "last"):
        assert f"</b><br>{reference}<br>distance" in page


def test_the_extra_to_install_is_named_without_pillow(
    run: Command, folder: Path, untrained_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    _, said = run("report", untrained_model, "--out", "page.html", status=2)
    assert "pip install 'skeleton_dml_ros[plots]'" in said
    assert not (folder / "page.html").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere",), "there is no folder"),
        ((".", "--out", "page.html"), "lacks model.yaml"),
        (("MODEL", "--data", "motions.npz", "--classes", "dance"), "no class 'dance'"),
        (("MODEL", "--data", "motions.npz", "--classes", "1"), "at least two classes"),
        (("MODEL", "--data", "one.npz"), "at least two classes"),
        (("MODEL", "--data", "nowhere.npz"), "nowhere.npz"),
        (("MODEL", "--classes", "1"), "--classes requires --data"),
        (("MODEL", "--split", "utd_mhad_23"), "--split requires --data"),
        (
            ("MODEL", "--data", "motions.npz", "--split", "s.yaml", "--classes", "1"),
            "--split selects the classes",
        ),
        (("MODEL", "--data", "motions.npz", "--split", "utd_mhad_23"), "split utd_mhad_23 needs"),
        (("MODEL", "--out", "nowhere/page.html"), "there is no folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_arguments_are_refused_and_nothing_is_written(
    arguments: tuple[str, ...],
    complaint: str,
    run: Command,
    folder: Path,
    untrained_model: Path,
) -> None:
    shutil.copytree(untrained_model, folder / "MODEL")
    _, said = run("report", *arguments, status=2)
    assert complaint in said
    assert not list(folder.rglob("*.html"))
