# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The commented parameters file and the tables say what the table of parameters says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from skeleton_dml_ros.messages import INPUT_FORMATS, make_input
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.node.parameters import general_parameters, input_parameters
from skeleton_dml_ros.node.parameters_file import (
    WIDTH,
    default_file,
    input_parameters_table,
    input_topics_table,
    parameters_table,
)

REPOSITORY = Path(__file__).resolve().parent.parent.parent
EXPECTED = {
    one.name: one for one in (*general_parameters(), *input_parameters("camera", "skeleton_array"))
}


def flat(branch: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Names with dots and values, as ROS reads a parameters file."""
    for name, value in branch.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def test_the_file_in_config_is_made_from_the_table() -> None:
    there = (REPOSITORY / "config" / "recognition.yaml").read_text()
    assert there == default_file(), "config/recognition.yaml is out of date; run: make tables"


def test_the_file_holds_every_parameter_at_its_default() -> None:
    values = dict(flat(yaml.safe_load(default_file())["/**"]["ros__parameters"]))
    assert set(values) == set(EXPECTED)
    for name, value in values.items():
        default = EXPECTED[name].default
        checked = EXPECTED[name].checked(value)
        assert type(checked) is type(default)
        assert checked == default or (math.isnan(value) and name == "threshold")


def test_a_number_that_is_no_whole_one_is_written_as_such() -> None:
    # ROS tells integers from doubles, and refuses one for the other.
    values = dict(flat(yaml.safe_load(default_file())["/**"]["ros__parameters"]))
    assert all(type(value) is type(EXPECTED[name].default) or name == "inputs"
               for name, value in values.items())  # fmt: skip


def test_every_parameter_is_commented_in_lines_that_are_not_too_long() -> None:
    lines = default_file().splitlines()
    assert max(map(len, lines)) <= WIDTH
    for before, line in pairwise(lines):
        if not line.endswith(":") and line[0] == " " and "#" not in line:
            assert before.strip().startswith("#"), line


def test_the_tables_name_every_parameter() -> None:
    shown = parameters_table()
    assert all(f"| `{one.name}` |" in shown for one in general_parameters())
    shown, topics = input_parameters_table(), input_topics_table()
    for name in INPUT_FORMATS:
        sources = make_input(name, InputOptions()).sources()
        for one in input_parameters("NAME", name):
            assert f"| `{one.name}` |" in shown or one.name.endswith("topic")
        for source in sources:
            assert f"| `{name}` | `{source.parameter}` | `{source.topic}` |" in topics


def test_a_row_of_the_table_says_type_default_and_range() -> None:
    rows = parameters_table().splitlines()
    assert rows[0].count("|") == rows[1].count("|") == 7
    (row,) = (row for row in rows if "`transform_wait`" in row)
    assert row.startswith("| `transform_wait` | double | `0.2` | 0 to 5 | fixed | Seconds ")
    (row,) = (row for row in rows if "`threshold`" in row)
    assert "| `.nan` | -100 to 100, or .nan |  |" in row
