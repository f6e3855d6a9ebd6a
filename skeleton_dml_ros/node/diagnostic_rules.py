# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""When a status is OK, a warning or an error, and what it then says: stated here and nowhere else.

Each status of the diagnostics has a list of rules.  They are asked in order, and the first that
holds gives the level and the message.  :func:`rules_table` prints them for the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, TypeVar

from skeleton_dml_ros.node.interface import ENROLL
from skeleton_dml_ros.node.status import InputStatus, NodeStatus
from skeleton_dml_ros.node.wording import counted

BACKLOG = 0.5
"""Share of the places for waiting clips that may be taken: beyond it, clips are soon dropped."""


class Level(IntEnum):
    """The levels of ``diagnostic_msgs/DiagnosticStatus``; its fourth, stale, is not used."""

    OK = 0
    WARN = 1
    ERROR = 2


Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """One condition and what it means.

    Attributes:
        level: how bad it is.
        when: the condition in words, for the documentation.
        holds: the condition.
        message: one line that names the thing and the remedy.
    """

    level: Level
    when: str
    holds: Callable[[Subject], bool]
    message: Callable[[Subject], str]


INPUT_RULES: Sequence[Rule[InputStatus]] = (
    Rule(
        Level.OK,
        "the node is not active",
        lambda of: not of.subscribed,
        lambda of: "not listening: activate the node",
    ),
    Rule(
        Level.ERROR,
        "nothing comes, and a publisher's quality of service does not fit",
        lambda of: of.silent and bool(of.misfits),
        lambda of: f"no messages: {_misfits(of)}",
    ),
    Rule(
        Level.ERROR,
        "messages had come, and none has for longer than `input_timeout`",
        lambda of: of.age is not None and of.silent,
        lambda of: (
            f"silent for {of.age:.0f} s: "
            + (
                f"nobody publishes {', '.join(of.unpublished)} any more; start the camera's node "
                "again"
                if of.unpublished
                else f"look whether {', '.join(of.topics)} still comes (ros2 topic hz)"
            )
        ),
    ),
    Rule(
        Level.WARN,
        "nothing has come yet, and nobody publishes",
        lambda of: of.age is None and bool(of.unpublished),
        lambda of: (
            f"nobody publishes {', '.join(of.unpublished)} yet: start the camera's node, or name "
            f"its topic in the parameters input.{of.name}.*"
        ),
    ),
    Rule(
        Level.WARN,
        "nothing has come yet",
        lambda of: of.age is None and not of.unpublished,
        lambda of: (
            f"no message yet on {', '.join(of.topics)}: look whether one comes there (ros2 topic "
            f"hz) and is {of.format}"
        ),
    ),
    Rule(
        Level.WARN,
        "messages were refused since the last report",
        lambda of: of.refused_lately > 0,
        lambda of: f"{counted(of.refused_lately, 'message')} refused: {of.last_refusal}",
    ),
    Rule(
        Level.WARN,
        "no transform came for some since the last report",
        lambda of: of.without_transform_lately > 0,
        lambda of: (
            f"no transform for {counted(of.without_transform_lately, 'instant')} "
            f"({of.last_transform_error}): publish it, or set fixed_frame to '' for a camera that "
            "stands still and level"
        ),
    ),
    Rule(
        Level.WARN,
        "messages come, but one publisher's quality of service does not fit",
        lambda of: bool(of.misfits) and not of.silent,
        lambda of: f"one publisher is not heard: {_misfits(of)}",
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
        "the node is active, and the worker that embeds does not run",
        lambda of: of.active and not of.recognition.alive,
        lambda of: (
            "the worker that embeds has died, nothing is recognised: deactivate and activate the "
            "node, and report what the log says"
        ),
    ),
    Rule(
        Level.WARN,
        "something failed that still matters",
        lambda of: bool(of.last_error),
        lambda of: of.last_error,
    ),
    Rule(
        Level.OK,
        "the node is not active",
        lambda of: not of.active,
        lambda of: "not recognising: activate the node",
    ),
    Rule(
        Level.WARN,
        "clips were dropped since the last report",
        lambda of: of.dropped_lately > 0,
        lambda of: (
            f"{counted(of.dropped_lately, 'clip')} dropped: embedding on {of.device} cannot keep up; "
            "choose a faster device, or raise segmentation.start_speed for fewer clips"
        ),
    ),
    Rule(
        Level.WARN,
        f"more than {BACKLOG:.0%} of the places for waiting clips (`queue_size`) are taken",
        lambda of: of.recognition.waiting > BACKLOG * of.waiting_limit,
        lambda of: (
            f"{counted(of.recognition.waiting, 'clip')} waiting of {of.waiting_limit} at most: "
            f"embedding on {of.device} falls behind; answers come late, and soon clips are dropped"
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
        lambda of: "no model: configure the node",
    ),
    Rule(
        Level.OK,
        "the node is not active",
        lambda of: not of.active,
        lambda of: f"{of.model}, on no device: activate the node",
    ),
    Rule(
        Level.OK,
        "otherwise: with a model or device that cannot be used, the node does not become active",
        lambda of: True,
        lambda of: f"{of.model} on {of.device}",
    ),
)

REFERENCE_RULES: Sequence[Rule[NodeStatus]] = (
    Rule(
        Level.OK,
        "the node is not active",
        lambda of: not of.active,
        lambda of: "not read: activate the node",
    ),
    Rule(
        Level.WARN,
        "the model cannot embed some references",
        lambda of: of.unmatched_references > 0,
        lambda of: (
            f"{of.unmatched_references} of {counted(of.references, 'reference')} cannot be "
            "embedded by this model and are not matched: teach them again or remove them; the log "
            "names them"
        ),
    ),
    Rule(
        Level.OK,
        "nothing has been taught",
        lambda of: of.references == 0,
        lambda of: f"nothing taught yet, so nothing is known: teach with {ENROLL.name}",
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
        The level, the message, and the messages of the other warnings and errors that hold; none
        where the first is OK.
    """
    first, *others = (rule for rule in rules if rule.holds(subject))
    if first.level is Level.OK:
        others = []
    also = [_line(rule, subject) for rule in others if rule.level is not Level.OK]
    return first.level, _line(first, subject), also


def rules_table() -> str:
    """All rules as a Markdown table, in the order in which they are asked."""
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


def _line(rule: Rule[Subject], subject: Subject) -> str:
    """The rule's message, in one line whatever it quotes."""
    return " ".join(rule.message(subject).split())


def _misfits(of: InputStatus) -> str:
    return ", and ".join(
        f"the quality of service of a publisher of {misfit.topic} does not fit ({misfit.policy}); "
        f"{misfit.remedy(of.name)}"
        for misfit in of.misfits
    )
