# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Declare and read the node's parameters in ROS."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.exceptions import InvalidParameterTypeException, ParameterException
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.parameters import (
    Parameter,
    ParameterError,
    Value,
    parameters_of,
)
from skeleton_dml_ros.node.parameters_file import warn_of_unknown
from skeleton_dml_ros.node.recognition_node import RecognitionNode


def declare(node: Node) -> dict[str, Parameter]:
    """Declare all parameters with types, ranges and descriptions; returns them by name.

    Raises:
        ParameterError: a given value is invalid.
    """
    declared: dict[str, Parameter] = {}
    for parameter in parameters_of(partial(_value, node)):
        _declare(node, parameter)
        declared[parameter.name] = parameter
    warn_of_unknown(
        getattr(node, "_parameter_overrides", {}), node.get_parameters_by_prefix("").keys()
    )
    return declared


def values_of(node: Node, declared: dict[str, Parameter]) -> dict[str, Value]:
    """The values of all parameters.

    Raises:
        ParameterError: a value is invalid.
    """
    return {name: _value(node, parameter) for name, parameter in declared.items()}


def take_changes(
    core: RecognitionNode, declared: dict[str, Parameter], changes: Iterable[Any]
) -> SetParametersResult:
    """Pass changed parameters to the node; errors become the reason of a failed result."""
    try:
        core.change(
            {
                change.name: declared[change.name].checked(_plain(change.value))
                for change in changes
                if change.name in declared
            }
        )
    except SkeletonDmlError as error:
        return SetParametersResult(successful=False, reason=str(error))
    return SetParametersResult(successful=True)


def _declare(node: Node, parameter: Parameter) -> None:
    default = parameter.default
    try:
        node.declare_parameter(
            parameter.name,
            list(default) if isinstance(default, tuple) else default,
            _descriptor(parameter),
        )
    except InvalidParameterTypeException:
        raise ParameterError(
            f"{parameter.name} has a value of the wrong type; give one like its default, {default!r}"
        ) from None
    except ParameterException as error:
        raise ParameterError(f"{parameter.name}: {error}") from None
    _value(node, parameter)


def _descriptor(parameter: Parameter) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(description=parameter.meaning, read_only=parameter.read_only)
    if parameter.choices:
        descriptor.additional_constraints = "one of " + ", ".join(map(repr, parameter.choices))
    if parameter.low is not None and parameter.high is not None:
        if isinstance(parameter.default, int):
            descriptor.integer_range = [
                IntegerRange(from_value=int(parameter.low), to_value=int(parameter.high), step=0)
            ]
        # A ROS range cannot include NaN.
        elif parameter.default == parameter.default:
            descriptor.floating_point_range = [
                FloatingPointRange(
                    from_value=float(parameter.low), to_value=float(parameter.high), step=0.0
                )
            ]
        else:
            descriptor.additional_constraints = (
                f"from {parameter.low:g} to {parameter.high:g}, or .nan"
            )
    return descriptor


def _value(node: Node, parameter: Parameter) -> Value:
    given: RosParameter = node.get_parameter(parameter.name)
    return parameter.checked(_plain(given.value))


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, tuple)) else value
