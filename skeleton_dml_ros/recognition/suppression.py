"""One event for one action, where overlapping windows decide on it several times."""

from __future__ import annotations

from skeleton_dml_ros.recognition.event import Recognition, Verdict


class RepeatSuppression:
    """Of overlapping decisions on one person, lets the best one through.

    The best is the known one with the lowest score; among unknown ones, the first.  It comes out
    when a decision follows that no longer overlaps it, or when the person's stream ends.
    """

    def __init__(self) -> None:
        self._pending: dict[tuple[str, tuple[str, ...]], Recognition] = {}

    def take(self, recognition: Recognition) -> Recognition | None:
        """Take a decision; returns an earlier one that is final now, if there is one."""
        who = (recognition.input, recognition.person_ids)
        pending = self._pending.get(who)
        if pending is None or recognition.start_ns > pending.end_ns:
            self._pending[who] = recognition
            return pending
        if _rank(recognition) < _rank(pending):
            self._pending[who] = recognition
        return None

    def release(self, stamp_ns: int, longest_ns: int) -> list[Recognition]:
        """Decisions that nothing can overlap any more at this time.

        Args:
            stamp_ns: message time now.
            longest_ns: length of a window.
        """
        final = [who for who, held in self._pending.items() if held.end_ns + longest_ns < stamp_ns]
        return [self._pending.pop(who) for who in final]

    def release_all(self) -> list[Recognition]:
        """All that is held."""
        held = list(self._pending.values())
        self._pending.clear()
        return held


def _rank(recognition: Recognition) -> tuple[int, float]:
    order = [Verdict.KNOWN, Verdict.UNKNOWN, Verdict.NO_REFERENCES, Verdict.POORLY_SEEN]
    return order.index(recognition.verdict), recognition.score
