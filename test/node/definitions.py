# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Interface definitions parsed from their files, and strictly checked messages."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = "skeleton_dml_ros"

PARTS = {
    "srv": ("_Request", "_Response"),
    "action": ("_Goal", "_Result", "_Feedback"),
}
"""Suffixes of the messages of services and actions, in the file's order."""

FOREIGN = {
    "builtin_interfaces/msg/Time": "int32 sec\nuint32 nanosec",
    "builtin_interfaces/msg/Duration": "int32 sec\nuint32 nanosec",
    "std_msgs/msg/Header": "builtin_interfaces/Time stamp\nstring frame_id",
    "std_msgs/msg/ColorRGBA": "float32 r\nfloat32 g\nfloat32 b\nfloat32 a",
    "geometry_msgs/msg/Point": "float64 x\nfloat64 y\nfloat64 z",
    "geometry_msgs/msg/Vector3": "float64 x\nfloat64 y\nfloat64 z",
    "geometry_msgs/msg/Quaternion": "float64 x\nfloat64 y\nfloat64 z\nfloat64 w",
    "geometry_msgs/msg/Pose": (
        "geometry_msgs/Point position\ngeometry_msgs/Quaternion orientation"
    ),
    "visualization_msgs/msg/MarkerArray": "visualization_msgs/Marker[] markers",
    "visualization_msgs/msg/Marker": (
        "std_msgs/Header header\nstring ns\nint32 id\nint32 type\nint32 action\n"
        "geometry_msgs/Pose pose\ngeometry_msgs/Vector3 scale\nstd_msgs/ColorRGBA color\n"
        "builtin_interfaces/Duration lifetime\ngeometry_msgs/Point[] points\nstring text"
    ),
    "sensor_msgs/msg/Image": (
        "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\n"
        "uint8 is_bigendian\nuint32 step\nuint8[] data"
    ),
    "diagnostic_msgs/msg/DiagnosticArray": (
        "std_msgs/Header header\ndiagnostic_msgs/DiagnosticStatus[] status"
    ),
    "diagnostic_msgs/msg/DiagnosticStatus": (
        "uint8 level\nstring name\nstring message\nstring hardware_id\n"
        "diagnostic_msgs/KeyValue[] values"
    ),
    "diagnostic_msgs/msg/KeyValue": "string key\nstring value",
    "hri_msgs/msg/IdsList": "std_msgs/Header header\nstring[] ids",
}
"""Fields of other packages' messages that the node uses."""

RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "uint8": (0, 2**8 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}


@dataclass
class Definition:
    """Fields and constants of a message.

    Attributes:
        fields: type by name.
        constants: value by name.
    """

    fields: dict[str, str] = field(default_factory=dict)
    constants: dict[str, int] = field(default_factory=dict)


def parsed(text: str) -> list[Definition]:
    """The parts of a file."""
    parts = [Definition()]
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words == ["---"]:
            parts.append(Definition())
        elif words and "=" in words[1]:
            name, value = words[1].split("=")
            parts[-1].constants[name] = int(value)
        elif words:
            kind, name = words
            parts[-1].fields[name] = kind
    return parts


def files() -> list[Path]:
    """All files that define interfaces."""
    return sorted(
        path
        for folder in ("msg", "srv", "action")
        for path in (REPOSITORY / folder).glob(f"*.{folder}")
    )


@cache
def definition(type_name: str) -> Definition:
    """The definition of a message type."""
    if type_name in FOREIGN:
        return parsed(FOREIGN[type_name])[0]
    package, kind, name = type_name.split("/")
    assert package == PACKAGE, f"{type_name} is unknown"
    stem, _, part = name.partition("_")
    parts = parsed((REPOSITORY / kind / f"{stem}.{kind}").read_text())
    return parts[PARTS[kind].index(f"_{part}")] if part else parts[0]


def make(type_name: str, **fields: Any) -> Any:
    """A message as a plain object, with the checks and defaults of rclpy."""
    of = definition(type_name)
    for name, value in fields.items():
        assert name in of.fields, f"{type_name} has no field {name}"
        _check(f"{type_name}.{name}", of.fields[name], value)
    defaults = {name: _default(kind) for name, kind in of.fields.items() if name not in fields}
    return SimpleNamespace(_type=type_name, _given=set(fields), **fields, **defaults)


def _full_name(kind: str) -> str:
    package, _, name = kind.rpartition("/")
    return f"{package or PACKAGE}/msg/{name}"


def _default(kind: str) -> Any:
    if kind.endswith("[]"):
        return []
    if kind == "string":
        return ""
    if kind in RANGES:
        return 0
    if kind.startswith("float"):
        return 0.0
    return False if kind == "bool" else make(_full_name(kind))


def _check(name: str, kind: str, value: Any) -> None:
    """Check a value as rclpy does."""
    if kind == "uint8[]":
        assert isinstance(value, (bytes, array)), f"{name} is {type(value)}"
    elif kind.endswith("[]"):
        assert isinstance(value, (list, array)), f"{name} is {type(value)}"
        for one in value:
            _check(name, kind[:-2], one)
    elif kind in ("string", "bool"):
        assert isinstance(value, {"string": str, "bool": bool}[kind]), f"{name} is {value!r}"
    elif kind in RANGES:
        low, high = RANGES[kind]
        assert isinstance(value, int), f"{name} is {value!r}"
        assert low <= value <= high, f"{name} is {value}"
    elif re.fullmatch("float(32|64)", kind):
        assert isinstance(value, float), f"{name} is {value!r}"
    else:
        assert value._type == _full_name(kind), f"{name} is {value!r}"
