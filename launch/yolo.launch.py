# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recognise with YOLO's keypoints in space: yolo_ros with use_3d.

    ros2 launch skeleton_dml_ros yolo.launch.py

Start the camera's driver separately; config/inputs/yolo.yaml names its topics.
"""

from skeleton_dml_ros.ros.launching import camera_launch


def generate_launch_description():
    """The launch description."""
    return camera_launch("yolo")
