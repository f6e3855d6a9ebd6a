# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How the node is: one status for each input, one for recognition, the model and the references.

Level and message of each come from its rules, :mod:`skeleton_dml_ros.node.diagnostic_rules`; where
further rules warn, their messages stand under ``also``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from skeleton_dml_ros.messages.make import Make, header
from skeleton_dml_ros.node.diagnostic_rules import (
    INPUT_RULES,
    MODEL_RULES,
    RECOGNITION_RULES,
    REFERENCE_RULES,
    Level,
    Rule,
    classify,
)
from skeleton_dml_ros.node.interface import status_name
from skeleton_dml_ros.node.outgoing_messages import DIGEST_LENGTH
from skeleton_dml_ros.node.status import InputStatus, NodeStatus

__all__ = ["InputStatus", "Level", "NodeStatus", "diagnose"]

Subject = TypeVar("Subject")


def diagnose(make: Make, stamp_ns: int, node_name: str, status: NodeStatus) -> Any:
    """A ``diagnostic_msgs/DiagnosticArray``; the levels in it are whole numbers.

    Args:
        make: see :mod:`skeleton_dml_ros.messages.make`.
        stamp_ns: when the status was taken.
        node_name: the node's full name, which begins the name of each status, as in
            ``recognition_node: input camera``.
        status: of the node.
    """

    def one(
        thing: str,
        rules: Sequence[Rule[Subject]],
        subject: Subject,
        values: Callable[[Subject], Iterator[tuple[str, str]]],
    ) -> Any:
        level, message, also = classify(rules, subject)
        pairs = [*values(subject), *(("also", other) for other in also)]
        return make(
            "diagnostic_msgs/msg/DiagnosticStatus",
            level=int(level),
            name=status_name(node_name, thing),
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
            *(
                one(f"input {seen.name}", INPUT_RULES, seen, _input_values)
                for seen in status.inputs
            ),
            one("recognition", RECOGNITION_RULES, status, _recognition_values),
            one("model", MODEL_RULES, status, _model_values),
            one("references", REFERENCE_RULES, status, _reference_values),
        ],
    )


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
    yield "instants without a transform", str(of.without_transform)
    if of.last_transform_error:
        yield "latest missing transform", of.last_transform_error


def _recognition_values(of: NodeStatus) -> Iterator[tuple[str, str]]:
    yield "active", "yes" if of.active else "no"
    if not of.active:
        return
    yield "people", str(of.recognition.people)
    yield "clips waiting", f"{of.recognition.waiting} of {of.waiting_limit}"
    yield "clips dropped since the last report", str(of.dropped_lately)
    yield "clips dropped", str(of.dropped)
    yield "latest batch embedded in", f"{1000 * of.recognition.embedding_seconds:.0f} ms"
    for name, times in sorted(of.recognition.counts.items()):
        if name != "clips dropped":
            yield name, str(times)


def _model_values(of: NodeStatus) -> Iterator[tuple[str, str]]:
    yield "model", of.model or "none"
    yield "digest", of.model_digest[:DIGEST_LENGTH]
    if not of.active:
        return
    yield "device", of.device
    memory = of.device_memory
    yield "device memory", "not known" if memory is None else f"{memory / 1e6:.0f} MB"
    yield "embeddings are kept under", of.engine_key


def _reference_values(of: NodeStatus) -> Iterator[tuple[str, str]]:
    yield "file", of.store
    if not of.active:
        return
    yield "references", str(of.references)
    yield "references not matched", str(of.unmatched_references)
    yield "version", str(of.store_version)
    yield "threshold", f"{of.threshold:.2f}"
    yield "calibrated", "yes" if of.calibrated else "no"
