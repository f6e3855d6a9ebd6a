# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS messages to and from skeletons: one file an input format, without any middleware.

Messages are plain objects with the messages' fields: those of rclpy, of a bag's reader, or of
Cyclone DDS.  ``mediapipe_pose`` is no input format: it makes skeletons of a webcam's pictures, which
``skeleton-dml`` then sends as messages.
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
"""Each format under the name by which parameters call it."""


def make_input(name: str, options: InputOptions) -> InputFormat:
    """The input format of this name, ready for its first message.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    if name not in INPUT_FORMATS:
        raise InputError(
            f"no input format is called {name!r}; there are {', '.join(INPUT_FORMATS)}"
        )
    return INPUT_FORMATS[name](options)
