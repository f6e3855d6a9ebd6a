# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Reproduce the paper's tables and figures: `REPRODUCTIONS` by name.

Each module named after a table or figure lists its runs and shows their results; `running` trains
what is missing, and `pages` writes the results beside the paper's figures.
"""

from __future__ import annotations

from skeleton_dml_ros.evaluation.reproduction import (
    figure6,
    figure7,
    figure8,
    table1,
    table2,
    table3,
    table4,
)
from skeleton_dml_ros.evaluation.reproduction.pages import Reproduction

REPRODUCTIONS: dict[str, Reproduction] = {
    module.REPRODUCTION.name: module.REPRODUCTION
    for module in (table1, table2, table3, table4, figure6, figure7, figure8)
}

__all__ = ["REPRODUCTIONS", "Reproduction"]
