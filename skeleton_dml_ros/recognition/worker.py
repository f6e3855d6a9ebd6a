"""Embedding takes milliseconds and frames keep coming: a thread of its own, and a bounded queue."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

IDLE_SECONDS = 1.0
"""How often an idle worker looks whether there is something else to do."""


class Worker(Generic[Item]):
    """Processes items in a thread, several at once where several wait.

    Args:
        process: what is done with a batch; after an exception the worker goes on.
        dropped: told of each item that gave way to a newer one, failed, or was left at the end.
        waiting: how many items may wait.
        batch: how many are processed at once.
        idle: called between batches and every second without one.
    """

    def __init__(
        self,
        process: Callable[[Sequence[Item]], None],
        dropped: Callable[[Item, str], None],
        waiting: int,
        batch: int,
        idle: Callable[[], None],
    ) -> None:
        self._process, self._dropped, self._idle = process, dropped, idle
        self.waiting, self.batch = waiting, batch
        self._queue: deque[Item] = deque()
        self._condition = threading.Condition()
        self._busy = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="embedding", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """Items that wait."""
        return len(self._queue)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def put(self, item: Item) -> None:
        """Hand over an item; never waits.  Where too many wait, the oldest gives way."""
        oldest: Item | None = None
        with self._condition:
            if len(self._queue) >= self.waiting:
                oldest = self._queue.popleft()
            self._queue.append(item)
            self._condition.notify()
        if oldest is not None:
            self._dropped(oldest, f"more than {self.waiting} clips wait for their embedding")

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until nothing waits any more; whether that came true in time."""
        with self._condition:
            return self._condition.wait_for(
                lambda: (not self._queue and not self._busy) or not self.alive, timeout
            )

    def close(self, timeout: float = 5.0) -> None:
        """Finish the batch in hand, drop what waits, end the thread."""
        with self._condition:
            self._closed = True
            left = list(self._queue)
            self._queue.clear()
            self._condition.notify_all()
        for item in left:
            self._dropped(item, "the recogniser was closed")
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._queue or self._closed, IDLE_SECONDS)
                if self._closed:
                    return
                count = min(self.batch, len(self._queue))
                items = [self._queue.popleft() for _ in range(count)]
                self._busy = bool(items)
            try:
                if items:
                    self._process(items)
                self._idle()
            except Exception as error:
                logger.exception("a batch of %d clips failed; going on with the next", len(items))
                for item in items:
                    self._dropped(item, f"its embedding failed: {error}")
            finally:
                with self._condition:
                    self._busy = False
                    self._condition.notify_all()
