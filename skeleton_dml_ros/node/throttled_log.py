# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Log repeated warnings at a limited rate."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

REPEAT_AFTER = 10.0
"""Seconds before a warning of the same kind is logged again."""


class ThrottledLog:
    """Logs at most one warning of each kind per :data:`REPEAT_AFTER` seconds.

    The next one of its kind tells how many were left out.
    """

    def __init__(self) -> None:
        self._logged: dict[str, tuple[float, int]] = {}

    def warn(self, now: float, kind: str, message: str, fault: Exception | None = None) -> None:
        """Log a warning, unless one of its kind was logged recently.

        Args:
            now: monotonic time in seconds.
            kind: identifies warnings that count as the same.
            message: one line.
            fault: an internal error whose traceback belongs in the log.
        """
        last, left_out = self._logged.get(kind, (float("-inf"), 0))
        if now - last < REPEAT_AFTER:
            self._logged[kind] = (last, left_out + 1)
            return
        self._logged[kind] = (now, 0)
        more = f" (and {left_out} more like it)" if left_out else ""
        logger.warning("%s%s", message, more, exc_info=fault)
