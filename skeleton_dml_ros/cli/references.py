# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml references``: look after what was taught."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from skeleton_dml_ros.cli.loading import check_place, existing_store
from skeleton_dml_ros.cli.options import JsonOption
from skeleton_dml_ros.cli.reference_access import OnStoreOrNode, StoreOrNodeArgument, references_at
from skeleton_dml_ros.cli.reference_rows import Row
from skeleton_dml_ros.cli.terminal import output, print_json, table
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

WhichArgument = Annotated[
    str,
    typer.Argument(metavar="WHICH", help="The id of a reference, or a label for all that bear it."),
]

references = typer.Typer(
    help="List, remove, rename, export and import what was taught.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


@references.command("list", cls=OnStoreOrNode)
def list_references(
    context: typer.Context, store: StoreOrNodeArgument, as_json: JsonOption = False
) -> None:
    """Show what was taught, in the order of teaching.

    Two examples:

    - `skeleton-dml references list enrolled.db`
    - `skeleton-dml references list --node`
    """
    with references_at(context, store, read_only=True) as enrolled:
        rows, where = enrolled.list(), str(enrolled)
    if as_json:
        print_json(rows)
    elif not rows:
        output().print(f"nothing is taught in {where}", markup=False)
    else:
        _print_table(rows)


@references.command(cls=OnStoreOrNode)
def remove(
    context: typer.Context,
    store: StoreOrNodeArgument,
    which: WhichArgument,
    as_json: JsonOption = False,
) -> None:
    """Forget a reference, or all of a label.

    Example: `skeleton-dml references remove enrolled.db wave`
    """
    with references_at(context, store) as enrolled:
        removed = enrolled.remove(which)
    _report("removed", removed, as_json)


@references.command(cls=OnStoreOrNode)
def rename(
    context: typer.Context,
    store: StoreOrNodeArgument,
    which: WhichArgument,
    new_label: Annotated[
        str,
        typer.Argument(
            metavar="NEW_LABEL",
            help="What it is called from now on; a label that exists joins the two.",
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Give a reference, or all of a label, another label.

    Example: `skeleton-dml references rename enrolled.db wave "wave goodbye"`
    """
    with references_at(context, store) as enrolled:
        renamed = enrolled.rename(which, new_label)
    _report("renamed", renamed, as_json)


@references.command("export", cls=OnStoreOrNode)
def export(
    context: typer.Context,
    store: StoreOrNodeArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write all references with their recordings to one file, for another robot.

    Example: `skeleton-dml references export enrolled.db enrolled.safetensors`
    """
    with references_at(context, store, read_only=True) as enrolled:
        rows = enrolled.list()
        if not rows:
            raise SkeletonDmlError(
                f"nothing is taught in {enrolled}, so there is nothing to export"
            )
        if check_place(file).exists() and not overwrite:
            raise SkeletonDmlError(f"{file} exists; give another name, or --overwrite")
        content = enrolled.export()
    write_whole(file, content)
    if as_json:
        print_json({"file": str(file), "references": rows})
    else:
        output().print(f"{len(rows)} references written to {file}", markup=False)


@references.command("import", cls=OnStoreOrNode)
def import_(
    context: typer.Context,
    store: StoreOrNodeArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What an export has written.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Forget what was taught here before.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take over the references of another robot; the store is made if there is none.

    Example: `skeleton-dml references import enrolled.db theirs.safetensors`
    """
    from skeleton_dml_ros.references.exchange import import_references

    content = file.read_bytes()
    # What is no export is refused before a store is made for it.
    arriving = import_references(content)
    with references_at(context, store, new=True) as enrolled:
        added, already_here = enrolled.import_(content, arriving, replace)
    if as_json:
        print_json({"added": added, "already_here": already_here})
        return
    _report("imported", added, as_json=False)
    if already_here:
        output().print(f"{len(already_here)} were here already")


@references.command()
def uncalibrate(
    store: Annotated[
        Path, typer.Argument(metavar="STORE", help="The file that holds what was taught.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Forget what the robot has learned of its background.

    The threshold that the model brings is in force again, also in a node that runs on the store.

    Example: `skeleton-dml references uncalibrate enrolled.db`
    """
    with existing_store(store) as opened:
        forgotten = [key for key in opened.calibration_keys() if opened.remove_calibration(key)]
    if as_json:
        print_json({"forgotten": forgotten})
    elif forgotten:
        output().print("the model's own threshold is in force again")
    else:
        output().print(f"{store} was not calibrated", markup=False)


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


def _report(done: str, changed: Sequence[Row], as_json: bool) -> None:
    if as_json:
        print_json(changed)
        return
    for row in changed:
        output().print(f"{done} {row['label']} ({row['reference_id']})", markup=False)
    if not changed:
        output().print(f"{done} nothing")


def _print_table(enrolled: Sequence[Row]) -> None:
    from rich.text import Text

    rows = table(
        "id", "label", "kind", "seconds", "seen", "taught", "from", right=("seconds", "seen")
    )
    # Labels may take several lines and a long source may lose its end, which JSON has.
    for column in rows.columns:
        column.no_wrap = column.header not in ("label", "from")
    rows.columns[-1].overflow = "ellipsis"
    for row in enrolled:
        rows.add_row(
            row["reference_id"],
            Text(row["label"]),
            row["kind"],
            f"{row['duration']:.1f}",
            f"{100 * row['visibility']:.0f} %",
            f"{datetime.fromtimestamp(row['created_ns'] / NANOSECONDS_PER_SECOND):%Y-%m-%d}",
            Text(row["source"]),
        )
    output().print(rows)
