# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recognise with ROS4HRI's bodies in the image, and the aligned depth image.

    ros2 launch skeleton_dml_ros hri_depth.launch.py

Start the camera's driver separately; config/inputs/hri_depth.yaml names its topics.
"""

from skeleton_dml_ros.ros.launching import camera_launch


def generate_launch_description():
    """The launch description."""
    return camera_launch("hri_depth")
