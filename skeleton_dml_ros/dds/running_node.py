# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A recognition node that runs somewhere, as its clients see it.

It does not matter which shell the node has: names and types are those of
:mod:`skeleton_dml_ros.node.interface`.
"""

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
"""Seconds for an answer: teaching embeds on the node's device."""

FINDING = 5.0
"""Seconds in which a node that runs is found."""


class RunningNode:
    """Asks and hears a node.

    Args:
        participant: of DDS.
        name: the node's full name.
    """

    def __init__(self, participant: Participant, name: str = DEFAULT_NODE) -> None:
        self.name = f"/{name.strip('/')}"
        self.participant = participant
        self._clients: dict[Service, Client] = {}

    def full_name(self, name: str) -> str:
        """A name of the interface, or a topic of the node's parameters, as everybody knows it."""
        return full_name(name, self.name)

    def hear(self, topic: Topic, callback: Callable[[Any], None]) -> Subscription:
        """Call back for each message of a topic; returns the subscription."""
        return self.participant.subscription(
            self.full_name(topic.name),
            topic.type,
            callback,
            latched=topic.latched,
            depth=topic.depth,
            reliable=True,
        )

    def hear_reports(self, callback: Callable[[int, dict[str, Any]], None]) -> Subscription:
        """Call back for each report of this node among all diagnostics.

        Args:
            callback: told of the report's stamp in nanoseconds, and of each ``DiagnosticStatus`` by
                its name without the node's, such as ``input camera``.
        """

        def pick(said: Any) -> None:
            report = report_of(self.name, said)
            if report is not None:
                callback(*report)

        return self.hear(interface.DIAGNOSTICS, pick)

    def ask(self, service: Service, timeout: float = PATIENCE, **fields: Any) -> Any:
        """The response to a request with these fields.

        Raises:
            ServiceTimeoutError: nobody offers the service, or it left or did not answer in time.
            ServiceRefusedError: it answered that it cannot be done, and why.
        """
        end = time.monotonic() + timeout
        client = self._clients.get(service)
        if client is None:
            client = self.participant.client(self.full_name(service.name), service.type)
            self._clients[service] = client
        if not client.wait(min(timeout, FINDING)):
            raise ServiceTimeoutError(
                f"there is no {self.full_name(service.name)} on domain "
                f"{self.participant.domain}; start the node (skeleton-dml node), or name another: "
                "--node, ROS_DOMAIN_ID"
            )
        request = self.participant.make(f"{service.type}_Request", **fields)
        response = client.ask(request, end - time.monotonic())
        if not response.success:
            raise ServiceRefusedError(response.message)
        return response


def report_of(node: str, said: Any) -> tuple[int, dict[str, Any]] | None:
    """A node's own part of a ``DiagnosticArray``; None where it is another's.

    Args:
        node: its full name.
        said: the message.

    Returns:
        Its stamp in nanoseconds, and each status by its name without the node's.
    """
    begin = status_name(node, "")
    statuses = {
        status.name.removeprefix(begin): status
        for status in said.status
        if status.name.startswith(begin)
    }
    return (nanoseconds_of(said.header.stamp), statuses) if statuses else None
