# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a training run left beside its model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.evaluation.report.run_folder import RunFolderError, read_run


def test_a_folder_without_record_or_history_has_neither(tmp_path: Path) -> None:
    run = read_run(tmp_path)
    assert run.record == {}
    assert run.history is None


def test_the_history_has_one_epoch_per_line(tmp_path: Path) -> None:
    lines = [
        {"epoch": 1, "clips_seen": 96, "seconds": 1.5, "loss": 2.0},
        {"epoch": 2, "clips_seen": 192, "seconds": 3.0, "loss": 1.0, "accuracy": 60},
    ]
    (tmp_path / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    history = read_run(tmp_path).history
    assert history is not None
    np.testing.assert_array_equal(history.epochs, [1, 2])
    assert set(history.scalars) == {"clips_seen", "seconds", "loss", "accuracy"}
    np.testing.assert_array_equal(history.scalars["loss"], [2, 1])
    np.testing.assert_array_equal(history.scalars["accuracy"], [np.nan, 60])


def test_an_empty_history_is_none(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").touch()
    assert read_run(tmp_path).history is None


@pytest.mark.parametrize("line", ["epoch 1", "[1]", '{"loss": 1}', '{"epoch": 1, "loss": []}'])
def test_a_bad_line_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "history.jsonl").write_text(f'{{"epoch": 1}}\n{line}\n')
    with pytest.raises(RunFolderError, match=r"line 2 of .*history.jsonl is not an epoch"):
        read_run(tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"), [("a: [", "is not YAML"), ("- 1", "is not a YAML mapping")]
)
def test_an_invalid_record_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "run.yaml").write_text(text)
    with pytest.raises(RunFolderError, match=complaint):
        read_run(tmp_path)
