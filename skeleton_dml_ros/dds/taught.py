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

"""What a running node was taught, looked after through its services."""

from __future__ import annotations

from typing import Any

from skeleton_dml_ros.dds.running_node import RunningNode
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.make import stamp_of
from skeleton_dml_ros.node.publications import KINDS
from skeleton_dml_ros.references.exchange import import_references

Row = dict[str, Any]
"""A reference without its recording, as JSON knows it."""

Rows = list[Row]

_KIND_NAMES = {constant: kind.value for kind, constant in KINDS.items()}


class TaughtToNode:
    """The references of a running node.

    Args:
        node: that keeps them.
    """

    def __init__(self, node: RunningNode) -> None:
        self._node = node

    def __str__(self) -> str:
        return self._node.name

    def list(self) -> Rows:
        """Everything that was taught, in the order of teaching."""
        return rows(self._node.ask(interface.LIST).references.references)

    def remove(self, which: str) -> Rows:
        """Forget a reference by its id, or all of a label; what was forgotten."""
        return rows(self._node.ask(interface.REMOVE, **self._selection(which)).removed)

    def rename(self, which: str, new_label: str) -> Rows:
        """Give a reference, or all of a label, another label; what was renamed."""
        selection = self._selection(which)
        return rows(self._node.ask(interface.RENAME, new_label=new_label, **selection).renamed)

    def export(self) -> bytes:
        """All references with their recordings."""
        return bytes(self._node.ask(interface.EXPORT).content)

    def import_(self, content: bytes, replace: bool) -> tuple[Rows, Rows]:
        """Take over what another robot was taught: what is new, and what was here already."""
        arrived = {reference.reference_id for reference in import_references(content)}
        answer = self._node.ask(interface.IMPORT, content=content, replace=replace)
        arrived -= {reference.reference_id for reference in answer.added}
        already_here = answer.already_here and self.list()
        return rows(answer.added), [
            row for row in already_here or () if row["reference_id"] in arrived
        ]

    def _selection(self, which: str) -> dict[str, Any]:
        """What the user names: an id if there is such a reference, else a label."""
        is_id = any(row["reference_id"] == which for row in self.list())
        return {"reference_id" if is_id else "label": which}


def rows(references: Any) -> Rows:
    """Messages ``Reference`` as rows."""
    return [
        {
            "reference_id": reference.reference_id,
            "label": reference.label,
            "kind": _KIND_NAMES.get(reference.kind, "action"),
            "created_ns": stamp_of(reference.created),
            "duration": round(float(reference.duration), 3),
            "frames": int(reference.frames),
            "quality": round(float(reference.quality), 4),
            "source": reference.source,
        }
        for reference in references
    ]
