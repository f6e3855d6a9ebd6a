# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Create ROS messages by the name of their type."""

from __future__ import annotations

import importlib
from array import array
from functools import cache
from typing import Any

from skeleton_dml_ros.errors import SkeletonDmlError

_PARTS = ("Request", "Response", "Goal", "Result", "Feedback")
"""Suffixes of the messages of services and actions."""


class MissingMessagesError(SkeletonDmlError):
    """A message package is not installed."""


@cache
def interface_class(type_name: str) -> Any:
    """The Python class of a type, such as ``zed_msgs/msg/ObjectsStamped``.

    Raises:
        MissingMessagesError: the type's package is not installed.
    """
    package, kind, name = type_name.split("/")
    name, _, part = name.partition("_")
    try:
        found = getattr(importlib.import_module(f"{package}.{kind}"), name)
    except (ModuleNotFoundError, AttributeError):
        raise MissingMessagesError(
            f"the messages {type_name} are not installed; sudo apt install "
            f"ros-$ROS_DISTRO-{package.replace('_', '-')}, or build the package {package} and "
            "source its workspace"
        ) from None
    if part:
        if part not in _PARTS:
            raise MissingMessagesError(f"{type_name} is not a ROS type")
        found = getattr(found, part)
    return found


def make(type_name: str, **fields: Any) -> Any:
    """Create a message; omitted fields have their defaults."""
    message = interface_class(type_name)()
    types = message.get_fields_and_field_types()
    for name, value in fields.items():
        setattr(message, name, _converted(value, types[name]))
    return message


def _converted(value: Any, field_type: str) -> Any:
    """The value in the type that rclpy requires for this field type."""
    if field_type == "octet":
        return bytes([value])
    if field_type == "sequence<uint8>":
        return array("B", value)
    return value
