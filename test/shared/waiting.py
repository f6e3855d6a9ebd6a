# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Time in tests: waiting for what another thread or process does, and sending at a rate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Thing = TypeVar("Thing")

PATIENCE = 60.0
"""Seconds after which what is waited for will not come any more, on a slow machine either."""


def wait_until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for a condition; a test that waits in vain has failed."""
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
