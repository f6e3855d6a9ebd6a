# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Messages of rclpy, made by their types' names."""

from __future__ import annotations

import importlib
from array import array
from functools import cache
from typing import Any

from skeleton_dml_ros.errors import SkeletonDmlError

_PARTS = ("Request", "Response", "Goal", "Result", "Feedback")
"""What the messages of services and actions are called after their type."""


class MissingMessagesError(SkeletonDmlError):
    """A package of messages is not installed."""


@cache
def interface_class(type_name: str) -> Any:
    """The class of a type, such as ``zed_msgs/msg/ObjectsStamped``.

    Raises:
        MissingMessagesError: the package with the type is not installed; the message names it.
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
            raise MissingMessagesError(f"{type_name} is no type of ROS")
        found = getattr(found, part)
    return found


def make(type_name: str, **fields: Any) -> Any:
    """A message; fields that are left out have ROS's defaults."""
    message = interface_class(type_name)()
    kinds = message.get_fields_and_field_types()
    for name, value in fields.items():
        setattr(message, name, _fitting(value, kinds[name]))
    return message


def _fitting(value: Any, kind: str) -> Any:
    """A value as rclpy wants it in a field of this kind."""
    if kind == "octet":
        return bytes([value])
    if kind == "sequence<uint8>":
        return array("B", value)
    return value
