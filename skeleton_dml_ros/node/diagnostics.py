# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Diagnostics: one status for each input, and one each for recognition, the model and the references.

Each status has a list of rules.  The first rule that holds sets level and message; messages of further
warnings that hold appear among the values under ``also``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Generic, TypeVar

from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.messages.make import Make, header
from skeleton_dml_ros.node.active_recognizer import ActiveRecognizer
from skeleton_dml_ros.node.conversions import DIGEST_LENGTH
from skeleton_dml_ros.node.inputs import LiveInput
from skeleton_dml_ros.node.interface import ENROLL, status_name
from skeleton_dml_ros.node.middleware_adapter import MiddlewareAdapter
from skeleton_dml_ros.node.parameters import Values, names_of_inputs, number
from skeleton_dml_ros.node.throttled_log import ThrottledLog
from skeleton_dml_ros.recognition.status import Status
from skeleton_dml_ros.references.store import ReferenceStore

BACKLOG = 0.5
"""Share of the clip queue above which a warning is due."""

NO_CLOCK = (
    "no time on /clock, and use_sim_time is set: start what publishes /clock, such as ros2 bag play "
    "--clock, or set use_sim_time to false"
)

CLOCK_SECONDS = 3.0
"""Seconds without a time on ``/clock`` until the log warns; discovery takes a moment."""

NO_STATUS = Status(people=0, waiting=0, counts={}, embedding_seconds=0.0, alive=True)

UNFOLLOWED = "people too many"
DROPPED = "clips dropped"
"""Names of the recogniser's counters."""


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 clip``, ``2 clips``.

    Args:
        number: the number.
        one: singular.
        many: plural; by default the singular with an s.
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


@dataclass(frozen=True)
class IncompatiblePublisher:
    """A publisher whose QoS offers less than an input requests, so its messages do not arrive.

    Attributes:
        topic: topic name.
        policy: the incompatible QoS policy, such as ``reliability``.
        latched: whether the input requests transient local durability.
    """

    topic: str
    policy: str
    latched: bool = False

    def describe(self, input_name: str) -> str:
        """The problem and its remedy."""
        remedy = (
            "make it publish reliable and transient local"
            if self.latched
            else f"set input.{input_name}.reliable to false, or make it publish reliable"
        )
        return f"a publisher of {self.topic} has incompatible QoS ({self.policy}); {remedy}"


@dataclass(frozen=True)
class InputStatus:
    """State of one input.

    Attributes:
        name: name of the input.
        format: message format.
        topics: subscribed topics.
        types: message types of these.
        subscribed: whether the node is active.
        next_step: what an inactive node needs next.
        unpublished: topics without a compatible publisher.
        incompatible: publishers with incompatible QoS.
        received: messages since activation.
        refused: messages that could not be used.
        newly_refused: of these, since the last report.
        last_refusal: why the latest one was refused.
        left_out: people left out of messages whose other people were read.
        newly_left_out: of these, since the last report.
        last_left_out: why the latest one was left out.
        without_transform: frames left out because no transform was available.
        newly_without_transform: of these, since the last report.
        last_transform_error: why the latest transform was missing.
        rate: messages per second, recently.
        age: seconds since the latest message; None before the first.
        input_timeout: age in seconds from which the input counts as silent.
        people: number of people in the latest message.
        problems: what keeps people from being recognised in the latest frames.
    """

    name: str
    format: str
    topics: tuple[str, ...]
    types: tuple[str, ...] = ()
    subscribed: bool = True
    next_step: str = "activate"
    unpublished: tuple[str, ...] = ()
    incompatible: tuple[IncompatiblePublisher, ...] = ()
    received: int = 0
    refused: int = 0
    newly_refused: int = 0
    last_refusal: str = ""
    left_out: int = 0
    newly_left_out: int = 0
    last_left_out: str = ""
    without_transform: int = 0
    newly_without_transform: int = 0
    last_transform_error: str = ""
    rate: float = 0.0
    age: float | None = None
    input_timeout: float = 5.0
    people: int = 0
    problems: tuple[str, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether no message arrives: none yet, or none for longer than ``input_timeout``."""
        return self.age is None or self.age > self.input_timeout


@dataclass(frozen=True)
class NodeStatus:
    """State of the node; most fields have no meaning while it is inactive.

    Attributes:
        active: whether the node is active.
        next_step: what an inactive node needs next: ``configure``, ``activate`` or ``restart``.
        has_time: whether the node's clock has a time; a simulated one may not.
        inputs: state of all inputs.
        recognition: state of the recogniser.
        queue_size: capacity of the clip queue.
        newly_unfollowed: times that a person beyond max_people was ignored since the last report.
        dropped: clips dropped since activation.
        newly_dropped: of these, since the last report.
        device: device of the network.
        device_memory: bytes used on the device; None if unknown.
        model: name of the model; empty before configuration.
        model_digest: digest of the model.
        engine_key: key under which embeddings are stored.
        references: number of references.
        unmatched_references: of these, how many the model cannot embed.
        store: path of the references file.
        store_version: version of its content.
        threshold: minimum confidence of a known action.
        calibrated: whether the robot has been calibrated.
        last_error: the latest configuration or activation error; empty if there is none.
    """

    active: bool
    next_step: str = "activate"
    has_time: bool = True
    inputs: tuple[InputStatus, ...] = ()
    recognition: Status = NO_STATUS
    queue_size: int = 0
    newly_unfollowed: int = 0
    dropped: int = 0
    newly_dropped: int = 0
    device: str = ""
    device_memory: int | None = None
    model: str = ""
    model_digest: str = ""
    engine_key: str = ""
    references: int = 0
    unmatched_references: int = 0
    store: str = ""
    store_version: int = 0
    threshold: float = math.nan
    calibrated: bool = False
    last_error: str = ""


class Level(IntEnum):
    """Levels of ``diagnostic_msgs/DiagnosticStatus``."""

    OK = 0
    WARN = 1
    ERROR = 2


Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """A condition and its consequence.

    Attributes:
        level: level of the status.
        when: the condition in words, for the documentation.
        holds: the condition.
        message: one line that names the problem and the remedy.
    """

    level: Level
    when: str
    holds: Callable[[Subject], bool]
    message: Callable[[Subject], str]


INPUT_RULES: Sequence[Rule[InputStatus]] = (
    Rule(
        Level.OK,
        "the node is inactive",
        lambda of: not of.subscribed,
        lambda of: f"not subscribed: {of.next_step} the node",
    ),
    Rule(
        Level.ERROR,
        "no messages arrive, and a publisher has incompatible QoS",
        lambda of: of.silent and bool(of.incompatible),
        lambda of: f"no messages: {_describe_incompatible(of)}",
    ),
    Rule(
        Level.ERROR,
        "messages arrived before, but none for longer than `input_timeout`",
        lambda of: of.age is not None and of.silent,
        lambda of: (
            f"no message for {of.age:.0f} s: "
            + (
                f"{', '.join(of.unpublished)} no longer has a publisher; restart the camera's node"
                if of.unpublished
                else f"check {', '.join(of.topics)} with ros2 topic hz, and with ros2 topic info that "
                f"the type is {', '.join(of.types)}"
            )
        ),
    ),
    Rule(
        Level.WARN,
        "no message has arrived yet, and a topic has no publisher",
        lambda of: of.age is None and bool(of.unpublished),
        lambda of: (
            f"{', '.join(of.unpublished)} has no publisher yet: start the camera's node, or set its "
            f"topic with the parameters input.{of.name}.*"
        ),
    ),
    Rule(
        Level.WARN,
        "no message has arrived yet",
        lambda of: of.age is None and not of.unpublished,
        lambda of: (
            f"no message yet on {', '.join(of.topics)}: check with ros2 topic hz, and that the "
            f"format is {of.format}"
        ),
    ),
    Rule(
        Level.WARN,
        "messages were refused since the last report",
        lambda of: of.newly_refused > 0,
        lambda of: f"{counted(of.newly_refused, 'message')} refused: {of.last_refusal}",
    ),
    Rule(
        Level.WARN,
        "people were left out of messages since the last report",
        lambda of: of.newly_left_out > 0,
        lambda of: (
            f"{counted(of.newly_left_out, 'person', 'people')} left out of messages: "
            f"{of.last_left_out}"
        ),
    ),
    Rule(
        Level.WARN,
        "transforms were missing since the last report",
        lambda of: of.newly_without_transform > 0,
        lambda of: (
            f"no transform for {counted(of.newly_without_transform, 'frame')} "
            f"({of.last_transform_error}): publish it, or set fixed_frame to '' for a stationary, "
            "level camera"
        ),
    ),
    Rule(
        Level.WARN,
        "frames arrive in which nobody can be recognised: stamps that stand still or run backwards, "
        "a low rate, ids that change with every frame, no joints, wrong units or axes",
        lambda of: bool(of.problems) and not of.silent,
        lambda of: "; ".join(of.problems),
    ),
    Rule(
        Level.WARN,
        "messages arrive, but one publisher has incompatible QoS",
        lambda of: bool(of.incompatible) and not of.silent,
        lambda of: f"messages of one publisher are missing: {_describe_incompatible(of)}",
    ),
    Rule(
        Level.OK,
        "otherwise",
        lambda of: True,
        lambda of: f"{of.rate:.1f} Hz, {counted(of.people, 'person', 'people')}",
    ),
)

RECOGNITION_RULES: Sequence[Rule[NodeStatus]] = (
    Rule(
        Level.ERROR,
        "the node is active, but its embedding thread has died",
        lambda of: of.active and not of.recognition.alive,
        lambda of: (
            "the embedding thread has died, nothing is recognised: deactivate and activate the node, "
            "and report the error in the log"
        ),
    ),
    Rule(
        Level.WARN,
        "the last configuration or activation failed",
        lambda of: bool(of.last_error),
        lambda of: of.last_error,
    ),
    Rule(
        Level.WARN,
        "`use_sim_time` is set, and no time has arrived on `/clock`",
        lambda of: not of.has_time,
        lambda of: NO_CLOCK,
    ),
    Rule(
        Level.OK,
        "the node is inactive",
        lambda of: not of.active,
        lambda of: f"not recognising: {of.next_step} the node",
    ),
    Rule(
        Level.WARN,
        "people beyond `max_people` were ignored since the last report",
        lambda of: of.newly_unfollowed > 0,
        lambda of: (
            f"only {of.recognition.people} people are followed and others are ignored; raise "
            "max_people"
        ),
    ),
    Rule(
        Level.WARN,
        "clips were dropped since the last report",
        lambda of: of.newly_dropped > 0,
        lambda of: (
            f"{counted(of.newly_dropped, 'clip')} dropped: embedding on {of.device} cannot keep up; "
            "use a faster device, or raise segmentation.start_speed for fewer clips"
        ),
    ),
    Rule(
        Level.WARN,
        f"the clip queue (`queue_size`) is more than {BACKLOG:.0%} full",
        lambda of: of.recognition.waiting > BACKLOG * of.queue_size,
        lambda of: (
            f"{of.recognition.waiting} of {of.queue_size} places in the clip queue taken: embedding on "
            f"{of.device} falls behind; decisions are late, and clips will be dropped"
        ),
    ),
    Rule(
        Level.OK,
        "otherwise",
        lambda of: True,
        lambda of: (
            f"{counted(of.recognition.people, 'person', 'people')}, "
            f"{counted(of.recognition.waiting, 'clip')} waiting"
        ),
    ),
)

MODEL_RULES: Sequence[Rule[NodeStatus]] = (
    Rule(
        Level.OK,
        "the node is not configured",
        lambda of: not of.model,
        lambda of: f"no model: {of.next_step} the node",
    ),
    Rule(
        Level.OK,
        "the node is inactive",
        lambda of: not of.active,
        lambda of: f"{of.model}, on no device: activate the node",
    ),
    Rule(
        Level.OK,
        "otherwise: a node whose model or device is unusable does not become active",
        lambda of: True,
        lambda of: f"{of.model} on {of.device}",
    ),
)

REFERENCE_RULES: Sequence[Rule[NodeStatus]] = (
    Rule(
        Level.OK,
        "the node is inactive",
        lambda of: not of.active,
        lambda of: f"not loaded: {of.next_step} the node",
    ),
    Rule(
        Level.WARN,
        "the model cannot embed some references",
        lambda of: of.unmatched_references > 0,
        lambda of: (
            f"this model cannot embed {of.unmatched_references} of "
            f"{counted(of.references, 'reference')}: teach them again or remove them; the log names "
            "them"
        ),
    ),
    Rule(
        Level.OK,
        "there are no references",
        lambda of: of.references == 0,
        lambda of: (
            f"no references yet: teach an action with the service {ENROLL.name.removeprefix('~/')}"
        ),
    ),
    Rule(
        Level.OK,
        "otherwise",
        lambda of: True,
        lambda of: counted(of.references, "reference"),
    ),
)


def classify(rules: Sequence[Rule[Subject]], subject: Subject) -> tuple[Level, str, list[str]]:
    """Level and message of the first rule that holds.

    Returns:
        The level, the message, and the messages of further warnings and errors; none if the level is
        OK.
    """
    first, *others = (rule for rule in rules if rule.holds(subject))
    if first.level is Level.OK:
        others = []
    also = [_one_line(rule, subject) for rule in others if rule.level is not Level.OK]
    return first.level, _one_line(first, subject), also


def rules_table() -> str:
    """All rules as a Markdown table, in the order in which they are checked."""
    parts: tuple[tuple[str, Sequence[Rule[Any]]], ...] = (
        ("input", INPUT_RULES),
        ("recognition", RECOGNITION_RULES),
        ("model", MODEL_RULES),
        ("references", REFERENCE_RULES),
    )
    rows = [
        f"| {part} | {rule.level.name} | {rule.when} |" for part, rules in parts for rule in rules
    ]
    return "\n".join(["| status | level | when |", "|---|---|---|", *rows])


def diagnose(make: Make, stamp_ns: int, node_name: str, status: NodeStatus) -> Any:
    """A ``diagnostic_msgs/DiagnosticArray``; its levels are ints.

    Args:
        make: creates messages.
        stamp_ns: when the status was taken.
        node_name: full name of the node; the name of each status begins with it.
        status: state of the node.
    """

    def one(
        part: str,
        rules: Sequence[Rule[Subject]],
        subject: Subject,
        values: Callable[[Subject], Iterator[tuple[str, str]]],
    ) -> Any:
        level, message, also = classify(rules, subject)
        pairs = [*values(subject), *(("also", other) for other in also)]
        return make(
            "diagnostic_msgs/msg/DiagnosticStatus",
            level=int(level),
            name=status_name(node_name, part),
            message=message,
            hardware_id=status.device,
            values=[
                make("diagnostic_msgs/msg/KeyValue", key=key, value=value) for key, value in pairs
            ],
        )

    return make(
        "diagnostic_msgs/msg/DiagnosticArray",
        header=header(make, stamp_ns, ""),
        status=[
            *(one(f"input {of.name}", INPUT_RULES, of, _input_values) for of in status.inputs),
            one("recognition", RECOGNITION_RULES, status, _recognition_values),
            one("model", MODEL_RULES, status, _model_values),
            one("references", REFERENCE_RULES, status, _reference_values),
        ],
    )


class DiagnosticsCollector:
    """Collects the node's state and creates its diagnostics; for use from one thread.

    Args:
        adapter: the middleware.

    Attributes:
        last_error: the latest configuration or activation error; empty if there is none.
    """

    def __init__(self, adapter: MiddlewareAdapter) -> None:
        self.last_error = ""
        self._adapter = adapter
        self._reset()

    def _reset(self) -> None:
        self._reported: dict[str, int] = {}
        self._throttled_log = ThrottledLog()
        self._activated = time.monotonic()

    def activated(self) -> None:
        """Start over: the node has been activated."""
        self._reset()

    def collect(
        self,
        values: Values,
        live: ActiveRecognizer | None,
        model: Model | None,
        store: ReferenceStore | None,
        next_step: str,
    ) -> Any:
        """A ``DiagnosticArray`` of the node's present state.

        Args:
            values: the parameters.
            live: the active recogniser; None while the node is inactive.
            model: None before configuration.
            store: None before configuration.
            next_step: what an inactive node needs next.
        """
        now = time.monotonic()
        inputs = tuple(self._inputs(values, live, next_step, now))
        for one in inputs:
            self._log_silence(one, now)
        now_ns = self._adapter.now_ns()
        if not now_ns and now - self._activated >= CLOCK_SECONDS:
            self._throttled_log.warn(now, "clock", NO_CLOCK)
        status = NodeStatus(
            active=live is not None,
            next_step=next_step,
            has_time=now_ns != 0,
            inputs=inputs,
            device=str(values.get("device", "")),
            model=model.card.name if model is not None else "",
            model_digest=model.digest if model is not None else "",
            store=str(store.path) if store is not None else "",
            last_error=self.last_error,
        )
        if live is not None:
            status = replace(status, **self._live_fields(live))
        return diagnose(self._adapter.make, now_ns, self._adapter.node_name, status)

    def _live_fields(self, live: ActiveRecognizer) -> dict[str, Any]:
        recognition, library = live.recognizer.status, live.library
        dropped = recognition.counts.get(DROPPED, 0)
        return {
            "recognition": recognition,
            "queue_size": live.recognizer.settings.queue_size,
            "newly_unfollowed": self._since_report(
                UNFOLLOWED, recognition.counts.get(UNFOLLOWED, 0)
            ),
            "dropped": dropped,
            "newly_dropped": self._since_report(DROPPED, dropped),
            "device": live.engine.device_name,
            "device_memory": live.engine.device_memory(),
            "engine_key": str(live.engine.key),
            "references": len(library.snapshot()) + library.unmatched,
            "unmatched_references": library.unmatched,
            "store_version": library.version,
            "threshold": library.threshold,
            "calibrated": library.calibration is not None,
        }

    def _inputs(
        self, values: Values, live: ActiveRecognizer | None, next_step: str, now: float
    ) -> Iterator[InputStatus]:
        for name in names_of_inputs(values):
            input_format = str(values.get(f"input.{name}.format", ""))
            if live is None:
                yield InputStatus(name, input_format, (), subscribed=False, next_step=next_step)
            else:
                timeout = number(values, "input_timeout")
                yield self._input(live.inputs[name], input_format, timeout, live, now)

    def _input(
        self,
        source: LiveInput,
        input_format: str,
        timeout: float,
        live: ActiveRecognizer,
        now: float,
    ) -> InputStatus:
        counts = source.counts
        topics, name_of = source.format.sources(), self._adapter.topic_name
        return InputStatus(
            name=source.name,
            format=input_format,
            topics=tuple(name_of(one) for one in topics),
            types=tuple(dict.fromkeys(one.type for one in topics)),
            unpublished=tuple(
                name_of(one) for one in topics if not self._adapter.publishers(source.name, one)
            ),
            incompatible=tuple(
                IncompatiblePublisher(name_of(one), policy, one.latched)
                for one in topics
                if (policy := self._adapter.incompatible_qos(source.name, one))
            ),
            received=counts.received,
            refused=counts.refused,
            newly_refused=self._since_report(f"{source.name} refused", counts.refused),
            last_refusal=counts.last_refusal,
            left_out=counts.left_out,
            newly_left_out=self._since_report(f"{source.name} left out", counts.left_out),
            last_left_out=counts.last_left_out,
            without_transform=counts.without_transform,
            newly_without_transform=self._since_report(
                f"{source.name} without transform", counts.without_transform
            ),
            last_transform_error=counts.last_transform_error,
            rate=source.rate(now),
            age=source.age(now),
            input_timeout=timeout,
            problems=source.problems(),
            people=sum(who[0] == source.name for who in live.recognizer.moving()),
        )

    def _since_report(self, name: str, count: int) -> int:
        increase = count - self._reported.get(name, 0)
        self._reported[name] = count
        return increase

    def _log_silence(self, of: InputStatus, now: float) -> None:
        """Warn in the log as well, for users without a diagnostics viewer."""
        if not of.subscribed or not of.silent or now - self._activated < of.input_timeout:
            return
        topics = ", ".join(of.topics)
        if of.incompatible:
            why = "; ".join(
                f"a publisher of {one.topic} has incompatible QoS: {one.policy}"
                for one in of.incompatible
            )
        elif of.unpublished:
            why = f"{', '.join(of.unpublished)} has no publisher"
        else:
            why = "it has a publisher"
        what = (
            f"no message yet on {topics}"
            if of.age is None
            else f"no message on {topics} for {of.age:.0f} s"
        )
        self._throttled_log.warn(now, of.name, f"input {of.name}: {what} ({why})")


def _one_line(rule: Rule[Subject], subject: Subject) -> str:
    return " ".join(rule.message(subject).split())


def _describe_incompatible(of: InputStatus) -> str:
    return ", and ".join(one.describe(of.name) for one in of.incompatible)


def _input_values(of: InputStatus) -> Iterator[tuple[str, str]]:
    yield "format", of.format
    yield "topics", ", ".join(of.topics)
    yield "topics without a publisher", ", ".join(of.unpublished) or "none"
    yield "rate", f"{of.rate:.1f} Hz"
    yield "latest message", "none yet" if of.age is None else f"{of.age:.2f} s ago"
    yield "people", str(of.people)
    yield "messages received", str(of.received)
    yield "messages refused", str(of.refused)
    if of.last_refusal:
        yield "latest refusal", of.last_refusal
    yield "people left out of messages", str(of.left_out)
    if of.last_left_out:
        yield "latest person left out", of.last_left_out
    yield "frames without a transform", str(of.without_transform)
    if of.last_transform_error:
        yield "latest missing transform", of.last_transform_error


def _recognition_values(of: NodeStatus) -> Iterator[tuple[str, str]]:
    yield "active", "yes" if of.active else "no"
    if not of.active:
        return
    yield "people", str(of.recognition.people)
    yield "clips waiting", f"{of.recognition.waiting} of {of.queue_size}"
    yield "clips dropped since the last report", str(of.newly_dropped)
    yield "clips dropped", str(of.dropped)
    yield "latest batch embedded in", f"{1000 * of.recognition.embedding_seconds:.0f} ms"
    for name, times in sorted(of.recognition.counts.items()):
        if name != DROPPED:
            yield name, str(times)


def _model_values(of: NodeStatus) -> Iterator[tuple[str, str]]:
    yield "model", of.model or "none"
    yield "digest", of.model_digest[:DIGEST_LENGTH]
    if not of.active:
        return
    yield "device", of.device
    memory = of.device_memory
    yield "device memory", "unknown" if memory is None else f"{memory / 1e6:.0f} MB"
    yield "engine", of.engine_key


def _reference_values(of: NodeStatus) -> Iterator[tuple[str, str]]:
    yield "file", of.store
    if not of.active:
        return
    yield "references", str(of.references)
    yield "references not matched", str(of.unmatched_references)
    yield "version", str(of.store_version)
    yield "threshold", f"{of.threshold:.2f}"
    yield "calibrated", "yes" if of.calibrated else "no"
