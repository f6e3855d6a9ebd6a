# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""References, wherever they are kept: in a store's file, or by a node that runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer
from typer.core import TyperCommand

from skeleton_dml_ros.cli.loading import check_place, existing_store, join
from skeleton_dml_ros.cli.reference_rows import Rows, row_of_summary
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.interface import DEFAULT_NODE

if TYPE_CHECKING:
    from skeleton_dml_ros.references.reference import Reference
    from skeleton_dml_ros.references.store import ReferenceStore

FLAG = "--node"
"""Asks a running node; in the place of the store's file."""

StoreOrNodeArgument = Annotated[
    str,
    typer.Argument(
        metavar="STORE",
        help="The file that holds what was taught.  `--node`, or `--node=NAME`, in its place asks a "
        "running node.",
    ),
]


class OnStoreOrNode(TyperCommand):
    """A command whose first argument is a store, unless ``--node`` takes its place.

    The name of another node goes with an equals sign: an option whose value may be left out would
    take the next argument for its own.  Where it is given, the context's ``obj`` is that name.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        asked = [one for one in args if one.partition("=")[0] == FLAG]
        if asked:
            for option, follows in pairwise(args):
                if option == FLAG and follows.startswith("/"):
                    raise SkeletonDmlError(
                        f"{FLAG} {follows} could mean a node of this name, or the one of the usual "
                        f"name: give {FLAG}={follows}, or {FLAG} behind {follows}"
                    )
            ctx.obj = asked[-1].partition("=")[2] or DEFAULT_NODE
            args = [ctx.obj, *(one for one in args if one not in asked)]
        return super().parse_args(ctx, args)


class ReferenceAccess(Protocol):
    """References that can be looked after; as a text, where they are."""

    def list(self) -> Rows:
        """Everything, in the order of teaching."""
        ...

    def remove(self, which: str) -> Rows:
        """Forget a reference by its id, or all of a label; what was forgotten."""
        ...

    def rename(self, which: str, new_label: str) -> Rows:
        """Give a reference, or all of a label, another label; what was renamed."""
        ...

    def export(self) -> bytes:
        """All references with their recordings."""
        ...

    def import_(
        self, content: bytes, arriving: Sequence[Reference], replace: bool
    ) -> tuple[Rows, Rows]:
        """Take over what was exported: what is new, and what was here already.

        Args:
            content: what was exported.
            arriving: the references in it.
            replace: forget what was here before.
        """
        ...


class StoreReferences:
    """The references of a store's file.

    Args:
        store: that keeps them, open.
    """

    def __init__(self, store: ReferenceStore) -> None:
        self._store = store

    def __str__(self) -> str:
        return str(self._store.path)

    def list(self) -> Rows:
        """See :class:`ReferenceAccess`."""
        return [row_of_summary(reference) for reference in self._store.summaries()]

    def remove(self, which: str) -> Rows:
        """See :class:`ReferenceAccess`."""
        removed = self._store.remove(**self._selection(which))
        return [row_of_summary(reference) for reference in removed]

    def rename(self, which: str, new_label: str) -> Rows:
        """See :class:`ReferenceAccess`."""
        renamed = self._store.rename(new_label=new_label, **self._selection(which))
        return [row_of_summary(reference) for reference in renamed]

    def export(self) -> bytes:
        """See :class:`ReferenceAccess`."""
        from skeleton_dml_ros.references.exchange import export_references

        return export_references(self._store.list())

    def import_(
        self, content: bytes, arriving: Sequence[Reference], replace: bool
    ) -> tuple[Rows, Rows]:
        """See :class:`ReferenceAccess`."""
        merged = self._store.merge(arriving, replace_all=replace)
        added, already_here = (
            [row_of_summary(reference.summary) for reference in references]
            for references in (merged.added, merged.already_here)
        )
        return added, already_here

    def _selection(self, which: str) -> dict[str, str]:
        """What the user names: an id if there is such a reference, else a label."""
        is_id = any(reference.reference_id == which for reference in self._store.summaries())
        return {"reference_id" if is_id else "label": which}


@contextmanager
def references_at(
    context: typer.Context, store: str, new: bool = False, read_only: bool = False
) -> Iterator[ReferenceAccess]:
    """The references of a store's file or of a running node, while the block runs.

    Args:
        context: of the command.
        store: its first argument.
        new: a store that is not there yet may be made.
        read_only: a store is not changed, and may be on read-only media.

    Raises:
        SkeletonDmlError: there is no such store, or a node cannot be reached.
    """
    if context.obj is not None:
        with join("references") as participant:
            from skeleton_dml_ros.cli.node_references import NodeReferences
            from skeleton_dml_ros.dds.running_node import RunningNode

            yield NodeReferences(RunningNode(participant, context.obj))
        return

    from skeleton_dml_ros.references.store import ReferenceStore

    path = Path(store)
    with ReferenceStore(check_place(path)) if new else existing_store(path, read_only) as opened:
        yield StoreReferences(opened)
