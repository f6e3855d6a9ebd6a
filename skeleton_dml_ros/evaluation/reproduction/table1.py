# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Table I: one-shot accuracy on NTU RGB+D 120, against earlier methods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from skeleton_dml_ros.evaluation.reproduction import paper
from skeleton_dml_ros.evaluation.reproduction.pages import (
    Measured,
    Reproduction,
    Row,
    Table,
    accuracy_table,
)
from skeleton_dml_ros.evaluation.reproduction.recipe import Recipe


def rows(recipe: Recipe) -> list[Row]:
    """Both recipes of the paper, and its figures of earlier methods."""
    return [
        Row({"method": "APSR"}, None, paper.APSR),
        Row({"method": "SL-DML"}, None, paper.SL_DML),
        Row({"method": "Skeleton-DML"}, recipe.paper(), paper.RECIPE),
        Row({"method": "Skeleton-DML, best recipe"}, recipe.best(), paper.BEST),
    ]


def present(measured: Sequence[Measured], folder: Path, mark: str) -> Table:
    """The accuracy table."""
    return accuracy_table(
        measured,
        [
            "The paper lists more earlier methods than these two; other methods are not run here, "
            "but SL-DML's image is in Table IV."
        ],
    )


REPRODUCTION = Reproduction("table1", "Table I: one-shot accuracy on NTU RGB+D 120", rows, present)
