# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Publish, subscribe, offer and call services as a ROS node would, without ROS.

::

    with Participant("listener") as participant:
        participant.subscription("chatter", "std_msgs/msg/String", print)
        listing = participant.client(
            "/recognition_node/list_references", "skeleton_dml_ros/srv/ListReferences"
        )
        print(listing.call(listing.make()).message)

Names are resolved as in ROS: ``/name`` is absolute, ``name`` is in the namespace, ``~/name`` is private to
the node.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from skeleton_dml_ros.dds.domain import domain_of
from skeleton_dml_ros.dds.reader_thread import LAST_SECONDS, ReaderThread
from skeleton_dml_ros.dds.request_queue import RequestQueue
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
"""Maximum number of service calls handled at the same time."""

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class NamingError(SkeletonDmlError):
    """A name is not allowed in ROS."""


def node_name(name: str, namespace: str = "") -> str:
    """The full name of a node, such as ``/robot1/recognition_node``.

    Raises:
        NamingError: the name is not allowed in ROS.
    """
    parts = [*filter(None, namespace.split("/")), name]
    for part in parts:
        if not _NAME.fullmatch(part):
            raise NamingError(
                f"{part!r} is not a valid name of a node or namespace; use letters, digits and _, and "
                "do not begin with a digit"
            )
    return "".join(f"/{part}" for part in parts)


class Participant:
    """A node on the network; thread-safe.

    Callbacks of subscriptions run one at a time in one thread; service calls are handled in a thread
    pool.  Callbacks may call services.

    Args:
        name: name of the node.
        namespace: namespace of the node, such as ``robot1``.

    Attributes:
        full_name: full name of the node, such as ``/robot1/recognition_node``.
        domain: domain number.

    Raises:
        NamingError: the name is not allowed in ROS.
        NetworkError: the network cannot be used with the given environment variables.
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
        self._requests = RequestQueue(self._pool, MAX_PENDING_CALLS)

    def __enter__(self) -> Participant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the network; running service calls may finish within a short time."""
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
        """Create a publisher.

        Args:
            topic: topic name.
            type_name: message type.
            latched: keep the last messages for late subscribers (transient local).
            depth: queue depth.
            reliable: reliable QoS.
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
        """Subscribe to a topic.

        Args:
            topic: topic name.
            type_name: message type.
            callback: called with each message.
            refuse: called when a message cannot be read; by default this is logged once.
            latched: request earlier messages; requires latched publishers, implies reliable QoS.
            depth: queue depth.
            reliable: reliable QoS; requires reliable publishers.
        """
        quality = QoS(depth, reliable or latched, latched)
        return Subscription(
            self._wire, self._stream, self.resolved(topic), type_name, callback, quality, refuse
        )

    def service(self, name: str, type_name: str, callback: Callable[[Any], Any]) -> Service:
        """Offer a service.

        Args:
            name: service name.
            type_name: service type, such as ``skeleton_dml_ros/srv/ListReferences``.
            callback: turns a request into a response.
        """
        return Service(
            self._wire, self._calls, self._requests, self.resolved(name), type_name, callback
        )

    def client(self, name: str, type_name: str) -> Client:
        """Create a client of a service."""
        return Client(self._wire, self._calls, self.resolved(name), type_name)

    def incompatible_vendors(self) -> set[str]:
        """Newly discovered middlewares whose services are incompatible."""
        return self._wire.incompatible_vendors()

    def resolved(self, name: str) -> str:
        """The full name of a topic or service.

        Raises:
            NamingError: the name is not allowed in ROS.
        """
        full = full_name(name, self.full_name)
        if not all(_NAME.fullmatch(part) for part in full[1:].split("/")):
            raise NamingError(
                f"{name!r} is not a valid name of a topic or service; use letters, digits, _ and /"
            )
        return full
