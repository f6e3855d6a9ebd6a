# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.reproduction import figure7
from skeleton_dml_ros.evaluation.reproduction.pages import (
    Measured,
    Row,
    Table,
    accuracy_table,
    comma_separated,
    markdown,
)
from skeleton_dml_ros.evaluation.reproduction.paper import PAPER, PaperFigure
from skeleton_dml_ros.evaluation.reproduction.running import Embedded, Result, confusion_of

NAMES = ("bow", "clap", "wave")


def result(confusion: list[list[int]]) -> Result:
    counts = np.array(confusion)
    return Result(
        accuracy=float(100 * counts.diagonal().sum() / counts.sum()),
        episodes=0,
        class_names=NAMES,
        confusion=tuple(tuple(row) for row in confusion),
        queries=int(counts.sum()),
        left_out=0,
        training_clips=12,
        epochs=1,
        clips_seen=12,
        seconds=2.0,
        folder=Path("nowhere"),
    )


def stated_and_unstated() -> Table:
    runs = (result([[4, 0, 0], [1, 3, 0], [0, 0, 4]]), result([[4, 0, 0], [0, 4, 0], [0, 0, 4]]))
    return accuracy_table(
        [
            Measured(Row({"method": "one"}, None, PaperFigure(54.2, "stated")), ()),
            Measured(Row({"method": "other"}, None), runs),
        ]
    )


def test_the_papers_figures_have_a_column_of_their_own_that_says_so() -> None:
    page = markdown("Table", stated_and_unstated(), ())
    header, _, one, other = [line for line in page.splitlines() if line.startswith("|")]
    assert "paper's accuracy (%)" in header
    assert "54.2" in one
    assert "not available here" in other
    assert PAPER in page
    assert "they were not measured here" in page
    assert "The paper's 54.2 %: stated." in page


def test_means_and_spreads_are_over_the_seeds() -> None:
    one, other = stated_and_unstated().rows
    assert one["measured here (%)"] is None
    assert other["measured here (%)"] == pytest.approx((100 * 11 / 12 + 100) / 2, abs=0.01)
    assert other["± over seeds"] == pytest.approx(100 / 12 / np.sqrt(2), abs=0.01)


def test_what_is_no_result_says_so_on_each_page() -> None:
    table = stated_and_unstated()
    assert "**No result of the paper's protocol:** 1 epochs." in markdown("T", table, ["1 epochs"])
    assert "No result" not in markdown("T", table, ())
    rows = list(csv.DictReader(io.StringIO(comma_separated(table, ["1 epochs"]))))
    assert {row["no result because"] for row in rows} == {"1 epochs"}
    assert rows[0]["paper's accuracy (%)"] == "54.2"
    assert rows[1]["paper's accuracy (%)"] == ""


def test_figure7_names_the_class_that_a_class_is_taken_for(tmp_path: Path) -> None:
    measured = Measured(Row({}, None), (result([[4, 0, 0], [1, 2, 1], [0, 3, 1]]),))
    table = figure7.present([measured], tmp_path, "")
    assert (tmp_path / table.picture).is_file()
    bow, clap, wave = table.rows
    assert bow["most often taken for"] is None
    assert clap["measured here (%)"] == 50
    assert wave["most often taken for"] == "clap"
    assert wave["of the queries (%)"] == 75
    assert json.loads(json.dumps(table.rows))


def test_queries_go_to_the_nearest_reference() -> None:
    corners = np.eye(3, dtype=np.float32)
    near = corners + 0.1
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    embeddings = np.concatenate([corners, near, near[[1]]])
    labels = np.array([0, 1, 2, 0, 1, 2, 0])
    references = np.array([True] * 3 + [False] * 4)
    confusion = confusion_of(Embedded(embeddings, labels, references), 3, seed=0)
    assert confusion.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_without_fixed_references_they_are_drawn() -> None:
    embeddings = np.repeat(np.eye(2, dtype=np.float32), 4, axis=0)
    labels = np.repeat([0, 1], 4)
    confusion = confusion_of(Embedded(embeddings, labels, np.zeros(8, bool)), 2, seed=0)
    assert confusion.tolist() == [[150, 0], [0, 150]]


def test_a_class_whose_reference_is_missing_is_refused() -> None:
    embedded = Embedded(np.eye(3, dtype=np.float32), np.arange(3), np.array([True, False, False]))
    with pytest.raises(SkeletonDmlError, match="only 1 references of 3 evaluation classes"):
        confusion_of(embedded, 3, seed=0)
