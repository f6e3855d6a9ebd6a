# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The references of a running node, looked after through its services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from skeleton_dml_ros.cli.reference_rows import Rows, rows_of_messages
from skeleton_dml_ros.node import interface

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.running_node import RunningNode
    from skeleton_dml_ros.references.reference import Reference


class NodeReferences:
    """See :class:`skeleton_dml_ros.cli.reference_access.ReferenceAccess`.

    Args:
        node: that keeps them.
    """

    def __init__(self, node: RunningNode) -> None:
        self._node = node

    def __str__(self) -> str:
        return self._node.name

    def list(self) -> Rows:
        """Everything that was taught, in the order of teaching."""
        return rows_of_messages(self._node.ask(interface.LIST).references.references)

    def remove(self, which: str) -> Rows:
        """Forget a reference by its id, or all of a label; what was forgotten."""
        answer = self._node.ask(interface.REMOVE, **self._selection(which))
        return rows_of_messages(answer.removed)

    def rename(self, which: str, new_label: str) -> Rows:
        """Give a reference, or all of a label, another label; what was renamed."""
        selection = self._selection(which)
        answer = self._node.ask(interface.RENAME, new_label=new_label, **selection)
        return rows_of_messages(answer.renamed)

    def export(self) -> bytes:
        """All references with their recordings."""
        return bytes(self._node.ask(interface.EXPORT).content)

    def import_(
        self, content: bytes, arriving: Sequence[Reference], replace: bool
    ) -> tuple[Rows, Rows]:
        """Take over what another robot was taught: what is new, and what was here already."""
        answer = self._node.ask(interface.IMPORT, content=content, replace=replace)
        added = {reference.reference_id for reference in answer.added}
        kept = {reference.reference_id for reference in arriving} - added
        here = self.list() if answer.already_here else []
        return rows_of_messages(answer.added), [row for row in here if row["reference_id"] in kept]

    def _selection(self, which: str) -> dict[str, Any]:
        """What the user names: an id if there is such a reference, else a label."""
        is_id = any(row["reference_id"] == which for row in self.list())
        return {"reference_id" if is_id else "label": which}
