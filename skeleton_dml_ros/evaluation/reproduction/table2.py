# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Table II: how accuracy grows with the number of auxiliary classes."""

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

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Shares of the auxiliary classes; for NTU RGB+D 120 they are 20, 40, 60, 80 and 100 classes."""

MIN_CLIPS = 2
"""Minimum number of classes to train on."""

CHOICE = (
    "The paper does not say which classes it took; here they are the first auxiliary classes by "
    "class number."
)


def rows(recipe: Recipe) -> list[Row]:
    """The paper's recipe on increasing numbers of classes."""
    auxiliary = len(recipe.material.split.auxiliary)
    numbers = sorted({max(MIN_CLIPS, round(share * auxiliary)) for share in SHARES})
    return [
        Row(
            {"auxiliary classes": number},
            # With all classes this is the run of Table I.
            recipe.variant(classes=0 if number == auxiliary else number),
            paper.RECIPE if number == auxiliary else None,
        )
        for number in numbers
    ]


def present(measured: Sequence[Measured], folder: Path, mark: str) -> Table:
    """The accuracy table."""
    return accuracy_table(measured, [CHOICE])


REPRODUCTION = Reproduction(
    "table2", "Table II: accuracy by the number of auxiliary classes", rows, present
)
