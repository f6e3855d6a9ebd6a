# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The keys of a training configuration as tables, made from the data classes that read them.

``docs/training.md`` holds what these functions give; ``make tables`` writes it anew.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import typing
from collections.abc import Iterator
from typing import Any

from skeleton_dml_ros.training.configuration import Configuration, DataSource
from skeleton_dml_ros.training.losses import LOSSES

_ATTRIBUTE = re.compile(r"^    (\w+): (.*?)(?=^    \w+: |\Z)", re.MULTILINE | re.DOTALL)
_ROLE = re.compile(r":\w+:`([^`]*)`")


def configuration_keys_table() -> str:
    """Every key of a configuration with its default and meaning, as a Markdown table."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    rows += _rows(Configuration, "")
    for name, hint in typing.get_type_hints(Configuration).items():
        if name == "data":
            rows += _rows(DataSource, "data[].")
        elif dataclasses.is_dataclass(hint):
            rows += _rows(typing.cast(type, hint), f"{name}.")
    return "\n".join(rows)


def losses_table() -> str:
    """Every loss with its settings, as a Markdown table."""
    rows = ["| name | settings and their defaults | what it is |", "|---|---|---|"]
    for name, loss in LOSSES.items():
        fields = dataclasses.fields(loss)  # type: ignore[arg-type]
        settings = ", ".join(f"`{one.name}: {_default(one)}`" for one in fields)
        meaning = " ".join((inspect.getdoc(loss) or "").split("\n\n")[0].split())
        rows.append(f"| `{name}` | {settings} | {meaning} |")
    return "\n".join(rows)


def _rows(kind: type, prefix: str) -> Iterator[str]:
    """A row for each field of a data class that its docstring explains."""
    attributes = (inspect.getdoc(kind) or "").partition("Attributes:\n")[2]
    meanings = {name: " ".join(text.split()) for name, text in _ATTRIBUTE.findall(attributes)}
    for one in dataclasses.fields(kind):
        if one.name in meanings:
            default = f"`{_default(one)}`" if _default(one) else ""
            meaning = _ROLE.sub(r"`\1`", meanings[one.name]).replace("``", "`")
            yield f"| `{prefix}{one.name}` | {default} | {meaning} |"


def _default(one: dataclasses.Field[Any]) -> str:
    """A field's default as YAML has it on one line; empty if it has to be given."""
    if one.default_factory is not dataclasses.MISSING:
        value = one.default_factory()
    elif one.default is not dataclasses.MISSING:
        value = one.default
    else:
        return ""
    if isinstance(value, str):
        return value or '""'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {item}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return f"[{', '.join(str(item) for item in value)}]"
    return json.dumps(value)
