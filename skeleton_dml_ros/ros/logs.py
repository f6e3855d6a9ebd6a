# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Forward Python log records of this package to the ROS log."""

from __future__ import annotations

import logging
from typing import Any

PACKAGE = "skeleton_dml_ros"


class RosLog(logging.Handler):
    """Forwards records to a node's logger."""

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record with its level."""
        message = self.format(record)
        # rclpy requires a constant level per call site.
        if record.levelno >= logging.ERROR:
            self._logger.error(message)
        elif record.levelno >= logging.WARNING:
            self._logger.warning(message)
        elif record.levelno >= logging.INFO:
            self._logger.info(message)
        else:
            self._logger.debug(message)


def log_to(logger: Any) -> None:
    """Send this package's log records to a node's logger only."""
    package = logging.getLogger(PACKAGE)
    package.handlers = [RosLog(logger)]
    package.setLevel(logging.INFO)
    package.propagate = False
