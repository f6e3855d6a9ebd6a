# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Writes what is made from the code: config/recognition.yaml and the tables in docs/.

    make tables

A table stands in its page between ``<!-- NAME, made by "make tables" -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
from pathlib import Path

from skeleton_dml_ros.node.diagnostics import rules_table
from skeleton_dml_ros.node.interface import services_table, topics_table
from skeleton_dml_ros.node.parameters_file import (
    default_file,
    input_parameters_table,
    input_topics_table,
    parameters_table,
)
from skeleton_dml_ros.training.configuration_table import configuration_keys_table, losses_table

REPOSITORY = Path(__file__).resolve().parent.parent

TABLES = {
    "topics": topics_table,
    "services": services_table,
    "diagnostics": rules_table,
    "parameters": parameters_table,
    "input parameters": input_parameters_table,
    "input topics": input_topics_table,
    "configuration keys": configuration_keys_table,
    "losses": losses_table,
}

TABLE = re.compile(r'(<!-- ([\w ]+), made by "make tables" -->\n).*?(<!-- end -->)', re.DOTALL)


def made() -> dict[Path, str]:
    """Each file that holds something made from the code, and what it should hold."""
    files = {REPOSITORY / "config" / "recognition.yaml": default_file()}
    for page in sorted((REPOSITORY / "docs").rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if TABLE.search(text):
            files[page] = TABLE.sub(
                lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n\n{found[3]}", text
            )
    return files


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, encoding="utf-8")
