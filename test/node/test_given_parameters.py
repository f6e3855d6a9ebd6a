# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Parameters without ROS's parameter server."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import pytest
import yaml

from skeleton_dml_ros.node.given_parameters import checked, read_file, read_setting
from skeleton_dml_ros.node.parameters import ParameterError, general_parameters
from skeleton_dml_ros.shared_files import shared_file

NODE = "/robot1/recognition_node"


def written(path: Path, content: object) -> Path:
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def section(**parameters: object) -> dict[str, object]:
    return {"ros__parameters": parameters}


def test_nothing_given_leaves_all_defaults() -> None:
    values = checked({})
    for parameter in general_parameters():
        default, value = parameter.default, values[parameter.name]
        assert value == default or (math.isnan(default) and math.isnan(value))  # type: ignore[arg-type]  # numbers
    assert values["input.camera.format"] == "skeleton_array"
    assert values["use_sim_time"] is False


@pytest.mark.parametrize(
    "name", ["recognition.yaml", *(f"inputs/{one}.yaml" for one in ("hri", "openni", "zed"))]
)
def test_the_files_that_come_with_the_package_can_be_read(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
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
def test_sections_for_the_node_count(tmp_path: Path, key: str) -> None:
    path = written(tmp_path / "p.yaml", {key: section(device="cpu", segmentation={"pause": 0.7})})
    assert read_file(path, NODE) == {"device": "cpu", "segmentation.pause": 0.7}


def test_a_namespace_may_stand_around_the_node(tmp_path: Path) -> None:
    path = written(tmp_path / "p.yaml", {"robot1": {"recognition_node": section(device="cpu")}})
    assert read_file(path, NODE) == {"device": "cpu"}


@pytest.mark.parametrize("key", ["other", "/recognition_node", "/*", "robot1"])
def test_sections_for_others_do_not(tmp_path: Path, key: str) -> None:
    path = written(tmp_path / "p.yaml", {key: section(device="cpu")})
    assert read_file(path, NODE) == {}


def test_the_later_section_counts(tmp_path: Path) -> None:
    path = written(
        tmp_path / "p.yaml",
        {
            "/**": section(device="cpu", input_timeout=2.0),
            "robot1/recognition_node": section(input_timeout=3.0),
        },
    )
    assert read_file(path, NODE) == {"device": "cpu", "input_timeout": 3.0}


def test_values_have_the_types_of_the_table() -> None:
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


def test_a_formats_own_topics_are_known() -> None:
    values = checked({"input.camera.format": "hri_2d", "input.camera.depth_topic": "/depth"})
    assert values["input.camera.depth_topic"] == "/depth"


def test_an_unknown_name_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
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
def test_wrong_values_are_named(given: dict[str, object], word: str) -> None:
    with pytest.raises(ParameterError, match=word):
        checked(given)


@pytest.mark.parametrize(
    "content",
    ["", "a: [", "- 1", "recognition_node: {device: cpu}", "ros__parameters: {device: cpu}"],
)
def test_files_that_are_none_are_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "p.yaml").write_text(content)
    with pytest.raises(ParameterError, match=r"p\.yaml .*recognition\.yaml"):
        read_file(tmp_path / "p.yaml", NODE)


@pytest.mark.parametrize("setting", ["device", "=cpu", "device=[", ""])
def test_settings_that_are_none_are_named(setting: str) -> None:
    with pytest.raises(ParameterError, match=r"give (NAME=VALUE|a value)"):
        read_setting(setting)
