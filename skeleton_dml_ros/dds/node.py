# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node ``recognition_node`` without ROS.

It configures and activates itself, and runs until it is told to stop.  What ROS's own node has
besides, this one has not: no lifecycle, no parameters that change while it runs, no action
``record_reference``.  Topics and services are the same.

Threads: what the inputs send and the tick of the clock come one after the other, so that frames
stay in order; each call of a service has a thread of its own while it waits; the recogniser's
worker embeds and publishes.
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
from skeleton_dml_ros.node.given_parameters import SIMULATED
from skeleton_dml_ros.node.parameters import Value
from skeleton_dml_ros.node.recognition_node import REPORT, TICK, RecognitionNode

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
        ticking = threading.Thread(target=_repeat, args=(told, TICK, tick), daemon=True)
        ticking.start()
        _repeat(told, REPORT, report)
        ticking.join(REPORT)
    finally:
        # Whoever waits for an answer is told that the node ends.
        core.cleanup()


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
