# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node ``recognition_node`` without ROS.

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
    """Run the node until the process is told to stop (SIGINT or SIGTERM).

    Args:
        participant: the node's.
        values: of all parameters.

    Raises:
        SkeletonDmlError: model, store, device or an input cannot be used.
    """
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
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
        _warn_of_strangers(participant, warned)
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
        ticking = threading.Thread(target=_repeat, args=(told, TICK_INTERVAL, tick), daemon=True)
        ticking.start()
        _repeat(told, REPORT_INTERVAL, report)
        ticking.join(REPORT_INTERVAL)
    finally:
        # Whoever waits for an answer is told that the node ends.
        core.cleanup()


def _execute(core: RecognitionNode, action: Action, goal: Any) -> Any:
    """Execute an action that was called like a service: no feedback, no cancellation."""
    return core.execute(action, goal, lambda _: None, lambda: False)


def _repeat(told: threading.Event, period: float, do: Callable[[], object]) -> None:
    """Do something again and again; what fails once is tried again."""
    while not told.wait(period):
        try:
            do()
        except Exception:
            logger.exception("something failed that is tried again in %g s", period)


def _warn_of_strangers(participant: Participant, warned: set[str]) -> None:
    """Say once whom services do not reach."""
    for stranger in sorted(participant.strangers() - warned):
        warned.add(stranger)
        logger.warning(
            "%s is on this network: it gets the topics, but forms services otherwise and gets no "
            "answer; set RMW_IMPLEMENTATION=rmw_cyclonedds_cpp there",
            stranger,
        )
