# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node ``dialogue``: an example of a robot that asks what it does not know.

It listens to unknown actions, asks about each, takes the next answer for it, and teaches the
recogniser.  Here the robot "speaks" on the topic ``~/says`` and hears on ``~/answer``
(std_msgs/String); put speech in their place.  "nothing" as an answer is a movement to ignore.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import String

from skeleton_dml_ros.msg import ActionRecognition, Reference
from skeleton_dml_ros.srv import EnrollReference

NOTHING = "nothing"
"""What a person answers who was only scratching."""


class Dialogue(Node):
    """Asks, listens, teaches; see the module's description."""

    def __init__(self) -> None:
        super().__init__("dialogue")
        self.declare_parameter("recogniser", "recognition_node")
        recogniser = self.get_parameter("recogniser").value
        self._asked: ActionRecognition | None = None
        self._says = self.create_publisher(String, "~/says", 10)
        self._enroll = self.create_client(EnrollReference, f"{recogniser}/enroll_reference")
        self.create_subscription(ActionRecognition, f"{recogniser}/unknown_actions", self._ask, 10)
        self.create_subscription(ActionRecognition, f"{recogniser}/recognitions", self._greet, 10)
        self.create_subscription(String, "~/answer", self._hear, 10)

    def _ask(self, unknown: ActionRecognition) -> None:
        """Ask about an unknown action; a newer one takes the place of an unanswered one."""
        self._asked = unknown
        self._say(f"{_who(unknown)}, what was that?")

    def _greet(self, recognition: ActionRecognition) -> None:
        if recognition.verdict == ActionRecognition.KNOWN:
            self._say(f"{_who(recognition)}: {recognition.label}")

    def _hear(self, answer: String) -> None:
        """Teach what was asked about, under the name that was answered."""
        if self._asked is None:
            self._say("I did not ask anything.")
            return
        request = EnrollReference.Request(label=answer.data.strip(), clip_id=self._asked.clip_id)
        if request.label == NOTHING:
            request.kind = Reference.IGNORE
        self._asked = None
        # The answer to a call comes through this node's own executor: waiting for it here would
        # wait for ever.
        self._enroll.call_async(request).add_done_callback(self._thank)

    def _thank(self, future: Any) -> None:
        self._say(future.result().message)

    def _say(self, text: str) -> None:
        self.get_logger().info(text)
        self._says.publish(String(data=text))


def _who(recognition: ActionRecognition) -> str:
    return " and ".join(recognition.person_ids)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the node until it is told to stop; returns the exit status."""
    rclpy.init(args=None if arguments is None else list(arguments))
    node = Dialogue()
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
    return 0
