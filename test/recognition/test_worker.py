# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from skeleton_dml_ros.recognition.worker import Worker


class Bench:
    """A worker that can be blocked, and a record of its work."""

    def __init__(self, queue_size: int = 10, batch_size: int = 4) -> None:
        self.go_on = threading.Event()
        self.at_work = threading.Event()
        self.batches: list[list[int]] = []
        self.dropped: list[tuple[int, str]] = []
        self.fails: dict[int, BaseException] = {}
        self.worker: Worker[int] = Worker(
            self._process,
            lambda item, reason: self.dropped.append((item, reason)),
            queue_size,
            batch_size,
            counts=lambda item: item >= 0,
            supersedes=lambda item, before: item < 0 and before < 0,
        )

    def _process(self, items: Sequence[int]) -> None:
        self.at_work.set()
        assert self.go_on.wait(10)
        for item in items:
            if item in self.fails:
                raise self.fails.pop(item)
        self.batches.append(list(items))

    def hold(self, first: int = 0) -> None:
        """Let the worker start with an item and block."""
        self.worker.put(first)
        assert self.at_work.wait(10)

    def finish(self) -> list[int]:
        """All that was processed, in order."""
        self.go_on.set()
        assert self.worker.drain(10)
        return [item for batch in self.batches for item in batch]


def test_waiting_items_are_processed_in_batches_and_in_order() -> None:
    bench = Bench(batch_size=4)
    bench.hold()
    for item in range(1, 8):
        bench.worker.put(item)
    assert len(bench.worker) == 7
    assert bench.finish() == list(range(8))
    assert bench.batches == [[0], [1, 2, 3, 4], [5, 6, 7]]
    bench.worker.close()


def test_the_oldest_item_that_counts_is_dropped() -> None:
    bench = Bench(queue_size=2)
    bench.hold()
    for item in (-1, 1, -2, -3, 2, 3, 4):
        bench.worker.put(item)
    assert [item for item, _ in bench.dropped] == [1, 2]
    assert bench.dropped[0][1] == "more than 2 clips wait for their embedding"
    # Of two that do not count and follow each other, the later one is enough.
    assert bench.finish() == [0, -1, -3, 3, 4]
    bench.worker.close()


def test_only_the_failing_batch_is_dropped() -> None:
    bench = Bench(batch_size=1)
    bench.fails[0] = RuntimeError("out of memory")
    bench.hold()
    bench.worker.put(1)
    assert bench.finish() == [1]
    assert bench.dropped == [(0, "its embedding failed: RuntimeError('out of memory')")]
    assert bench.worker.alive
    bench.worker.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_replaced_and_counted() -> None:
    bench = Bench(batch_size=1)
    bench.fails[0] = SystemExit("some library gave up")
    bench.hold()
    bench.worker.put(1)
    assert bench.finish() == [1]
    assert [item for item, _ in bench.dropped] == [0]
    assert bench.worker.restarts == 1
    bench.worker.close()


def test_closing_drops_waiting_items_and_ends_the_thread() -> None:
    bench = Bench()
    bench.hold()
    bench.worker.put(1)
    bench.worker.put(-1)
    threading.Timer(0.1, bench.go_on.set).start()
    bench.worker.close()
    assert bench.dropped == [(1, "the recogniser was closed")]
    assert bench.batches == [[0]]
    assert not bench.worker.alive
    bench.worker.put(2)
    assert bench.dropped[-1] == (2, "the recogniser was closed")
    assert bench.worker.drain()


def test_closing_does_not_wait_forever_for_a_stuck_batch(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    bench.hold()
    bench.worker.close(timeout=0.05)
    assert "did not end within 0.05 s" in caplog.text
    bench.go_on.set()


def test_draining_returns_false_after_the_timeout() -> None:
    bench = Bench()
    bench.hold()
    assert not bench.worker.drain(0.05)
    bench.finish()
    bench.worker.close()


def test_the_idle_callback_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    failed = threading.Event()

    def idle() -> None:
        failed.set()
        raise OSError("the disk is gone")

    done: list[int] = []
    worker: Worker[int] = Worker(done.extend, lambda item, reason: None, 5, 5, idle=idle)
    worker.put(1)
    assert worker.drain(10)
    assert failed.wait(10)
    worker.put(2)
    assert worker.drain(10)
    worker.close()
    assert done == [1, 2]
    assert "the disk is gone" in caplog.text
