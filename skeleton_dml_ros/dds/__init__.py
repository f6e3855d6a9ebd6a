# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node without a ROS installation: Cyclone DDS in the wire format of ROS 2.

ROS 2 with ``rmw_cyclonedds_cpp`` can use the node's topics and services like those of a ROS node.
Names, types, QoS, type hashes and service headers follow ROS 2 Iron and later.  Humble is compatible
except that ``ros2 node list`` does not show the node, because its ids are longer.  Fast DDS, the default
of ROS 2, can use the topics but not the services, which it encodes differently.
"""

from __future__ import annotations

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.shared_files import import_failure


def require_dds() -> None:
    """Check that the packages of the extra ``dds`` are installed.

    Raises:
        SkeletonDmlError: a package is missing.
    """
    try:
        import cyclonedds  # noqa: F401
        import rosbags  # noqa: F401
    except ModuleNotFoundError as error:
        raise SkeletonDmlError(
            f"{error.name} is not installed, but the node without ROS requires it; "
            "pip install 'skeleton_dml_ros[dds]'"
        ) from None
    except Exception as error:
        raise SkeletonDmlError(import_failure("cyclonedds rosbags", error)) from None
