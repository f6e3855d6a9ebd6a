# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from skeleton_dml_ros.dds.request_queue import (
    MAX_BYTES,
    MAX_RUNNING,
    MAX_WAITING,
    MAX_WAITING_BYTES,
    RequestQueue,
)

FLOODER, HONEST = 1, 2


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_a_client_that_floods_is_refused_and_does_not_delay_another(
    pool: ThreadPoolExecutor,
) -> None:
    queue = RequestQueue(pool, 4)
    go_on, answered = threading.Event(), threading.Event()
    taken = [queue.submit(FLOODER, 10, lambda: go_on.wait(20)) for _ in range(1000)]
    assert sum(taken) == MAX_RUNNING + MAX_WAITING
    assert queue.submit(HONEST, 10, answered.set)
    assert answered.wait(2)
    assert not go_on.is_set()
    go_on.set()


def test_waiting_clients_are_served_in_turn() -> None:
    order: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        go_on.wait(20)

    with ThreadPoolExecutor(1) as pool:
        queue = RequestQueue(pool, 1)
        queue.submit(FLOODER, 0, first)
        assert begun.wait(20)
        done = threading.Event()
        for _ in range(5):
            queue.submit(FLOODER, 0, lambda: order.append(FLOODER))
        queue.submit(HONEST, 0, lambda: order.append(HONEST))
        queue.submit(HONEST, 0, done.set)
        go_on.set()
        assert done.wait(20)
    assert order.index(HONEST) <= 1
    assert order.count(FLOODER) == 5


def test_the_size_of_waiting_requests_is_bounded(pool: ThreadPoolExecutor) -> None:
    queue = RequestQueue(pool, 4)
    go_on = threading.Event()
    size = MAX_WAITING_BYTES // 4
    taken = [queue.submit(FLOODER, size, lambda: go_on.wait(20)) for _ in range(20)]
    assert sum(taken) == MAX_RUNNING + 4
    clients = [queue.submit(one, MAX_WAITING_BYTES, lambda: go_on.wait(20)) for one in range(2, 50)]
    # Two more are being handled.
    assert sum(clients) <= MAX_BYTES // MAX_WAITING_BYTES + 2
    assert queue._bytes <= MAX_BYTES
    go_on.set()


def test_a_request_that_fails_does_not_stop_the_queue(pool: ThreadPoolExecutor) -> None:
    queue = RequestQueue(pool, 4)
    answered = threading.Event()

    def fail() -> None:
        raise RuntimeError

    for _ in range(10):
        queue.submit(FLOODER, 0, fail)
    queue.submit(FLOODER, 0, answered.set)
    assert answered.wait(20)


def test_a_queue_whose_pool_is_shut_down_ignores_requests(pool: ThreadPoolExecutor) -> None:
    queue = RequestQueue(pool, 4)
    pool.shutdown()
    queue.submit(HONEST, 0, lambda: None)
