# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The thread in which samples are taken, one after the other.

It waits where Cyclone DDS lets it wait.  Called back by Cyclone's own threads, Python would be held
up inside of Cyclone's locks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from cyclonedds.core import (
    DDSException,
    GuardCondition,
    InstanceState,
    ReadCondition,
    SampleState,
    ViewState,
    WaitSet,
)

from skeleton_dml_ros.dds.wire import Raw, Wire, delete

logger = logging.getLogger(__name__)

WAKE_NS = 1_000_000_000
"""How long the thread sleeps at most; whatever happens wakes it at once."""

AT_ONCE = 32
"""Samples that are taken at one go."""

LAST_SECONDS = 2.0
"""Seconds for which a callback may go on after the end."""

Take = Callable[[bytes, Any], None]
"""Told of each sample: its bytes, and what DDS says about it."""


class ReaderThread:
    """Takes what readers receive.

    Args:
        wire: whose readers.
        name: of the thread.
    """

    def __init__(self, wire: Wire, name: str) -> None:
        self._wire = wire
        self._waitset = WaitSet(wire.participant)
        self._wake = GuardCondition(wire.participant)
        self._waitset.attach(self._wake)
        self._readers: dict[Any, tuple[Any, Take]] = {}
        self._changing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def add(self, reader: Any, take: Take) -> None:
        """From now on tell of a reader's samples."""
        every = SampleState.Any | ViewState.Any | InstanceState.Any
        condition = ReadCondition(reader, every)
        with self._changing:
            self._readers[reader] = (condition, take)
            self._waitset.attach(condition)

    def remove(self, reader: Any) -> None:
        """Tell of no more samples; the one that is just being told of is finished elsewhere."""
        with self._changing:
            condition, _ = self._readers.pop(reader, (None, None))
            if condition is not None and not self._wire.closed:
                self._waitset.detach(condition)
                delete(condition)

    def close(self) -> None:
        """End the thread."""
        with self._changing:
            self._readers.clear()
        self._wake.set(True)
        if threading.current_thread() is not self._thread:
            self._thread.join(LAST_SECONDS)

    def _run(self) -> None:
        try:
            while not self._wake.read():
                self._waitset.wait(WAKE_NS)
                with self._changing:
                    readers = list(self._readers)
                for reader in readers:
                    self._take(reader)
        except DDSException:
            # A callback went on for so long that the network is gone.
            if not self._wire.closed:
                raise

    def _take(self, reader: Any) -> None:
        try:
            samples = reader.take(AT_ONCE)
        except DDSException as error:
            if reader in self._readers:
                logger.error("%s cannot be read: %s", reader.topic.name, error)
            return
        for sample in samples:
            _, take = self._readers.get(reader, (None, None))
            # A writer that leaves is told of by a sample that is none.
            if take is None or not isinstance(sample, Raw):
                continue
            try:
                take(sample.content, sample.sample_info)
            except Exception:
                logger.exception("a message on %s could not be handled", reader.topic.name)
