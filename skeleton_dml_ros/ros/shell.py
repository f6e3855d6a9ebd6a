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

"""What rclpy does for the node: topics out, topics in, the clock, TF."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

try:
    from rclpy.event_handler import SubscriptionEventCallbacks, UnsupportedEventTypeError
except ImportError:  # ROS 2 Humble
    from rclpy.qos_event import SubscriptionEventCallbacks, UnsupportedEventTypeError

from skeleton_dml_ros.messages.source import Source
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Topic
from skeleton_dml_ros.node.transforms import Transforms
from skeleton_dml_ros.ros.messages import interface_class, make
from skeleton_dml_ros.ros.transforms import TransformBuffer

logger = logging.getLogger(__name__)


class RosShell:
    """See :class:`skeleton_dml_ros.node.recognition_node.Shell`.

    Args:
        node: whose topics these are.
        stream: the group in which an input's messages come, one after the other.

    Attributes:
        receive: told of each message: input, role of the source, message.
    """

    make = staticmethod(make)

    def __init__(self, node: LifecycleNode, stream: CallbackGroup) -> None:
        self.receive: Callable[[str, str, Any], None] = lambda *_: None
        self._node = node
        self._stream = stream
        self._outputs: dict[Topic, Any] = {}
        self._inputs: dict[str, dict[Source, Any]] = {}
        self._incompatible: dict[str, str] = {}
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

    def publishers(self, topic_name: str) -> int:
        """How many publish."""
        return int(self._node.count_publishers(topic_name))

    def incompatible_qos(self, input_name: str) -> str:
        """What the middleware said about an input's publishers."""
        return self._incompatible.get(input_name, "")

    def listen(self, input_name: str, sources: tuple[Source, ...], reliable: bool) -> None:
        """Subscribe to what is new, and end what is not wanted any more."""
        with self._changing:
            subscribed = self._inputs.setdefault(input_name, {})
            for source in [one for one in subscribed if one not in sources]:
                self._node.destroy_subscription(subscribed.pop(source))
            for source in sources:
                if source not in subscribed:
                    subscribed[source] = self._subscribe(input_name, source, reliable)
            if not sources:
                self._incompatible.pop(input_name, None)

    def transforms(self) -> Transforms:
        """TF, listened to from the first time on that it is needed."""
        if self._buffer is None:
            self._buffer = TransformBuffer(self._node)
        return self._buffer

    def _subscribe(self, input_name: str, source: Source, reliable: bool) -> Any:
        def subscribe(**more: Any) -> Any:
            return self._node.create_subscription(
                interface_class(source.type),
                source.topic,
                partial(self.receive, input_name, source.role),
                _listening(source, reliable),
                callback_group=self._stream,
                **more,
            )

        def incompatible(event: Any) -> None:
            reason = (
                f"{source.topic}: a publisher offers other QoS "
                f"({_policy_name(event.last_policy_kind)}) than input.{input_name}.reliable asks for"
            )
            self._incompatible[input_name] = reason
            logger.warning("input %s: %s", input_name, reason)

        try:
            return subscribe(
                event_callbacks=SubscriptionEventCallbacks(incompatible_qos=incompatible)
            )
        except UnsupportedEventTypeError:
            return subscribe()


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


def _policy_name(kind: Any) -> str:
    return str(getattr(kind, "name", kind)).lower().replace("_", " ")
