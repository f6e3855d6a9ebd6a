# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The recogniser of an active node, its engine and inputs.

It holds the device's memory; the node owns the model and the references file, which outlive it.
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
"""Seconds to wait for a decision before checking for cancellation and deactivation."""

LAST_SECONDS = 5.0
"""Maximum time in seconds to wait for the decisions on clips that have closed."""

Decisions = queue.SimpleQueue[Recognition]


class DeviceEngine(Engine, Protocol):
    """An inference engine on a device."""

    @property
    def device_name(self) -> str:
        """Name of the device, for display."""
        ...

    def image(self, sequence: SkeletonSequence) -> NDArray[np.float32]:
        """The Skeleton-DML image of a clip, (3, height, width) in [0, 1].

        Raises:
            SkeletonDmlError: too few joints are visible, or the engine was released.
        """
        ...

    def device_memory(self) -> int | None:
        """Bytes used on the device; None if unknown."""
        ...

    def release(self) -> None:
        """Free the device's memory; may be called more than once."""
        ...


MakeEngine = Callable[[Model, str, str], DeviceEngine]
"""``make_engine(model, engine, device)``."""


class BusyError(SkeletonDmlError):
    """A recording or a calibration is already running."""


class CancelledError(SkeletonDmlError):
    """The client cancelled the action."""


class DeactivatedError(SkeletonDmlError):
    """The node was deactivated during an action."""


class ActiveRecognizer:
    """The recogniser of an active node.

    Args:
        model: the model.
        store: the references.
        engine: name of the engine.
        device: name of the device.
        inputs: the inputs by name.
        settings: settings of the recogniser.
        threshold: minimum confidence of a known action; None for the calibrated or the model's.
        matcher: ``fused``, ``embedding`` or ``alignment``.
        match_mirrored: whether a reference also stands for its mirror image.
        on_event: called with every event, in the worker's thread.
        make_engine: creates the engine.

    Raises:
        SkeletonDmlError: the device or the references cannot be used.
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
        matcher: str,
        match_mirrored: bool,
        on_event: Callable[[Event], None],
        make_engine: MakeEngine,
    ) -> None:
        self.model = model
        self.inputs = dict(inputs)
        self.engine = make_engine(model, engine, device)
        self.closing = threading.Event()
        self._on_event = on_event
        self._listeners: list[Decisions] = []
        self._task_lock = threading.Lock()
        try:
            self.recognizer = Recognizer.open(
                store,
                model,
                self.engine,
                settings=settings,
                threshold=threshold,
                matcher=matcher,
                match_mirrored=match_mirrored,
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
        """Stop the worker and running actions, and free the device's memory."""
        self.closing.set()
        self.recognizer.close()
        self.engine.release()

    @contextmanager
    def exclusive(self, what: str) -> Iterator[Decisions]:
        """A queue of decisions, for one recording or calibration at a time.

        Meanwhile unknown actions are not reported, so that the robot does not ask during a
        demonstration.

        Args:
            what: name of the task, for the error.

        Raises:
            BusyError: another recording or calibration is running.
        """
        if not self._task_lock.acquire(blocking=False):
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
            self._task_lock.release()

    def next_decision(self, decisions: Decisions) -> Recognition | None:
        """The next decision; None if there is none within :data:`POLL` seconds.

        Raises:
            DeactivatedError: the node has been deactivated.
        """
        self.check_open()
        try:
            return decisions.get(timeout=POLL)
        except queue.Empty:
            return None

    def check_open(self) -> None:
        """Check that the node is still active.

        Raises:
            DeactivatedError: the node has been deactivated.
        """
        if self.closing.is_set():
            raise DeactivatedError("the node was deactivated; nothing was stored")

    def last_decisions(self, decisions: Decisions) -> Iterator[Recognition]:
        """The remaining decisions, including those on clips that still wait to be embedded."""
        self.recognizer.drain(LAST_SECONDS)
        while not decisions.empty():
            yield decisions.get()

    def _take_event(self, event: Event) -> None:
        if isinstance(event, Recognition):
            for decisions in list(self._listeners):
                decisions.put(event)
        self._on_event(event)
