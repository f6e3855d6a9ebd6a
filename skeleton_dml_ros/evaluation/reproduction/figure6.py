# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Figure 6: Table II as a curve."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from skeleton_dml_ros.evaluation.reproduction import paper, table2
from skeleton_dml_ros.evaluation.reproduction.drawing import (
    INK,
    OURS,
    PAPERS,
    blank,
    require_matplotlib,
    save,
)
from skeleton_dml_ros.evaluation.reproduction.pages import Measured, Reproduction, Table

NTU_POINTS = {
    "Skeleton-DML (paper)": ({100: paper.RECIPE}, "o"),
    "SL-DML (paper)": ({60: paper.SL_DML_60_CLASSES, 100: paper.SL_DML}, "s"),
    "APSR (paper)": ({100: paper.APSR}, "^"),
}
"""Known points of the paper's curves, by number of auxiliary classes of NTU RGB+D 120."""


def present(measured: Sequence[Measured], folder: Path, mark: str) -> Table:
    """Draw the curve; the table is that of Table II."""
    numbers = [int(one.row.labels["auxiliary classes"]) for one in measured]
    means = [float(np.mean(one.accuracies)) for one in measured]
    spreads = [float(np.std(one.accuracies)) for one in measured]
    figure, axes = blank(6.4, 4.2)
    axes.errorbar(numbers, means, spreads, color=OURS, marker="o", capsize=3, label="measured here")
    if numbers[-1] == 100:
        for label, (points, marker) in NTU_POINTS.items():
            axes.plot(
                list(points),
                [point.accuracy for point in points.values()],
                linestyle="none",
                marker=marker,
                markerfacecolor="none",
                color=PAPERS,
                label=label,
            )
    axes.set_xlabel("auxiliary classes", color=INK)
    axes.set_ylabel("one-shot accuracy (%)", color=INK)
    axes.set_xticks(numbers)
    axes.set_ylim(bottom=0)
    # Outside the axes, so that it never covers the curve.
    figure.legend(loc="outside upper left", ncols=2, frameon=False)
    table = table2.present(measured, folder, mark)
    return dataclasses.replace(table, picture=save(figure, folder / "figure6.png", mark))


REPRODUCTION = Reproduction(
    "figure6",
    "Figure 6: accuracy by the number of auxiliary classes",
    table2.rows,
    present,
    require_matplotlib,
)
