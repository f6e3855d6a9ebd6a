# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""A recognition node that runs somewhere, as its clients see it.

It does not matter which shell the node has: names and types are those of
:mod:`skeleton_dml_ros.node.interface`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Service, Topic

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.endpoints import Client, Participant, Subscription

DEFAULT_NAME = f"/{interface.NODE_NAME}"

PATIENCE = 30.0
"""Seconds for an answer: teaching embeds on the node's device."""

FINDING = 5.0
"""Seconds in which a node that runs is found."""


class NoNodeError(SkeletonDmlError):
    """The node does not run, or not where it was looked for."""


class RefusedError(SkeletonDmlError):
    """The node said no, and why."""


class RunningNode:
    """Asks and hears a node.

    Args:
        participant: of DDS.
        name: the node's full name.
    """

    def __init__(self, participant: Participant, name: str = DEFAULT_NAME) -> None:
        self.name = f"/{name.strip('/')}"
        self.participant = participant
        self._clients: dict[Service, Client] = {}

    def full_name(self, name: str) -> str:
        """A name of the interface, or a topic of the node's parameters, as everybody knows it."""
        if name.startswith("~/"):
            return f"{self.name}{name[1:]}"
        return name if name.startswith("/") else f"{self.name.rpartition('/')[0]}/{name}"

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

    def ask(self, service: Service, timeout: float = PATIENCE, **fields: Any) -> Any:
        """The response to a request with these fields.

        Raises:
            NoNodeError: nobody offers the service.
            NoAnswerError: it did not answer in time.
            RefusedError: it answered that it cannot be done, and why.
        """
        client = self._clients.get(service)
        if client is None:
            client = self.participant.client(self.full_name(service.name), service.type)
            self._clients[service] = client
        if not client.wait(min(timeout, FINDING)):
            raise NoNodeError(
                f"there is no {self.full_name(service.name)} on {domain()}; start the node "
                "(skeleton-dml node), or name another: --node, ROS_DOMAIN_ID"
            )
        request = self.participant.make(f"{service.type}_Request", **fields)
        response = client.call(request, timeout)
        if not response.success:
            raise RefusedError(response.message)
        return response


def domain() -> str:
    """Where others are looked for, in words."""
    return f"domain {os.environ.get('ROS_DOMAIN_ID') or 0}"
