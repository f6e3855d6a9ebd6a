# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The lifecycle node ``recognition_node``.

Threads: input messages and clock ticks are handled one at a time, so frames stay in order; services and
actions run in parallel threads; the recogniser's worker embeds and publishes.
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
from rclpy.clock import Clock, ClockType
from rclpy.exceptions import ROSInterruptException
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

# Must be set before torch is imported.  By default, waiting OpenMP threads spin and take CPU time from
# the rest of the robot.
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

THREADS = 6
"""One for the inputs, one for diagnostics, one for lifecycle and parameters, three for services and
actions; one running action leaves two."""

WRONG_USE = 2
"""Exit status for invalid parameters."""


class LifecycleRecognitionNode(LifecycleNode):
    """Runs :class:`~skeleton_dml_ros.node.recognition_node.RecognitionNode` on rclpy.

    Raises:
        ParameterError: a given parameter is invalid.
    """

    def __init__(self) -> None:
        super().__init__(interface.NODE_NAME)
        log_to(self.get_logger())
        stream, requests = MutuallyExclusiveCallbackGroup(), ReentrantCallbackGroup()
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
                callback_group=requests,
            )
        self._action_servers = [
            ActionServer(
                self,
                interface_class(action.type),
                action.name,
                partial(self._execute, action),
                cancel_callback=lambda _: CancelResponse.ACCEPT,
                callback_group=requests,
            )
            for action in interface.ACTIONS
        ]
        # The node's own clock may be simulated, and stand still.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(TICK_INTERVAL, self._core.tick, callback_group=stream, clock=steady)
        self.create_timer(
            REPORT_INTERVAL,
            self._core.report,
            callback_group=MutuallyExclusiveCallbackGroup(),
            clock=steady,
        )
        name = self.get_fully_qualified_name()
        logger.info("waiting for configuration: ros2 lifecycle set %s configure", name)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Read the parameters; open model and references."""
        try:
            self._core.configure(values_of(self, self._declared))
        except SkeletonDmlError as error:
            logger.error("configuration failed: %s", error)
            return TransitionCallbackReturn.FAILURE
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model onto the device, warm up, and subscribe to the inputs."""
        super().on_activate(state)
        try:
            self._core.activate()
        except SkeletonDmlError as error:
            logger.error("activation failed: %s", error)
            self._core.deactivate()
            super().on_deactivate(state)
            return TransitionCallbackReturn.FAILURE
        return TransitionCallbackReturn.SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe and free the device's memory."""
        self._core.deactivate()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Close model and references."""
        self._core.cleanup()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Close everything."""
        self._core.shut_down()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Return to unconfigured after an error."""
        self._core.cleanup()
        return TransitionCallbackReturn.SUCCESS

    def close(self) -> None:
        """Close everything at the end of the process."""
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
    """Run the node until shutdown; returns the exit status."""
    rclpy.init(args=None if arguments is None else list(arguments))
    try:
        node = LifecycleRecognitionNode()
    except SkeletonDmlError as error:
        logger.error("%s", error)
        rclpy.try_shutdown()
        return WRONG_USE
    executor = MultiThreadedExecutor(num_threads=THREADS)
    executor.add_node(node)
    try:
        _spin(executor)
    finally:
        # A second Ctrl-C must not interrupt closing.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        node.close()
        executor.shutdown(timeout_sec=1.0)
        node.destroy_node()
        rclpy.try_shutdown()
    return 0


def _spin(executor: MultiThreadedExecutor) -> None:
    """Spin until shutdown, also after an exception in a callback.

    rclpy itself raises one for a lifecycle transition that is not possible in the present state.
    """
    while rclpy.ok():
        try:
            executor.spin()
        except (KeyboardInterrupt, ExternalShutdownException, ROSInterruptException):
            return
        except Exception as error:
            if rclpy.ok():
                logger.error("a callback failed: %s", error, exc_info=True)
