# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A thread that reads samples one at a time.

It waits on a wait set: callbacks in Cyclone's threads would run Python while Cyclone holds its locks.
"""

from __future__ import annotations

import threading
import time
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
from skeleton_dml_ros.node.throttled_log import ThrottledLog

WAKE_NS = 1_000_000_000
"""Maximum sleep; events wake the thread at once."""

BATCH = 32
"""Maximum number of samples read at once."""

LAST_SECONDS = 2.0
"""Seconds for which a callback may continue after closing."""

Take = Callable[[bytes, Any], None]
"""Called with the bytes and the sample info of each sample."""


class ReaderThread:
    """Reads samples of several readers in one thread.

    Args:
        wire: the participant.
        name: name of the thread.
    """

    def __init__(self, wire: Wire, name: str) -> None:
        self._wire = wire
        self._log = ThrottledLog()
        self._waitset = WaitSet(wire.participant)
        self._wake = GuardCondition(wire.participant)
        self._waitset.attach(self._wake)
        self._readers: dict[Any, tuple[Any, Take]] = {}
        self._changing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def add(self, reader: Any, take: Take) -> None:
        """Start reading a reader's samples."""
        every = SampleState.Any | ViewState.Any | InstanceState.Any
        condition = ReadCondition(reader, every)
        with self._changing:
            self._readers[reader] = (condition, take)
            self._waitset.attach(condition)

    def remove(self, reader: Any) -> None:
        """Stop reading a reader's samples; a running callback may still finish."""
        with self._changing:
            condition, _ = self._readers.pop(reader, (None, None))
            if condition is not None and not self._wire.closed:
                self._waitset.detach(condition)
                delete(condition)

    def close(self) -> None:
        """Stop the thread."""
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
            # The participant may have been closed during a long callback.
            if not self._wire.closed:
                raise

    def _take(self, reader: Any) -> None:
        try:
            samples = reader.take(BATCH)
        except DDSException as error:
            if reader in self._readers:
                self._log.warn(
                    time.monotonic(),
                    f"read {reader.topic.name}",
                    f"cannot read {reader.topic.name}: {error}",
                )
            return
        for sample in samples:
            _, take = self._readers.get(reader, (None, None))
            # A leaving writer causes an invalid sample.
            if take is None or not isinstance(sample, Raw):
                continue
            try:
                take(sample.content, sample.sample_info)
            except Exception as error:
                self._log.warn(
                    time.monotonic(),
                    f"handle {reader.topic.name}",
                    f"failed to handle a message on {reader.topic.name}",
                    error,
                )
