# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which unknown actions are worth a question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.settings import Unknowns
from skeleton_dml_ros.skeleton.sequence import nanoseconds


@dataclass(eq=False)
class _Remembered:
    """An unknown action that was seen.

    Attributes:
        embedding: (dimension,) of the first time.
        input_name: who saw it then.
        stamp_ns: when it was asked about, or seen for the first time.
        repetitions: how often it was seen again.
        asked: whether it was asked about.
    """

    embedding: NDArray[np.float32]
    input_name: str
    stamp_ns: int
    repetitions: int = 0
    asked: bool = False


class UnknownMemory:
    """Remembers what was asked about, so that the same is asked once.

    Where an action must have been seen several times before it is asked about, it also remembers
    what was seen.

    Args:
        settings: quality, rate, and what counts as the same; may be replaced at any time.
    """

    def __init__(self, settings: Unknowns) -> None:
        self.settings = settings
        self._remembered: list[_Remembered] = []
        # Who asked the last question, and when.
        self._last_question: tuple[str, int] | None = None

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

        An action that is not reported because it was poorly seen, or comes too soon after the last
        question, will be worth a question the next time.  It is remembered only where the number
        of times counts.

        Args:
            embedding: (dimension,) unit vector.
            visibility: share of joints really seen.
            stamp_ns: message time of the input.
            input_name: whose clock that is; what another one saw does not grow old by it.
            withheld: do not report it, whatever it is, and remember nothing new.
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
            self._make_room()
        if report and same is not None:
            self._last_question = (input_name, stamp_ns)
            same.asked, same.input_name, same.stamp_ns = True, input_name, stamp_ns
        return report, repetitions

    def forget(self, input_name: str) -> None:
        """Forget what an input saw; unless another one saw it too, it is new when it comes."""
        self._remembered = [one for one in self._remembered if one.input_name != input_name]
        if self._last_question is not None and self._last_question[0] == input_name:
            self._last_question = None

    def _same(self, embedding: NDArray[np.float32]) -> _Remembered | None:
        for one in self._remembered:
            if float(np.linalg.norm(one.embedding - embedding)) <= self.settings.same_distance:
                return one
        return None

    def _is_too_soon(self, stamp_ns: int) -> bool:
        if self._last_question is None:
            return False
        # Of an input whose clock is another one, nothing is known about how long ago it was.
        return abs(stamp_ns - self._last_question[1]) < nanoseconds(self.settings.interval)

    def _expire(self, oldest_ns: int, input_name: str) -> None:
        self._remembered = [
            one
            for one in self._remembered
            if one.input_name != input_name or one.stamp_ns >= oldest_ns
        ]
        self._make_room()

    def _make_room(self) -> None:
        """Forget the oldest where there are too many, before others what was not asked about."""
        while len(self._remembered) > self.settings.max_remembered:
            earlier = self._remembered[:-1]
            first = next((one for one in earlier if not one.asked), self._remembered[0])
            self._remembered.remove(first)
