# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Table IV: the representations compared, with the same network, loss and training."""

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

IMAGES = {
    "Skepxels": "skepxels",
    "SkeleMotion, orientation": "skelemotion_orientation",
    "SkeleMotion, magnitude": "skelemotion_magnitude",
    "SkeleMotion, both": "skelemotion",
    "TSSI": "tssi",
    "Gimme Signals": "gimme_signals",
    "SL-DML": "sl_dml",
    "Skeleton-DML": "skeleton_dml_faithful",
}


def rows(recipe: Recipe) -> list[Row]:
    """The paper's recipe with each image."""
    return [
        Row(
            {"representation": image},
            recipe.variant(representation=name),
            paper.RECIPE if image == "Skeleton-DML" else None,
        )
        for image, name in IMAGES.items()
    ]


def present(measured: Sequence[Measured], folder: Path, mark: str) -> Table:
    """The accuracy table."""
    return accuracy_table(measured)


REPRODUCTION = Reproduction("table4", "Table IV: accuracy by representation", rows, present)
