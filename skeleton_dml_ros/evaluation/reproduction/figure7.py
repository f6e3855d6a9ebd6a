# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Figure 7: accuracy of each class, and confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.evaluation.reproduction import paper
from skeleton_dml_ros.evaluation.reproduction.drawing import (
    INK,
    blank,
    require_matplotlib,
    save,
)
from skeleton_dml_ros.evaluation.reproduction.pages import Measured, Reproduction, Row, Table
from skeleton_dml_ros.evaluation.reproduction.recipe import Recipe

NAMED_IN_CELLS = 0.1
"""Minimum share at which a cell of the matrix shows its number."""

MAX_NAME_LENGTH = 28
"""Maximum characters of a class name in the plot."""


def rows(recipe: Recipe) -> list[Row]:
    """Only the best recipe."""
    return [Row({"method": "Skeleton-DML, best recipe"}, recipe.best(), paper.BEST)]


def present(measured: Sequence[Measured], folder: Path, mark: str) -> Table:
    """Draw the confusion matrix over all seeds, and list the classes."""
    results = measured[0].results
    names = results[0].class_names
    counts = np.sum([result.confusion for result in results], axis=0)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    by_seed = np.array([result.class_accuracies() for result in results])
    table = []
    for label, name in enumerate(names):
        wrong = np.where(np.arange(len(names)) == label, -1, counts[label])
        mistaken = int(wrong.argmax())
        has_queries = totals[label, 0] > 0
        table.append(
            {
                "class": name,
                "queries": int(totals[label, 0]),
                "measured here (%)": round(float(by_seed[:, label].mean()), 2)
                if has_queries
                else None,
                "most often taken for": names[mistaken] if wrong[mistaken] > 0 else None,
                "of the queries (%)": round(100 * float(shares[label, mistaken]), 2)
                if wrong[mistaken] > 0
                else None,
                "paper's accuracy (%)": None,
            }
        )
    remarks = ("Queries count once per seed and, where references are drawn, per episode.",)
    return Table(tuple(table), remarks, _draw(shares, names, folder / "figure7.png", mark))


def _draw(shares: NDArray[np.float64], names: Sequence[str], path: Path, mark: str) -> str:
    side = 3.0 + 0.34 * len(names)
    figure, axes = blank(side, side)
    axes.spines[:].set_visible(False)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for true, taken in zip(*np.nonzero(shares >= NAMED_IN_CELLS), strict=True):
        share = shares[true, taken]
        axes.text(
            taken,
            true,
            f"{100 * share:.0f}",
            ha="center",
            va="center",
            fontsize=7,
            color="white" if share > 0.5 else INK,
        )
    short = [_short(name) for name in names]
    axes.set_xticks(range(len(names)), short, rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)), short, fontsize=8)
    axes.tick_params(length=0)
    axes.set_xlabel("taken for", color=INK)
    axes.set_ylabel("shown", color=INK)
    axes.set_title("percent of each class's queries", fontsize=9, color=INK)
    return save(figure, path, mark)


def _short(name: str) -> str:
    return name if len(name) <= MAX_NAME_LENGTH else name[: MAX_NAME_LENGTH - 1] + "…"


REPRODUCTION = Reproduction(
    "figure7",
    "Figure 7: accuracy and confusion of the evaluation classes",
    rows,
    present,
    require_matplotlib,
)
