# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a middleware does for the node."""

from __future__ import annotations

from typing import Any, Protocol

from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.messages.make import Make
from skeleton_dml_ros.node.interface import Topic
from skeleton_dml_ros.node.transforms import Transforms


class MiddlewareAdapter(Protocol):
    """What a middleware does for the node; safe to use from several threads.

    Attributes:
        make: makes its messages.
        node_name: the node's full name, such as ``/robot1/recognition_node``.
    """

    make: Make
    node_name: str

    def now_ns(self) -> int:
        """The node's clock: wall time, or the simulation's."""
        ...

    def publish(self, topic: Topic, message: Any) -> None:
        """Publish a message; on a topic that is closed just now, nothing happens."""
        ...

    def subscribers(self, topic: Topic) -> int:
        """How many listen to a topic."""
        ...

    def subscribe(self, input_name: str, source: Source, reliable: bool) -> None:
        """Listen to a topic for an input.

        Args:
            input_name: of the input.
            source: what to listen to; what is latched is had only by asking for every message.
            reliable: ask for every message.
        """
        ...

    def unsubscribe(self, input_name: str, source: Source) -> None:
        """Listen no more to a topic that an input listens to."""
        ...

    def publishers(self, input_name: str, source: Source) -> int:
        """How many publish what an input listens to."""
        ...

    def incompatible_qos(self, input_name: str, source: Source) -> str:
        """The policy that keeps the messages of one that publishes now away, such as ``durability``.

        Empty where all fit.
        """
        ...

    def transforms(self) -> Transforms:
        """TF, listened to until :meth:`end_transforms`."""
        ...

    def end_transforms(self) -> None:
        """Listen to TF no more.  Where nobody listens, nothing happens."""
        ...
