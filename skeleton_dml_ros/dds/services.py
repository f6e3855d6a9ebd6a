# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Services, as ``rmw_cyclonedds_cpp`` carries them: two topics, and a header before each message.

The header names the client and numbers the question; the answer repeats it.
"""

from __future__ import annotations

import itertools
import logging
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from skeleton_dml_ros.dds.reader_thread import ReaderThread
from skeleton_dml_ros.dds.types import UnreadableError, from_bytes, make, to_bytes
from skeleton_dml_ros.dds.wire import QoS, Wire, user_data_of
from skeleton_dml_ros.node.interface import ServiceTimeoutError

logger = logging.getLogger(__name__)

HEADER = 16
"""Bytes: the client as uint64, the question's number as int64."""

ENCAPSULATION = 4
"""Bytes at the very begin, which say how all others are to be read."""

POLL = 0.01
"""Seconds between two looks for somebody who is expected."""

READER_SECONDS = 1.0
"""Seconds for which an answer waits until the client that asked can hear it."""


LOOK = 0.25
"""Seconds between two looks whether those who were asked are still there."""

ON_ITS_WAY = 0.5
"""Seconds in which an answer arrives that was sent by somebody who has left since."""

_describing = threading.Lock()


class Service:
    """Answers questions, each in a thread of a pool."""

    def __init__(
        self,
        wire: Wire,
        taking: ReaderThread,
        pool: Executor,
        name: str,
        type_name: str,
        callback: Callable[[Any], Any],
    ) -> None:
        self._wire = wire
        self._pool = pool
        self._name = name
        self._type_name = type_name
        self._callback = callback
        own = f"serviceid={wire.number()};"
        self._writer = wire.writer(f"rr{name}Reply", f"{type_name}_Response", QoS(), own)
        self._reader = wire.reader(f"rq{name}Request", f"{type_name}_Request", QoS(), own)
        taking.add(self._reader, self._take)

    def _take(self, content: bytes, info: Any) -> None:
        self._pool.submit(self._answer, content, info.publication_handle)

    def _answer(self, content: bytes, asker: int) -> None:
        try:
            header, request = unwrapped(content, f"{self._type_name}_Request")
            response = to_bytes(self._callback(request), f"{self._type_name}_Response")
            if self._heard_by(asker):
                self._wire.write(self._writer, wrapped(header, response))
        except UnreadableError as error:
            logger.warning("%s: %s; it gets no answer", self._name, error)
        except Exception:
            logger.exception("%s failed; it gives no answer", self._name)

    def _heard_by(self, asker: int) -> bool:
        """Whether the client's reader of answers is known here; waits a moment for it."""
        end = time.monotonic() + READER_SECONDS
        while not self._wire.closed:
            writer = _described(self._reader.get_matched_publication_data, asker)
            if writer is None:
                return False
            client = user_data_of(writer, "clientid")
            # A client that does not name itself can only be hoped for.
            if not client or client in _ids(
                self._writer.get_matched_subscriptions(),
                self._writer.get_matched_subscription_data,
                "clientid",
            ):
                return True
            if time.monotonic() > end:
                logger.warning("%s: a client asked that does not hear the answer", self._name)
                return False
            time.sleep(POLL)
        return False


class Client:
    """Asks a service; safe to use from several threads."""

    def __init__(self, wire: Wire, taking: ReaderThread, name: str, type_name: str) -> None:
        self._wire = wire
        self._name = name
        self._type_name = type_name
        self._numbers = itertools.count(1)
        self._asked: dict[int, tuple[threading.Event, list[Any]]] = {}
        own = f"clientid={wire.number()};"
        self._writer = wire.writer(f"rq{name}Request", f"{type_name}_Request", QoS(), own)
        self._reader = wire.reader(f"rr{name}Reply", f"{type_name}_Response", QoS(), own)
        self._self: int = self._writer.instance_handle & 2**64 - 1
        taking.add(self._reader, self._take)

    def make(self, **fields: Any) -> Any:
        """A request."""
        return make(f"{self._type_name}_Request", **fields)

    def call(self, request: Any, timeout: float = 30.0) -> Any:
        """The response to a request, also of a service that has yet to come.

        Args:
            request: of the service's type.
            timeout: seconds.

        Raises:
            ServiceTimeoutError: nobody answered in time.
        """
        end = time.monotonic() + timeout
        if not self.wait(timeout):
            raise ServiceTimeoutError(
                f"there is no service {self._name}; start the node that offers it"
            )
        return self.ask(request, max(0.0, end - time.monotonic()))

    def ask(self, request: Any, timeout: float = 30.0) -> Any:
        """The response to a request of a service that is there.

        Args:
            request: of the service's type.
            timeout: seconds.

        Raises:
            ServiceTimeoutError: it did not answer in time, or left before it answered.  Of one that was
                killed this is noticed when its lease ends, after 10 seconds.
        """
        number = next(self._numbers)
        answered, answers = self._asked[number] = (threading.Event(), [])
        try:
            content = to_bytes(request, f"{self._type_name}_Request")
            there = self._offering()
            self._wire.write(self._writer, wrapped((self._self, number), content))
            self._await(answered, there, timeout)
        finally:
            del self._asked[number]
        return answers[0]

    def _await(self, answered: threading.Event, asked: set[str], timeout: float) -> None:
        end = time.monotonic() + timeout
        while not answered.wait(max(0.0, min(LOOK, end - time.monotonic()))):
            if time.monotonic() >= end:
                raise ServiceTimeoutError(
                    f"{self._name} did not answer within {round(timeout, 1):g} s; look whether its "
                    "node is busy"
                )
            # A node that was started in its place has not heard the question.
            if asked.isdisjoint(self._offering()) and not answered.wait(ON_ITS_WAY):
                raise ServiceTimeoutError(
                    f"{self._name} has gone without an answer; start its node again"
                )

    def wait(self, timeout: float = 30.0) -> bool:
        """Whether the service is there, as soon as it is."""
        end = time.monotonic() + timeout
        while not self._offering():
            if time.monotonic() > end or self._wire.closed:
                return False
            time.sleep(POLL)
        return True

    def _offering(self) -> set[str]:
        """Those who hear questions and are heard: the names they give themselves, or handles."""
        if self._wire.closed:
            return set()
        readers = self._writer.get_matched_subscriptions()
        writers = self._reader.get_matched_publications()
        hearing = _ids(readers, self._writer.get_matched_subscription_data, "serviceid")
        if not hearing:
            return {str(reader) for reader in readers} if writers else set()
        heard = _ids(writers, self._reader.get_matched_publication_data, "serviceid")
        return hearing & heard

    def _take(self, content: bytes, _: Any) -> None:
        try:
            header, response = unwrapped(content, f"{self._type_name}_Response", self._self)
        except UnreadableError as error:
            logger.warning("%s answered what cannot be read: %s", self._name, error)
            return
        asker, number = header
        # Whoever asked may have lost patience meanwhile.
        answered, answers = self._asked.get(number, (None, []))
        if asker == self._self and answered is not None:
            answers.append(response)
            answered.set()


def wrapped(header: tuple[int, int], content: bytes) -> bytes:
    """A message with its header; as long as eight bytes' alignment is kept, CDR allows it."""
    order = _order(content)
    begin = content[:ENCAPSULATION] + struct.pack(f"{order}Qq", *header)
    return begin + content[ENCAPSULATION:]


def unwrapped(
    content: bytes, type_name: str, only_for: int | None = None
) -> tuple[tuple[int, int], Any]:
    """Header and message of a sample.

    Args:
        content: the sample.
        type_name: of the message.
        only_for: the one client whose messages are to be read; None stands for all others'.

    Raises:
        UnreadableError: it is none of this type.
    """
    if len(content) < ENCAPSULATION + HEADER:
        raise UnreadableError(f"{len(content)} bytes are no {type_name} with its header")
    client, number = struct.unpack_from(f"{_order(content)}Qq", content, ENCAPSULATION)
    if only_for is not None and client != only_for:
        return (client, number), None
    body = content[:ENCAPSULATION] + content[ENCAPSULATION + HEADER :]
    return (client, number), from_bytes(body, type_name)


def _order(content: bytes) -> str:
    return "<" if content[1] & 1 else ">"


def _ids(handles: list[int], described: Callable[[int], Any], key: str) -> set[str]:
    """What matched readers or writers call themselves."""
    endpoints = [_described(described, handle) for handle in handles]
    return {found for endpoint in endpoints if (found := user_data_of(endpoint, key))}


def _described(described: Callable[[int], Any], handle: int) -> Any:
    """What is known of a matched reader or writer.

    One thread at a time may ask: the binding reads the quality of service through state that all
    its threads share, and fails or answers with another's.
    """
    with _describing:
        return described(handle)
