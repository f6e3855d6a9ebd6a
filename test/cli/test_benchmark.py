# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml benchmark``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., tuple[str, str]]


def test_the_table_is_markdown_and_names_the_machine(folder: Path, run: Command) -> None:
    said, _ = run("benchmark", "parse", "--files", "2", "--frames", "8")
    lines = said.splitlines()
    assert lines[1] == "|---|---|---|"
    own = re.fullmatch(r"\| skeleton_dml_ros \| ([\d.]+) ms \| ([\d.]+) min \|", lines[3])
    assert own is not None
    # Minutes for the files of the release.
    assert float(own[2]) == pytest.approx(float(own[1]) * 114_480 / 60_000, abs=0.2)
    assert "times as fast" in lines[5]
    assert "2 synthetic files of" in lines[5]
    assert "Python 3." in lines[6]


def test_json_has_the_figures(folder: Path, run_json: Callable[..., Any]) -> None:
    made = run_json("benchmark", "parse", "--files", "2", "--frames", "8")
    assert made["files"] == 2
    assert made["synthetic"] is True
    assert min(made["ratios"]) <= made["ratio"] <= max(made["ratios"])
    assert made["release_own_seconds"] < made["release_baseline_seconds"]


def test_each_benchmark_prints_a_table_and_the_machine(
    folder: Path, run: Command, untrained_model: Path
) -> None:
    few = {
        "embed": ["--model", str(untrained_model), "--rounds", "1"],
        "stream": ["--model", str(untrained_model), "--people", "1", "--seconds", "2"],
        "search": ["--max-references", "10", "--seconds", "0"],
    }
    for name, options in few.items():
        said, _ = run("benchmark", name, *options)
        lines = said.splitlines()
        columns = lines[0].count("|")
        rows = [line for line in lines if line.startswith("|")]
        assert len(rows) >= 3, name
        assert all(row.count("|") == columns for row in rows), name
        assert "Python 3." in lines[-1], name


def test_json_has_the_speed_of_each_engine(
    folder: Path, run_json: Callable[..., Any], untrained_model: Path
) -> None:
    made = run_json("benchmark", "embed", "--model", str(untrained_model), "--rounds", "1")
    assert [way["engine"] for way in made["measurements"]] == ["torch", "torch"]
    assert made["faster"][0]["paper"] == made["faster"][1]["torch"] == 1
