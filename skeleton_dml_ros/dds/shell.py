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

"""What Cyclone DDS does for the node: topics out, topics in, the clock, TF."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from skeleton_dml_ros.dds.endpoints import Participant, Subscription
from skeleton_dml_ros.dds.transforms import TransformBuffer
from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.messages.source import Source
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Topic
from skeleton_dml_ros.node.make import stamp_of
from skeleton_dml_ros.node.transforms import Transforms

TF_TYPE, TF_DEPTH = "tf2_msgs/msg/TFMessage", 100


class DdsShell:
    """See :class:`skeleton_dml_ros.node.recognition_node.Shell`.

    Args:
        participant: whose topics these are.
        simulated: whether the clock is the simulation's, on ``/clock``.

    Attributes:
        receive: told of each message, one after the other: input, role of the source, message.
    """

    make = staticmethod(make)

    def __init__(self, participant: Participant, simulated: bool = False) -> None:
        self.receive: Callable[[str, str, Any], None] = lambda *_: None
        self._participant = participant
        self._inputs: dict[str, dict[Source, Subscription]] = {}
        self._changing = threading.RLock()
        self._buffer: TransformBuffer | None = None
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
        """The clock."""
        return time.time_ns() if self._simulated_ns is None else self._simulated_ns

    def publish(self, topic: Topic, message: Any) -> None:
        """Publish, as long as there is a network."""
        self._outputs[topic].publish(message)

    def subscribers(self, topic: Topic) -> int:
        """How many listen."""
        return self._outputs[topic].subscribers()

    def publishers(self, topic_name: str) -> int:
        """How many publish what an input gets."""
        with self._changing:
            return sum(
                subscription.publishers()
                for subscribed in self._inputs.values()
                for source, subscription in subscribed.items()
                if source.topic == topic_name
            )

    def incompatible_qos(self, input_name: str) -> str:
        """What DDS said about an input's publishers."""
        with self._changing:
            for source, subscription in self._inputs.get(input_name, {}).items():
                if policy := subscription.incompatible():
                    return (
                        f"{source.topic}: a publisher offers other QoS ({policy}) than "
                        f"input.{input_name}.reliable asks for"
                    )
        return ""

    def listen(self, input_name: str, sources: tuple[Source, ...], reliable: bool) -> None:
        """Subscribe to what is new, and end what is not wanted any more."""
        with self._changing:
            subscribed = self._inputs.setdefault(input_name, {})
            for source in [one for one in subscribed if one not in sources]:
                subscribed.pop(source).close()
            for source in sources:
                if source not in subscribed:
                    subscribed[source] = self._participant.subscription(
                        source.topic,
                        source.type,
                        partial(self._receive, input_name, source.role),
                        latched=source.latched,
                        depth=source.depth,
                        reliable=reliable,
                    )

    def transforms(self) -> Transforms:
        """TF, listened to from the first time on that it is needed."""
        with self._changing:
            if self._buffer is None:
                self._buffer = TransformBuffer()
                for topic, static in (("/tf", False), ("/tf_static", True)):
                    self._participant.subscription(
                        topic,
                        TF_TYPE,
                        partial(self._buffer.take, static=static),
                        latched=static,
                        depth=TF_DEPTH,
                        reliable=True,
                    )
            return self._buffer

    def _receive(self, input_name: str, role: str, message: Any) -> None:
        self.receive(input_name, role, message)

    def _take_clock(self, message: Any) -> None:
        self._simulated_ns = stamp_of(message.clock)
