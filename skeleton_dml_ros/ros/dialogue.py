# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node ``dialogue``: example of a robot that asks about unknown actions.

For each unknown action it asks a question on the topic ``~/says`` and teaches the next answer on
``~/answer`` (both std_msgs/String; replace them with speech).  The answer "nothing" teaches a movement
to ignore.
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
"""Answer to a question about a movement without meaning."""


class Dialogue(Node):
    """Asks, listens, teaches."""

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
        """Ask about an unknown action; it replaces an unanswered earlier one."""
        self._asked = unknown
        self._say(f"{_who(unknown)}, what was that?")

    def _greet(self, recognition: ActionRecognition) -> None:
        if recognition.verdict == ActionRecognition.KNOWN:
            self._say(f"{_who(recognition)}: {recognition.label}")

    def _hear(self, answer: String) -> None:
        """Teach the unknown action with the answer as its label."""
        if self._asked is None:
            self._say("I did not ask a question.")
            return
        request = EnrollReference.Request(label=answer.data.strip(), clip_id=self._asked.clip_id)
        if request.label == NOTHING:
            request.kind = Reference.IGNORE
        self._asked = None
        # Do not wait for the response here: this node's executor delivers it.
        self._enroll.call_async(request).add_done_callback(self._thank)

    def _thank(self, future: Any) -> None:
        self._say(future.result().message)

    def _say(self, text: str) -> None:
        self.get_logger().info(text)
        self._says.publish(String(data=text))


def _who(recognition: ActionRecognition) -> str:
    return " and ".join(recognition.person_ids)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the node until shutdown; returns the exit status."""
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
