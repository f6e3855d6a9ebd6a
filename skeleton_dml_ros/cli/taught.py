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

"""What was taught, wherever it is kept: in a store's file, or by a node that runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer
from typer.core import TyperCommand

from skeleton_dml_ros.cli.opening import check_place, existing_store, join

if TYPE_CHECKING:
    from skeleton_dml_ros.references.reference import Reference
    from skeleton_dml_ros.references.store import ReferenceStore

FLAG = "--node"
"""Asks a running node; in the place of the store's file."""

NODE = "node:"
"""Begins what a command gets as its store where a running node is asked; the node's name follows."""

Row = dict[str, Any]
"""A reference without its recording, as JSON knows it."""

Rows = list[Row]

TaughtArgument = Annotated[
    str,
    typer.Argument(
        metavar="STORE",
        help="The file that holds what was taught.  `--node`, or `--node=NAME`, in its place asks a "
        "running node.",
        show_default=False,
    ),
]


class OnStoreOrNode(TyperCommand):
    """A command whose first argument is a store, unless ``--node`` takes its place.

    The name of another node goes with an equals sign: an option whose value may be left out would
    take the next argument for its own.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        asked = [one for one in args if one.partition("=")[0] == FLAG]
        if asked:
            rest = [one for one in args if one not in asked]
            args = [NODE + asked[-1].partition("=")[2], *rest]
        return super().parse_args(ctx, args)


class Taught(Protocol):
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

    def import_(self, content: bytes, replace: bool) -> tuple[Rows, Rows]:
        """Take over what was exported: what is new, and what was here already."""
        ...


class TaughtToStore:
    """The references of a store's file.

    Args:
        store: that keeps them, open.
    """

    def __init__(self, store: ReferenceStore) -> None:
        self._store = store

    def __str__(self) -> str:
        return str(self._store.path)

    def list(self) -> Rows:
        """See :class:`Taught`."""
        return [described(reference) for reference in self._store.list()]

    def remove(self, which: str) -> Rows:
        """See :class:`Taught`."""
        removed = self._store.remove(**self._selection(which))
        return [described(reference) for reference in removed]

    def rename(self, which: str, new_label: str) -> Rows:
        """See :class:`Taught`."""
        renamed = self._store.rename(new_label=new_label, **self._selection(which))
        return [described(reference) for reference in renamed]

    def export(self) -> bytes:
        """See :class:`Taught`."""
        from skeleton_dml_ros.references.exchange import export_references

        return export_references(self._store.list())

    def import_(self, content: bytes, replace: bool) -> tuple[Rows, Rows]:
        """See :class:`Taught`."""
        from skeleton_dml_ros.references.exchange import import_references

        merged = self._store.merge(import_references(content), replace_all=replace)
        added, already_here = (
            [described(reference) for reference in references]
            for references in (merged.added, merged.already_here)
        )
        return added, already_here

    def _selection(self, which: str) -> dict[str, str]:
        """What the user names: an id if there is such a reference, else a label."""
        from skeleton_dml_ros.references.store import ReferenceNotFoundError

        try:
            self._store.get(which)
        except ReferenceNotFoundError:
            return {"label": which}
        return {"reference_id": which}


@contextmanager
def taught_at(place: str, new: bool = False) -> Iterator[Taught]:
    """The references of a store's file or of a running node, while the block runs.

    Args:
        place: a store's file, or ``node:`` and a node's name.
        new: a store that is not there yet may be made.

    Raises:
        SkeletonDmlError: there is no such store, or a node cannot be reached.
    """
    if place.startswith(NODE):
        with join("references") as participant:
            from skeleton_dml_ros.dds.running_node import DEFAULT_NAME, RunningNode
            from skeleton_dml_ros.dds.taught import TaughtToNode

            yield TaughtToNode(RunningNode(participant, place.removeprefix(NODE) or DEFAULT_NAME))
        return

    from skeleton_dml_ros.references.store import ReferenceStore

    path = Path(place)
    with ReferenceStore(check_place(path)) if new else existing_store(path) as store:
        yield TaughtToStore(store)


def described(reference: Reference) -> Row:
    """A reference without its recording, as JSON knows it."""
    return {
        "reference_id": reference.reference_id,
        "label": reference.label,
        "kind": reference.kind.value,
        "created_ns": reference.created_ns,
        "duration": round(reference.duration, 3),
        "frames": reference.frames,
        "people": reference.sequence.bodies,
        "layout": reference.sequence.layout.name,
        "quality": round(reference.quality, 4),
        "source": reference.source,
    }
