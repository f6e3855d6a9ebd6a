# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What can be set: each default with its range and its meaning, declared once, in its field.

Settings are the fields of a data class.  Range and meaning stand in a field's metadata: what checks
a value, and what shows a table of parameters, both read them with :func:`dataclasses.fields`.

``low``, ``high``
    of a number: its range, both ends included.
``choices``
    of a word: those that there are.
``meaning``
    one sentence for people, with the unit.

A number whose default is whole takes whole numbers only.
"""

from __future__ import annotations

from dataclasses import Field, field, fields
from typing import Any, TypeVar

from skeleton_dml_ros.errors import SkeletonDmlError

Number = TypeVar("Number", int, float)


def setting(default: Number, low: Number, high: Number, meaning: str) -> Number:
    """A field that holds a number, with its range."""
    return field(default=default, metadata={"low": low, "high": high, "meaning": meaning})


def choice(default: str, choices: tuple[str, ...], meaning: str) -> str:
    """A field that holds one of some words."""
    return field(default=default, metadata={"choices": choices, "meaning": meaning})


def words(default: str, meaning: str) -> str:
    """A field that holds any text."""
    return field(default=default, metadata={"meaning": meaning})


def check_settings(settings: Any, error: type[SkeletonDmlError]) -> None:
    """Refuse a value of another kind than its default's, or out of its own range.

    Args:
        settings: an instance of a data class with fields of this module; others are left alone.
        error: what is raised.

    Raises:
        SkeletonDmlError: of the class given; it names the setting, its value and what to give.
    """
    for one in fields(settings):
        if "meaning" not in one.metadata:
            continue
        value = getattr(settings, one.name)
        wanted = _wanted(one, value)
        if wanted:
            raise error(f"{one.name} is {value!r}; give {wanted}")


def _wanted(one: Field[Any], value: object) -> str:
    """What to give instead of the value; empty where it will do."""
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
    return "a text" if choices is None else " or ".join(choices)
