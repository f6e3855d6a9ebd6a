# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Topics and services over DDS, on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from waiting import wait_until
from wire import loopback

from skeleton_dml_ros.dds import request_queue
from skeleton_dml_ros.dds.endpoints import NamingError, Participant
from skeleton_dml_ros.dds.services import unwrapped, wrapped
from skeleton_dml_ros.dds.types import UnreadableError, make, to_bytes
from skeleton_dml_ros.node.interface import ServiceTimeoutError

__all__ = ["loopback"]

TEXT = "std_msgs/msg/String"
EXPORT = "skeleton_dml_ros/srv/ExportReferences"


def text(content: str) -> Any:
    return make(TEXT, data=content)


@pytest.fixture
def left() -> Iterator[Participant]:
    with Participant("left", "robot") as participant:
        yield participant


@pytest.fixture
def right() -> Iterator[Participant]:
    with Participant("right") as participant:
        yield participant


def test_names_are_resolved_as_in_ros(left: Participant, right: Participant) -> None:
    assert left.full_name == "/robot/left"
    assert left.resolved("~/x") == "/robot/left/x"
    assert left.resolved("x/y") == "/robot/x/y"
    assert left.resolved("/x") == "/x"
    assert right.resolved("~/x") == "/right/x"
    assert right.resolved("x") == "/x"


@pytest.mark.parametrize("name", ["", "/", "~", "a b", "1a", "a//b", "~/", "a/"])
def test_invalid_ros_names_are_refused(right: Participant, name: str) -> None:
    with pytest.raises(NamingError):
        right.publisher(name, TEXT)


def test_a_node_needs_a_name() -> None:
    for name, namespace in (("", ""), ("a/b", ""), ("a", "b c")):
        with pytest.raises(NamingError):
            Participant(name, namespace)


@pytest.mark.parametrize("reliable", [True, False])
def test_messages_arrive_in_order(left: Participant, right: Participant, reliable: bool) -> None:
    heard: list[str] = []
    subscription = right.subscription(
        "/robot/left/says", TEXT, lambda message: heard.append(message.data), reliable=reliable
    )
    publisher = left.publisher("~/says", TEXT)
    wait_until(publisher.subscribers)
    wait_until(subscription.publishers)
    for number in range(5):
        publisher.publish(text(str(number)))
    wait_until(lambda: len(heard) == 5)
    assert heard == list("01234")
    subscription.close()
    wait_until(lambda: not publisher.subscribers())
    publisher.publish(text("unheard"))
    time.sleep(0.1)
    assert len(heard) == 5


def test_latched_messages_reach_late_subscribers_that_request_them(
    left: Participant, right: Participant
) -> None:
    publisher = left.publisher("says", TEXT, latched=True, depth=1)
    publisher.publish(text("first"))
    publisher.publish(text("last"))
    asked: list[str] = []
    others: list[str] = []
    right.subscription(
        "/robot/says", TEXT, lambda message: asked.append(message.data), latched=True
    )
    right.subscription("/robot/says", TEXT, lambda message: others.append(message.data))
    wait_until(lambda: asked)
    wait_until(lambda: publisher.subscribers() == 2)
    publisher.publish(text("now"))
    wait_until(lambda: others)
    assert asked == ["last", "now"]
    assert others == ["now"]


def test_the_incompatible_policy_is_named(left: Participant, right: Participant) -> None:
    subscription = right.subscription("/robot/says", TEXT, print, reliable=True)
    assert subscription.incompatible() == ""
    left.publisher("says", TEXT)
    with Participant("weak") as weak:
        weak.publisher("/robot/says", TEXT, reliable=False)
        wait_until(subscription.incompatible)
        assert subscription.incompatible() == "reliability"
    wait_until(lambda: not subscription.incompatible())
    wait_until(lambda: subscription.publishers() == 1)


def test_a_failing_callback_does_not_stop_the_others(
    left: Participant, right: Participant, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def hear(message: Any) -> None:
        heard.append(message.data)
        raise RuntimeError("no")

    right.subscription("/robot/says", TEXT, hear, reliable=True)
    publisher = left.publisher("says", TEXT)
    wait_until(publisher.subscribers)
    publisher.publish(text("1"))
    publisher.publish(text("2"))
    wait_until(lambda: len(heard) == 2)
    assert "failed to handle a message" in caplog.text


def test_a_service_responds_to_a_request(left: Participant, right: Participant) -> None:
    def export(request: Any) -> Any:
        content = np.arange(5_000_000, dtype=np.uint8)
        return make(f"{EXPORT}_Response", message=",".join(request.labels), content=content)

    left.service("~/export", EXPORT, export)
    client = right.client("/robot/left/export", EXPORT)
    assert client.wait(20)
    answer = client.call(client.make(labels=["a", "b"]), 20)
    assert answer.message == "a,b"
    assert bytes(answer.content) == bytes(np.arange(5_000_000, dtype=np.uint8))


def test_each_client_gets_its_own_responses(left: Participant, right: Participant) -> None:
    def export(request: Any) -> Any:
        # The first caller waits longest.
        time.sleep(0.2 if request.labels[0] == "slow" else 0.0)
        return make(f"{EXPORT}_Response", message=request.labels[0])

    left.service("/export", EXPORT, export)
    clients = [right.client("/export", EXPORT), left.client("/export", EXPORT)]
    answers: dict[str, str] = {}

    def ask(client: Any, label: str) -> None:
        answers[label] = client.call(client.make(labels=[label]), 20).message

    threads = [
        threading.Thread(target=ask, args=(client, label))
        for client, label in zip(clients * 2, ("slow", "1", "2", "3"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == {label: label for label in ("slow", "1", "2", "3")}


def test_many_threads_may_wait_for_a_service_at_once(left: Participant, right: Participant) -> None:
    left.service("/export", EXPORT, lambda _: make(f"{EXPORT}_Response"))
    client = right.client("/export", EXPORT)
    assert client.wait(20)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: client.wait(20), range(4000)))


def test_a_callback_may_call_a_service(left: Participant, right: Participant) -> None:
    left.service("/export", EXPORT, lambda _: make(f"{EXPORT}_Response", message="yes"))
    client = right.client("/export", EXPORT)
    heard: list[str] = []
    right.subscription(
        "/says", TEXT, lambda _: heard.append(client.call(client.make(), 20).message)
    )
    publisher = left.publisher("/says", TEXT)
    wait_until(publisher.subscribers)
    publisher.publish(text("ask"))
    wait_until(lambda: heard == ["yes"])


def test_a_missing_service_and_a_missing_response_are_distinguished(
    left: Participant, right: Participant, caplog: pytest.LogCaptureFixture
) -> None:
    client = right.client("/export", EXPORT)
    assert not client.wait(0.2)
    with pytest.raises(ServiceTimeoutError, match="service /export is unavailable"):
        client.call(client.make(), 0.2)

    def fail(_: Any) -> Any:
        raise RuntimeError("no")

    left.service("/export", EXPORT, fail)
    assert client.wait(20)
    with pytest.raises(ServiceTimeoutError, match=r"did not respond within 0\.5 s"):
        client.call(client.make(), 0.5)
    assert "/export failed" in caplog.text


def test_a_late_response_does_no_harm(
    left: Participant, right: Participant, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = threading.Event()
    answered: list[str] = []

    def export(request: Any) -> Any:
        assert go_on.wait(20)
        answered.extend(request.labels)
        return make(f"{EXPORT}_Response", message=request.labels[0])

    left.service("/export", EXPORT, export)
    client = right.client("/export", EXPORT)
    assert client.wait(20)
    with pytest.raises(ServiceTimeoutError, match="did not respond"):
        client.ask(client.make(labels=["late"]), 0.2)
    go_on.set()
    wait_until(lambda: answered)
    assert client.ask(client.make(labels=["in time"]), 20).message == "in time"
    assert "failed to handle a message" not in caplog.text


def test_an_unreadable_message_is_refused_by_its_subscriber(
    left: Participant, right: Participant
) -> None:
    refused: list[UnreadableError] = []
    heard: list[Any] = []
    right.subscription("/robot/says", TEXT, heard.append, refuse=refused.append, reliable=True)
    publisher = left.publisher("says", TEXT)
    wait_until(publisher.subscribers)
    publisher._wire.write(publisher._writer, bytes.fromhex("00010000ffffffff"))
    publisher.publish(text("good"))
    wait_until(lambda: heard)
    assert len(refused) == 1


def test_a_flood_of_requests_neither_fills_the_log_nor_delays_another_client(
    left: Participant, right: Participant, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = threading.Event()

    def answer(request: Any) -> Any:
        if not request.labels:
            assert go_on.wait(20)
        return make(f"{EXPORT}_Response", success=True, message="done")

    left.service("/export", EXPORT, answer)
    flooder, honest = right.client("/export", EXPORT), right.client("/export", EXPORT)
    assert flooder.wait(20)
    assert honest.wait(20)
    for number in range(100):
        flooder._wire.write(flooder._writer, b"\0\1\0\0unreadable")
        request = wrapped((flooder._self, number), to_bytes(flooder.make(), f"{EXPORT}_Request"))
        flooder._wire.write(flooder._writer, request)
    begun = time.monotonic()
    assert honest.ask(honest.make(labels=["wave"]), 20).message == "done"
    assert time.monotonic() - begun < 2
    assert left._requests._bytes < 100_000
    go_on.set()
    assert caplog.text.count("unreadable request") == 1
    # DDS itself drops some of them.
    assert caplog.text.count("has too many waiting requests") <= 1


def test_a_client_whose_request_is_refused_is_told(
    left: Participant, right: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_queue, "MAX_WAITING", 0)
    left.service("/export", EXPORT, lambda request: make(f"{EXPORT}_Response", success=True))
    client = right.client("/export", EXPORT)
    response = client.call(client.make(), 20)
    assert not response.success
    assert "the node is busy" in response.message


def test_a_running_call_finishes_during_closing(right: Participant) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def answer(_: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return make(f"{EXPORT}_Response", message="at last")

    leaving = Participant("leaving")
    leaving.service("/export", EXPORT, answer)
    client = right.client("/export", EXPORT)
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(client.call(client.make(), 20).message))
    asking.start()
    assert begun.wait(20)
    threading.Timer(0.2, go_on.set).start()
    leaving.close()
    asking.join(20)
    assert answers == ["at last"]


def test_calls_after_closing_are_ignored() -> None:
    participant = Participant("short")
    publisher = participant.publisher("says", TEXT)
    subscription = participant.subscription("says", TEXT, print)
    client = participant.client("/export", EXPORT)
    participant.close()
    participant.close()
    publisher.publish(text("unheard"))
    assert publisher.subscribers() == subscription.publishers() == 0
    assert not client.wait(0.1)
    subscription.close()


def test_service_messages_begin_with_a_header() -> None:
    name = f"{EXPORT}_Request"
    content = to_bytes(make(name, labels=["a"]), name)
    sample = wrapped((2**64 - 1, 7), content)
    assert sample[4:20] == bytes.fromhex("ffffffffffffffff0700000000000000")
    header, message = unwrapped(sample, name)
    assert header == (2**64 - 1, 7)
    assert message.labels == ["a"]
    assert unwrapped(sample, name, only_for=3) == (header, None)
    with pytest.raises(UnreadableError, match="header"):
        unwrapped(sample[:12], name)
