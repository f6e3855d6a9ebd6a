# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Shared part of the cameras' launch files."""

from __future__ import annotations

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare


def camera_launch(config: str) -> LaunchDescription:
    """``recognition.launch.py`` with a camera's parameters file; accepts the same arguments.

    Args:
        config: name of a file in ``config/inputs`` without ``.yaml``.
    """
    share = FindPackageShare("skeleton_dml_ros")
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "params_file",
                default_value=PathJoinSubstitution([share, "config", "inputs", f"{config}.yaml"]),
                description="Parameters file.",
            ),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(
                    PathJoinSubstitution([share, "launch", "recognition.launch.py"])
                )
            ),
        ]
    )
