# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Middleware adapter on rclpy: topics, clock and TF."""

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
    """Implements :class:`skeleton_dml_ros.node.middleware_adapter.MiddlewareAdapter`.

    Args:
        node: the ROS node.
        stream: callback group of the inputs; handles one message at a time.

    Attributes:
        receive: called with each message: input, role of the topic, message.
        node_name: full name of the node.
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
                interface_class(topic.type), topic.name, _publisher_qos(topic)
            )

    def now_ns(self) -> int:
        """The ROS clock."""
        return int(self._node.get_clock().now().nanoseconds)

    def publish(self, topic: Topic, message: Any) -> None:
        """Publish a message; ignored once the context is shut down."""
        try:
            self._outputs[topic].publish(message)
        except Exception:
            if self._node.context.ok():
                raise

    def subscribers(self, topic: Topic) -> int:
        """Number of subscribers."""
        return int(self._outputs[topic].get_subscription_count())

    def subscribe(self, input_name: str, source: Source, reliable: bool) -> None:
        """Subscribe an input to a topic."""
        quality = _subscription_qos(source, reliable)
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
        """Unsubscribe an input from a topic."""
        with self._changing:
            subscription, _ = self._inputs.pop((input_name, source))
        self._node.destroy_subscription(subscription)

    def publishers(self, input_name: str, source: Source) -> int:
        """Number of publishers; the topic may be remapped."""
        return int(self._node.count_publishers(self._node.resolve_topic_name(source.topic)))

    def topic_name(self, source: Source) -> str:
        """The topic's name with remapping and namespace."""
        return str(self._node.resolve_topic_name(source.topic))

    def incompatible_qos(self, input_name: str, source: Source) -> str:
        """A QoS policy in which a publisher offers less than the input requests."""
        with self._changing:
            _, requested = self._inputs.get((input_name, source), (None, None))
        if requested is None:
            return ""
        topic = self._node.resolve_topic_name(source.topic)
        for publisher in self._node.get_publishers_info_by_topic(topic):
            if policy := _incompatible_policy(publisher.qos_profile, requested):
                return policy
        return ""

    def transforms(self) -> Transforms:
        """Subscribe to TF."""
        with self._changing:
            if self._buffer is None:
                self._buffer = TransformBuffer(self._node)
            return self._buffer

    def end_transforms(self) -> None:
        """Unsubscribe from TF."""
        with self._changing:
            buffer, self._buffer = self._buffer, None
        if buffer is not None:
            buffer.close()


def _publisher_qos(topic: Topic) -> QoSProfile:
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=topic.depth,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if topic.latched else DurabilityPolicy.VOLATILE,
    )


def _subscription_qos(source: Source, reliable: bool) -> QoSProfile:
    """QoS of a subscription: best effort matches every publisher; latched topics require reliable."""
    reliable = reliable or source.latched
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=source.depth,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL
        if source.latched
        else DurabilityPolicy.VOLATILE,
    )


def _incompatible_policy(offered: QoSProfile, requested: QoSProfile) -> str:
    """The policy in which a publisher offers less than requested; empty if none."""
    if requested.reliability == ReliabilityPolicy.RELIABLE and (
        offered.reliability == ReliabilityPolicy.BEST_EFFORT
    ):
        return "reliability"
    if requested.durability == DurabilityPolicy.TRANSIENT_LOCAL and (
        offered.durability == DurabilityPolicy.VOLATILE
    ):
        return "durability"
    return ""
