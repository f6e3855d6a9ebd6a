# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Time in tests: waiting for what another thread or process does, and sending at a rate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Thing = TypeVar("Thing")

PATIENCE = 60.0
"""Maximum wait in seconds, enough for a slow machine."""


def wait_until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for a condition; the test fails after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def paced(things: Iterable[Thing], rate: float) -> Iterator[Thing]:
    """One thing after the other, at a rate in Hz."""
    begin = time.monotonic()
    for count, thing in enumerate(things):
        time.sleep(max(0.0, begin + count / rate - time.monotonic()))
        yield thing
