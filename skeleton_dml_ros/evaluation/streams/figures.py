# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Figures of one stream, or of several pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class StreamFigures:
    """How well a stream was recognised.

    Attributes:
        enrolled: occurrences of enrolled actions.
        recognised: those of them reported with the right label.
        mislabelled: those of them reported with a wrong label.
        unknown: occurrences of actions that were not enrolled.
        accepted: those of them reported as a known action.
        false_alarms: known actions reported while people were idle.
        reported: reports of known actions, right or wrong.
        hours: length of the stream.
        idle_hours: hours of it without an action.
        delays: seconds from an action's end to its report, for each recognised occurrence whose
            report time is known.
        iou: minimum temporal intersection over union of a right report.
    """

    enrolled: int
    recognised: int
    mislabelled: int
    unknown: int
    accepted: int
    false_alarms: int
    reported: int
    hours: float
    idle_hours: float
    delays: tuple[float, ...]
    iou: float

    @property
    def precision(self) -> float:
        """Recognised occurrences as a share of all reports of known actions."""
        return self.recognised / self.reported if self.reported else 0.0

    @property
    def recall(self) -> float:
        """Recognised occurrences as a share of the enrolled ones."""
        return self.recognised / self.enrolled if self.enrolled else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.recognised / (self.reported + self.enrolled) if self.recognised else 0.0

    @property
    def recognised_percent(self) -> float:
        """Recall in percent."""
        return 100 * self.recall

    @property
    def accepted_percent(self) -> float:
        """Unknown occurrences accepted, in percent; 0 without any."""
        return 100 * self.accepted / self.unknown if self.unknown else 0.0

    @property
    def false_alarms_per_hour(self) -> float:
        """False alarms per idle hour; 0 without idle time."""
        return self.false_alarms / self.idle_hours if self.idle_hours else 0.0

    @property
    def delay(self) -> float | None:
        """Mean delay in seconds; None without delays."""
        return float(np.mean(self.delays)) if self.delays else None

    def delay_quantile(self, share: float) -> float | None:
        """The delay that this share of the recognised occurrences does not exceed, seconds."""
        return float(np.quantile(self.delays, share)) if self.delays else None

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values; delays as mean, median and 95th percentile."""
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


def pooled(figures: Sequence[StreamFigures]) -> StreamFigures:
    """Figures of at least one stream, all with the same ``iou``, as if they were one stream."""
    return StreamFigures(
        enrolled=sum(one.enrolled for one in figures),
        recognised=sum(one.recognised for one in figures),
        mislabelled=sum(one.mislabelled for one in figures),
        unknown=sum(one.unknown for one in figures),
        accepted=sum(one.accepted for one in figures),
        false_alarms=sum(one.false_alarms for one in figures),
        reported=sum(one.reported for one in figures),
        hours=sum(one.hours for one in figures),
        idle_hours=sum(one.idle_hours for one in figures),
        delays=tuple(delay for one in figures for delay in one.delays),
        iou=figures[0].iou,
    )
