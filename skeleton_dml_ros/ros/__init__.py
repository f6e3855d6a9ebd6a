# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node on a robot: rclpy around :mod:`skeleton_dml_ros.node`, and nodes to try it with."""
