# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

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
"""Of the auxiliary classes; of NTU RGB+D 120's these are 20, 40, 60, 80 and 100."""

FEWEST = 2
"""Classes without which there is nothing to tell apart."""

CHOICE = (
    "Which classes the paper took is not published; here they are the first auxiliary classes, by "
    "class number: our choice."
)


def rows(recipe: Recipe) -> list[Row]:
    """The paper's recipe on the first classes, more from row to row."""
    auxiliary = len(recipe.material.split.auxiliary)
    numbers = sorted({max(FEWEST, round(share * auxiliary)) for share in SHARES})
    return [
        Row(
            {"auxiliary classes": number},
            # All classes are all of them, which is the run of Table I.
            recipe.variant(classes=0 if number == auxiliary else number),
            paper.RECIPE if number == auxiliary else None,
        )
        for number in numbers
    ]


def present(measured: Sequence[Measured], folder: Path, mark: str) -> Table:
    """The table as it is."""
    return accuracy_table(measured, [CHOICE])


REPRODUCTION = Reproduction(
    "table2", "Table II: accuracy by the number of auxiliary classes", rows, present
)
