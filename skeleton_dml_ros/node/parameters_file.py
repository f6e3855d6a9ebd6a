# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read and write ROS parameters files; write the parameters' tables for the documentation.

Names, defaults and checks come from :mod:`skeleton_dml_ros.node.parameters`.  ``make tables`` writes
``config/recognition.yaml`` and ``docs/parameters.md`` with these functions.
"""

from __future__ import annotations

import difflib
import logging
import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from skeleton_dml_ros.errors import one_line
from skeleton_dml_ros.messages import INPUT_FORMATS, make_input
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.node.interface import NODE_NAME
from skeleton_dml_ros.node.parameters import (
    INPUTS,
    Parameter,
    ParameterError,
    Value,
    general_parameters,
    input_parameters,
    parameters_of,
)
from skeleton_dml_ros.shared_files import YamlError, parse_yaml

logger = logging.getLogger(__name__)

PARAMETERS = "ros__parameters"
"""Key of a node's parameters in a file."""

SIMULATED = Parameter("use_sim_time", False, "Use the time on /clock.", read_only=True)
"""A parameter of every ROS node."""


def read_file(path: Path, node: str) -> dict[str, Any]:
    """The parameters that a file sets for a node; the last value of a parameter wins.

    Args:
        path: the parameters file.
        node: full name of the node, such as ``/robot1/recognition_node``.

    Raises:
        ParameterError: the content is not a parameters file.
        OSError: the file cannot be read.
    """
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except (YamlError, UnicodeDecodeError) as error:
        raise ParameterError(
            f"{path} is not valid YAML: {one_line(str(error))}; fix it, or start from "
            "config/recognition.yaml"
        ) from None
    if not isinstance(content, dict) or not list(_sections(content)):
        raise ParameterError(
            f"{path} has no {PARAMETERS}; put them under '/**:' as in config/recognition.yaml"
        )
    if isinstance(content.get(PARAMETERS), dict):
        raise ParameterError(
            f"{path} has {PARAMETERS} at the top level; put it under '/**:' as in "
            "config/recognition.yaml"
        )
    given: dict[str, Any] = {}
    for pattern, parameters in _sections(content):
        if _fits(pattern, node):
            given.update(_flat(parameters))
    return given


def read_setting(setting: str) -> tuple[str, Any]:
    """Name and value of ``NAME=VALUE``; the value is YAML, as in a parameters file.

    Raises:
        ParameterError: the form is wrong.
    """
    name, equals, value = setting.partition("=")
    if not equals or not name.strip():
        raise ParameterError(f"{setting!r} sets no parameter; give NAME=VALUE, such as device=cpu")
    try:
        return name.strip(), parse_yaml(value)
    except YamlError:
        raise ParameterError(
            f"{name} is {value!r}, which is not valid YAML; give a value as in a parameters file"
        ) from None


def checked(given: Mapping[str, Any]) -> dict[str, Value]:
    """The values of all parameters: the given ones, else defaults.  Warns of unknown names.

    Raises:
        ParameterError: a value is invalid.
    """

    def value_of(parameter: Parameter) -> Value:
        if parameter.name not in given:
            return parameter.default
        return parameter.checked(_converted(given[parameter.name], parameter.default))

    known = {SIMULATED.name: SIMULATED}
    known |= {parameter.name: parameter for parameter in parameters_of(value_of)}
    warn_of_unknown(given, known)
    return {name: value_of(parameter) for name, parameter in known.items()}


def warn_of_unknown(given: Iterable[str], known: Collection[str]) -> None:
    """Log a warning for each given parameter that does not exist, for example a misspelt one.

    Args:
        given: given names.
        known: existing names.
    """
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            logger.warning(
                "unknown parameter %s%s", name, f"; did you mean {near[0]}?" if near else ""
            )


def _converted(value: Any, default: Value) -> Any:
    """The value as ROS would read it; YAML differs in some cases."""
    if value is None and isinstance(default, str):
        return ""
    if isinstance(value, str) and isinstance(default, float):
        # In YAML 1.1, 1e-3 is a string: a number with an exponent needs a decimal point.
        try:
            return float(value)
        except ValueError:
            return value
    return tuple(value) if isinstance(value, list) else value


def _sections(content: Mapping[Any, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each section of a file with the pattern of the nodes it applies to."""
    for key, value in content.items():
        if key == PARAMETERS and isinstance(value, dict):
            yield above, value
        elif isinstance(value, dict):
            yield from _sections(value, f"{above}/{str(key).strip('/')}")


def _fits(pattern: str, node: str) -> bool:
    """Whether a pattern matches a node's full name; ``*`` is one part, ``**`` any number of parts."""
    parts = pattern.strip("/").split("/")
    wanted = "".join(
        {"**": "(/[^/]+)*", "*": "/[^/]+"}.get(one, f"/{re.escape(one)}") for one in parts
    )
    return re.fullmatch(wanted, node) is not None


def _flat(parameters: Mapping[Any, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in parameters.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


WIDTH = 100
"""Maximum line length of the file."""

INPUT, FORMAT = "camera", "skeleton_array"
"""Input of the default file."""

HEADER = f"""\
# All parameters of {NODE_NAME} with their defaults.  Your file needs only those you change.
#
#   ros2 launch skeleton_dml_ros recognition.launch.py params_file:=my.yaml
#
# Parameters marked "Fixed" are read at start.  All others can be changed at any time:
#
#   ros2 param set /{NODE_NAME} segmentation.pause 0.6
#
# Generated by "make tables".
"""

_TYPES = {bool: "bool", int: "int", float: "double", str: "string", tuple: "string[]"}
"""ROS names of the parameter types."""

_Tree = dict[str, "Parameter | _Tree"]


def default_file() -> str:
    """A commented parameters file with all parameters at their defaults."""
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
    """All parameters except those of inputs, as a Markdown table."""
    return _table(general_parameters())


def input_parameters_table() -> str:
    """The parameters of an input except its topics, as a Markdown table."""
    return _table(
        parameter
        for parameter in input_parameters("NAME", FORMAT)
        if not parameter.name.endswith("topic")
    )


def input_topics_table() -> str:
    """The topics of each input format, as a Markdown table."""
    rows = (
        f"| `{name}` | `{source.parameter}` | `{source.topic}` | `{source.type}` |"
        for name in INPUT_FORMATS
        for source in make_input(name, InputOptions()).sources()
    )
    return "\n".join(["| format | parameter | default topic | type |", "|---|---|---|---|", *rows])


def _branch(tree: _Tree, indent: int) -> Iterator[str]:
    """The lines of a part of the file."""
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
    """The allowed values of a parameter; empty for any."""
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
