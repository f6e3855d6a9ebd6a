# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""What a running node says, as plain values that JSON knows.

``event`` is one of ``recognition``, ``question`` (an unknown action that is worth one),
``references`` and ``diagnostics``.  Each recognition comes as such, also one that becomes a
question.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from skeleton_dml_ros.dds.message_time import described_inputs
from skeleton_dml_ros.dds.running_node import RunningNode
from skeleton_dml_ros.dds.taught import rows
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.make import stamp_of
from skeleton_dml_ros.node.publications import VERDICTS

Watched = dict[str, Any]
"""Something that a node said."""

_VERDICT_NAMES = {constant: verdict.value for verdict, constant in VERDICTS.items()}


def watched(node: RunningNode, tell: Callable[[Watched], None]) -> None:
    """Tell of everything that a node says from now on; from threads of DDS."""
    node.hear(interface.RECOGNITIONS, lambda said: tell(decision("recognition", said)))
    node.hear(interface.UNKNOWN_ACTIONS, lambda said: tell(decision("question", said)))
    node.hear(interface.REFERENCES, lambda said: tell(references(said)))
    node.hear(interface.DIAGNOSTICS, lambda said: _tell_of_node(said, tell))


def decision(event: str, said: Any) -> Watched:
    """An ``ActionRecognition``; a distance or score of nothing is null."""
    return {
        "event": event,
        "clip_id": said.clip_id,
        "person_ids": list(said.person_ids),
        "verdict": _VERDICT_NAMES.get(said.verdict, str(said.verdict)),
        "label": said.label,
        "start_ns": stamp_of(said.start),
        "end_ns": stamp_of(said.end),
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
        "references": rows(said.references),
    }


def diagnosis(said: Any) -> Watched:
    """What a ``DiagnosticArray`` says of recognition nodes."""
    return {
        "event": "diagnostics",
        "stamp_ns": stamp_of(said.header.stamp),
        "status": {
            status.name.partition(": ")[2]: {
                "level": _level(status.level),
                "message": status.message,
            }
            for status in said.status
            if status.name.startswith(f"{interface.NODE_NAME}: ")
        },
        "inputs": described_inputs(said),
    }


def _tell_of_node(said: Any, tell: Callable[[Watched], None]) -> None:
    """Others report on the same topic."""
    told = diagnosis(said)
    if told["status"]:
        tell(told)


def _level(level: Any) -> int:
    """ROS's byte is a number or one byte, as its middleware has it."""
    return level[0] if isinstance(level, bytes) else int(level)


def _finite(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
