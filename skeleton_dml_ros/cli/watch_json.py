# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a running node says, as plain values that JSON knows.

``event`` is one of ``recognition``, ``question`` (an unknown action that is worth one),
``references`` and ``diagnostics``.  Each recognition comes as such, also one that becomes a
question.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from skeleton_dml_ros.cli.reference_access import rows_of_messages
from skeleton_dml_ros.cli.teach import described_inputs
from skeleton_dml_ros.dds.running_node import RunningNode
from skeleton_dml_ros.messages.make import nanoseconds_of
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.conversions import verdict_of

Watched = dict[str, Any]
"""Something that a node said."""


def watched(node: RunningNode, tell: Callable[[Watched], None]) -> None:
    """Tell of everything that a node says from now on; from threads of DDS."""
    node.hear(interface.RECOGNITIONS, lambda said: tell(decision("recognition", said)))
    node.hear(interface.UNKNOWN_ACTIONS, lambda said: tell(decision("question", said)))
    node.hear(interface.REFERENCES, lambda said: tell(references(said)))
    node.hear_reports(lambda stamp_ns, statuses: tell(report(stamp_ns, statuses)))


def decision(event: str, said: Any) -> Watched:
    """An ``ActionRecognition``; a distance or score of nothing is null."""
    return {
        "event": event,
        "clip_id": said.clip_id,
        "person_ids": list(said.person_ids),
        "verdict": verdict_of(said.verdict).value,
        "label": said.label,
        "start_ns": nanoseconds_of(said.start),
        "end_ns": nanoseconds_of(said.end),
        "confidence": _finite(said.confidence),
        "score": _finite(said.score),
        "threshold": _finite(said.threshold),
        "distance": _finite(said.distance),
        "nearest": said.candidates[0].label if len(said.candidates) else "",
        "repetitions": int(said.repetitions),
        "latency": _finite(said.latency),
    }


def references(said: Any) -> Watched:
    """A ``ReferenceArray``."""
    return {
        "event": "references",
        "model": said.model,
        "threshold": _finite(said.threshold),
        "references": rows_of_messages(said.references),
    }


def report(stamp_ns: int, statuses: Mapping[str, Any]) -> Watched:
    """A node's own part of a ``DiagnosticArray``.

    Args:
        stamp_ns: when it was written, nanoseconds.
        statuses: by their names without the node's.
    """
    return {
        "event": "diagnostics",
        "stamp_ns": stamp_ns,
        "status": {
            name: {"level": int(status.level), "message": status.message}
            for name, status in statuses.items()
        },
        "inputs": described_inputs(statuses),
    }


def _finite(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
