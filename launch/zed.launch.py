# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recognise with a ZED camera's body tracking.

    ros2 launch skeleton_dml_ros zed.launch.py

The camera's driver is started apart; config/inputs/zed.yaml says what it has to publish.
"""

from skeleton_dml_ros.ros.launching import camera_launch


def generate_launch_description():
    """What ros2 launch asks for."""
    return camera_launch("zed")
