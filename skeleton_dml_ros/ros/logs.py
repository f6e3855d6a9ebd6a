# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the package says in Python's log, in ROS's log."""

from __future__ import annotations

import logging
from typing import Any

PACKAGE = "skeleton_dml_ros"


class RosLog(logging.Handler):
    """Hands records over to a node's logger."""

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record at its level."""
        message = self.format(record)
        # rclpy wants each line of code to log at one level only.
        if record.levelno >= logging.ERROR:
            self._logger.error(message)
        elif record.levelno >= logging.WARNING:
            self._logger.warning(message)
        elif record.levelno >= logging.INFO:
            self._logger.info(message)
        else:
            self._logger.debug(message)


def log_to(logger: Any) -> None:
    """Send what this package logs to a node's logger, and nowhere else."""
    package = logging.getLogger(PACKAGE)
    package.handlers = [RosLog(logger)]
    package.setLevel(logging.INFO)
    package.propagate = False
