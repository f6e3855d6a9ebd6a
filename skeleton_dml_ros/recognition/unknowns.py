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
    seen: int = 1


class UnknownMemory:
    """Remembers what was asked about, so that the same is asked once.

    Args:
        settings: quality, rate, and what counts as the same.
    """

    def __init__(self, settings: Unknowns) -> None:
        self.settings = settings
        self._asked: deque[_Asked] = deque()
        self._last_question_ns: int | None = None

    def consider(
        self, embedding: NDArray[np.float32], quality: float, stamp_ns: int
    ) -> tuple[bool, int]:
        """Whether to report an unknown action, and how often the same one was seen before.

        An action that comes too soon after the last question is not reported and not remembered,
        so it is the next time.

        Args:
            embedding: (dimension,) unit vector.
            quality: share of joints really seen.
            stamp_ns: message time; where it runs backwards, everything is forgotten.
        """
        settings = self.settings
        if self._last_question_ns is not None and stamp_ns < self._last_question_ns:
            self.forget()
        memory = round(settings.memory * NANOSECONDS_PER_SECOND)
        while self._asked and (
            len(self._asked) > settings.remembered or self._asked[0].stamp_ns < stamp_ns - memory
        ):
            self._asked.popleft()
        for asked in self._asked:
            if float(np.linalg.norm(asked.embedding - embedding)) <= settings.same_distance:
                asked.seen += 1
                return False, asked.seen - 1
        if quality < settings.quality:
            return False, 0
        interval = round(settings.interval * NANOSECONDS_PER_SECOND)
        if self._last_question_ns is not None and stamp_ns - self._last_question_ns < interval:
            return False, 0
        self._last_question_ns = stamp_ns
        self._asked.append(_Asked(embedding, stamp_ns))
        return True, 0

    def forget(self) -> None:
        """Forget everything; whatever comes is new."""
        self._asked.clear()
        self._last_question_ns = None
