# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""State and counters of a recogniser, for diagnostics."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """State of a recogniser.

    Attributes:
        people: number of people present.
        waiting: number of clips that wait for their embedding.
        counts: counters by name.
        embedding_seconds: wall time of the latest batch.
        alive: whether the worker runs; also true without a worker.
    """

    people: int
    waiting: int
    counts: dict[str, int]
    embedding_seconds: float
    alive: bool


class Counters:
    """Counters by name; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, times: int = 1) -> None:
        """Increase a counter."""
        with self._lock:
            self._counts[name] += times

    def counts(self) -> dict[str, int]:
        """All counters."""
        with self._lock:
            return dict(self._counts)
