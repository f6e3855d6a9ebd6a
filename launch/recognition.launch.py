# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Start the recognition node.

    ros2 launch skeleton_dml_ros recognition.launch.py input:=zed topic:=/zed/zed_node/body_trk/skeletons

Arguments override the parameters file; all other parameters have the defaults in
config/recognition.yaml.
"""

from pathlib import Path

import lifecycle_msgs.msg
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, EmitEvent, OpaqueFunction, RegisterEventHandler
from launch.events import matches_action
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode
from launch_ros.event_handlers import OnStateTransition
from launch_ros.events.lifecycle import ChangeState

ARGUMENTS = {
    "params_file": ("", "Parameters file; see config/inputs for examples."),
    "input": (
        "",
        "Message format: skeleton_array, azure_kinect, zed, yolo_3d, yolo_2d, ...",
    ),
    "topic": ("", "Topic of the messages."),
    "fixed_frame": ("", "TF frame for a moving camera; none for a stationary camera."),
    "model": ("", "Folder of the model."),
    "references": ("", "File that stores the references."),
    "device": ("", "cpu, cuda, cuda:1 or auto."),
    "namespace": ("", "Namespace of the node."),
    "use_sim_time": ("false", "Use the time on /clock."),
    "autostart": ("true", "Configure and activate the node at start."),
    "log_level": ("info", "debug, info, warn or error."),
}

PARAMETERS = {
    "input": "input.camera.format",
    "topic": "input.camera.topic",
    "fixed_frame": "fixed_frame",
    "model": "model",
    "references": "references",
    "device": "device",
}
"""The parameter that each argument sets; the input is called camera."""


def start(context):
    """The node with its parameters, and the events that configure and activate it."""

    def value(argument):
        return LaunchConfiguration(argument).perform(context)

    params_file = value("params_file")
    if params_file and not Path(params_file).is_file():
        # Launch alone would only warn, and the node would run on its defaults.
        raise RuntimeError(
            f"params_file: there is no file {params_file}; give the path of a parameters file, like "
            "config/recognition.yaml"
        )
    given = {PARAMETERS[name]: value(name) for name in PARAMETERS if value(name)}
    if value("fixed_frame") == "none":
        given["fixed_frame"] = ""
    given["use_sim_time"] = value("use_sim_time").lower() == "true"
    # A logger's name has dots where a node's has slashes.
    logger = f"{value('namespace')}/recognition_node".strip("/").replace("/", ".")
    node = LifecycleNode(
        package="skeleton_dml_ros",
        executable="recognition_node",
        name="recognition_node",
        namespace=value("namespace"),
        parameters=[*([params_file] if params_file else []), given],
        arguments=["--ros-args", "--log-level", f"{logger}:={value('log_level')}"],
        output="screen",
        emulate_tty=True,
    )
    if value("autostart").lower() != "true":
        return [node]

    # LifecycleNode's autostart argument exists in newer distributions only; these events work on all.
    # They activate the node once: after a manual configuration, the user activates it.
    def change(transition):
        return EmitEvent(
            event=ChangeState(lifecycle_node_matcher=matches_action(node), transition_id=transition)
        )

    return [
        RegisterEventHandler(
            OnStateTransition(
                target_lifecycle_node=node,
                start_state="configuring",
                goal_state="inactive",
                entities=[change(lifecycle_msgs.msg.Transition.TRANSITION_ACTIVATE)],
                handle_once=True,
            )
        ),
        node,
        change(lifecycle_msgs.msg.Transition.TRANSITION_CONFIGURE),
    ]


def generate_launch_description():
    """The launch description."""
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(name, default_value=default, description=description)
                for name, (default, description) in ARGUMENTS.items()
            ),
            OpaqueFunction(function=start),
        ]
    )
