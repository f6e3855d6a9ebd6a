# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""The same complaint is said once, and again after a while."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

SAID_AGAIN_AFTER = 10.0
"""Seconds after which the same complaint is logged once more."""


@dataclass
class Complaints:
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
        if now - self.said.get(kind, float("-inf")) >= SAID_AGAIN_AFTER:
            self.said[kind] = now
            logger.warning("%s", message, exc_info=fault)
