# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages import INPUT_FORMATS, make_input
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.node.parameters import (
    INPUTS,
    Parameter,
    ParameterError,
    Value,
    checked_inputs,
    format_parameter,
    general_parameters,
    input_options,
    input_parameters,
    names_of_inputs,
    number,
    settings_of,
    text,
)
from skeleton_dml_ros.recognition.settings import RecognitionSettings, Segmentation

TABLE = {parameter.name: parameter for parameter in general_parameters()}
OF_INPUTS = [parameter for name in INPUT_FORMATS for parameter in input_parameters("camera", name)]
EVERY = [*TABLE.values(), *OF_INPUTS]


def defaults() -> dict[str, Value]:
    return {name: parameter.default for name, parameter in TABLE.items()}


def name_of(parameter: Parameter) -> str:
    return parameter.name


@pytest.mark.parametrize("parameter", EVERY, ids=name_of)
def test_every_parameter_has_a_type_a_meaning_and_a_valid_default(
    parameter: Parameter,
) -> None:
    assert parameter.meaning.endswith(".")
    assert "\n" not in parameter.meaning
    value = parameter.checked(parameter.default)
    assert type(value) is type(parameter.default)
    assert value == parameter.default or math.isnan(value)  # type: ignore[arg-type]  # a number


@pytest.mark.parametrize("parameter", EVERY, ids=name_of)
def test_a_number_has_a_range(parameter: Parameter) -> None:
    a_number = isinstance(parameter.default, (int, float)) and not isinstance(
        parameter.default, bool
    )
    assert (parameter.low is not None) == (parameter.high is not None) == a_number
    if a_number:
        assert parameter.low is not None
        assert parameter.high is not None
        assert parameter.low < parameter.high


def test_each_name_occurs_once() -> None:
    assert len(TABLE) == len(general_parameters())
    for name in INPUT_FORMATS:
        names = [parameter.name for parameter in input_parameters("camera", name)]
        assert len(set(names)) == len(names)


def settings_names(settings: Any, prefix: str = "") -> list[str]:
    names = []
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            names += settings_names(value, f"{prefix}{field.name}.")
        else:
            names.append(prefix + field.name)
    return names


def test_every_recognition_setting_is_a_parameter_that_may_change() -> None:
    names = settings_names(RecognitionSettings())
    assert {"min_visibility", "segmentation.pause", "unknowns.interval"} < set(names)
    assert [name for name in TABLE if not TABLE[name].read_only and name in names] == [
        name for name in TABLE if name in names
    ]
    assert set(names) <= set(TABLE)


def test_parameters_read_at_configuration_are_read_only() -> None:
    assert [name for name, parameter in TABLE.items() if parameter.read_only] == [
        "inputs",
        "model",
        "references",
        "engine",
        "device",
        "fixed_frame",
        "transform_wait",
        "matcher",
        "match_mirrored",
        "share_references",
    ]
    assert all(parameter.read_only for parameter in OF_INPUTS)


def test_only_the_threshold_may_be_nan() -> None:
    assert math.isnan(float(TABLE["threshold"].checked(math.nan)))  # type: ignore[arg-type]  # a number
    with pytest.raises(ParameterError, match="min_visibility is nan; give a value from 0 to 1"):
        TABLE["min_visibility"].checked(math.nan)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("threshold", 1.5, "threshold is 1.5; give a value from 0 to 1"),
        ("threshold", -math.inf, "threshold is -inf; give a value from 0 to 1"),
        ("threshold", "strict", "threshold is 'strict'; give a number"),
        ("min_visibility", True, "min_visibility is True; give a number"),
        ("max_people", True, "max_people is True; give a whole number"),
        ("max_people", 3.0, "max_people is 3.0; give a whole number"),
        ("max_people", 0, "max_people is 0; give a value from 1 to 1000"),
        ("publish.image", 1, "publish.image is 1; give true or false"),
        ("publish.image", "yes", "publish.image is 'yes'; give true or false"),
        ("device", 0, "device is 0; give a string"),
        ("model", None, "model is None; give a string"),
        (
            "segmentation.method",
            "guess",
            "segmentation.method is 'guess'; give 'motion' or 'windows'",
        ),
        ("inputs", "camera", "inputs is 'camera'; give a list of names"),
        ("inputs", (), r"inputs is (); give a list of names"),
        ("inputs", ("camera", 1), "inputs is ('camera', 1); give a list of names"),
        ("inputs", None, "inputs is None; give a list of names"),
    ],
)
def test_an_invalid_value_is_refused_with_the_remedy(name: str, value: object, error: str) -> None:
    with pytest.raises(ParameterError) as refused:
        TABLE[name].checked(value)
    assert str(refused.value) == error


def test_values_are_converted_to_the_parameters_type() -> None:
    value = TABLE["input_timeout"].checked(5)
    assert (value, type(value)) == (5.0, float)
    assert INPUTS.checked(["left", "right"]) == ("left", "right")


def test_a_range_includes_its_bounds() -> None:
    for parameter in EVERY:
        if parameter.low is not None and parameter.high is not None:
            kind = type(parameter.default)
            for bound in (parameter.low, parameter.high):
                assert parameter.checked(kind(bound)) == bound  # type: ignore[arg-type]  # a number


def test_default_values_are_default_settings() -> None:
    assert settings_of(defaults()) == RecognitionSettings()


def test_values_are_settings_of_the_same_name() -> None:
    values = {
        **defaults(),
        "segmentation.pause": 0.7,
        "unknowns.min_occurrences": 3,
        "max_people": 4,
    }
    settings = settings_of(values)
    assert settings.segmentation == Segmentation(pause=0.7)
    assert (settings.unknowns.min_occurrences, settings.max_people) == (3, 4)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"segmentation.stop_speed": 0.6}, "stop_speed is 0.6; give at most start_speed, 0.5"),
        ({"segmentation.hold": 0.1}, "hold is 0.1; give at least pause, 0.4"),
        ({"segmentation.max_duration": 20.0}, "buffer_seconds is 30.0; give at least 42"),
    ],
)
def test_contradictory_values_are_refused(changed: dict[str, Value], error: str) -> None:
    with pytest.raises(SkeletonDmlError) as refused:
        settings_of({**defaults(), **changed})
    assert str(refused.value).startswith(error)


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (("front camera",), "inputs contains 'front camera'; a name has letters, digits and _"),
        (("",), "inputs contains ''; a name has letters"),
        (("1",), "inputs contains '1'; a name has letters"),
        (("a/b",), "inputs contains 'a/b'; a name has letters"),
        (("a.b",), "inputs contains 'a.b'; a name has letters"),
        (("camera\n",), "inputs contains 'camera\\n'; a name has letters"),
        (("a", "b", "a"), "inputs contains 'a' twice; give each input its own name"),
    ],
)
def test_invalid_or_repeated_input_names_are_refused(names: tuple[str, ...], error: str) -> None:
    with pytest.raises(ParameterError) as refused:
        checked_inputs(names)
    assert str(refused.value).startswith(error)


def test_valid_input_names_are_kept() -> None:
    assert checked_inputs(["left", "Right_2"]) == ("left", "Right_2")
    assert names_of_inputs({"inputs": ("left",)}) == ("left",)
    assert names_of_inputs({}) == ()


@pytest.mark.parametrize("input_format", INPUT_FORMATS)
def test_an_input_has_a_parameter_for_each_of_its_topics(input_format: str) -> None:
    parameters = {one.name: one for one in input_parameters("door", input_format)}
    assert next(iter(parameters.values())) == format_parameter("door")
    for source in make_input(input_format, InputOptions()).sources():
        parameter = parameters[f"input.door.{source.parameter}"]
        assert parameter.default == source.topic
        assert source.type in parameter.meaning
    assert {"input.door.axes", "input.door.reliable", "input.door.min_confidence"} < set(parameters)


@pytest.mark.parametrize("input_format", INPUT_FORMATS)
def test_default_values_are_default_options(input_format: str) -> None:
    values = {one.name: one.default for one in input_parameters("door", input_format)}
    values["input.door.format"] = input_format
    made = make_input(input_format, input_options("door", values))
    assert made.sources() == make_input(input_format, InputOptions()).sources()
    options = input_options("door", values)
    assert options == InputOptions(topics=options.topics)


def test_an_unknown_input_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ParameterError, match="is 'kinect'; give 'skeleton_array' or 'azure_kinect'"
    ):
        format_parameter("camera").checked("kinect")


def test_axes_are_the_formats_default_or_chosen() -> None:
    axes = next(one for one in OF_INPUTS if one.name == "input.camera.axes")
    assert axes.default == ""
    assert axes.choices == ("", "optical", "body", "kinect")


def test_options_and_topics_belong_to_their_input() -> None:
    values: dict[str, Value] = {
        "input.door.topic": "/door/skeletons",
        "input.door.depth_topic": "/door/depth",
        "input.door.min_confidence": 0.6,
        "input.door.axes": "body",
        "input.doorbell.topic": "/bell",
        "input.doorbell.patience": 0.4,
    }
    options = input_options("door", values)
    assert options.topics == {"topic": "/door/skeletons", "depth_topic": "/door/depth"}
    assert (options.min_confidence, options.patience) == (0.6, InputOptions().patience)


def test_values_are_read_with_their_types() -> None:
    assert number({"input_timeout": 5}, "input_timeout") == 5.0
    assert text({"device": "cpu"}, "device") == "cpu"
