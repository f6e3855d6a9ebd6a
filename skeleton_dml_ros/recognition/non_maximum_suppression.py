# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Temporal non-maximum suppression: one event per action, although windows overlap."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.event import Recognition, Verdict


@dataclass(frozen=True, eq=False)
class Decision:
    """A decision on a clip.

    Attributes:
        recognition: the event.
        embedding: (dimension,) of the clip; None if too few joints were seen.
        withheld: whether it must not be reported as unknown.
    """

    recognition: Recognition
    embedding: NDArray[np.float32] | None
    withheld: bool = False


class TemporalNonMaximumSuppression:
    """Keeps the best of overlapping decisions on the same people.

    Known decisions are better than unknown ones, then lower scores are better.  A decision is final
    when the next one does not overlap it, or when no further one can.
    """

    def __init__(self) -> None:
        self._pending: dict[tuple[str, tuple[str, ...]], Decision] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def take(self, decision: Decision) -> Decision | None:
        """Take a decision; returns the previous one if it is now final."""
        recognition = decision.recognition
        who = (recognition.input_name, recognition.person_ids)
        pending = self._pending.get(who)
        if pending is None or recognition.start_ns > pending.recognition.end_ns:
            self._pending[who] = decision
            return pending
        if _rank(recognition) < _rank(pending.recognition):
            self._pending[who] = decision
        return None

    def release(self, input_name: str, before_ns: int) -> list[Decision]:
        """Remove and return the finalised decisions of an input, in the order of their ends.

        Args:
            input_name: the input.
            before_ns: start of the earliest window that may still come; all clips that closed
                earlier have been taken.
        """
        final = [
            who
            for who, held in self._pending.items()
            if held.recognition.input_name == input_name and held.recognition.end_ns < before_ns
        ]
        return self._pop(final)

    def release_all(self, input_name: str | None = None) -> list[Decision]:
        """Remove and return all decisions of an input, or of all inputs, in the order of their ends."""
        return self._pop(
            [who for who in self._pending if input_name is None or who[0] == input_name]
        )

    def _pop(self, final: list[tuple[str, tuple[str, ...]]]) -> list[Decision]:
        final.sort(key=lambda who: (self._pending[who].recognition.end_ns, who))
        return [self._pending.pop(who) for who in final]


class OpenEnds:
    """Ends of the clips of each input whose decisions may be pending."""

    def __init__(self) -> None:
        self._ends: dict[str, deque[int]] = {}

    def add(self, input_name: str, end_ns: int) -> None:
        """Add a closed clip; the clips of one input come in the order of their ends."""
        self._ends.setdefault(input_name, deque()).append(end_ns)

    def passed(self, before_ns: int, input_name: str) -> bool:
        """Remove the clips of an input that ended before this time; returns whether there were any."""
        ends = self._ends.get(input_name)
        if not ends or ends[0] >= before_ns:
            return False
        while ends and ends[0] < before_ns:
            ends.popleft()
        if not ends:
            del self._ends[input_name]
        return True

    def clear(self, input_name: str | None = None) -> None:
        """Remove all clips of an input, or of all inputs."""
        if input_name is None:
            self._ends.clear()
        else:
            self._ends.pop(input_name, None)


_ORDER = (Verdict.KNOWN, Verdict.UNKNOWN, Verdict.NO_REFERENCES, Verdict.POORLY_SEEN)


def _rank(recognition: Recognition) -> tuple[int, float]:
    return _ORDER.index(recognition.verdict), -recognition.confidence
