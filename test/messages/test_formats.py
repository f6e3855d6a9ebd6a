# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import importlib
from dataclasses import Field, fields
from types import SimpleNamespace as Plain
from typing import Any

import pytest

from skeleton_dml_ros.messages import INPUT_FORMATS, make_input
from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.input_format import InputError, InputOptions

NAMES = list(INPUT_FORMATS)


def test_all_documented_formats_exist() -> None:
    assert sorted(NAMES) == [
        "azure_kinect", "hri_2d", "hri_tf", "openni_tf", "skeleton_array", "yolo_2d", "yolo_3d",
        "zed",
    ]  # fmt: skip


def test_the_error_for_an_unknown_format_lists_all_formats() -> None:
    with pytest.raises(InputError, match=r"there is no input format 'kinect'; .*azure_kinect"):
        make_input("kinect", InputOptions())


@pytest.mark.parametrize("name", NAMES)
def test_each_formats_docstring_names_message_axes_and_confidence(name: str) -> None:
    text = importlib.import_module(f"skeleton_dml_ros.messages.{name}").__doc__
    assert text is not None
    assert text.startswith(f"``{name}``")
    for word in ("Message", "_msgs/msg/" if name != "skeleton_array" else "/msg/", "Axes:"):
        assert word in text
    assert "Confidence:" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_first_source_is_the_main_one_and_each_topic_has_a_parameter(name: str) -> None:
    sources = make_input(name, InputOptions()).sources()
    assert sources[0].parameter == "topic"
    assert len({source.role for source in sources}) == len(sources)
    assert len({source.parameter for source in sources}) == len(sources)
    for source in sources:
        assert source.parameter == "topic" or source.parameter.endswith("_topic")


@pytest.mark.parametrize("name", NAMES)
def test_every_topic_can_be_chosen(name: str) -> None:
    parameters = [source.parameter for source in make_input(name, InputOptions()).sources()]
    chosen = {parameter: f"/my/{parameter}" for parameter in parameters}
    sources = make_input(name, InputOptions(topics=chosen)).sources()
    assert {source.parameter: source.topic for source in sources} == chosen


@pytest.mark.parametrize("name", NAMES)
def test_a_message_of_another_type_is_refused_in_one_line(name: str) -> None:
    reader = make_input(name, InputOptions())
    for source in reader.sources():
        with pytest.raises(MessageError, match=f"this is not a {source.type}") as caught:
            reader.take(source.role, Plain(text="something else"))
        assert "\n" not in str(caught.value)


OPTIONS = [option for option in fields(InputOptions) if "low" in option.metadata]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_out_of_its_range_is_refused(option: Field[Any]) -> None:
    low, high = option.metadata["low"], option.metadata["high"]
    assert low <= getattr(InputOptions(), option.name) <= high
    for value in (low - 0.1, high + 0.1, float("nan")):
        changed: dict[str, Any] = {option.name: value}
        with pytest.raises(
            InputError, match=f"{option.name} is {value}; give a value from {low:g} to {high:g}"
        ):
            InputOptions(**changed)


@pytest.mark.parametrize("value", ["much", None, True])
def test_an_option_of_another_type_is_refused(value: Any) -> None:
    for option in OPTIONS:
        with pytest.raises(InputError, match=f"{option.name} is {value!r}; give a value from"):
            InputOptions(**{option.name: value})
    with pytest.raises(InputError, match="joint_frame is 7; give a string"):
        InputOptions(joint_frame=7)  # type: ignore[arg-type]  # that is what is tried


def test_every_option_but_the_topics_has_a_description() -> None:
    for option in fields(InputOptions):
        assert option.name == "topics" or option.metadata["meaning"].endswith(".")


def test_a_joint_frame_without_the_person_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"joint_frame is '\{joint\}'; include \{person\} exactly once"
    ):
        InputOptions(joint_frame="{joint}")


def test_an_empty_topic_leaves_the_default() -> None:
    (source,) = make_input("zed", InputOptions(topics={"topic": ""})).sources()
    assert source.topic == "/zed/zed_node/body_trk/skeletons"
