# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A worker thread with a bounded queue, so that frames need not wait for embeddings."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

IDLE_SECONDS = 1.0
"""Interval of ``idle`` calls without work."""

CLOSING_SECONDS = 5.0
"""Maximum wait for the current batch on closing.  A thread stuck in a library cannot be stopped, but
does not keep the process alive."""


class Worker(Generic[Item]):
    """Processes items in a thread, in order and in batches.

    An exception drops only the current batch.  If the thread dies (its code may raise
    ``SystemExit``), the next :meth:`put` starts another.

    Args:
        process: processes a batch.
        dropped: called with each item that was not processed and the reason.
        queue_size: maximum number of waiting items; may be changed.
        batch_size: maximum number of items in a batch; may be changed.
        counts: whether an item counts as waiting and may be dropped; others are always processed.
        supersedes: whether an item (first argument) replaces the one before it in the queue.
        idle: called after each batch, and every second without one.
    """

    def __init__(
        self,
        process: Callable[[Sequence[Item]], None],
        dropped: Callable[[Item, str], None],
        queue_size: int,
        batch_size: int,
        counts: Callable[[Item], bool] = lambda item: True,
        supersedes: Callable[[Item, Item], bool] = lambda item, before: False,
        idle: Callable[[], object] = lambda: None,
    ) -> None:
        self.queue_size, self.batch_size = queue_size, batch_size
        self.restarts = 0
        self._process, self._dropped, self._idle = process, dropped, idle
        self._counts, self._supersedes = counts, supersedes
        self._queue: deque[Item] = deque()
        self._length = 0
        self._condition = threading.Condition()
        self._busy = False
        self._closed = False
        self._thread = self._start()

    def __len__(self) -> int:
        """Number of waiting items."""
        return self._length

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def put(self, item: Item) -> None:
        """Add an item without waiting; drops the oldest if the queue is full."""
        gone: list[Item] = []
        with self._condition:
            if self._closed:
                gone.append(item)
            else:
                self._revive()
                gone += self._append(item)
                self._condition.notify()
            reason = (
                "the recogniser was closed"
                if self._closed
                else f"more than {self.queue_size} clips wait for their embedding"
            )
        for dropped in gone:
            self._dropped(dropped, reason)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until the queue is empty; returns False after the timeout."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._condition:
            while self._queue or self._busy:
                if not self._closed:
                    self._revive()
                elif not self.alive:
                    break
                remaining = IDLE_SECONDS if deadline is None else deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._condition.wait(min(remaining, IDLE_SECONDS))
            return True

    def close(self, timeout: float = CLOSING_SECONDS) -> None:
        """Finish the current batch, drop waiting items and end the thread."""
        with self._condition:
            self._closed = True
            left = [item for item in self._queue if self._counts(item)]
            self._queue.clear()
            self._length = 0
            self._condition.notify_all()
        for item in left:
            self._dropped(item, "the recogniser was closed")
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)
            if self._thread.is_alive():
                logger.warning("the embedding of a batch did not end within %g s", timeout)

    def _append(self, item: Item) -> list[Item]:
        """Append an item to the queue; returns dropped items."""
        gone: list[Item] = []
        if self._counts(item):
            while self._length >= self.queue_size:
                oldest = next(one for one in self._queue if self._counts(one))
                self._queue.remove(oldest)
                self._length -= 1
                gone.append(oldest)
            self._length += 1
        elif self._queue and self._supersedes(item, self._queue[-1]):
            self._queue.pop()
        self._queue.append(item)
        return gone

    def _start(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="embedding", daemon=True)
        thread.start()
        return thread

    def _revive(self) -> None:
        if not self._thread.is_alive():
            logger.error("the embedding thread had died; starting another")
            self.restarts += 1
            self._thread = self._start()

    def _take(self) -> list[Item]:
        """Remove and return the next batch; the caller holds the lock."""
        items: list[Item] = []
        taken = 0
        while self._queue:
            counts = self._counts(self._queue[0])
            if counts and taken == self.batch_size:
                break
            taken += counts
            items.append(self._queue.popleft())
        self._length -= taken
        return items

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._queue or self._closed, IDLE_SECONDS)
                if self._closed:
                    return
                items = self._take()
                self._busy = bool(items)
            try:
                if items:
                    self._process(items)
            except BaseException as error:
                logger.exception("a batch of %d clips failed", len(items))
                for item in items:
                    if self._counts(item):
                        self._dropped(item, f"its embedding failed: {error!r}")
                if not isinstance(error, Exception):
                    raise
            finally:
                with self._condition:
                    self._busy = False
                    self._condition.notify_all()
            try:
                self._idle()
            except Exception:
                logger.exception("the idle callback failed")
