# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The same complaint is said once, and again after a while."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

REPEAT_AFTER = 10.0
"""Seconds after which the same complaint is logged once more."""


@dataclass
class ThrottledLog:
    """Says the same complaint once, and again after a while.

    Attributes:
        said: wall time of each complaint.
    """

    said: dict[str, float] = field(default_factory=dict)

    def warn(self, now: float, kind: str, message: str, fault: Exception | None = None) -> None:
        """Log a warning, unless one of its kind was logged a moment ago.

        Args:
            now: wall time in seconds, monotonic.
            kind: complaints of one kind are the same.
            message: one line.
            fault: of this package, whose origin belongs into the log.
        """
        if now - self.said.get(kind, float("-inf")) >= REPEAT_AFTER:
            self.said[kind] = now
            logger.warning("%s", message, exc_info=fault)
