# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node's parameters from a parameters file of ROS and from single settings.

Checks, defaults and names are those of the one table, :mod:`skeleton_dml_ros.node.parameters`.
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from skeleton_dml_ros.errors import one_line
from skeleton_dml_ros.node.parameters import Parameter, ParameterError, Value, parameters_of

logger = logging.getLogger(__name__)

PARAMETERS = "ros__parameters"
"""Under this name a file keeps what it gives to a node."""

SIMULATED = Parameter("use_sim_time", False, "Take the time from /clock.", read_only=True)
"""A parameter that each node of ROS has."""


def read_file(path: Path, node: str) -> dict[str, Any]:
    """What a parameters file gives to a node; where it gives something twice, the later counts.

    Args:
        path: of the file.
        node: its full name, such as ``/robot1/recognition_node``.

    Raises:
        ParameterError: it is no parameters file.
        OSError: it cannot be read.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParameterError(
            f"{path} is no YAML: {one_line(str(error))}; mend it, or begin with "
            "config/recognition.yaml"
        ) from None
    if not isinstance(content, dict) or not list(_sections(content)):
        raise ParameterError(
            f"{path} has no {PARAMETERS}; write them under '/**:' as in config/recognition.yaml"
        )
    if isinstance(content.get(PARAMETERS), dict):
        raise ParameterError(
            f"{path} has {PARAMETERS} on top, for no node; write it under '/**:' as in "
            "config/recognition.yaml"
        )
    given: dict[str, Any] = {}
    for pattern, parameters in _sections(content):
        if _fits(pattern, node):
            given.update(_flat(parameters))
    return given


def read_setting(setting: str) -> tuple[str, Any]:
    """Name and value of ``NAME=VALUE``, the value as a parameters file would have it.

    Raises:
        ParameterError: it has another form.
    """
    name, equals, value = setting.partition("=")
    if not equals or not name.strip():
        raise ParameterError(f"{setting!r} sets nothing; give NAME=VALUE, as in device=cpu")
    try:
        return name.strip(), yaml.safe_load(value)
    except yaml.YAMLError:
        raise ParameterError(
            f"{name} is {value!r}, which is no YAML; give a value as in a parameters file"
        ) from None


def checked(given: Mapping[str, Any]) -> dict[str, Value]:
    """The values of all parameters, those that were given among them; warns of unknown ones.

    Raises:
        ParameterError: a value cannot be used.
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
    """Say which of the parameters that were given nobody reads; a misspelt one has no effect.

    Args:
        given: their names.
        known: the names of those that are read.
    """
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            logger.warning(
                "there is no parameter %s%s", name, f"; did you mean {near[0]}?" if near else ""
            )


def _converted(value: Any, default: Value) -> Any:
    """What YAML reads otherwise than ROS does."""
    if value is None and isinstance(default, str):
        return ""
    if isinstance(value, str) and isinstance(default, float):
        # For YAML 1.1 a number with an exponent needs a point, 1e-3 is a text.
        try:
            return float(value)
        except ValueError:
            return value
    return tuple(value) if isinstance(value, list) else value


def _sections(content: Mapping[Any, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The sections of a file with the names of nodes that they are for."""
    for key, value in content.items():
        if key == PARAMETERS and isinstance(value, dict):
            yield above, value
        elif isinstance(value, dict):
            yield from _sections(value, f"{above}/{str(key).strip('/')}")


def _fits(pattern: str, node: str) -> bool:
    """Whether a section is for a node; ``*`` is one name of a path, ``**`` any number of them."""
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
