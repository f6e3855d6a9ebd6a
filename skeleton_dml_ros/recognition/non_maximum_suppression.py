# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One event for one action, where overlapping windows decide on it several times."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.event import Recognition, Verdict


@dataclass(frozen=True, eq=False)
class Decision:
    """A decision on a clip, with what it was made from.

    Attributes:
        recognition: what will be said.
        embedding: (dimension,) of the clip; None where too little was seen.
        withheld: whether it must not be reported as unknown.
    """

    recognition: Recognition
    embedding: NDArray[np.float32] | None
    withheld: bool = False


class TemporalNonMaximumSuppression:
    """Of overlapping decisions on one person, lets the best one through.

    The best is the known one with the lowest score; among unknown ones, the nearest to being
    known.  It comes out when a decision follows that does not overlap it, or when none can follow
    any more.
    """

    def __init__(self) -> None:
        self._pending: dict[tuple[str, tuple[str, ...]], Decision] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def take(self, decision: Decision) -> Decision | None:
        """Take a decision; returns an earlier one that is final now, if there is one."""
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
        """Decisions that nothing can overlap any more, in order of their ends.

        Args:
            input_name: whose people.
            before_ns: begin of the earliest window that may yet come; all clips that closed
                earlier have been taken.
        """
        final = [
            who
            for who, held in self._pending.items()
            if held.recognition.input_name == input_name and held.recognition.end_ns < before_ns
        ]
        return self._pop(final)

    def release_all(self, input_name: str | None = None) -> list[Decision]:
        """All that is held of an input, or of all of them, in order of their ends."""
        return self._pop(
            [who for who in self._pending if input_name is None or who[0] == input_name]
        )

    def _pop(self, final: list[tuple[str, tuple[str, ...]]]) -> list[Decision]:
        final.sort(key=lambda who: (self._pending[who].recognition.end_ns, who))
        return [self._pending.pop(who) for who in final]


class OpenEnds:
    """Ends of clips whose decisions may still be held, so that time is told only where it matters.

    Each input has its own time.
    """

    def __init__(self) -> None:
        self._ends: dict[str, deque[int]] = {}

    def add(self, input_name: str, end_ns: int) -> None:
        """A clip has closed; of one input they come in order of their ends."""
        self._ends.setdefault(input_name, deque()).append(end_ns)

    def passed(self, before_ns: int, input_name: str) -> bool:
        """Whether a clip of the input ended before this time; each counts once."""
        ends = self._ends.get(input_name)
        if not ends or ends[0] >= before_ns:
            return False
        while ends and ends[0] < before_ns:
            ends.popleft()
        if not ends:
            del self._ends[input_name]
        return True

    def clear(self, input_name: str | None = None) -> None:
        """Nothing of an input is held any more, or of any of them."""
        if input_name is None:
            self._ends.clear()
        else:
            self._ends.pop(input_name, None)


_ORDER = (Verdict.KNOWN, Verdict.UNKNOWN, Verdict.NO_REFERENCES, Verdict.POORLY_SEEN)


def _rank(recognition: Recognition) -> tuple[int, float]:
    return _ORDER.index(recognition.verdict), recognition.score
