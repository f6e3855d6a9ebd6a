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

"""``skeleton-dml references``: look after what was taught."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skeleton_dml_ros.cli.opening import check_place, existing_store
from skeleton_dml_ros.cli.options import JsonOption, StoreArgument
from skeleton_dml_ros.cli.terminal import output, print_json, table
from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.references.reference import Reference
    from skeleton_dml_ros.references.store import ReferenceStore

NANOSECONDS_PER_SECOND = 1_000_000_000

WhichArgument = Annotated[
    str,
    typer.Argument(
        metavar="WHICH",
        help="The id of a reference, or a label for all that bear it.",
        show_default=False,
    ),
]

references = typer.Typer(
    help="List, remove, rename, export and import what was taught.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


@references.command("list")
def list_references(store: StoreArgument, as_json: JsonOption = False) -> None:
    """Show what was taught, in the order of teaching."""
    with existing_store(store) as opened:
        taught = opened.list()
    if as_json:
        print_json([described(reference) for reference in taught])
    elif not taught:
        output().print(f"nothing is taught in {store}")
    else:
        _print_table(taught)


@references.command()
def remove(store: StoreArgument, which: WhichArgument, as_json: JsonOption = False) -> None:
    """Forget a reference, or all of a label.

    Example: `skeleton-dml references remove taught.db wave`
    """
    with existing_store(store) as opened:
        removed = opened.remove(**_selection(opened, which))
    _report("removed", removed, as_json)


@references.command()
def rename(
    store: StoreArgument,
    which: WhichArgument,
    new_label: Annotated[
        str,
        typer.Argument(
            metavar="NEW_LABEL",
            help="What it is called from now on; a label that exists joins the two.",
            show_default=False,
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Give a reference, or all of a label, another label.

    Example: `skeleton-dml references rename taught.db wave "wave goodbye"`
    """
    with existing_store(store) as opened:
        renamed = opened.rename(new_label=new_label, **_selection(opened, which))
    _report("renamed", renamed, as_json)


@references.command("export")
def export(
    store: StoreArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write.", show_default=False)
    ],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write all references with their recordings to one file, for another robot.

    Example: `skeleton-dml references export taught.db taught.safetensors`
    """
    from skeleton_dml_ros.references.exchange import export_references

    with existing_store(store) as opened:
        taught = opened.list()
    if not taught:
        raise SkeletonDmlError(f"nothing is taught in {store}, so there is nothing to export")
    if check_place(file).exists() and not overwrite:
        raise SkeletonDmlError(f"{file} exists; give another name, or --overwrite")
    write_whole(file, export_references(taught))
    if as_json:
        print_json({"file": str(file), "references": [described(one) for one in taught]})
    else:
        output().print(f"{len(taught)} references written to {file}", markup=False)


@references.command("import")
def import_(
    store: StoreArgument,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="What an export has written.", show_default=False),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Forget what was taught here before.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take over the references of another robot; the store is made if there is none.

    Example: `skeleton-dml references import taught.db theirs.safetensors`
    """
    from skeleton_dml_ros.references.exchange import import_references
    from skeleton_dml_ros.references.store import ReferenceStore

    arrived = import_references(file.read_bytes())
    with ReferenceStore(check_place(store)) as opened:
        merged = opened.merge(arrived, replace_all=replace)
    if as_json:
        print_json(
            {
                "added": [described(one) for one in merged.added],
                "already_here": [described(one) for one in merged.already_here],
            }
        )
        return
    _report("imported", merged.added, as_json=False)
    if merged.already_here:
        output().print(f"{len(merged.already_here)} were here already")


def described(reference: Reference) -> dict[str, Any]:
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


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there wholly or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _selection(store: ReferenceStore, which: str) -> dict[str, str]:
    """What the user names: an id if there is such a reference, else a label."""
    from skeleton_dml_ros.references.store import ReferenceNotFoundError

    try:
        store.get(which)
    except ReferenceNotFoundError:
        return {"label": which}
    return {"reference_id": which}


def _report(done: str, changed: Sequence[Reference], as_json: bool) -> None:
    if as_json:
        print_json([described(reference) for reference in changed])
        return
    for reference in changed:
        output().print(f"{done} {reference.label} ({reference.reference_id})", markup=False)
    if not changed:
        output().print(f"{done} nothing")


def _print_table(taught: Sequence[Reference]) -> None:
    from rich.text import Text

    rows = table(
        "id", "label", "kind", "seconds", "seen", "taught", "from", right=("seconds", "seen")
    )
    # Labels may take several lines and a long source may lose its end, which JSON has.
    for column in rows.columns:
        column.no_wrap = column.header not in ("label", "from")
    rows.columns[-1].overflow = "ellipsis"
    for reference in taught:
        rows.add_row(
            reference.reference_id,
            Text(reference.label),
            reference.kind.value,
            f"{reference.duration:.1f}",
            f"{100 * reference.quality:.0f} %",
            f"{datetime.fromtimestamp(reference.created_ns / NANOSECONDS_PER_SECOND):%Y-%m-%d}",
            Text(reference.source),
        )
    output().print(rows)
