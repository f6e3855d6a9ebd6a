# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml prepare``: a research set as it was released, or one's own recordings, to an archive."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli import PROGRAM
from skeleton_dml_ros.cli.options import ArchiveArgument, JsonOption, axes_named, check_output
from skeleton_dml_ros.cli.terminal import output, print_json, progress

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.archive import SkeletonArchive

SOME_LEFT_OUT = 1
"""Exit status when the archive was made, but without files that are damaged."""

RawArgument = Annotated[Path, typer.Argument(metavar="RAW_DIR", help="Folder of the recordings.")]

prepare = typer.Typer(
    help="Make a skeleton archive of a research set as it was released, or of your own recordings.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@prepare.command("ntu120")
def ntu120(
    raw: RawArgument,
    out: ArchiveArgument,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Processes that read files; one a core if left out.", min=1),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """NTU RGB+D 120, from its .skeleton files.

    The samples that the authors list as incomplete are left out, and of each other the one or two
    bodies that move most are kept.  A run that was cut short goes on with the same command.  A
    damaged file is left out, and the exit status is 1; OUT's neighbour .report.txt names it.

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
        output().print(
            f"wrote {out}: {made.clips} clips of {made.classes} classes; {len(made.listed)} left "
            "out as the authors ask",
            markup=False,
        )
    if made.damaged:
        files = "1 file" if len(made.damaged) == 1 else f"{len(made.damaged)} files"
        print(
            f"{PROGRAM}: {files} cannot be read and left out; {made.report} names them",
            file=sys.stderr,
        )
        raise typer.Exit(SOME_LEFT_OUT)


@prepare.command("utd_mhad")
def utd_mhad(raw: RawArgument, out: ArchiveArgument, as_json: JsonOption = False) -> None:
    """UTD-MHAD, from its a*_s*_t*_skeleton.mat files.

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
            help="The folder of s01s02, s01s03, ...; or an archive of the release's normalised "
            "values.",
        ),
    ],
    out: ArchiveArgument,
    as_json: JsonOption = False,
) -> None:
    """SBU Kinect Interaction, from its skeleton_pos.txt files: two people, in metres.

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
            metavar="FOLDER", help="Clips as wave/monday.csv, or files that labels.csv lists."
        ),
    ],
    out: ArchiveArgument,
    axes: Annotated[
        str,
        typer.Option(
            "--axes",
            metavar="AXES",
            help="Which way x, y and z point: kinect (left of the sensor, up, away), optical (right, "
            "down, away) or body (forward, left, up).",
        ),
    ] = "kinect",
    as_json: JsonOption = False,
) -> None:
    """Your own recordings: a CSV file a clip.

    The first row names the columns: time in seconds, and head_x, head_y, head_z and so on in
    metres; with several people, also person.  The class is the folder's name, or stands in a file
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
    output().print(
        f"wrote {out}: {len(archive)} clips of {len(archive.class_names)} classes, "
        f"{archive.lengths.sum()} frames in layout {archive.layout.name}",
        markup=False,
    )
