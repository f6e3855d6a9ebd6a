"""Which unknown actions are worth a question."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.settings import Unknowns
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND


@dataclass
class _Asked:
    """An unknown action that was asked about."""

    embedding: NDArray[np.float32]
    stamp_ns: int
    repetitions: int = 0


class UnknownMemory:
    """Remembers what was asked about, so that the same is asked once.

    Args:
        settings: quality, rate, and what counts as the same; may be replaced at any time.
    """

    def __init__(self, settings: Unknowns) -> None:
        self.settings = settings
        self._asked: deque[_Asked] = deque()
        self._last_question_ns: int | None = None

    def __len__(self) -> int:
        return len(self._asked)

    def consider(
        self, embedding: NDArray[np.float32], quality: float, stamp_ns: int
    ) -> tuple[bool, int]:
        """Whether to report an unknown action, and how often the same one was seen before.

        An action that is not reported because it was poorly seen, or comes too soon after the last
        question, is not remembered: it will be worth a question the next time.

        Args:
            embedding: (dimension,) unit vector.
            quality: share of joints really seen.
            stamp_ns: message time; that of several inputs may go back and forth a little.
        """
        settings = self.settings
        self._expire(stamp_ns - _ns(settings.memory))
        for asked in self._asked:
            if float(np.linalg.norm(asked.embedding - embedding)) <= settings.same_distance:
                asked.repetitions += 1
                return False, asked.repetitions
        if quality < settings.quality or self._is_too_soon(stamp_ns):
            return False, 0
        self._last_question_ns = stamp_ns
        self._asked.append(_Asked(embedding.copy(), stamp_ns))
        if len(self._asked) > settings.remembered:
            self._asked.popleft()
        return True, 0

    def forget(self) -> None:
        """Forget everything; whatever comes is new."""
        self._asked.clear()
        self._last_question_ns = None

    def _is_too_soon(self, stamp_ns: int) -> bool:
        if self._last_question_ns is None:
            return False
        # Of an input whose clock is another one, nothing is known about how long ago it was.
        return abs(stamp_ns - self._last_question_ns) < _ns(self.settings.interval)

    def _expire(self, oldest_ns: int) -> None:
        while self._asked and self._asked[0].stamp_ns < oldest_ns:
            self._asked.popleft()
        while len(self._asked) > self.settings.remembered:
            self._asked.popleft()


def _ns(seconds: float) -> int:
    return round(seconds * NANOSECONDS_PER_SECOND)
