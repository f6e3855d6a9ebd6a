# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The interface that the node expects from a middleware."""

from __future__ import annotations

from typing import Any, Protocol

from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.messages.make import Make
from skeleton_dml_ros.node.interface import Topic
from skeleton_dml_ros.node.transforms import Transforms


class MiddlewareAdapter(Protocol):
    """Topics, clock and TF of a middleware; thread-safe.

    Attributes:
        make: creates messages.
        node_name: full name of the node, such as ``/robot1/recognition_node``.
    """

    make: Make
    node_name: str

    def now_ns(self) -> int:
        """The node's clock: wall time or simulated time."""
        ...

    def publish(self, topic: Topic, message: Any) -> None:
        """Publish a message; ignored while the topic is closed."""
        ...

    def subscribers(self, topic: Topic) -> int:
        """Number of subscribers of a topic."""
        ...

    def subscribe(self, input_name: str, source: Source, reliable: bool) -> None:
        """Subscribe an input to a topic.

        Args:
            input_name: name of the input.
            source: the topic; a latched one is always subscribed with reliable QoS.
            reliable: use reliable QoS.
        """
        ...

    def unsubscribe(self, input_name: str, source: Source) -> None:
        """Unsubscribe an input from a topic."""
        ...

    def publishers(self, input_name: str, source: Source) -> int:
        """Number of publishers of an input's topic."""
        ...

    def topic_name(self, source: Source) -> str:
        """Name of an input's topic as users see it, with remapping and namespace."""
        ...

    def incompatible_qos(self, input_name: str, source: Source) -> str:
        """A QoS policy in which a publisher offers less than the input requests; empty if none."""
        ...

    def transforms(self) -> Transforms:
        """Subscribe to TF, until :meth:`end_transforms`."""
        ...

    def end_transforms(self) -> None:
        """Unsubscribe from TF, if subscribed."""
        ...
