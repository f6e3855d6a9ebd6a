# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What rclpy does for the node: topics out, topics in, the clock, TF."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Topic
from skeleton_dml_ros.node.transforms import Transforms
from skeleton_dml_ros.ros.messages import interface_class, make
from skeleton_dml_ros.ros.transforms import TransformBuffer


class RosAdapter:
    """See :class:`skeleton_dml_ros.node.middleware_adapter.MiddlewareAdapter`.

    Args:
        node: whose topics these are.
        stream: the group in which an input's messages come, one after the other.

    Attributes:
        receive: told of each message: input, role of the source, message.
        node_name: the node's full name.
    """

    make = staticmethod(make)

    def __init__(self, node: LifecycleNode, stream: CallbackGroup) -> None:
        self.receive: Callable[[str, str, Any], None] = lambda *_: None
        self.node_name = node.get_fully_qualified_name()
        self._node = node
        self._stream = stream
        self._outputs: dict[Topic, Any] = {}
        self._inputs: dict[tuple[str, Source], tuple[Any, QoSProfile]] = {}
        self._changing = threading.RLock()
        self._buffer: TransformBuffer | None = None
        for topic in interface.TOPICS:
            create = node.create_publisher if topic.always else node.create_lifecycle_publisher
            self._outputs[topic] = create(
                interface_class(topic.type), topic.name, _publishing(topic)
            )

    def now_ns(self) -> int:
        """The ROS clock."""
        return int(self._node.get_clock().now().nanoseconds)

    def publish(self, topic: Topic, message: Any) -> None:
        """Publish, as long as there is a context to publish in."""
        try:
            self._outputs[topic].publish(message)
        except Exception:
            if self._node.context.ok():
                raise

    def subscribers(self, topic: Topic) -> int:
        """How many listen."""
        return int(self._outputs[topic].get_subscription_count())

    def subscribe(self, input_name: str, source: Source, reliable: bool) -> None:
        """Subscribe in the inputs' group."""
        quality = _listening(source, reliable)
        subscription = self._node.create_subscription(
            interface_class(source.type),
            source.topic,
            partial(self.receive, input_name, source.role),
            quality,
            callback_group=self._stream,
        )
        with self._changing:
            self._inputs[input_name, source] = (subscription, quality)

    def unsubscribe(self, input_name: str, source: Source) -> None:
        """End a subscription."""
        with self._changing:
            subscription, _ = self._inputs.pop((input_name, source))
        self._node.destroy_subscription(subscription)

    def publishers(self, input_name: str, source: Source) -> int:
        """How many publish, also where the topic was given another name (remapped)."""
        return int(self._node.count_publishers(self._node.resolve_topic_name(source.topic)))

    def incompatible_qos(self, input_name: str, source: Source) -> str:
        """What a publisher offers less than the input asks for."""
        with self._changing:
            _, asked = self._inputs.get((input_name, source), (None, None))
        if asked is None:
            return ""
        topic = self._node.resolve_topic_name(source.topic)
        for publisher in self._node.get_publishers_info_by_topic(topic):
            if policy := _lacking(publisher.qos_profile, asked):
                return policy
        return ""

    def transforms(self) -> Transforms:
        """TF, listened to from now on."""
        with self._changing:
            if self._buffer is None:
                self._buffer = TransformBuffer(self._node)
            return self._buffer

    def end_transforms(self) -> None:
        """Listen to TF no more."""
        with self._changing:
            buffer, self._buffer = self._buffer, None
        if buffer is not None:
            buffer.close()


def _publishing(topic: Topic) -> QoSProfile:
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=topic.depth,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if topic.latched else DurabilityPolicy.VOLATILE,
    )


def _listening(source: Source, reliable: bool) -> QoSProfile:
    """Best effort fits every publisher; what is latched is had only by asking for it."""
    ask = reliable or source.latched
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=source.depth,
        reliability=ReliabilityPolicy.RELIABLE if ask else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL
        if source.latched
        else DurabilityPolicy.VOLATILE,
    )


def _lacking(offered: QoSProfile, asked: QoSProfile) -> str:
    """The policy in which a publisher offers less than is asked for; empty for none."""
    if asked.reliability == ReliabilityPolicy.RELIABLE and (
        offered.reliability == ReliabilityPolicy.BEST_EFFORT
    ):
        return "reliability"
    if asked.durability == DurabilityPolicy.TRANSIENT_LOCAL and (
        offered.durability == DurabilityPolicy.VOLATILE
    ):
        return "durability"
    return ""
