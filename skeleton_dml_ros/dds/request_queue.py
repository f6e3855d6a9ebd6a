# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A bounded queue of service requests that serves clients in turn."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress

MAX_WAITING = 16
"""Maximum number of waiting requests of one client."""

MAX_WAITING_BYTES = 32_000_000
"""Maximum size of the waiting requests of one client; a single one may be larger."""

MAX_BYTES = 256_000_000
"""Maximum size of the waiting requests of all clients."""

MAX_RUNNING = 2
"""Maximum number of requests of one client that are handled at the same time."""


class RequestQueue:
    """Hands requests to a thread pool; thread-safe.

    A client that floods the node waits for its own requests, and those of others are handled
    between them.

    Args:
        pool: handles the requests.
        threads: of the pool.
    """

    def __init__(self, pool: Executor, threads: int) -> None:
        self._pool = pool
        self._free = threads
        self._changing = threading.Lock()
        # In the order in which clients are served.
        self._waiting: dict[int, deque[tuple[int, Callable[[], object]]]] = {}
        self._running: Counter[int] = Counter()
        self._bytes = 0

    def submit(self, client: int, size: int, handle: Callable[[], object]) -> bool:
        """Queue a request; returns False if it is refused because too many are waiting.

        Args:
            client: who sent it.
            size: bytes of the request.
            handle: handles it.
        """
        with self._changing:
            waiting = self._waiting.get(client, ())
            own = sum(each for each, _ in waiting)
            if len(waiting) >= MAX_WAITING or (waiting and own + size > MAX_WAITING_BYTES):
                return False
            if self._bytes + size > MAX_BYTES:
                return False
            self._waiting.setdefault(client, deque()).append((size, handle))
            self._bytes += size
            self._dispatch()
        return True

    def _dispatch(self) -> None:
        while self._free:
            client = next((one for one in self._waiting if self._running[one] < MAX_RUNNING), None)
            if client is None:
                return
            waiting = self._waiting.pop(client)
            size, handle = waiting.popleft()
            if waiting:
                self._waiting[client] = waiting
            self._bytes -= size
            self._running[client] += 1
            self._free -= 1
            # The pool is shut down when the node leaves the network.
            with suppress(RuntimeError):
                self._pool.submit(self._run, client, handle)

    def _run(self, client: int, handle: Callable[[], object]) -> None:
        try:
            handle()
        finally:
            with self._changing:
                self._free += 1
                self._running[client] -= 1
                if not self._running[client]:
                    del self._running[client]
                self._dispatch()
