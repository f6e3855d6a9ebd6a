# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The cameras' parameters files are valid, and the launch files find them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from skeleton_dml_ros.messages import INPUT_FORMATS, make_input
from skeleton_dml_ros.node.parameters import (
    Parameter,
    Value,
    general_parameters,
    input_options,
    input_parameters,
    settings_of,
)

REPOSITORY = Path(__file__).resolve().parent.parent.parent
FILES = sorted((REPOSITORY / "config" / "inputs").glob("*.yaml"))
LAUNCH_FILES = {
    path.name: path.read_text() for path in sorted((REPOSITORY / "launch").glob("*.launch.py"))
}
CAMERAS = {
    name: found[1]
    for name, text in LAUNCH_FILES.items()
    if (found := re.search(r'camera_launch\("(\w+)"\)', text))
}


def flat(branch: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values, as ROS reads a parameters file."""
    for name, value in branch.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def values_in(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text())
    # The file must apply to any node name and namespace.
    assert list(content) == ["/**"]
    assert list(content["/**"]) == ["ros__parameters"]
    return dict(flat(content["/**"]["ros__parameters"]))


def table(values: dict[str, Any]) -> dict[str, Parameter]:
    """The parameters of a node with these values."""
    parameters = list(general_parameters())
    for name in values["inputs"]:
        parameters += input_parameters(name, values[f"input.{name}.format"])
    return {one.name: one for one in parameters}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_name_and_value_is_valid(path: Path) -> None:
    values = values_in(path)
    known = table(values)
    checked: dict[str, Value] = {name: known[name].checked(one) for name, one in values.items()}
    settings_of(checked)
    for name in values["inputs"]:
        make_input(values[f"input.{name}.format"], input_options(name, checked))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_default_topics_are_those_of_the_drivers(path: Path) -> None:
    # These equal the formats' defaults; the files list them because users change them.
    values = values_in(path)
    known = table(values)
    topics = {name: value for name, value in values.items() if name.endswith("topic")}
    assert topics
    assert topics == {name: known[name].default for name in topics}


def test_every_format_has_a_file() -> None:
    formats = sorted(values_in(path)["input.camera.format"] for path in FILES)
    assert formats == sorted(INPUT_FORMATS)


def test_every_launch_file_of_a_camera_names_a_file_that_exists() -> None:
    others = {"demo.launch.py", "recognition.launch.py"}
    assert set(LAUNCH_FILES) - set(CAMERAS) == others
    files = {path.stem for path in FILES}
    assert set(CAMERAS.values()) <= files
    # There is no launch file named after a user's own tracker.
    assert files - set(CAMERAS.values()) == {"skeleton_array"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_command_in_a_file_uses_this_file(path: Path) -> None:
    (command,) = re.findall(r"^#   ros2 launch skeleton_dml_ros (.*)$", path.read_text(), re.M)
    launch_file, *arguments = command.split()
    assert launch_file in LAUNCH_FILES
    if launch_file in CAMERAS:
        assert CAMERAS[launch_file] == path.stem
    else:
        assert arguments == [f"params_file:=config/inputs/{path.name}"]


@pytest.mark.parametrize("name", CAMERAS)
def test_a_launch_file_names_itself_and_its_parameters_file(name: str) -> None:
    assert f"ros2 launch skeleton_dml_ros {name}\n" in LAUNCH_FILES[name]
    assert f"config/inputs/{CAMERAS[name]}.yaml" in LAUNCH_FILES[name]
