# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recognise with a RealSense: YOLO's keypoints in the image, and the aligned depth image.

    ros2 launch skeleton_dml_ros realsense.launch.py

Start the camera's driver separately; config/inputs/realsense.yaml names its topics.
"""

from skeleton_dml_ros.ros.launching import camera_launch


def generate_launch_description():
    """The launch description."""
    return camera_launch("realsense")
