# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Decide which unknown actions to report, so that each is asked about once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.settings import Unknowns
from skeleton_dml_ros.skeleton.sequence import nanoseconds


@dataclass(eq=False)
class _Remembered:
    """An unknown action.

    Attributes:
        embedding: (dimension,) of its first occurrence.
        input_name: the input that saw it.
        stamp_ns: time of its report, or of its first occurrence.
        repetitions: number of further occurrences.
        asked: whether it was reported.
    """

    embedding: NDArray[np.float32]
    input_name: str
    stamp_ns: int
    repetitions: int = 0
    asked: bool = False


class UnknownMemory:
    """Remembers the unknown actions that were reported, or wait for further occurrences.

    Args:
        settings: may be replaced at any time.
    """

    def __init__(self, settings: Unknowns) -> None:
        self.settings = settings
        self._remembered: list[_Remembered] = []
        # Input and time of the last report.
        self._last_report: tuple[str, int] | None = None

    def __len__(self) -> int:
        return len(self._remembered)

    def consider(
        self,
        embedding: NDArray[np.float32],
        visibility: float,
        stamp_ns: int,
        input_name: str = "",
        *,
        withheld: bool = False,
    ) -> tuple[bool, int]:
        """Whether to report an unknown action, and how often the same one was seen before.

        An action that is not reported, because it was poorly seen or followed another report too
        soon, may be reported the next time.

        Args:
            embedding: (dimension,) unit vector.
            visibility: share of the joints in view that were seen.
            stamp_ns: message time of the input.
            input_name: the input; each has its own clock.
            withheld: neither report nor remember it.
        """
        settings = self.settings
        self._expire(stamp_ns - nanoseconds(settings.memory), input_name)
        same = self._same(embedding)
        if same is not None:
            same.repetitions += 1
            if same.asked:
                return False, same.repetitions
        repetitions = 0 if same is None else same.repetitions
        if withheld:
            return False, repetitions
        report = (
            repetitions + 1 >= settings.min_occurrences
            and visibility >= settings.min_visibility
            and not self._is_too_soon(stamp_ns)
        )
        if same is None and (report or settings.min_occurrences > 1):
            same = _Remembered(embedding.copy(), input_name, stamp_ns)
            self._remembered.append(same)
            self._drop_excess()
        if report and same is not None:
            self._last_report = (input_name, stamp_ns)
            same.asked, same.input_name, same.stamp_ns = True, input_name, stamp_ns
        return report, repetitions

    def forget(self, input_name: str) -> None:
        """Forget the actions that an input saw."""
        self._remembered = [one for one in self._remembered if one.input_name != input_name]
        if self._last_report is not None and self._last_report[0] == input_name:
            self._last_report = None

    def _same(self, embedding: NDArray[np.float32]) -> _Remembered | None:
        for one in self._remembered:
            if float(np.linalg.norm(one.embedding - embedding)) <= self.settings.same_distance:
                return one
        return None

    def _is_too_soon(self, stamp_ns: int) -> bool:
        if self._last_report is None:
            return False
        # Inputs may have different clocks; then the difference is arbitrary, and rarely small.
        return abs(stamp_ns - self._last_report[1]) < nanoseconds(self.settings.interval)

    def _expire(self, oldest_ns: int, input_name: str) -> None:
        self._remembered = [
            one
            for one in self._remembered
            if one.input_name != input_name or one.stamp_ns >= oldest_ns
        ]
        self._drop_excess()

    def _drop_excess(self) -> None:
        """Forget the oldest beyond the maximum, those not reported first."""
        while len(self._remembered) > self.settings.max_remembered:
            earlier = self._remembered[:-1]
            first = next((one for one in earlier if not one.asked), self._remembered[0])
            self._remembered.remove(first)
