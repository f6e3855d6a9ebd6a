# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a recogniser can tell about itself, for diagnostics."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """Where a recogniser stands.

    Attributes:
        people: how many are there now.
        waiting: clips that wait for their embedding.
        counts: how often what has happened, by name.
        embedding_seconds: of the latest batch, by the wall clock.
        alive: whether the worker runs; true where there is none.
    """

    people: int
    waiting: int
    counts: dict[str, int]
    embedding_seconds: float
    alive: bool


class Counters:
    """Counts what happens, by name; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, times: int = 1) -> None:
        """It has happened so many times more."""
        with self._lock:
            self._counts[name] += times

    def counts(self) -> dict[str, int]:
        """How often what has happened."""
        with self._lock:
            return dict(self._counts)
