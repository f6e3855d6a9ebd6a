# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Client of a running recognition node, with or without ROS."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from skeleton_dml_ros.messages.make import nanoseconds_of
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import (
    DEFAULT_NODE,
    Service,
    ServiceRefusedError,
    ServiceTimeoutError,
    Topic,
    full_name,
    status_name,
)

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.endpoints import Client, Participant, Subscription

PATIENCE = 30.0
"""Seconds to wait for a response."""

FINDING = 5.0
"""Seconds to wait for the discovery of a running node."""


class RunningNode:
    """Calls services of a node and subscribes to its topics.

    Args:
        participant: this process's participant.
        name: full name of the node.
    """

    def __init__(self, participant: Participant, name: str = DEFAULT_NODE) -> None:
        self.name = f"/{name.strip('/')}"
        self.participant = participant
        self._clients: dict[Service, Client] = {}

    def full_name(self, name: str) -> str:
        """The full name of one of the node's topics or services."""
        return full_name(name, self.name)

    def hear(self, topic: Topic, callback: Callable[[Any], None]) -> Subscription:
        """Subscribe to one of the node's topics."""
        return self.participant.subscription(
            self.full_name(topic.name),
            topic.type,
            callback,
            latched=topic.latched,
            depth=topic.depth,
            reliable=True,
        )

    def hear_reports(self, callback: Callable[[int, dict[str, Any]], None]) -> Subscription:
        """Subscribe to the node's diagnostics.

        Args:
            callback: called with the stamp in nanoseconds and each ``DiagnosticStatus`` by its name
                without the node's, such as ``input camera``.
        """

        def pick(message: Any) -> None:
            report = report_of(self.name, message)
            if report is not None:
                callback(*report)

        return self.hear(interface.DIAGNOSTICS, pick)

    def ask(self, service: Service, timeout: float = PATIENCE, **fields: Any) -> Any:
        """Call a service with a request of these fields and return its response.

        Raises:
            ServiceTimeoutError: the service is unavailable, disappeared, or did not respond in time.
            ServiceRefusedError: the response has ``success=False``.
        """
        end = time.monotonic() + timeout
        client = self._clients.get(service)
        if client is None:
            client = self.participant.client(self.full_name(service.name), service.type)
            self._clients[service] = client
        if not client.wait(min(timeout, FINDING)):
            raise ServiceTimeoutError(
                f"{self.full_name(service.name)} is unavailable on domain "
                f"{self.participant.domain}; start the node (skeleton-dml node), or name another: "
                "--node, ROS_DOMAIN_ID"
            )
        request = self.participant.make(f"{service.type}_Request", **fields)
        response = client.ask(request, end - time.monotonic())
        if not response.success:
            raise ServiceRefusedError(response.message)
        return response


def report_of(node: str, message: Any) -> tuple[int, dict[str, Any]] | None:
    """The statuses of a node in a ``DiagnosticArray``; None if there are none.

    Args:
        node: full name of the node.
        message: the message.

    Returns:
        The stamp in nanoseconds, and each status by its name without the node's.
    """
    prefix = status_name(node, "")
    statuses = {
        status.name.removeprefix(prefix): status
        for status in message.status
        if status.name.startswith(prefix)
    }
    return (nanoseconds_of(message.header.stamp), statuses) if statuses else None
