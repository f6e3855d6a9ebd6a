# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A node of ROS's without ROS: topics and services under one name.

::

    with Participant("listener") as participant:
        participant.subscription("chatter", "std_msgs/msg/String", print)
        listing = participant.client(
            "/recognition_node/list_references", "skeleton_dml_ros/srv/ListReferences"
        )
        print(listing.call(listing.make()).message)

Names are resolved as ROS does it: ``/name`` stands for itself, ``name`` under the namespace,
``~/name`` under the node's own name.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from skeleton_dml_ros.dds.domain import domain_of
from skeleton_dml_ros.dds.reader_thread import LAST_SECONDS, ReaderThread
from skeleton_dml_ros.dds.services import Client, Service
from skeleton_dml_ros.dds.topics import Publisher, Subscription
from skeleton_dml_ros.dds.types import UnreadableError, make
from skeleton_dml_ros.dds.wire import QoS, Wire
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.interface import full_name

__all__ = [
    "Client",
    "NamingError",
    "Participant",
    "Publisher",
    "Service",
    "Subscription",
]

MAX_PENDING_CALLS = 4
"""Service calls that are answered at the same time; some wait for something to be shown."""

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class NamingError(SkeletonDmlError):
    """A name that ROS does not allow."""


def node_name(name: str, namespace: str = "") -> str:
    """The full name of a node, such as ``/robot1/recognition_node``.

    Raises:
        NamingError: ROS allows no such name.
    """
    parts = [*filter(None, namespace.split("/")), name]
    for part in parts:
        if not _NAME.fullmatch(part):
            raise NamingError(
                f"{part!r} is no name of a node or namespace; a name has letters, digits and _, and "
                "begins with no digit"
            )
    return "".join(f"/{part}" for part in parts)


class Participant:
    """Publishes, subscribes, answers and asks; safe to use from several threads.

    Callbacks of subscriptions come one after the other in one thread; each call of a service is
    answered in a thread of its own.  A callback may wait for an answer.

    Args:
        name: of the node.
        namespace: above its name, such as ``robot1``.

    Attributes:
        full_name: the node's name with its namespace, such as ``/robot1/recognition_node``.
        domain: the number of the domain in which it is.

    Raises:
        NamingError: ROS allows no such name.
        NetworkError: the network cannot be used as the environment asks.
    """

    make = staticmethod(make)

    def __init__(self, name: str, namespace: str = "") -> None:
        self.full_name = node_name(name, namespace)
        self.domain = domain_of()
        above = self.full_name.removesuffix(f"/{name}")
        self._wire = Wire(self.domain, name, above or "/")
        self._stream = ReaderThread(self._wire, "subscriptions")
        self._calls = ReaderThread(self._wire, "services")
        self._pool = ThreadPoolExecutor(MAX_PENDING_CALLS, "call")

    def __enter__(self) -> Participant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the network; calls that are being answered may finish for a moment."""
        if self._wire.closed:
            return
        self._stream.close()
        self._calls.close()
        answering = threading.Thread(target=self._pool.shutdown, daemon=True)
        answering.start()
        answering.join(LAST_SECONDS)
        self._wire.close()

    def publisher(
        self,
        topic: str,
        type_name: str,
        *,
        latched: bool = False,
        depth: int = 10,
        reliable: bool = True,
    ) -> Publisher:
        """Publish a topic.

        Args:
            topic: its name.
            type_name: of its messages.
            latched: keep the last messages for those who come later (transient local).
            depth: messages that are kept.
            reliable: send again what was lost.
        """
        quality = QoS(depth, reliable, latched)
        return Publisher(self._wire, self.resolved(topic), type_name, quality)

    def subscription(
        self,
        topic: str,
        type_name: str,
        callback: Callable[[Any], None],
        *,
        refuse: Callable[[UnreadableError], None] | None = None,
        latched: bool = False,
        depth: int = 10,
        reliable: bool = False,
    ) -> Subscription:
        """Listen to a topic.

        Args:
            topic: its name.
            type_name: of its messages.
            callback: told of each message.
            refuse: told of what comes and is no message of this type; by default it is logged once.
            latched: ask for what was published before; only of publishers that keep it.
            depth: messages that are kept until they are told.
            reliable: ask for every message; only of publishers that are reliable too.
        """
        # What is latched is had only by asking for every message.
        quality = QoS(depth, reliable or latched, latched)
        return Subscription(
            self._wire, self._stream, self.resolved(topic), type_name, callback, quality, refuse
        )

    def service(self, name: str, type_name: str, callback: Callable[[Any], Any]) -> Service:
        """Answer a service.

        Args:
            name: of the service.
            type_name: such as ``skeleton_dml_ros/srv/ListReferences``, which this package defines.
            callback: makes a response of a request; may take long.
        """
        return Service(
            self._wire, self._calls, self._pool, self.resolved(name), type_name, callback
        )

    def client(self, name: str, type_name: str) -> Client:
        """Ask a service."""
        return Client(self._wire, self._calls, self.resolved(name), type_name)

    def strangers(self) -> set[str]:
        """The middlewares that came since the last call and whose services do not fit."""
        return self._wire.strangers()

    def resolved(self, name: str) -> str:
        """The full name of a topic or service.

        Raises:
            NamingError: ROS allows no such name.
        """
        full = full_name(name, self.full_name)
        if not all(_NAME.fullmatch(part) for part in full[1:].split("/")):
            raise NamingError(
                f"{name!r} is no name of a topic or service; use letters, digits, _ and /"
            )
        return full
