# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node ``recognition_node`` on Cyclone DDS, without ROS.

It configures and activates itself and runs until it is stopped.  Topics and services equal those of
the ROS node.  Differences: there is no lifecycle, parameters are fixed at start, and an action is
carried as a service of the same name, with the goal as request and the result as response.  Such a
call blocks, gives no feedback, cannot be cancelled, and works between pip installations only.

Threads: input messages and clock ticks are handled one at a time, so frames stay in order; each
service call runs in its own thread; the recogniser's worker embeds and publishes.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from skeleton_dml_ros.dds.adapter import DdsAdapter
from skeleton_dml_ros.dds.endpoints import Participant
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Action
from skeleton_dml_ros.node.parameters import Value
from skeleton_dml_ros.node.parameters_file import SIMULATED
from skeleton_dml_ros.node.recognition_node import REPORT_INTERVAL, TICK_INTERVAL, RecognitionNode

logger = logging.getLogger(__name__)


def run_node(participant: Participant, values: Mapping[str, Value]) -> None:
    """Run the node until SIGINT or SIGTERM.

    Args:
        participant: the node's participant.
        values: values of all parameters.

    Raises:
        SkeletonDmlError: model, references, device or an input is unusable.
    """
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    adapter = DdsAdapter(participant, bool(values[SIMULATED.name]))
    core = RecognitionNode(adapter)
    in_order = threading.Lock()

    def receive(*message: Any) -> None:
        with in_order:
            core.receive(*message)

    def refuse(*unreadable: Any) -> None:
        with in_order:
            core.receive_unreadable(*unreadable)

    def tick() -> None:
        with in_order:
            core.tick()

    def report() -> None:
        _warn_of_incompatible(participant, warned)
        core.report()

    warned: set[str] = set()
    adapter.receive, adapter.refuse = receive, refuse
    try:
        core.configure(values)
        core.activate()
        for service in interface.SERVICES:
            participant.service(service.name, service.type, partial(core.answer, service))
        for action in interface.ACTIONS:
            participant.service(action.name, action.type, partial(_execute, core, action))
        ticker = threading.Thread(target=_repeat, args=(stopped, TICK_INTERVAL, tick), daemon=True)
        ticker.start()
        _repeat(stopped, REPORT_INTERVAL, report)
        ticker.join(REPORT_INTERVAL)
    finally:
        # Running calls receive a response: the node was deactivated.
        core.cleanup()


def _execute(core: RecognitionNode, action: Action, goal: Any) -> Any:
    """Execute an action that was called like a service: no feedback, no cancellation."""
    return core.execute(action, goal, lambda _: None, lambda: False)


def _repeat(stopped: threading.Event, period: float, do: Callable[[], object]) -> None:
    """Call a function periodically until stopped; exceptions are logged."""
    while not stopped.wait(period):
        try:
            do()
        except Exception:
            logger.exception("a periodic task failed; it is repeated in %g s", period)


def _warn_of_incompatible(participant: Participant, warned: set[str]) -> None:
    """Warn once about each middleware that cannot call the services."""
    for vendor in sorted(participant.incompatible_vendors() - warned):
        warned.add(vendor)
        logger.warning(
            "%s is on this network: it can use the topics but not the services; set "
            "RMW_IMPLEMENTATION=rmw_cyclonedds_cpp there",
            vendor,
        )
