# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The lifecycle node ``recognition_node``.

Threads: what the inputs send and the tick of the clock come one after the other, so that frames
stay in order; services and the action each take a thread of their own while they wait; the
recogniser's worker embeds and publishes.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Sequence
from functools import partial
from typing import Any

import rclpy
from rclpy.action import ActionServer, CancelResponse
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.exceptions import ROSInterruptException
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

# Read when torch is loaded, which the imports below do.  Threads that spin while they wait for one
# another, as is the default, take the cores from everything else on the robot.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Action, Service
from skeleton_dml_ros.node.recognition_node import REPORT_INTERVAL, TICK_INTERVAL, RecognitionNode
from skeleton_dml_ros.ros.adapter import RosAdapter
from skeleton_dml_ros.ros.logs import log_to
from skeleton_dml_ros.ros.messages import interface_class
from skeleton_dml_ros.ros.parameters import declare, take_changes, values_of

logger = logging.getLogger(__name__)

MAX_PENDING_CALLS = 6
"""Threads: one for the inputs, one for diagnostics, one for the lifecycle and parameters, three for
services and the action, of which two may wait for something to be shown."""

WRONG_USE = 2
"""Exit status where a parameter that was given cannot be used."""


class LifecycleRecognitionNode(LifecycleNode):
    """ROS's side of :class:`~skeleton_dml_ros.node.recognition_node.RecognitionNode`.

    Raises:
        ParameterError: a parameter that was given cannot be used.
    """

    def __init__(self) -> None:
        super().__init__(interface.NODE_NAME)
        log_to(self.get_logger())
        stream, asking = MutuallyExclusiveCallbackGroup(), ReentrantCallbackGroup()
        self._adapter = RosAdapter(self, stream)
        self._core = RecognitionNode(self._adapter)
        self._adapter.receive = self._core.receive
        self._declared = declare(self)
        self.add_on_set_parameters_callback(partial(take_changes, self._core, self._declared))
        for service in interface.SERVICES:
            self.create_service(
                interface_class(service.type),
                service.name,
                partial(self._answer, service),
                callback_group=asking,
            )
        self._action_servers = [
            ActionServer(
                self,
                interface_class(action.type),
                action.name,
                partial(self._execute, action),
                cancel_callback=lambda _: CancelResponse.ACCEPT,
                callback_group=asking,
            )
            for action in interface.ACTIONS
        ]
        self.create_timer(TICK_INTERVAL, self._core.tick, callback_group=stream)
        self.create_timer(
            REPORT_INTERVAL, self._core.report, callback_group=MutuallyExclusiveCallbackGroup()
        )

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Read the parameters; open and check model and store."""
        try:
            self._core.configure(values_of(self, self._declared))
        except SkeletonDmlError as error:
            logger.error("not configured: %s", error)
            return TransitionCallbackReturn.FAILURE
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take the device, warm it up, listen."""
        super().on_activate(state)
        try:
            self._core.activate()
        except SkeletonDmlError as error:
            logger.error("not active: %s", error)
            self._core.deactivate()
            super().on_deactivate(state)
            return TransitionCallbackReturn.FAILURE
        return TransitionCallbackReturn.SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop listening, give the device's memory back."""
        self._core.deactivate()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Forget model and store."""
        self._core.cleanup()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Forget everything."""
        self._core.cleanup()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """After a fault: back to where it can be configured again."""
        self._core.cleanup()
        return TransitionCallbackReturn.SUCCESS

    def close(self) -> None:
        """The process ends."""
        self._core.cleanup()

    def _answer(self, service: Service, request: Any, response: Any) -> Any:
        return self._core.answer(service, request)

    def _execute(self, action: Action, goal: Any) -> Any:
        result = self._core.execute(
            action, goal.request, goal.publish_feedback, lambda: bool(goal.is_cancel_requested)
        )
        if result.success:
            goal.succeed()
        elif goal.is_cancel_requested:
            goal.canceled()
        else:
            goal.abort()
        return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the node until it is told to stop; returns the exit status."""
    rclpy.init(args=None if arguments is None else list(arguments))
    try:
        node = LifecycleRecognitionNode()
    except SkeletonDmlError as error:
        logger.error("%s", error)
        rclpy.try_shutdown()
        return WRONG_USE
    executor = MultiThreadedExecutor(num_threads=MAX_PENDING_CALLS)
    executor.add_node(node)
    try:
        _spin(executor)
    finally:
        # Closing takes a moment; an impatient second Ctrl-C must not tear it apart.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        node.close()
        executor.shutdown(timeout_sec=1.0)
        node.destroy_node()
        rclpy.try_shutdown()
    return 0


def _spin(executor: MultiThreadedExecutor) -> None:
    """Spin until the context ends.

    A callback that fails must not end the node.  rclpy itself fails on a request for a transition
    that the lifecycle does not have just now.
    """
    while rclpy.ok():
        try:
            executor.spin()
        except (KeyboardInterrupt, ExternalShutdownException, ROSInterruptException):
            return
        except Exception as error:
            if rclpy.ok():
                logger.error("a request or message failed: %s", error, exc_info=True)
