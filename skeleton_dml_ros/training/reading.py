# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read YAML content into data classes, checking each key and type."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from skeleton_dml_ros.errors import SkeletonDmlError


class ConfigurationError(SkeletonDmlError):
    """A training configuration has an unknown key or an invalid value."""


T = TypeVar("T")


def read_fields(kind: type[T], content: Any, where: str) -> T:
    """Make an instance of the data class ``kind`` from a mapping.

    Args:
        kind: a data class whose fields are numbers, texts, choices (``Literal``), tuples, dicts
            or data classes.
        content: parsed YAML.
        where: name of the content for errors.

    Raises:
        ConfigurationError: a key is wrong; the error names it and what is expected.
    """
    if not isinstance(content, Mapping):
        raise ConfigurationError(f"{where} holds {content!r}; give keys and values")
    hints = typing.get_type_hints(kind)
    fields = {item.name: item for item in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {}
    for key, value in content.items():
        if key not in fields:
            raise ConfigurationError(f"{where}: no key {key!r}; there are {', '.join(fields)}")
        values[key] = _convert(hints[key], value, f"{where}: {key}")
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigurationError(f"{where}: {error}") from None
    except SkeletonDmlError as error:
        raise ConfigurationError(f"{where}: {error}") from None


def _convert(hint: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return read_fields(hint, value, where)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        if value not in arguments:
            raise ConfigurationError(f"{where} is {value!r}; give {' or '.join(arguments)}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise ConfigurationError(f"{where} is {value!r}; give a list")
        return tuple(_convert(arguments[0], item, where) for item in value)
    if origin is dict:
        if not isinstance(value, Mapping):
            raise ConfigurationError(f"{where} is {value!r}; give keys and values")
        return {str(key): _convert(arguments[1], item, where) for key, item in value.items()}
    if hint is Any:
        return value
    if hint is float and isinstance(value, (int, str)) and not isinstance(value, bool):
        try:
            # YAML parses 1e-3 as text.
            return float(value)
        except ValueError:
            pass
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigurationError(f"{where} is {value!r}; give a value of type {hint.__name__}")
    return value
