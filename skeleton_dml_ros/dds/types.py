# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS message types without ROS.

Types of this package are parsed from ``msg/``, ``srv/`` and ``action/``, all others come from rosbags
(ROS 2 Jazzy).  Messages are data classes; numeric sequences are numpy arrays.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import numpy as np
from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.shared_files import NAME, shared_file

NOTHING = "structure_needs_at_least_one_member"
"""The dummy field of a message without fields, one byte on the wire."""

PARTS = {
    "srv": (("Request",), ("Response",)),
    "action": (("Goal", "Request"), ("Result", "Response"), ("Feedback",)),
}
"""Names of the messages that a service or action file defines.  An action's goal and result also serve
as request and response, because this node carries actions as services."""

DEFAULTS: dict[str, dict[str, Any]] = {"geometry_msgs/msg/Quaternion": {"w": 1.0}}
"""Non-zero defaults, which rosbags does not provide."""


class UnknownTypeError(SkeletonDmlError):
    """A type is defined neither by this package nor by rosbags."""


class UnreadableError(SkeletonDmlError):
    """Bytes are not a message of the expected type."""


def make(type_name: str, **fields: Any) -> Any:
    """Create a message; omitted fields have their defaults.

    Args:
        type_name: such as ``std_msgs/msg/Header`` or
            ``skeleton_dml_ros/srv/EnrollReference_Response``.
        **fields: values; numeric sequences may be lists, bytes or arrays.
    """
    described = fields_of(type_name)
    if unknown := fields.keys() - described.keys():
        raise TypeError(f"{type_name} has no field {', '.join(sorted(unknown))}")
    filled = {
        name: _converted(fields[name], kind) if name in fields else _default(type_name, name, kind)
        for name, kind in described.items()
    }
    return store().types[type_name](**filled)


def to_bytes(message: Any, type_name: str) -> bytes:
    """Serialise a message to CDR with its encapsulation header."""
    return bytes(store().serialize_cdr(message, type_name))


def from_bytes(content: bytes, type_name: str) -> Any:
    """Deserialise a message.

    Raises:
        UnreadableError: the bytes are not a message of this type.
    """
    fields_of(type_name)
    try:
        return store().deserialize_cdr(content, type_name)
    except Exception as error:
        # Invalid bytes cause various exceptions in rosbags.
        raise UnreadableError(f"{len(content)} bytes are not a {type_name}: {error}") from None


def type_hash(type_name: str) -> str:
    """The ROS 2 type hash, ``RIHS01_...``."""
    fields_of(type_name)
    return store().hash_rihs01(type_name)


def dds_name(type_name: str) -> str:
    """The DDS name of a type: ``std_msgs::msg::dds_::Header_``."""
    package, kind, name = type_name.split("/")
    return f"{package}::{kind}::dds_::{name}_"


def fields_of(type_name: str) -> dict[str, Any]:
    """The field types of a type, in the notation of rosbags.

    Raises:
        UnknownTypeError: the type is not defined.
    """
    if type_name not in store().fielddefs:
        raise UnknownTypeError(
            f"{type_name} requires an installation of ROS; run the ROS node, or choose another input "
            "format"
        )
    return dict(store().fielddefs[type_name][1])


@cache
def store() -> Typestore:
    """All defined types."""
    known = get_typestore(Stores.ROS2_JAZZY)
    for path in sorted(shared_file("msg").glob("*.msg")):
        _add(known, f"{NAME}/msg/{path.stem}", path.read_text(encoding="utf-8"))
    for kind, parts in PARTS.items():
        for path in sorted(shared_file(kind).glob(f"*.{kind}")):
            texts = path.read_text(encoding="utf-8").split("\n---\n")
            for text, names in zip(texts, parts, strict=True):
                for name in names:
                    _add(known, f"{NAME}/{kind}/{path.stem}_{name}", text)
    for name, (constants, fields) in known.fielddefs.items():
        known.fielddefs[name] = (constants, [(field, _plain(kind)) for field, kind in fields])
    return known


def _add(known: Typestore, type_name: str, text: str) -> None:
    # rosbags parses messages only, so each part of a service or action is added as one.
    if not any(map(_is_field, text.splitlines())):
        text = f"uint8 {NOTHING}"
    package, _, name = type_name.split("/")
    ((_, described),) = get_types_from_msg(text, f"{package}/msg/{name}").items()
    known.register({type_name: described})


def _is_field(line: str) -> bool:
    declaration = line.partition("#")[0]
    return bool(declaration.strip()) and "=" not in declaration


def _plain(kind: Any) -> Any:
    """Replace char by uint8, as ROS 2 does."""
    node, of = kind
    if node == Nodetype.BASE:
        return (node, ("uint8", of[1])) if of[0] == "char" else kind
    if node == Nodetype.NAME:
        return kind
    return (node, (_plain(of[0]), of[1]))


def _default(type_name: str, name: str, kind: Any) -> Any:
    if name in DEFAULTS.get(type_name, {}):
        return DEFAULTS[type_name][name]
    node, of = kind
    if node == Nodetype.NAME:
        return make(cast(str, of))
    if node == Nodetype.BASE:
        return {"string": "", "bool": False}.get(of[0], 0.0 if of[0].startswith("float") else 0)
    length = of[1] if node == Nodetype.ARRAY else 0
    return _sequence([_default(type_name, "", of[0]) for _ in range(length)], of[0])


def _converted(value: Any, kind: Any) -> Any:
    """The value in the type that rosbags requires for this field type."""
    node, of = kind
    return _sequence(value, of[0]) if node in (Nodetype.ARRAY, Nodetype.SEQUENCE) else value


def _sequence(values: Any, kind: Any) -> Any:
    """A list of messages or strings, or an array of numbers."""
    node, of = kind
    if node == Nodetype.NAME or of[0] == "string":
        return list(values)
    number = np.dtype({"bool": "bool", "byte": "uint8"}.get(of[0], of[0]))
    if isinstance(values, (bytes, bytearray, memoryview)):
        return np.frombuffer(values, dtype=number)
    return np.asarray(values, dtype=number)
