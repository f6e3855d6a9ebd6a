# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The recognition node, independent of the middleware.

A middleware's node (:mod:`skeleton_dml_ros.ros`, :mod:`skeleton_dml_ros.dds`) owns topics, services,
parameters and threads and calls :class:`RecognitionNode`, which calls back through
:class:`~skeleton_dml_ros.node.middleware_adapter.MiddlewareAdapter`.

``receive`` and ``tick`` only convert and store; the recogniser's worker embeds and publishes.
"""

from __future__ import annotations

import logging
import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from skeleton_dml_ros.embedding.engines import make_engine
from skeleton_dml_ros.embedding.model import DEFAULT_MODEL, Model, load_model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages import make_input
from skeleton_dml_ros.messages.fields import frame_of
from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.active_recognizer import ActiveRecognizer, MakeEngine
from skeleton_dml_ros.node.conversions import model_name, recognition_message
from skeleton_dml_ros.node.diagnostics import DiagnosticsCollector
from skeleton_dml_ros.node.image import clip_image
from skeleton_dml_ros.node.inputs import LiveInput
from skeleton_dml_ros.node.interface import Action, Service
from skeleton_dml_ros.node.markers import PersonMarkers
from skeleton_dml_ros.node.middleware_adapter import MiddlewareAdapter
from skeleton_dml_ros.node.parameters import (
    AXES,
    Value,
    Values,
    checked_inputs,
    input_options,
    names_of_inputs,
    number,
    settings_of,
    text,
)
from skeleton_dml_ros.node.service_handlers import ServiceHandlers
from skeleton_dml_ros.node.throttled_log import ThrottledLog
from skeleton_dml_ros.node.transforms import Transforms
from skeleton_dml_ros.recognition.clips import UnknownClipError
from skeleton_dml_ros.recognition.event import Dropped, Event, Recognition, TimeReset
from skeleton_dml_ros.recognition.recognizer import ClosedError
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.shared_files import expanded, failing_import, import_failure
from skeleton_dml_ros.skeleton.frame import SkeletonFrame

logger = logging.getLogger(__name__)

TICK_INTERVAL = 0.05
"""Seconds between two calls of :meth:`RecognitionNode.tick`."""

_TOPIC_NAME = re.compile(
    r"(~/|/)?(\w*\{\w+\}\w*|[A-Za-z_]\w*)(/(\w*\{\w+\}\w*|[A-Za-z_]\w*))*", re.ASCII
)

REPORT_INTERVAL = 1.0
"""Seconds between two calls of :meth:`RecognitionNode.report`."""


class RecognitionNode:
    """The recognition node; thread-safe.

    Args:
        adapter: the middleware.
        make_engine: creates the inference engine.
    """

    def __init__(self, adapter: MiddlewareAdapter, make_engine: MakeEngine = make_engine) -> None:
        self._adapter = adapter
        self._make_engine = make_engine
        self._make = adapter.make
        self._values: dict[str, Value] = {}
        self._settings = RecognitionSettings()
        self._model: Model | None = None
        self._store: ReferenceStore | None = None
        self._live: ActiveRecognizer | None = None
        self._shut_down = False
        self._service_handlers = ServiceHandlers(adapter.make, adapter.now_ns, self._why_inactive)
        self._person_markers = PersonMarkers(adapter.make)
        self._diagnostics = DiagnosticsCollector(adapter)
        self._published: tuple[int, float] | None = None
        self._publish_lock = threading.Lock()
        self._throttled_log = ThrottledLog()
        self._topics_lock = threading.Lock()
        self._subscribed: dict[str, tuple[Source, ...]] = {}
        self._latest_stamps: dict[str, tuple[int, int]] = {}

    @property
    def active(self) -> bool:
        """Whether the node is active."""
        return self._live is not None

    @property
    def next_step(self) -> str:
        """What an inactive node needs next: ``configure``, ``activate`` or ``restart``."""
        if self._shut_down:
            return "restart"
        return "configure" if self._model is None else "activate"

    def configure(self, values: Values) -> None:
        """Take the parameters; open model and references.

        Args:
            values: values of all parameters, each checked.

        Raises:
            SkeletonDmlError: parameters, model or references are unusable; nothing has changed.
        """
        with self._error_in_diagnostics():
            checked_inputs(names_of_inputs(values))
            settings = settings_of(values)
            for name in names_of_inputs(values):
                for source in self._make_input(name, values, None).format.sources():
                    _check_topic_name(name, source)
            model = load_model(text(values, "model") or DEFAULT_MODEL)
            store = ReferenceStore(_store_path(text(values, "references")))
        if self._store is not None:
            self._store.close()
        self._values, self._settings = dict(values), settings
        self._service_handlers.shares = values["share_references"] is True
        self._model, self._store = model, store
        logger.info("model %s, references in %s", model_name(model), store.path)

    def activate(self) -> None:
        """Load the model onto the device, warm up, and subscribe to the inputs.

        Raises:
            SkeletonDmlError: device or references are unusable; the node stays inactive.
        """
        with self._error_in_diagnostics():
            self._activate()

    def _activate(self) -> None:
        if self._model is None or self._store is None:
            raise SkeletonDmlError("the node is not configured; configure it first")
        try:
            transforms = self._adapter.transforms() if self._values["fixed_frame"] else None
            inputs = {
                name: self._make_input(name, self._values, transforms)
                for name in names_of_inputs(self._values)
            }
            live = ActiveRecognizer(
                self._model,
                self._store,
                text(self._values, "engine"),
                text(self._values, "device"),
                inputs,
                self._settings,
                self._threshold(self._values),
                text(self._values, "matcher"),
                self._values["match_mirrored"] is True,
                self._take_event,
                self._make_engine,
            )
            self._latest_stamps.clear()
            self._published = None
            self._person_markers.forget()
            self._service_handlers.note_unknown(None)
            self._diagnostics.activated()
            self._live = live
            for name in inputs:
                self._subscribe(live, name)
            self._publish_references()
        except BaseException:
            self.deactivate()
            raise
        logger.info(
            "active on %s: %d references, threshold %.2f; subscribed to %s",
            live.engine.device_name,
            len(live.library.snapshot()),
            live.library.threshold,
            ", ".join(
                f"{self._adapter.topic_name(source)} ({name})"
                for name, sources in self._subscribed.items()
                for source in sources
            ),
        )

    def deactivate(self) -> None:
        """Unsubscribe, drop waiting clips, and free the device's memory."""
        with self._topics_lock:
            live, self._live = self._live, None
            for name, sources in self._subscribed.items():
                for source in sources:
                    self._adapter.unsubscribe(name, source)
            self._subscribed.clear()
            self._adapter.end_transforms()
        if live is not None:
            live.close()

    def cleanup(self) -> None:
        """Close model and references; the references remain in their file."""
        self.deactivate()
        self._diagnostics.last_error = ""
        store, self._store, self._model = self._store, None, None
        if store is not None:
            store.close()

    def shut_down(self) -> None:
        """Close everything for good; only a new process recognises again."""
        self._shut_down = True
        self.cleanup()

    def change(self, changed: Values) -> None:
        """Change parameters at run time; ignored before configuration, which passes all values.

        Raises:
            SkeletonDmlError: the values contradict each other; nothing has changed.
        """
        if self._model is None:
            return
        values = {**self._values, **changed}
        settings = settings_of(values)
        self._values, self._settings = values, settings
        live = self._live
        if live is None:
            return
        if settings != live.recognizer.settings:
            live.recognizer.settings = settings
        live.library.override_threshold = self._threshold(values)
        self._publish_references()

    def receive(self, input_name: str, role: str, message: Any) -> None:
        """Take a message; ``role`` identifies the input's topic."""
        live = self._live
        if live is None:
            return
        source = live.inputs[input_name]
        self._push(live, source, source.take(role, message, time.monotonic()))
        if source.format.sources() != self._subscribed.get(input_name):
            try:
                self._subscribe(live, input_name)
            except SkeletonDmlError as error:
                source.refuse(time.monotonic(), error)

    def receive_unreadable(self, input_name: str, role: str, error: Exception) -> None:
        """Count a message that could not be deserialised."""
        live = self._live
        if live is not None:
            live.inputs[input_name].take_unreadable(role, error, time.monotonic())

    def tick(self) -> None:
        """Advance time without messages; to be called every :data:`TICK_INTERVAL` seconds."""
        live = self._live
        if live is None:
            return
        now_ns = self._adapter.now_ns()
        for name, source in live.inputs.items():
            self._push(live, source, source.ready(time.monotonic()))
            if source.waits:
                continue
            # Message time advances from the latest stamp at the rate of the node's clock: the two
            # clocks may differ, and a paused simulation stops both.
            stamp_ns, arrived_ns = self._latest_stamps.get(name, (0, 0))
            if arrived_ns and now_ns > arrived_ns:
                with suppress(ClosedError):
                    live.recognizer.advance(stamp_ns + now_ns - arrived_ns, name)

    def report(self) -> None:
        """Publish diagnostics, and references if another process changed them."""
        self._publish_references()
        message = self._diagnostics.collect(
            self._values, self._live, self._model, self._store, self.next_step
        )
        self._adapter.publish(interface.DIAGNOSTICS, message)

    def answer(self, service: Service, request: Any) -> Any:
        """The response to a service request; never raises."""
        response = self._service_handlers.answer(self._live, service, request)
        self._publish_references()
        return response

    def execute(
        self,
        action: Action,
        goal: Any,
        feedback: Callable[[Any], None],
        cancelled: Callable[[], bool],
    ) -> Any:
        """Execute an action; returns its result, which tells what went wrong, if anything.

        Args:
            action: one of :data:`~skeleton_dml_ros.node.interface.ACTIONS`.
            goal: the action's goal message.
            feedback: called with feedback messages.
            cancelled: whether the client has cancelled.
        """
        result = self._service_handlers.execute(self._live, action, goal, feedback, cancelled)
        self._publish_references()
        return result

    def _make_input(self, name: str, values: Values, transforms: Transforms | None) -> LiveInput:
        input_format = make_input(text(values, f"input.{name}.format"), input_options(name, values))
        axes = AXES.get(text(values, f"input.{name}.axes"), input_format.axes)
        return LiveInput(
            name,
            input_format,
            axes,
            frame_of(text(values, "fixed_frame")),
            transforms,
            number(values, "transform_wait"),
        )

    def _why_inactive(self) -> str:
        """Why requests are refused while the node is inactive, and the remedy."""
        name, step = self._adapter.node_name, self.next_step
        if step == "restart":
            return f"{name} was shut down; restart it"
        then = "" if step == "activate" else ", then activate it"
        return f"{name} is not active; {step} it{then}: ros2 lifecycle set {name} {step}"

    @contextmanager
    def _error_in_diagnostics(self) -> Iterator[None]:
        """Show an error in the diagnostics until the next success.

        Raises:
            SkeletonDmlError: for any exception, which is logged.
        """
        try:
            yield
        except SkeletonDmlError as error:
            self._diagnostics.last_error = str(error)
            raise
        except Exception as error:
            # The middleware would say nothing.
            logger.exception("internal error")
            package = failing_import(error)
            reason = (
                f"internal error, see the log: {error!r}"
                if package is None
                else import_failure(package, error)
            )
            self._diagnostics.last_error = reason
            raise SkeletonDmlError(reason) from error
        self._diagnostics.last_error = ""

    def _subscribe(self, live: ActiveRecognizer, name: str) -> None:
        with self._topics_lock:
            if self._live is not live:
                return
            wanted = live.inputs[name].format.sources()
            before = self._subscribed.get(name, ())
            for source in before:
                if source not in wanted:
                    self._adapter.unsubscribe(name, source)
            # If a subscription fails, the earlier ones must be known, to be ended later.
            subscribed = [source for source in before if source in wanted]
            reliable = bool(self._values[f"input.{name}.reliable"])
            for source in wanted:
                if source not in subscribed:
                    self._subscribed[name] = tuple(subscribed)
                    self._adapter.subscribe(name, source, reliable)
                    subscribed.append(source)
            self._subscribed[name] = wanted

    def _threshold(self, values: Values) -> float | None:
        threshold = number(values, "threshold")
        return None if math.isnan(threshold) else threshold

    def _push(self, live: ActiveRecognizer, source: LiveInput, frames: list[SkeletonFrame]) -> None:
        for frame in frames:
            try:
                self._latest_stamps[source.name] = (frame.stamp_ns, self._adapter.now_ns())
                live.recognizer.push(frame)
            except ClosedError:
                return
            except Exception as error:
                source.refuse(time.monotonic(), error)
                continue
            try:
                self._draw(live, source, frame)
            except Exception as error:
                self._throttled_log.warn(
                    time.monotonic(), "markers", f"markers cannot be drawn: {error!r}", error
                )

    def _draw(self, live: ActiveRecognizer, source: LiveInput, frame: SkeletonFrame) -> None:
        """Publish markers if enabled, subscribed to and due."""
        if not self._values["publish.markers"] or not self._adapter.subscribers(interface.MARKERS):
            return
        rate = number(self._values, "publish.marker_rate")
        if self._person_markers.is_due(frame, rate):
            moving = live.recognizer.moving()
            markers = self._person_markers.markers(frame, source.axes, moving, rate, source.origin)
            self._adapter.publish(interface.MARKERS, markers)

    def _take_event(self, event: Event) -> None:
        """Publish an event of the recogniser; runs in its worker's thread."""
        live = self._live
        if isinstance(event, TimeReset):
            self._person_markers.forget(event.input_name)
            return
        if isinstance(event, Dropped):
            # Drops come in numbers; diagnostics count them.
            self._throttled_log.warn(
                time.monotonic(), "dropped", f"clip {event.clip_id} was dropped: {event.reason}"
            )
            return
        if live is None:
            return
        source = live.inputs[event.input_name]
        message = recognition_message(
            self._make, event, source.frame_id, source.axes, source.origin
        )
        self._adapter.publish(interface.RECOGNITIONS, message)
        if event.report:
            self._service_handlers.note_unknown(event.clip_id)
            self._adapter.publish(interface.UNKNOWN_ACTIONS, message)
        self._person_markers.note(event)
        if self._values["publish.image"] and self._adapter.subscribers(interface.IMAGE):
            self._publish_image(live, event, source.frame_id)

    def _publish_image(self, live: ActiveRecognizer, event: Recognition, frame_id: str) -> None:
        try:
            clip = live.recognizer.clip(event.clip_id)
        except UnknownClipError:
            return
        image = clip_image(self._make, event.end_ns, frame_id, live.engine, clip)
        if image is not None:
            self._adapter.publish(interface.IMAGE, image)

    def _publish_references(self) -> None:
        """Publish the references if they or the threshold have changed."""
        with self._publish_lock:
            live = self._live
            if live is None:
                return
            state = (live.library.version, live.library.threshold)
            if state != self._published:
                try:
                    message = self._service_handlers.references(live)
                except SkeletonDmlError as error:
                    self._throttled_log.warn(
                        time.monotonic(),
                        "references",
                        f"references cannot be published: {error}",
                    )
                    return
                self._adapter.publish(interface.REFERENCES, message)
                self._published = state


def _check_topic_name(name: str, source: Source) -> None:
    """Check a topic before the node subscribes to it.

    Raises:
        SkeletonDmlError: it is not a topic name.
    """
    if not _TOPIC_NAME.fullmatch(source.topic):
        raise SkeletonDmlError(
            f"input.{name}.{source.parameter} is {source.topic!r}, not a topic name; use letters, "
            "digits and _, parts separated by single slashes, none at the end"
        )


def _store_path(parameter: str) -> Path:
    """The path of the references file; creates its folder.

    Raises:
        SkeletonDmlError: the folder cannot be created.
    """
    if not parameter:
        raise SkeletonDmlError("references is empty; give the path of a file")
    path = expanded(parameter)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SkeletonDmlError(
            f"references: cannot create folder {path.parent}: {error.strerror}; give another path"
        ) from None
    return path
