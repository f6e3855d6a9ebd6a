# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A network without DDS: a node's services and topics as plain functions and lists."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.node.interface import Service, Topic

NODE = "/recognition_node"


def full_name(name: str) -> str:
    return name.replace("~", NODE)


class Network:
    """Replaces the network.

    Attributes:
        published: published messages with their topics.
        asked: requests with their services.
        answers: functions that return the fields of a response, by service name.
        listeners: number of subscribers of published topics.
    """

    def __init__(self) -> None:
        self.published: list[tuple[str, Any]] = []
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, Callable[[Any], dict[str, Any]]] = {}
        self.listeners = 1
        self._said: dict[str, list[Any]] = {}

    def answer(self, service: Service, **fields: Any) -> None:
        """Let a service respond with these fields."""
        self.answers[full_name(service.name)] = lambda _: {"success": True, **fields}

    def refuse(self, service: Service, message: str) -> None:
        """Let a service refuse requests."""
        self.answers[full_name(service.name)] = lambda _: {"success": False, "message": message}

    def say(self, topic: Topic | str, message: Any) -> None:
        """Deliver a message to later subscribers of a topic."""
        name = topic if isinstance(topic, str) else full_name(topic.name)
        self._said.setdefault(name, []).append(message)

    def participant(self, name: str) -> FakeParticipant:
        return FakeParticipant(self)

    def heard(self, topic: str) -> list[Any]:
        return self._said.get(topic, [])


class FakeParticipant:
    """A participant on the replaced network."""

    make = staticmethod(make)

    def __init__(self, network: Network) -> None:
        self.domain = 0
        self._network = network

    def __enter__(self) -> FakeParticipant:
        return self

    def __exit__(self, *_: object) -> None: ...

    def publisher(self, topic: str, type_name: str, **_: Any) -> Any:
        def publish(message: Any) -> None:
            self._network.published.append((topic, message))

        return SimpleNamespace(publish=publish, subscribers=lambda: self._network.listeners)

    def subscription(
        self, topic: str, type_name: str, callback: Callable[[Any], None], **_: Any
    ) -> Any:
        for message in self._network.heard(topic):
            callback(message)
        return SimpleNamespace(close=lambda: None, publishers=lambda: 1)

    def client(self, name: str, type_name: str) -> Any:
        def call(request: Any, timeout: float) -> Any:
            self._network.asked.append((name, request))
            return make(f"{type_name}_Response", **self._network.answers[name](request))

        return SimpleNamespace(ask=call, wait=lambda timeout: name in self._network.answers)
