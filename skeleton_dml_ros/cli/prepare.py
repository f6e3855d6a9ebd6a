# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml prepare``: convert a released dataset or your own recordings to a skeleton archive."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli import PROGRAM
from skeleton_dml_ros.cli.options import ArchiveArgument, JsonOption, axes_named, check_output
from skeleton_dml_ros.cli.terminal import print_json, progress, say

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.archive import SkeletonArchive

INCOMPLETE = 1
"""Exit status when the archive was written without some damaged files."""

RawArgument = Annotated[
    Path, typer.Argument(metavar="RAW_DIR", help="Folder of the released files.")
]

prepare = typer.Typer(
    help="Convert a released dataset or your own recordings to a skeleton archive.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


def _cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@prepare.command("ntu120")
def ntu120(
    raw: RawArgument,
    out: ArchiveArgument,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Number of reading processes. Default: one per core.", min=1
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Convert NTU RGB+D 120 from its .skeleton files.

    Samples that the authors list as incomplete are left out; in the others, the person who moves
    most is kept, or two in mutual actions. An interrupted run continues with the same command. Damaged files are left out
    and listed in a report beside OUT; the exit status is then 1.

    Example: `skeleton-dml prepare ntu120 nturgb+d_skeletons ntu120`
    """
    from skeleton_dml_ros.datasets.prepare_ntu120 import prepare_ntu120

    with progress("Reading samples") as bar:
        made = prepare_ntu120(raw, check_output(out), workers or _cores(), bar.advance)
    if as_json:
        print_json(
            {
                "archive": str(made.archive),
                "report": str(made.report),
                "clips": made.clips,
                "classes": made.classes,
                "frames": made.frames,
                "listed": list(made.listed),
                "damaged": [
                    {"file": damage.file, "reason": damage.reason} for damage in made.damaged
                ],
            }
        )
    else:
        say(
            f"wrote {out}: {made.clips} clips of {made.classes} classes; left out {len(made.listed)} "
            "that the authors list as incomplete"
        )
    if made.damaged:
        files = "1 file" if len(made.damaged) == 1 else f"{len(made.damaged)} files"
        print(
            f"{PROGRAM}: left out {files} that cannot be read, listed in {made.report}",
            file=sys.stderr,
        )
        raise typer.Exit(INCOMPLETE)


@prepare.command("utd_mhad")
def utd_mhad(raw: RawArgument, out: ArchiveArgument, as_json: JsonOption = False) -> None:
    """Convert UTD-MHAD from its a*_s*_t*_skeleton.mat files.

    Example: `skeleton-dml prepare utd_mhad UTD-MHAD/Skeleton utd_mhad.npz`
    """
    from skeleton_dml_ros.datasets.utd_mhad import read_utd_mhad

    check_output(out)
    _write(out, read_utd_mhad(raw), as_json)


@prepare.command("sbu")
def sbu(
    raw: Annotated[
        Path,
        typer.Argument(
            metavar="RAW",
            help="Folder that contains s01s02, s01s03, ...; or an archive of the released, normalised "
            "values.",
        ),
    ],
    out: ArchiveArgument,
    as_json: JsonOption = False,
) -> None:
    """Convert SBU Kinect Interaction (two people) from its skeleton_pos.txt files.

    Example: `skeleton-dml prepare sbu SBU sbu.npz`
    """
    from skeleton_dml_ros.datasets.sbu import read_sbu

    check_output(out)
    _write(out, read_sbu(raw), as_json)


@prepare.command("csv")
def csv(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="Folder of clips named LABEL/CLIP.csv, or of files listed in labels.csv.",
        ),
    ],
    out: ArchiveArgument,
    axes: Annotated[
        str,
        typer.Option(
            "--axes",
            metavar="AXES",
            help="Directions of x, y, z: kinect (left of the sensor, up, away), optical (right, down, "
            "away) or body (forward, left, up).",
        ),
    ] = "kinect",
    as_json: JsonOption = False,
) -> None:
    """Convert your own recordings, one CSV file per clip.

    The first row names the columns: time (seconds), head_x, head_y, head_z and so on (metres), and
    person if there are several people. The class is the name of the file's folder, or listed in
    labels.csv with the columns file and label.

    Example: `skeleton-dml prepare csv recordings mine.npz`
    """
    from skeleton_dml_ros.datasets.csv_folder import read_csv_folder

    check_output(out)
    _write(out, read_csv_folder(folder, axes_named(axes)), as_json)


def _write(out: Path, archive: SkeletonArchive, as_json: bool) -> None:
    from skeleton_dml_ros.datasets.archive import write_archive

    write_archive(out, archive)
    if as_json:
        print_json(
            {
                "archive": str(out),
                "layout": archive.layout.name,
                "clips": len(archive),
                "classes": list(archive.class_names),
                "frames": int(archive.lengths.sum()),
            }
        )
        return
    say(
        f"wrote {out}: {len(archive)} clips of {len(archive.class_names)} classes, "
        f"{archive.lengths.sum()} frames in layout {archive.layout.name}"
    )
