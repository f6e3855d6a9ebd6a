"""One event for one action, where overlapping windows decide on it several times."""

from __future__ import annotations

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
    """

    recognition: Recognition
    embedding: NDArray[np.float32] | None


class RepeatSuppression:
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
        who = (recognition.input, recognition.person_ids)
        pending = self._pending.get(who)
        if pending is None or recognition.start_ns > pending.recognition.end_ns:
            self._pending[who] = decision
            return pending
        if _rank(recognition) < _rank(pending.recognition):
            self._pending[who] = decision
        return None

    def release(self, stamp_ns: int, window_ns: int) -> list[Decision]:
        """Decisions that nothing can overlap any more at this time, in order of their ends.

        Args:
            stamp_ns: message time now; all clips that closed earlier have been taken.
            window_ns: length of a window.
        """
        final = [
            who
            for who, held in self._pending.items()
            if held.recognition.end_ns + window_ns < stamp_ns
        ]
        return self._pop(final)

    def release_all(self) -> list[Decision]:
        """All that is held, in order of their ends."""
        return self._pop(list(self._pending))

    def _pop(self, final: list[tuple[str, tuple[str, ...]]]) -> list[Decision]:
        final.sort(key=lambda who: (self._pending[who].recognition.end_ns, who))
        return [self._pending.pop(who) for who in final]


_ORDER = (Verdict.KNOWN, Verdict.UNKNOWN, Verdict.NO_REFERENCES, Verdict.POORLY_SEEN)


def _rank(recognition: Recognition) -> tuple[int, float]:
    return _ORDER.index(recognition.verdict), recognition.score
