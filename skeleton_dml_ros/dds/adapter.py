# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Middleware adapter on Cyclone DDS: topics, clock and TF."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from skeleton_dml_ros.dds.endpoints import Participant, Subscription
from skeleton_dml_ros.dds.transforms import TransformBuffer
from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.messages.frame_tree import TYPE as TF_TYPE
from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.messages.make import nanoseconds_of
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Topic
from skeleton_dml_ros.node.transforms import Transforms

TF_DEPTH = 100


class DdsAdapter:
    """Implements :class:`skeleton_dml_ros.node.middleware_adapter.MiddlewareAdapter`.

    Args:
        participant: the node's participant.
        simulated: use the time on ``/clock``.

    Attributes:
        receive: called with each message: input, role of the topic, message.
        refuse: called with each unreadable message: input, role of the topic, error.
        node_name: full name of the node.
    """

    make = staticmethod(make)

    def __init__(self, participant: Participant, simulated: bool = False) -> None:
        self.receive: Callable[[str, str, Any], None] = lambda *_: None
        self.refuse: Callable[[str, str, Exception], None] = lambda *_: None
        self.node_name = participant.full_name
        self._participant = participant
        self._inputs: dict[tuple[str, Source], Subscription] = {}
        self._changing = threading.RLock()
        self._buffer: TransformBuffer | None = None
        self._tf: list[Subscription] = []
        self._simulated_ns = 0 if simulated else None
        if simulated:
            participant.subscription("/clock", "rosgraph_msgs/msg/Clock", self._take_clock, depth=1)
        self._outputs = {
            topic: participant.publisher(
                topic.name, topic.type, latched=topic.latched, depth=topic.depth
            )
            for topic in interface.TOPICS
        }

    def now_ns(self) -> int:
        """The node's clock."""
        return time.time_ns() if self._simulated_ns is None else self._simulated_ns

    def publish(self, topic: Topic, message: Any) -> None:
        """Publish a message."""
        self._outputs[topic].publish(message)

    def subscribers(self, topic: Topic) -> int:
        """Number of subscribers."""
        return self._outputs[topic].subscribers()

    def subscribe(self, input_name: str, source: Source, reliable: bool) -> None:
        """Subscribe an input to a topic."""
        subscription = self._participant.subscription(
            source.topic,
            source.type,
            partial(self._receive, input_name, source.role),
            refuse=partial(self._refuse, input_name, source.role),
            latched=source.latched,
            depth=source.depth,
            reliable=reliable,
        )
        with self._changing:
            self._inputs[input_name, source] = subscription

    def unsubscribe(self, input_name: str, source: Source) -> None:
        """Unsubscribe an input from a topic."""
        with self._changing:
            self._inputs.pop((input_name, source)).close()

    def publishers(self, input_name: str, source: Source) -> int:
        """Number of publishers of an input's topic."""
        with self._changing:
            subscription = self._inputs.get((input_name, source))
            return subscription.publishers() if subscription is not None else 0

    def topic_name(self, source: Source) -> str:
        """The topic's name; there is no remapping."""
        return source.topic

    def incompatible_qos(self, input_name: str, source: Source) -> str:
        """A QoS policy in which a publisher offers less than the input requests."""
        with self._changing:
            subscription = self._inputs.get((input_name, source))
            return subscription.incompatible() if subscription is not None else ""

    def transforms(self) -> Transforms:
        """Subscribe to TF."""
        with self._changing:
            if self._buffer is None:
                self._buffer = TransformBuffer()
                self._tf = [
                    self._participant.subscription(
                        topic,
                        TF_TYPE,
                        partial(self._buffer.take, static=static),
                        latched=static,
                        depth=TF_DEPTH,
                        reliable=True,
                    )
                    for topic, static in (("/tf", False), ("/tf_static", True))
                ]
            return self._buffer

    def end_transforms(self) -> None:
        """Unsubscribe from TF."""
        with self._changing:
            for subscription in self._tf:
                subscription.close()
            self._tf, self._buffer = [], None

    def _receive(self, input_name: str, role: str, message: Any) -> None:
        self.receive(input_name, role, message)

    def _refuse(self, input_name: str, role: str, error: Exception) -> None:
        self.refuse(input_name, role, error)

    def _take_clock(self, message: Any) -> None:
        self._simulated_ns = nanoseconds_of(message.clock)
