# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Convert ROS messages to skeleton frames and back: one file per input format, no middleware.

Messages are objects with the messages' fields, from rclpy, Cyclone DDS or a bag's reader.
``mediapipe_pose`` is not an input format: it reads the landmarks of webcam images.
"""

from __future__ import annotations

from skeleton_dml_ros.messages.azure_kinect import AzureKinectInput
from skeleton_dml_ros.messages.hri_2d import Hri2dInput
from skeleton_dml_ros.messages.hri_tf import HriTfInput
from skeleton_dml_ros.messages.input_format import InputError, InputFormat, InputOptions
from skeleton_dml_ros.messages.openni_tf import OpenniTfInput
from skeleton_dml_ros.messages.skeleton_array import SkeletonArrayInput
from skeleton_dml_ros.messages.yolo_2d import Yolo2dInput
from skeleton_dml_ros.messages.yolo_3d import Yolo3dInput
from skeleton_dml_ros.messages.zed import ZedInput

INPUT_FORMATS: dict[str, type[InputFormat]] = {
    "skeleton_array": SkeletonArrayInput,
    "azure_kinect": AzureKinectInput,
    "zed": ZedInput,
    "yolo_3d": Yolo3dInput,
    "yolo_2d": Yolo2dInput,
    "hri_tf": HriTfInput,
    "hri_2d": Hri2dInput,
    "openni_tf": OpenniTfInput,
}
"""Input formats by the name used in parameters."""


def make_input(name: str, options: InputOptions) -> InputFormat:
    """A reader of the named input format.

    Raises:
        InputError: there is no such format; the message lists all.
    """
    if name not in INPUT_FORMATS:
        raise InputError(
            f"there is no input format {name!r}; choose one of {', '.join(INPUT_FORMATS)}"
        )
    return INPUT_FORMATS[name](options)
