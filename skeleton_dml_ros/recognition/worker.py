# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Embedding takes milliseconds and frames keep coming: a thread of its own, and a bounded queue."""

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
"""How often a worker without work looks whether there is something else to do."""

CLOSING_SECONDS = 5.0
"""How long closing waits for the batch in hand.  A thread that is stuck for longer in a library
cannot be ended; it does not keep the process alive."""


class Worker(Generic[Item]):
    """Processes items in a thread and in their order, several at once where several wait.

    An exception costs the batch in hand and nothing else.  A thread that dies all the same (code
    that it runs may raise ``SystemExit``) is noticed by the next :meth:`put`, which starts another.

    Args:
        process: what is done with a batch.
        dropped: told of each item that gave way to a newer one, failed, or was left at the end.
        waiting: how many items may wait; may be changed.
        batch: how many are processed at once; may be changed.
        counts: whether an item counts as waiting and may be dropped; others come through in any
            case.
        supersedes: whether an item, the first, makes the one before it in the queue superfluous.
        idle: called after each batch and every second without one.
    """

    def __init__(
        self,
        process: Callable[[Sequence[Item]], None],
        dropped: Callable[[Item, str], None],
        waiting: int,
        batch: int,
        counts: Callable[[Item], bool] = lambda item: True,
        supersedes: Callable[[Item, Item], bool] = lambda item, before: False,
        idle: Callable[[], object] = lambda: None,
    ) -> None:
        self.waiting, self.batch = waiting, batch
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
        """Items that wait."""
        return self._length

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def put(self, item: Item) -> None:
        """Hand over an item; never waits.  Where too many wait, the oldest gives way."""
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
                else f"more than {self.waiting} clips wait for their embedding"
            )
        for dropped in gone:
            self._dropped(dropped, reason)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until nothing waits any more; whether that came true in time."""
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
        """Finish the batch in hand, drop what waits, end the thread."""
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
        """Put an item into the queue; returns those that have to give way."""
        gone: list[Item] = []
        if self._counts(item):
            while self._length >= self.waiting:
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
        """The next items in order, up to a batch of those that count; the lock is held."""
        items: list[Item] = []
        taken = 0
        while self._queue:
            counts = self._counts(self._queue[0])
            if counts and taken == self.batch:
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
                logger.exception("what is done between batches failed")
