# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recognise with an Azure Kinect.

    ros2 launch skeleton_dml_ros azure_kinect.launch.py

Start the camera's driver separately; config/inputs/azure_kinect.yaml names its topics.
"""

from skeleton_dml_ros.ros.launching import camera_launch


def generate_launch_description():
    """The launch description."""
    return camera_launch("azure_kinect")
