# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What becomes of a question that a node is asked, whatever carries it."""

from __future__ import annotations

from skeleton_dml_ros.errors import SkeletonDmlError


class ServiceTimeoutError(SkeletonDmlError):
    """A service is not there, left, or did not answer in time."""


class ServiceRefusedError(SkeletonDmlError):
    """The node said no, and why."""
