# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Settings as data-class fields that carry their range and meaning.

The fields' metadata, read with :func:`dataclasses.fields`, serves checks and documentation:

``low``, ``high``
    range of a number, inclusive.
``choices``
    allowed strings.
``meaning``
    one sentence with the unit.

If the default is an int, only ints are allowed.
"""

from __future__ import annotations

from dataclasses import Field, field, fields
from typing import Any, TypeVar

from skeleton_dml_ros.errors import SkeletonDmlError

Number = TypeVar("Number", int, float)


def setting(default: Number, low: Number, high: Number, meaning: str) -> Number:
    """A numeric field with its range."""
    return field(default=default, metadata={"low": low, "high": high, "meaning": meaning})


def choice(default: str, choices: tuple[str, ...], meaning: str) -> str:
    """A string field with a fixed set of values."""
    return field(default=default, metadata={"choices": choices, "meaning": meaning})


def words(default: str, meaning: str) -> str:
    """A string field without restrictions."""
    return field(default=default, metadata={"meaning": meaning})


def check_settings(settings: Any, error: type[SkeletonDmlError]) -> None:
    """Check type and range of all settings.

    Args:
        settings: an instance of a data class; fields without metadata are skipped.
        error: class of the error to raise.

    Raises:
        SkeletonDmlError: of the given class, naming the setting, its value and what to give.
    """
    for one in fields(settings):
        if "meaning" not in one.metadata:
            continue
        value = getattr(settings, one.name)
        wanted = _wanted(one, value)
        if wanted:
            raise error(f"{one.name} is {value!r}; give {wanted}")


def _wanted(one: Field[Any], value: object) -> str:
    """What to give instead of an invalid value; empty if the value is valid."""
    if "low" in one.metadata:
        low, high = one.metadata["low"], one.metadata["high"]
        whole = isinstance(one.default, int)
        numbers = int if whole else (int, float)
        # A bool is an int to Python.
        if isinstance(value, numbers) and not isinstance(value, bool) and low <= value <= high:
            return ""
        return f"a {'whole number' if whole else 'value'} from {low:g} to {high:g}"
    choices = one.metadata.get("choices")
    if isinstance(value, str) and (choices is None or value in choices):
        return ""
    return "a string" if choices is None else " or ".join(choices)
