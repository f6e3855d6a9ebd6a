# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml references``: list, remove, rename, export and import references."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from skeleton_dml_ros.cli.options import JsonOption, StoreArgument, check_output, existing_store
from skeleton_dml_ros.cli.reference_access import (
    OnStoreOrNode,
    ReferenceAccess,
    Row,
    StoreOrNodeArgument,
    references_at,
)
from skeleton_dml_ros.cli.terminal import literal, output, print_json, say, table
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

WhichArgument = Annotated[
    str,
    typer.Argument(metavar="WHICH", help="Id of a reference, or a label for all its references."),
]

references = typer.Typer(
    help="List, remove, rename, export and import references.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


@references.command("list", cls=OnStoreOrNode)
def list_references(
    context: typer.Context, store: StoreOrNodeArgument, as_json: JsonOption = False
) -> None:
    """List the references in the order of teaching.

    For example:

    - `skeleton-dml references list enrolled.db`
    - `skeleton-dml references list --node`
    """
    with references_at(context, store, read_only=True) as enrolled:
        rows, where = enrolled.list(), str(enrolled)
    if as_json:
        print_json(rows)
    elif not rows:
        say(f"there are no references in {where}")
    else:
        _print_table(rows)


@references.command(cls=OnStoreOrNode)
def remove(
    context: typer.Context,
    store: StoreOrNodeArgument,
    which: WhichArgument,
    as_json: JsonOption = False,
) -> None:
    """Remove a reference, or all references of a label.

    Example: `skeleton-dml references remove enrolled.db wave`
    """
    with references_at(context, store) as enrolled:
        removed = enrolled.remove(**_selection(enrolled, which))
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
            help="New label; an existing one merges the two.",
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Rename a reference, or all references of a label.

    Example: `skeleton-dml references rename enrolled.db wave "wave goodbye"`
    """
    with references_at(context, store) as enrolled:
        renamed = enrolled.rename(new_label, **_selection(enrolled, which))
    _report("renamed", renamed, as_json)


@references.command("export", cls=OnStoreOrNode)
def export(
    context: typer.Context,
    store: StoreOrNodeArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Overwrite an existing file.")
    ] = False,
    label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL", help="Export only references with this label; may be repeated."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Export references with their recordings to a file, for another robot.

    Example: `skeleton-dml references export enrolled.db enrolled.safetensors --label wave`
    """
    from skeleton_dml_ros.references.reference import validate_label

    with references_at(context, store, read_only=True) as enrolled:
        labels = None if label is None else [validate_label(one) for one in label]
        rows = [row for row in enrolled.list() if labels is None or row["label"] in labels]
        if not rows and labels is None:
            raise SkeletonDmlError(f"there are no references to export in {enrolled}")
        if check_output(file).exists() and not overwrite:
            raise SkeletonDmlError(f"{file} exists; give another name or --overwrite")
        content = enrolled.export(labels)
    write_whole(file, content)
    if as_json:
        print_json({"file": str(file), "references": rows})
    else:
        say(f"wrote {len(rows)} references to {file}")


@references.command("import", cls=OnStoreOrNode)
def import_(
    context: typer.Context,
    store: StoreOrNodeArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File written by `export`.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove the present references first.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import the references of another robot. Creates the store if needed.

    Example: `skeleton-dml references import enrolled.db theirs.safetensors`
    """
    from skeleton_dml_ros.references.exchange import import_references

    content = file.read_bytes()
    # Refuse a wrong file before a store is created.
    arriving = import_references(content)
    with references_at(context, store, new=True) as enrolled:
        added, already_here = enrolled.import_(content, arriving, replace)
    if as_json:
        print_json({"added": added, "already_here": already_here})
        return
    _report("imported", added, as_json=False)
    if already_here:
        say(f"{len(already_here)} were present already")


@references.command()
def uncalibrate(
    store: StoreArgument,
    as_json: JsonOption = False,
) -> None:
    """Delete the calibration, and use the model's own threshold again.

    A node that runs on the store changes its threshold, too.

    Example: `skeleton-dml references uncalibrate enrolled.db`
    """
    with existing_store(store) as opened:
        forgotten = [key for key in opened.calibration_keys() if opened.remove_calibration(key)]
    if as_json:
        print_json({"forgotten": forgotten})
    elif forgotten:
        say("calibration deleted; the model's own threshold applies")
    else:
        say(f"{store} has no calibration")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file atomically."""
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


def _selection(access: ReferenceAccess, which: str) -> dict[str, str]:
    """The user's WHICH: an id if there is such a reference, otherwise a label."""
    is_id = any(row["reference_id"] == which for row in access.list())
    return {"reference_id" if is_id else "label": which}


def _report(done: str, changed: Sequence[Row], as_json: bool) -> None:
    if as_json:
        print_json(changed)
        return
    for row in changed:
        say(f"{done} {row['label']} ({row['reference_id']})")
    if not changed:
        say(f"{done} nothing")


def _print_table(enrolled: Sequence[Row]) -> None:
    rows = table(
        "id",
        "label",
        "kind",
        "seconds",
        "visibility",
        "taught",
        "source",
        right=("seconds", "visibility"),
    )
    # Labels may take several lines; a long source is truncated (--json prints it in full).
    for column in rows.columns:
        column.no_wrap = column.header not in ("label", "source")
    rows.columns[-1].overflow = "ellipsis"
    for row in enrolled:
        rows.add_row(
            literal(row["reference_id"]),
            literal(row["label"]),
            row["kind"],
            f"{row['duration']:.1f}",
            f"{100 * row['visibility']:.0f} %",
            f"{datetime.fromtimestamp(row['created_ns'] / NANOSECONDS_PER_SECOND):%Y-%m-%d}",
            literal(row["source"]),
        )
    output().print(rows)
