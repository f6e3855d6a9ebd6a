# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Services in the encoding of ``rmw_cyclonedds_cpp``: two topics, with a header before each message.

The header identifies the client and numbers the request; the response repeats it.
"""

from __future__ import annotations

import itertools
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from skeleton_dml_ros.dds.reader_thread import ReaderThread
from skeleton_dml_ros.dds.request_queue import RequestQueue
from skeleton_dml_ros.dds.types import UnreadableError, from_bytes, make, to_bytes
from skeleton_dml_ros.dds.wire import QoS, Wire, user_data_of
from skeleton_dml_ros.node.interface import ServiceTimeoutError
from skeleton_dml_ros.node.throttled_log import ThrottledLog

HEADER = 16
"""Size in bytes: client as uint64, request number as int64."""

ENCAPSULATION = 4
"""Size in bytes of the CDR encapsulation header."""

POLL = 0.01
"""Seconds between two checks for an expected peer."""

READER_SECONDS = 1.0
"""Seconds to wait until the calling client's reader is discovered."""


CHECK_INTERVAL = 0.25
"""Seconds between two checks whether the service still exists."""

LATE_RESPONSE = 0.5
"""Seconds to wait for the response of a service that has disappeared."""

REFUSAL_INTERVAL = 0.2
"""Minimum seconds between two responses to refused requests."""

BUSY = "the node is busy with other requests; try again later"

_describing = threading.Lock()


class Service:
    """Handles requests in a thread pool, or refuses them if too many are waiting."""

    def __init__(
        self,
        wire: Wire,
        taking: ReaderThread,
        requests: RequestQueue,
        name: str,
        type_name: str,
        callback: Callable[[Any], Any],
    ) -> None:
        self._wire = wire
        self._requests = requests
        self._refused_at = float("-inf")
        self._log = ThrottledLog()
        self._name = name
        self._type_name = type_name
        self._callback = callback
        own = f"serviceid={wire.number()};"
        self._writer = wire.writer(f"rr{name}Reply", f"{type_name}_Response", QoS(), own)
        self._reader = wire.reader(f"rq{name}Request", f"{type_name}_Request", QoS(), own)
        taking.add(self._reader, self._take)

    def _take(self, content: bytes, info: Any) -> None:
        asker = info.publication_handle
        if not self._requests.submit(asker, len(content), lambda: self._answer(content, asker)):
            self._warn("refused", "has too many waiting requests; one was refused")
            self._refuse(content, asker)

    def _refuse(self, content: bytes, asker: int) -> None:
        """Respond that the node is busy, if the response has a field for it; not too often.

        Writing to a client that does not read may take a while, and other requests wait for it.
        """
        if time.monotonic() - self._refused_at < REFUSAL_INTERVAL:
            return
        self._refused_at = time.monotonic()
        response_type = f"{self._type_name}_Response"
        with suppress(UnreadableError):
            header = header_of(content, response_type)
            try:
                response = make(response_type, success=False, message=BUSY)
            except (TypeError, AttributeError):
                return
            if self._hears(asker):
                self._wire.write(self._writer, wrapped(header, to_bytes(response, response_type)))

    def _warn(self, kind: str, message: str, fault: Exception | None = None) -> None:
        self._log.warn(time.monotonic(), kind, f"{self._name} {message}", fault)

    def _answer(self, content: bytes, asker: int) -> None:
        try:
            header, request = unwrapped(content, f"{self._type_name}_Request")
            response = to_bytes(self._callback(request), f"{self._type_name}_Response")
            if self._is_received_by(asker):
                self._wire.write(self._writer, wrapped(header, response))
        except UnreadableError as error:
            self._warn("unreadable", f"got an unreadable request, which gets no response: {error}")
        except Exception as error:
            self._warn("failed", "failed; the request gets no response", error)

    def _is_received_by(self, asker: int) -> bool:
        """Whether the client's reader has been discovered; waits for it briefly."""
        end = time.monotonic() + READER_SECONDS
        while not self._wire.closed:
            hears = self._hears(asker)
            if hears is not None:
                return hears
            if time.monotonic() > end:
                self._warn("unheard", "was called by a client that does not receive the response")
                return False
            time.sleep(POLL)
        return False

    def _hears(self, asker: int) -> bool | None:
        """Whether a client receives responses: False if it has left, None if not yet."""
        writer = _described(self._reader.get_matched_publication_data, asker)
        if writer is None:
            return False
        client = user_data_of(writer, "clientid")
        # A client without an id cannot be checked.
        if not client or client in _ids(
            self._writer.get_matched_subscriptions(),
            self._writer.get_matched_subscription_data,
            "clientid",
        ):
            return True
        return None


class Client:
    """Calls a service; thread-safe."""

    def __init__(self, wire: Wire, taking: ReaderThread, name: str, type_name: str) -> None:
        self._wire = wire
        self._name = name
        self._type_name = type_name
        self._log = ThrottledLog()
        self._numbers = itertools.count(1)
        self._asked: dict[int, tuple[threading.Event, list[Any]]] = {}
        own = f"clientid={wire.number()};"
        self._writer = wire.writer(f"rq{name}Request", f"{type_name}_Request", QoS(), own)
        self._reader = wire.reader(f"rr{name}Reply", f"{type_name}_Response", QoS(), own)
        self._self: int = self._writer.instance_handle & 2**64 - 1
        taking.add(self._reader, self._take)

    def make(self, **fields: Any) -> Any:
        """Create a request."""
        return make(f"{self._type_name}_Request", **fields)

    def call(self, request: Any, timeout: float = 30.0) -> Any:
        """Wait for the service, call it and return its response.

        Args:
            request: request message.
            timeout: seconds.

        Raises:
            ServiceTimeoutError: the service is unavailable or did not respond in time.
        """
        end = time.monotonic() + timeout
        if not self.wait(timeout):
            raise ServiceTimeoutError(f"service {self._name} is unavailable; start its node")
        return self.ask(request, max(0.0, end - time.monotonic()))

    def ask(self, request: Any, timeout: float = 30.0) -> Any:
        """Call a service that is available and return its response.

        Args:
            request: request message.
            timeout: seconds.

        Raises:
            ServiceTimeoutError: the service did not respond in time, or disappeared.  If its process was
                killed, this is detected when its lease expires, after 10 seconds.
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
        while not answered.wait(max(0.0, min(CHECK_INTERVAL, end - time.monotonic()))):
            if time.monotonic() >= end:
                raise ServiceTimeoutError(
                    f"{self._name} did not respond within {round(timeout, 1):g} s; check whether its node "
                    "is busy"
                )
            # A restarted node has not received the request.
            if asked.isdisjoint(self._offering()) and not answered.wait(LATE_RESPONSE):
                raise ServiceTimeoutError(
                    f"{self._name} disappeared without a response; restart its node"
                )

    def wait(self, timeout: float = 30.0) -> bool:
        """Wait for the service; returns whether it is available."""
        end = time.monotonic() + timeout
        while not self._offering():
            if time.monotonic() > end or self._wire.closed:
                return False
            time.sleep(POLL)
        return True

    def _offering(self) -> set[str]:
        """Ids (or handles) of the servers that receive requests and whose responses arrive here."""
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
            self._log.warn(
                time.monotonic(), "unreadable", f"unreadable response of {self._name}: {error}"
            )
            return
        asker, number = header
        # The call may have timed out.
        answered, answers = self._asked.get(number, (None, []))
        if asker == self._self and answered is not None:
            answers.append(response)
            answered.set()


def wrapped(header: tuple[int, int], content: bytes) -> bytes:
    """A message with its header; its 16 bytes preserve CDR alignment."""
    order = _order(content)
    begin = content[:ENCAPSULATION] + struct.pack(f"{order}Qq", *header)
    return begin + content[ENCAPSULATION:]


def unwrapped(
    content: bytes, type_name: str, only_for: int | None = None
) -> tuple[tuple[int, int], Any]:
    """Split a sample into header and message.

    Args:
        content: the sample.
        type_name: type of the message.
        only_for: read only this client's messages; for others the message is None.

    Raises:
        UnreadableError: the bytes are not a message of this type.
    """
    client, number = header_of(content, type_name)
    if only_for is not None and client != only_for:
        return (client, number), None
    body = content[:ENCAPSULATION] + content[ENCAPSULATION + HEADER :]
    return (client, number), from_bytes(body, type_name)


def header_of(content: bytes, type_name: str) -> tuple[int, int]:
    """Client and number of a request.

    Raises:
        UnreadableError: the bytes are too short.
    """
    if len(content) < ENCAPSULATION + HEADER:
        raise UnreadableError(f"{len(content)} bytes are not a {type_name} with its header")
    client, number = struct.unpack_from(f"{_order(content)}Qq", content, ENCAPSULATION)
    return client, number


def _order(content: bytes) -> str:
    return "<" if content[1] & 1 else ">"


def _ids(handles: list[int], described: Callable[[int], Any], key: str) -> set[str]:
    """Ids in the user data of matched readers or writers."""
    endpoints = [_described(described, handle) for handle in handles]
    return {found for endpoint in endpoints if (found := user_data_of(endpoint, key))}


def _described(described: Callable[[int], Any], handle: int) -> Any:
    """The description of a matched reader or writer.

    Locked, because the Python binding reads QoS through state shared by all threads.
    """
    with _describing:
        return described(handle)
