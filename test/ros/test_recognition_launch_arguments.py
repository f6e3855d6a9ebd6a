# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Arguments of ``recognition.launch.py``."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("launch_ros", reason="ROS's launch is not installed")

from launch import LaunchContext

from skeleton_dml_ros.shared_files import shared_file

LAUNCH_FILE = shared_file("launch/recognition.launch.py")


def started(**arguments: str) -> list[Any]:
    """What the launch file starts with these arguments."""
    definitions = runpy.run_path(str(LAUNCH_FILE))
    context = LaunchContext()
    defaults = {name: default for name, (default, _) in definitions["ARGUMENTS"].items()}
    context.launch_configurations.update(defaults | arguments)
    return list(definitions["start"](context))


def test_a_missing_parameters_file_stops_the_launch(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    with pytest.raises(RuntimeError, match=f"params_file: there is no file {path}; give the path"):
        started(params_file=str(path))
    path.write_text("/**:\n  ros__parameters:\n    device: cpu\n")
    assert started(params_file=str(path))


@pytest.mark.parametrize(
    ("namespace", "logger"),
    [
        ("", "recognition_node"),
        ("robot1", "robot1.recognition_node"),
        ("/site/robot1", "site.robot1.recognition_node"),
    ],
)
def test_the_log_level_is_that_of_the_node_in_its_namespace(namespace: str, logger: str) -> None:
    (node,) = started(namespace=namespace, log_level="warn", autostart="false")
    words = [part.text for word in node.cmd for part in word if hasattr(part, "text")]
    assert f"{logger}:=warn" in words
