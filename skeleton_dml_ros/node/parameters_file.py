# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The parameters as a commented file and as tables, made from the one table of parameters.

``config/recognition.yaml`` and ``docs/parameters.md`` hold what these functions give; ``make
tables`` writes them anew.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import cast

import yaml

from skeleton_dml_ros.messages import INPUT_FORMATS, make_input
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.node.interface import NODE_NAME
from skeleton_dml_ros.node.parameters import (
    INPUTS,
    Parameter,
    Value,
    general_parameters,
    input_parameters,
)

WIDTH = 100
"""Columns of the file."""

INPUT, FORMAT = "camera", "skeleton_array"
"""The one input of the default file."""

HEADER = f"""\
# Every parameter of {NODE_NAME} with its default; give only those that you change.
#
#   ros2 launch skeleton_dml_ros recognition.launch.py params_file:=my.yaml
#
# "Fixed" ones count as they were when the node started.  All others may be changed at any time:
#
#   ros2 param set /{NODE_NAME} segmentation.pause 0.6
#
# Made from the code by "make tables".
"""

_TYPES = {bool: "bool", int: "int", float: "double", str: "string", tuple: "string[]"}
"""What ROS calls the type of a default."""

_Tree = dict[str, "Parameter | _Tree"]


def default_file() -> str:
    """A parameters file with every parameter, commented, at its default."""
    others = (parameter for parameter in general_parameters() if parameter != INPUTS)
    tree: _Tree = {}
    for parameter in (INPUTS, *input_parameters(INPUT, FORMAT), *others):
        *parts, leaf = parameter.name.split(".")
        branch = tree
        for part in parts:
            branch = cast(_Tree, branch.setdefault(part, {}))
        branch[leaf] = parameter
    return "\n".join([HEADER + "/**:", "  ros__parameters:", *_branch(tree, 4), ""])


def parameters_table() -> str:
    """All parameters but those of inputs, as a Markdown table."""
    return _table(general_parameters())


def input_parameters_table() -> str:
    """The parameters of each input, as a Markdown table; topics have a table of their own."""
    return _table(
        parameter
        for parameter in input_parameters("NAME", FORMAT)
        if not parameter.name.endswith("topic")
    )


def input_topics_table() -> str:
    """What each input format listens to, as a Markdown table."""
    rows = (
        f"| `{name}` | `{source.parameter}` | `{source.topic}` | `{source.type}` |"
        for name in INPUT_FORMATS
        for source in make_input(name, InputOptions()).sources()
    )
    return "\n".join(["| format | parameter | default topic | type |", "|---|---|---|---|", *rows])


def _branch(tree: _Tree, indent: int) -> Iterator[str]:
    """A part of the file, line by line."""
    margin = " " * indent
    for name, entry in tree.items():
        if isinstance(entry, Parameter):
            for line in textwrap.wrap(_comment(entry), WIDTH - indent - 2, break_on_hyphens=False):
                yield f"{margin}# {line}"
            yield f"{margin}{name}: {_yaml(entry.default)}"
        else:
            yield f"{margin}{name}:"
            yield from _branch(entry, indent + 2)


def _comment(parameter: Parameter) -> str:
    notes = [parameter.meaning]
    if allowed := _allowed(parameter):
        notes.append(f"{'One of ' if parameter.choices else ''}{allowed}.")
    if parameter.read_only:
        notes.append("Fixed.")
    return " ".join(" ".join(notes).split())


def _allowed(parameter: Parameter) -> str:
    """The values that a parameter may have; empty for any."""
    if parameter.choices:
        return ", ".join(choice or "''" for choice in parameter.choices)
    if parameter.low is None or parameter.high is None:
        return ""
    nothing = ", or .nan" if parameter.default != parameter.default else ""
    return f"{parameter.low:.10g} to {parameter.high:.10g}{nothing}"


def _yaml(value: Value) -> str:
    """A value on one line."""
    plain = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(plain, default_flow_style=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")


def _table(parameters: Iterable[Parameter]) -> str:
    rows = (
        f"| `{parameter.name}` | {_TYPES[type(parameter.default)]} | `{_yaml(parameter.default)}` "
        f"| {_allowed(parameter)} | {'fixed' if parameter.read_only else ''} "
        f"| {' '.join(parameter.meaning.split()).replace('<', '&lt;')} |"
        for parameter in parameters
    )
    header = ["| parameter | type | default | allowed | | meaning |", "|---|---|---|---|---|---|"]
    return "\n".join([*header, *rows])
