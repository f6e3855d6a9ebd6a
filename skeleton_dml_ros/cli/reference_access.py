# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Manage references in a store file or of a running node, with one interface.

References are returned as rows: plain values for JSON, without the recordings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer
from typer.core import TyperCommand

from skeleton_dml_ros.cli.options import check_output, existing_store, join
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import interface

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.running_node import RunningNode
    from skeleton_dml_ros.references.reference import Reference, ReferenceSummary
    from skeleton_dml_ros.references.store import ReferenceStore

FLAG = "--node"
"""Selects a running node instead of a store file."""

Row = dict[str, Any]
"""A reference without its recording."""

Rows = list[Row]

StoreOrNodeArgument = Annotated[
    str,
    typer.Argument(
        metavar="STORE",
        help="File of the references that were taught; or `--node` or `--node=NAME` for the "
        "references of a running node.",
    ),
]


class OnStoreOrNode(TyperCommand):
    """A command whose first argument is a store file or ``--node``.

    A node's name must follow an equals sign, because an option with an optional value would consume the
    next argument.  The name is passed on as the context's ``obj``.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        flags = [one for one in args if one.partition("=")[0] == FLAG]
        if flags:
            for option, follows in pairwise(args):
                if option == FLAG and follows.startswith("/"):
                    raise SkeletonDmlError(
                        f"{FLAG} {follows} is ambiguous; give {FLAG}={follows} for the node of this "
                        f"name, or put {FLAG} after {follows}"
                    )
            ctx.obj = flags[-1].partition("=")[2] or interface.DEFAULT_NODE
            args = [ctx.obj, *(one for one in args if one not in flags)]
        return super().parse_args(ctx, args)


class ReferenceAccess(Protocol):
    """Access to references; as a string, where they are."""

    def list(self) -> Rows:
        """All references in the order of teaching."""
        ...

    def remove(self, **selection: Any) -> Rows:
        """Remove the references with this ``reference_id`` or ``label``, and return them."""
        ...

    def rename(self, new_label: str, **selection: Any) -> Rows:
        """Rename the references with this ``reference_id`` or ``label``, and return them."""
        ...

    def export(self, labels: Sequence[str] | None = None) -> bytes:
        """References with their recordings: those of some labels, or all."""
        ...

    def import_(
        self, content: bytes, arriving: Sequence[Reference], replace: bool
    ) -> tuple[Rows, Rows]:
        """Add exported references.

        Args:
            content: the export.
            arriving: the references in it.
            replace: remove the present references first.

        Returns:
            The added references, and those that were present already.
        """
        ...


class StoreReferences:
    """The references in a store file."""

    def __init__(self, store: ReferenceStore) -> None:
        self._store = store

    def __str__(self) -> str:
        return str(self._store.path)

    def list(self) -> Rows:
        return [row_of_summary(reference) for reference in self._store.summaries()]

    def remove(self, **selection: Any) -> Rows:
        return [row_of_summary(reference) for reference in self._store.remove(**selection)]

    def rename(self, new_label: str, **selection: Any) -> Rows:
        renamed = self._store.rename(new_label=new_label, **selection)
        return [row_of_summary(reference) for reference in renamed]

    def export(self, labels: Sequence[str] | None = None) -> bytes:
        from skeleton_dml_ros.references.exchange import export_references

        return export_references(self._store.list(labels))

    def import_(
        self, content: bytes, arriving: Sequence[Reference], replace: bool
    ) -> tuple[Rows, Rows]:
        merged = self._store.merge(arriving, replace_all=replace)
        added, already_here = (
            [row_of_summary(reference.summary) for reference in references]
            for references in (merged.added, merged.already_here)
        )
        return added, already_here


class NodeReferences:
    """The references of a running node, through its services."""

    def __init__(self, node: RunningNode) -> None:
        self._node = node

    def __str__(self) -> str:
        return self._node.name

    def list(self) -> Rows:
        return rows_of_messages(self._node.ask(interface.LIST).references.references)

    def remove(self, **selection: Any) -> Rows:
        return rows_of_messages(self._node.ask(interface.REMOVE, **selection).removed)

    def rename(self, new_label: str, **selection: Any) -> Rows:
        response = self._node.ask(interface.RENAME, new_label=new_label, **selection)
        return rows_of_messages(response.renamed)

    def export(self, labels: Sequence[str] | None = None) -> bytes:
        return bytes(self._node.ask(interface.EXPORT, labels=list(labels or ())).content)

    def import_(
        self, content: bytes, arriving: Sequence[Reference], replace: bool
    ) -> tuple[Rows, Rows]:
        response = self._node.ask(interface.IMPORT, content=content, replace=replace)
        added = {reference.reference_id for reference in response.added}
        kept = {reference.reference_id for reference in arriving} - added
        here = self.list() if response.already_here else []
        return (
            rows_of_messages(response.added),
            [row for row in here if row["reference_id"] in kept],
        )


@contextmanager
def references_at(
    context: typer.Context, store: str, new: bool = False, read_only: bool = False
) -> Iterator[ReferenceAccess]:
    """Open the references of a store file or of a running node.

    Args:
        context: of the command; its ``obj`` names the node.
        store: the store file.
        new: create the store if it does not exist.
        read_only: do not change the store, which may be on read-only media.

    Raises:
        SkeletonDmlError: the store does not exist, or DDS cannot be used.
    """
    if context.obj is not None:
        with join("references") as participant:
            from skeleton_dml_ros.dds.running_node import RunningNode

            yield NodeReferences(RunningNode(participant, context.obj))
        return

    from skeleton_dml_ros.references.store import ReferenceStore

    path = Path(store)
    with ReferenceStore(check_output(path)) if new else existing_store(path, read_only) as opened:
        yield StoreReferences(opened)


def row_of_summary(reference: ReferenceSummary) -> Row:
    """The row of a reference in a store."""
    return {
        "reference_id": reference.reference_id,
        "label": reference.label,
        "kind": reference.kind.value,
        "created_ns": reference.created_ns,
        "duration": round(reference.duration, 3),
        "frames": reference.frames,
        "people": reference.bodies,
        "layout": reference.layout,
        "visibility": round(reference.visibility, 4),
        "source": reference.source,
    }


def row_of_message(reference: Any) -> Row:
    """The row of a message ``Reference``, which has neither layout nor number of people."""
    from skeleton_dml_ros.messages.make import nanoseconds_of
    from skeleton_dml_ros.node.conversions import kind_of

    return {
        "reference_id": reference.reference_id,
        "label": reference.label,
        "kind": kind_of(reference.kind).value,
        "created_ns": nanoseconds_of(reference.created),
        "duration": round(float(reference.duration), 3),
        "frames": int(reference.frames),
        "visibility": round(float(reference.visibility), 4),
        "source": reference.source,
    }


def rows_of_messages(references: Iterable[Any]) -> Rows:
    """The rows of messages ``Reference``."""
    return [row_of_message(reference) for reference in references]
