# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recognise with a RealSense: YOLO's keypoints in the image, and the aligned depth image.

    ros2 launch skeleton_dml_ros realsense.launch.py

The camera's driver is started apart; config/inputs/realsense.yaml says what it has to publish.
"""

from skeleton_dml_ros.ros.launching import camera_launch


def generate_launch_description():
    """What ros2 launch asks for."""
    return camera_launch("realsense")
