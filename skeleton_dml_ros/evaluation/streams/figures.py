# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The figures of a stream, and of several together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class StreamFigures:
    """How a stream was recognised.

    Attributes:
        enrolled: occurrences of actions that were taught.
        recognised: those of them that were reported with the right label.
        mislabelled: those of them that were reported with a wrong one.
        untaught: occurrences of actions that were never taught.
        accepted: those of them that were reported as a known action.
        false_alarms: known actions reported while nothing was done.
        reported: reports of known actions, right or wrong.
        hours: length of the stream.
        idle_hours: hours of it in which nothing was done.
        delays: seconds from an action's end until it was reported, one for each recognised
            occurrence of which the time of the report is known.
        iou: temporal intersection over union that a right report must reach.
    """

    enrolled: int
    recognised: int
    mislabelled: int
    unknown_classes: int
    accepted: int
    false_alarms: int
    reported: int
    hours: float
    idle_hours: float
    delays: tuple[float, ...]
    iou: float

    @property
    def precision(self) -> float:
        """Recognised occurrences, as a share of all reports of known actions."""
        return self.recognised / self.reported if self.reported else 0.0

    @property
    def recall(self) -> float:
        """Recognised occurrences, as a share of the taught ones."""
        return self.recognised / self.enrolled if self.enrolled else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.recognised / (self.reported + self.enrolled) if self.recognised else 0.0

    @property
    def recognised_percent(self) -> float:
        """Taught occurrences reported with the right label, in percent; 0 where there were none."""
        return 100 * self.recall

    @property
    def accepted_percent(self) -> float:
        """Untaught occurrences that were accepted, in percent; 0 where there were none."""
        return 100 * self.accepted / self.unknown_classes if self.unknown_classes else 0.0

    @property
    def false_alarms_per_hour(self) -> float:
        """Known actions reported in an hour in which nothing is done; 0 without such time."""
        return self.false_alarms / self.idle_hours if self.idle_hours else 0.0

    @property
    def delay(self) -> float | None:
        """Mean of the delays; None where there are none."""
        return float(np.mean(self.delays)) if self.delays else None

    def delay_quantile(self, share: float) -> float | None:
        """The delay that this share of the recognised occurrences does not exceed."""
        return float(np.quantile(self.delays, share)) if self.delays else None

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON knows them; the delays as mean, median and 95th percentile."""
        counted = asdict(self)
        del counted["delays"]
        return {
            **counted,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "recognised_percent": self.recognised_percent,
            "accepted_percent": self.accepted_percent,
            "false_alarms_per_hour": self.false_alarms_per_hour,
            "delay": self.delay,
            "delay_p50": self.delay_quantile(0.5),
            "delay_p95": self.delay_quantile(0.95),
        }


def together(figures: Sequence[StreamFigures]) -> StreamFigures:
    """The figures of several streams as if they were one; all of the same ``iou``.

    Args:
        figures: at least one.
    """
    return StreamFigures(
        enrolled=sum(one.enrolled for one in figures),
        recognised=sum(one.recognised for one in figures),
        mislabelled=sum(one.mislabelled for one in figures),
        unknown_classes=sum(one.unknown_classes for one in figures),
        accepted=sum(one.accepted for one in figures),
        false_alarms=sum(one.false_alarms for one in figures),
        reported=sum(one.reported for one in figures),
        hours=sum(one.hours for one in figures),
        idle_hours=sum(one.idle_hours for one in figures),
        delays=tuple(delay for one in figures for delay in one.delays),
        iou=figures[0].iou,
    )
