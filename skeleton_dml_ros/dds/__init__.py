# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node without a ROS installation: Cyclone DDS in the wire format of ROS 2.

A robot whose ROS 2 uses ``rmw_cyclonedds_cpp`` sees the node's topics and calls its services as if
they were of ROS.  Names, types, quality of service, type hashes and the services' headers are those
of ROS 2 Iron and later; with Humble topics and services have the same form, but ``ros2 node list``
does not show the node there, whose ids were longer.  ROS's default middleware, Fast DDS, gets the
topics, but forms services otherwise: they are not answered.
"""

from __future__ import annotations

from skeleton_dml_ros.errors import SkeletonDmlError


def require_dds() -> None:
    """Complain in one line where a package is missing.

    Raises:
        SkeletonDmlError: what the extra ``dds`` brings is not installed.
    """
    try:
        import cyclonedds  # noqa: F401
        import rosbags  # noqa: F401
    except ModuleNotFoundError as error:
        raise SkeletonDmlError(
            f"{error.name} is not installed, and the node without ROS needs it; "
            "pip install 'skeleton_dml_ros[dds]'"
        ) from None
