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

"""The paper's tables and figures, run again: `REPRODUCTIONS` by name.

Each module named after a table or figure says which runs it needs and how its results are shown;
`running` trains what has not been trained yet, and `pages` writes what comes of it beside the paper's
own figures.
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
