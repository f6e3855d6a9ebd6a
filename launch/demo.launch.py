# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Demo without a camera: synthetic people, the recognition node, a dialogue, and RViz if installed.

    ros2 launch skeleton_dml_ros demo.launch.py

Three actions are taught at the start.  People perform these and others; the dialogue asks about the
others.  To answer:

    ros2 topic pub --once /dialogue/answer std_msgs/msg/String "{data: throw}"
"""

import os

from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

SHARE = FindPackageShare("skeleton_dml_ros")


def rviz(context):
    """RViz, if it is installed and there is a screen."""
    wanted = LaunchConfiguration("rviz").perform(context).lower()
    try:
        get_package_prefix("rviz2")
        possible = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    except PackageNotFoundError:
        possible = False
    if wanted == "false" or (wanted == "auto" and not possible):
        return []
    return [
        Node(
            package="rviz2",
            executable="rviz2",
            arguments=["-d", PathJoinSubstitution([SHARE, "config", "recognition.rviz"])],
        )
    ]


def generate_launch_description():
    """The launch description."""
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "seed", default_value="0", description="Random seed of people and scenes."
            ),
            DeclareLaunchArgument("rviz", default_value="auto", description="true, false or auto."),
            DeclareLaunchArgument(
                "references",
                default_value="~/.ros/skeleton_dml_ros/demo.db",
                description="File that stores the references.",
            ),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(
                    PathJoinSubstitution([SHARE, "launch", "recognition.launch.py"])
                ),
                launch_arguments={
                    "input": "skeleton_array",
                    "topic": "skeletons",
                    "references": LaunchConfiguration("references"),
                }.items(),
            ),
            Node(
                package="skeleton_dml_ros",
                executable="demo_actor",
                parameters=[{"seed": LaunchConfiguration("seed")}],
                output="screen",
                emulate_tty=True,
            ),
            Node(
                package="skeleton_dml_ros",
                executable="dialogue",
                output="screen",
                emulate_tty=True,
            ),
            OpaqueFunction(function=rviz),
        ]
    )
