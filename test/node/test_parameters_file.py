# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from skeleton_dml_ros.messages import INPUT_FORMATS, make_input
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.node.parameters import (
    ParameterError,
    general_parameters,
    input_parameters,
)
from skeleton_dml_ros.node.parameters_file import (
    WIDTH,
    checked,
    default_file,
    input_parameters_table,
    input_topics_table,
    parameters_table,
    read_file,
    read_setting,
)
from skeleton_dml_ros.shared_files import shared_file

REPOSITORY = Path(__file__).resolve().parent.parent.parent
EXPECTED = {
    one.name: one for one in (*general_parameters(), *input_parameters("camera", "skeleton_array"))
}


def flat(branch: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values, as ROS reads a parameters file."""
    for name, value in branch.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def test_the_file_in_config_is_generated_from_the_parameters() -> None:
    there = (REPOSITORY / "config" / "recognition.yaml").read_text()
    assert there == default_file(), "config/recognition.yaml is out of date; run: make tables"


def test_the_default_file_contains_every_parameter_at_its_default() -> None:
    values = dict(flat(yaml.safe_load(default_file())["/**"]["ros__parameters"]))
    assert set(values) == set(EXPECTED)
    for name, value in values.items():
        default = EXPECTED[name].default
        checked_value = EXPECTED[name].checked(value)
        assert type(checked_value) is type(default)
        assert checked_value == default or (math.isnan(value) and name == "threshold")


def test_a_float_is_written_with_a_decimal_point() -> None:
    # ROS distinguishes integers from doubles.
    values = dict(flat(yaml.safe_load(default_file())["/**"]["ros__parameters"]))
    assert all(type(value) is type(EXPECTED[name].default) or name == "inputs"
               for name, value in values.items())  # fmt: skip


def test_every_parameter_has_a_comment_of_limited_width() -> None:
    lines = default_file().splitlines()
    assert max(map(len, lines)) <= WIDTH
    for before, line in pairwise(lines):
        if not line.endswith(":") and line[0] == " " and "#" not in line:
            assert before.strip().startswith("#"), line


def test_the_tables_contain_every_parameter() -> None:
    shown = parameters_table()
    assert all(f"| `{one.name}` |" in shown for one in general_parameters())
    shown, topics = input_parameters_table(), input_topics_table()
    for name in INPUT_FORMATS:
        sources = make_input(name, InputOptions()).sources()
        for one in input_parameters("NAME", name):
            assert f"| `{one.name}` |" in shown or one.name.endswith("topic")
        for source in sources:
            assert f"| `{name}` | `{source.parameter}` | `{source.topic}` |" in topics


def test_a_row_of_the_table_states_type_default_and_range() -> None:
    rows = parameters_table().splitlines()
    assert rows[0].count("|") == rows[1].count("|") == 7
    (row,) = (row for row in rows if "`transform_wait`" in row)
    assert row.startswith("| `transform_wait` | double | `0.2` | 0 to 5 | fixed | Maximum time")
    (row,) = (row for row in rows if "`threshold`" in row)
    assert "| `.nan` | 0 to 1, or .nan |  |" in row


# Reading.

NODE = "/robot1/recognition_node"


def written(path: Path, content: object) -> Path:
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def section(**parameters: object) -> dict[str, object]:
    return {"ros__parameters": parameters}


def test_without_given_values_all_parameters_have_their_defaults() -> None:
    values = checked({})
    for parameter in general_parameters():
        default, value = parameter.default, values[parameter.name]
        assert value == default or (math.isnan(default) and math.isnan(value))  # type: ignore[arg-type]  # numbers
    assert values["input.camera.format"] == "skeleton_array"
    assert values["use_sim_time"] is False


@pytest.mark.parametrize(
    "name", ["recognition.yaml", *(f"inputs/{one}.yaml" for one in ("hri", "openni", "zed"))]
)
def test_the_shipped_files_can_be_read(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        checked(read_file(shared_file("config") / name, "/recognition_node"))
    assert not caplog.records


@pytest.mark.parametrize(
    "key",
    [
        "/**",
        "/robot1/recognition_node",
        "robot1/recognition_node",
        "/*/recognition_node",
        "/**/recognition_node",
    ],
)
def test_sections_that_match_the_node_apply(tmp_path: Path, key: str) -> None:
    path = written(tmp_path / "p.yaml", {key: section(device="cpu", segmentation={"pause": 0.7})})
    assert read_file(path, NODE) == {"device": "cpu", "segmentation.pause": 0.7}


def test_a_node_may_be_nested_in_its_namespace(tmp_path: Path) -> None:
    path = written(tmp_path / "p.yaml", {"robot1": {"recognition_node": section(device="cpu")}})
    assert read_file(path, NODE) == {"device": "cpu"}


@pytest.mark.parametrize("key", ["other", "/recognition_node", "/*", "robot1"])
def test_sections_for_other_nodes_do_not_apply(tmp_path: Path, key: str) -> None:
    path = written(tmp_path / "p.yaml", {key: section(device="cpu")})
    assert read_file(path, NODE) == {}


def test_the_later_section_wins(tmp_path: Path) -> None:
    path = written(
        tmp_path / "p.yaml",
        {
            "/**": section(device="cpu", input_timeout=2.0),
            "robot1/recognition_node": section(input_timeout=3.0),
        },
    )
    assert read_file(path, NODE) == {"device": "cpu", "input_timeout": 3.0}


def test_values_have_the_types_of_their_parameters() -> None:
    given = dict(
        map(
            read_setting,
            (
                "input_timeout=3",
                "threshold=.nan",
                "fixed_frame=",
                "publish.image=true",
                "inputs=[left, right]",
            ),
        )
    )
    values = checked(given)
    assert values["input_timeout"] == 3.0
    assert isinstance(values["input_timeout"], float)
    assert math.isnan(float(values["threshold"]))  # type: ignore[arg-type]  # a number
    assert values["fixed_frame"] == ""
    assert values["publish.image"] is True
    assert values["inputs"] == ("left", "right")
    assert {"input.left.format", "input.right.topic"} <= values.keys()
    assert checked({"input_timeout": "1e1"})["input_timeout"] == 10.0


def test_the_topics_of_the_chosen_format_are_parameters() -> None:
    values = checked({"input.camera.format": "hri_2d", "input.camera.depth_topic": "/depth"})
    assert values["input.camera.depth_topic"] == "/depth"


def test_an_unknown_name_causes_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        checked({"segmentation.pauze": 1.0})
    assert "did you mean segmentation.pause?" in caplog.text


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"input_timeout": "long"}, "input_timeout is 'long'; give a number"),
        ({"threshold": 1000.0}, "threshold"),
        ({"inputs": []}, "inputs"),
        ({"inputs": ["a", "a"]}, "twice"),
        ({"input.camera.format": "guess"}, "input.camera.format"),
        ({"publish.image": 1}, "true or false"),
        ({"model": {"a": 1}}, "model"),
    ],
)
def test_an_invalid_value_is_named_in_the_error(given: dict[str, object], word: str) -> None:
    with pytest.raises(ParameterError, match=word):
        checked(given)


@pytest.mark.parametrize(
    "content",
    ["", "a: [", "- 1", "recognition_node: {device: cpu}", "ros__parameters: {device: cpu}"],
)
def test_an_invalid_file_is_named_in_the_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "p.yaml").write_text(content)
    with pytest.raises(ParameterError, match=r"p\.yaml .*recognition\.yaml"):
        read_file(tmp_path / "p.yaml", NODE)


@pytest.mark.parametrize("setting", ["device", "=cpu", "device=[", ""])
def test_an_invalid_setting_is_refused(setting: str) -> None:
    with pytest.raises(ParameterError, match=r"give (NAME=VALUE|a value)"):
        read_setting(setting)
