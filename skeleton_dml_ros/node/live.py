# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""All that exists while the node is active, and nothing of it before or after.

The device's memory is taken when this begins and given back when it is closed; the model in memory
and the store's file belong to the node and outlive it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.inputs import LiveInput
from skeleton_dml_ros.recognition.event import Event, Recognition
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

POLL = 0.1
"""Seconds after which somebody who waits for decisions looks up: an end or a cancellation is
noticed within this time."""

LAST_SECONDS = 5.0
"""How long what has closed may still wait for its embedding, where somebody waits for the last
decision."""

Decisions = queue.SimpleQueue[Recognition]


class DeviceEngine(Engine, Protocol):
    """An engine on a device, as the node needs it."""

    @property
    def device_name(self) -> str:
        """Where it computes, for people."""
        ...

    def image(self, sequence: SkeletonSequence) -> NDArray[np.float32]:
        """What the network sees of a clip, (3, height, width) in [0, 1].

        Raises:
            SkeletonDmlError: too little was seen, or the engine was released.
        """
        ...

    def device_memory(self) -> int | None:
        """Bytes that it takes there; None where that cannot be known."""
        ...

    def release(self) -> None:
        """Give the device back.  Twice is no error."""
        ...


MakeEngine = Callable[[Model, str, str], DeviceEngine]
"""``make_engine(model, engine, device)``: what computes with the model."""


class BusyError(SkeletonDmlError):
    """A recording or a calibration is already running."""


class CancelledError(SkeletonDmlError):
    """The client cancelled the action."""


class DeactivatedError(SkeletonDmlError):
    """The node was deactivated during an action."""


class Live:
    """The recogniser at work.

    Args:
        model: in memory.
        store: what was taught.
        engine: the name of what computes.
        device: where the network runs.
        inputs: what comes in, by name.
        settings: of the recogniser.
        threshold: highest score of a known action; None for the robot's own, or the model's.
        on_event: told of every event, from the worker's thread.
        make_engine: what computes.

    Raises:
        SkeletonDmlError: the device or the store cannot be used; nothing is left behind.
    """

    def __init__(
        self,
        model: Model,
        store: ReferenceStore,
        engine: str,
        device: str,
        inputs: Mapping[str, LiveInput],
        settings: RecognitionSettings,
        threshold: float | None,
        on_event: Callable[[Event], None],
        make_engine: MakeEngine,
    ) -> None:
        self.model = model
        self.inputs = dict(inputs)
        self.engine = make_engine(model, engine, device)
        self.closing = threading.Event()
        self._on_event = on_event
        self._listeners: list[Decisions] = []
        self._exclusive = threading.Lock()
        try:
            self.recognizer = Recognizer.open(
                store,
                model,
                self.engine,
                settings=settings,
                threshold=threshold,
                live=True,
                on_event=self._take_event,
            )
        except BaseException:
            self.engine.release()
            raise
        self.library = self.recognizer.library
        try:
            self.recognizer.warm_up()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the worker, wake whoever waits, give the device's memory back."""
        self.closing.set()
        self.recognizer.close()
        self.engine.release()

    @contextmanager
    def undisturbed(self, what: str) -> Iterator[Decisions]:
        """Decisions as they come, while somebody shows something to the robot.

        Only one at a time.  Meanwhile no unknown action is worth a question: who demonstrates is
        not asked what that was.

        Args:
            what: is going on, for whoever comes second.

        Raises:
            BusyError: something is being shown already.
        """
        if not self._exclusive.acquire(blocking=False):
            raise BusyError(
                f"{what} has to wait: a recording or calibration is already running; try again later"
            )
        decisions: Decisions = queue.SimpleQueue()
        try:
            with self.recognizer.withhold_reports():
                self._listeners.append(decisions)
                try:
                    yield decisions
                finally:
                    self._listeners.remove(decisions)
        finally:
            self._exclusive.release()

    def next_decision(self, decisions: Decisions) -> Recognition | None:
        """The next decision, or None when a moment has passed without one.

        Raises:
            DeactivatedError: the node was deactivated meanwhile.
        """
        self.check_open()
        try:
            return decisions.get(timeout=POLL)
        except queue.Empty:
            return None

    def check_open(self) -> None:
        """Refuse to go on with what would have been stored.

        Raises:
            DeactivatedError: the node was deactivated meanwhile.
        """
        if self.closing.is_set():
            raise DeactivatedError("the node was deactivated meanwhile; nothing was stored")

    def last_decisions(self, decisions: Decisions) -> Iterator[Recognition]:
        """The decisions on all that has closed until now, also on what still waits for one."""
        self.recognizer.drain(LAST_SECONDS)
        while not decisions.empty():
            yield decisions.get()

    def _take_event(self, event: Event) -> None:
        if isinstance(event, Recognition):
            for decisions in list(self._listeners):
                decisions.put(event)
        self._on_event(event)
