# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read a folder of CSV files with your own recordings.

A clip is a file, whose first row names the columns, in any order::

    time,person,head_x,head_y,head_z,neck_x,neck_y,neck_z,...
    0.000,ann,0.02,0.51,2.30,0.02,0.33,2.31,...
    0.033,ann,0.02,0.51,2.30,,,,...

- ``time``: seconds.  Rows with the same time are one frame; time must not decrease.
- ``NAME_x``, ``NAME_y``, ``NAME_z`` of each joint, metres.  Any usual spelling of a joint works
  (``LeftShoulder``, ``l_shoulder``, ``shoulder_left``); an empty cell, or ``nan``, is a joint that
  was not seen.
- ``person``, optional: id of the person.  Without it, each frame is one row of the same person.

A clip's class is its folder (``wave/monday.csv``), or is given in a file ``labels.csv`` beside the
clips, with the columns ``file``, ``label`` and optionally ``subject``, the number of the person.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.axes import Axes, to_kinect_axes
from skeleton_dml_ros.skeleton.layouts import Layout, layout_from_joint_names
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

LABELS = "labels.csv"
TIME, PERSON = "time", "person"
COORDINATES = ("x", "y", "z")

MAX_METRES = 30.0
"""Maximum coordinate; larger ones are more likely millimetres or pixels."""


class CsvError(SkeletonDmlError):
    """A folder or file is not in this module's CSV format."""


def read_csv_folder(folder: str | Path, axes: Axes = Axes.KINECT) -> SkeletonArchive:
    """All clips of a folder in the order of their paths; their names are the paths without ``.csv``.

    Args:
        folder: as described above.
        axes: directions of x, y and z.

    Raises:
        CsvError: names the file, the line and the mistake.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CsvError(f"there is no folder {folder}; give one with a CSV file per clip")
    if (folder / LABELS).is_file():
        labelled = _read_labels(folder / LABELS)
    else:
        labelled = {
            path.relative_to(folder).as_posix(): (path.parent.name, 0)
            for path in folder.glob("*/*.csv")
        }
    if not labelled:
        raise CsvError(
            f"{folder} holds no clip; put each into a folder named after its class, such as "
            f"wave/monday.csv, or list them in {LABELS}"
        )
    class_names = sorted({label for label, _ in labelled.values()})
    files = sorted(labelled)
    clips: list[SkeletonSequence] = []
    for file in files:
        clip = read_csv_clip(folder / file, axes)
        if clips and clip.layout != clips[0].layout:
            raise CsvError(
                f"{folder / file} has other joints than {folder / files[0]}; give all clips the "
                "same joints in the same order"
            )
        clips.append(clip)
    return archive_of(
        clips,
        [class_names.index(labelled[file][0]) for file in files],
        class_names,
        subjects=[labelled[file][1] for file in files],
        names=[file.removesuffix(".csv") for file in files],
    )


def _read_labels(path: Path) -> dict[str, tuple[str, int]]:
    """Each file's label and subject."""
    labelled: dict[str, tuple[str, int]] = {}
    rows = _read_rows(path)
    columns = rows[0][1]
    for needed in ("file", "label"):
        if needed not in columns:
            raise CsvError(f"{path} has no column {needed!r}; it has {', '.join(columns)}")
    for line, row in rows[1:]:
        cells = dict(zip(columns, row, strict=True))
        subject = cells.get("subject", "") or "0"
        if not cells["label"]:
            raise CsvError(f"{path}, line {line}: {cells['file']!r} has no label")
        if not subject.isdecimal():
            raise CsvError(f"{path}, line {line}: subject is {subject!r}; give a number")
        if cells["file"] in labelled:
            raise CsvError(f"{path}, line {line}: {cells['file']!r} is listed twice; remove one")
        if not (path.parent / cells["file"]).is_file():
            raise CsvError(f"{path}, line {line}: there is no file {path.parent / cells['file']}")
        labelled[cells["file"]] = (cells["label"], int(subject))
    return labelled


def read_csv_clip(path: str | Path, axes: Axes = Axes.KINECT) -> SkeletonSequence:
    """One clip, with people in order of appearance.

    Raises:
        CsvError: names the line and the mistake.
    """
    path = Path(path)
    rows = _read_rows(path)
    columns = rows[0][1]
    layout, places = _joints(path, columns)
    if len(rows) == 1:
        raise CsvError(f"{path} has only a header; add at least one frame")
    time_column = columns.index(TIME)
    person_column = columns.index(PERSON) if PERSON in columns else None

    times: list[float] = []
    people: dict[str, int] = {}
    seen: dict[tuple[int, int], NDArray[np.float64]] = {}
    for line, row in rows[1:]:
        time = _number(path, line, TIME, row[time_column])
        if math.isnan(time):
            raise CsvError(f"{path}, line {line}: {TIME} is missing; give seconds")
        if times and time < times[-1]:
            raise CsvError(f"{path}, line {line}: {TIME} decreases from {times[-1]} to {time}")
        if not times or time > times[-1]:
            times.append(time)
        name = "" if person_column is None else row[person_column]
        key = (len(times) - 1, people.setdefault(name, len(people)))
        if key in seen:
            remedy = f"name people in a column {PERSON!r}" if person_column is None else "remove it"
            raise CsvError(f"{path}, line {line}: a second row of {time} s for {name!r}; {remedy}")
        seen[key] = _positions(path, line, columns, row, places)

    positions = np.full((len(times), len(people), len(places), 3), np.nan)
    for (frame, person), joints in seen.items():
        positions[frame, person] = joints
    return SkeletonSequence(
        to_kinect_axes(positions.astype(np.float32), axes), np.array(times) - times[0], layout
    )


def _joints(path: Path, columns: Sequence[str]) -> tuple[Layout, list[tuple[int, int, int]]]:
    """The layout that the columns name, and the columns of each joint's x, y and z."""
    for column in columns:
        if columns.count(column) > 1:
            raise CsvError(f"{path} has {columns.count(column)} columns {column!r}; rename one")
    if TIME not in columns:
        raise CsvError(f"{path} has no column {TIME!r}, in seconds; it has {', '.join(columns)}")
    names = [column.removesuffix("_x") for column in columns if column.endswith("_x")]
    if not names:
        raise CsvError(f"{path} has no joint; add columns such as head_x, head_y, head_z")
    wanted = {f"{name}_{axis}" for name in names for axis in COORDINATES} | {TIME, PERSON}
    for column in columns:
        if column not in wanted:
            raise CsvError(
                f"{path} has a column {column!r}; only {TIME}, {PERSON} and NAME_x, NAME_y, NAME_z "
                "of joints are allowed"
            )
    for column in sorted(wanted - {PERSON}):
        if column not in columns:
            raise CsvError(f"{path} has no column {column!r}; a joint has x, y and z")
    x, y, z = ([columns.index(f"{name}_{axis}") for name in names] for axis in COORDINATES)
    try:
        return layout_from_joint_names(names, "csv"), list(zip(x, y, z, strict=True))
    except SkeletonDmlError as error:
        raise CsvError(f"{path}: {error}") from error


def _positions(
    path: Path,
    line: int,
    columns: Sequence[str],
    row: Sequence[str],
    places: Sequence[tuple[int, int, int]],
) -> NDArray[np.float64]:
    """(joints, 3) metres."""
    positions = np.array(
        [[_number(path, line, columns[place], row[place]) for place in joint] for joint in places]
    )
    far = np.abs(positions) > MAX_METRES
    if far.any():
        joint, axis = np.argwhere(far)[0]
        raise CsvError(
            f"{path}, line {line}: {columns[places[joint][axis]]} is {positions[joint, axis]:g}; "
            f"give metres, up to {MAX_METRES:g}"
        )
    some = np.isnan(positions).any(axis=1) & ~np.isnan(positions).all(axis=1)
    if some.any():
        name = columns[places[int(some.argmax())][0]].removesuffix("_x")
        raise CsvError(
            f"{path}, line {line}: {name} has only some of x, y and z; give all, or none if it was "
            "not seen"
        )
    return positions


def _number(path: Path, line: int, column: str, text: str) -> float:
    """The number in a cell; NaN if it is empty."""
    if not text:
        return math.nan
    try:
        number = float(text)
    except ValueError:
        number = math.inf
    if math.isinf(number):
        raise CsvError(f"{path}, line {line}: {column} is {text[:20]!r}; give a number")
    return number


def _read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Non-empty rows, the header first: line number and stripped cells."""
    try:
        # Spreadsheets write a byte order mark first.
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except OSError as error:
        raise CsvError(f"{path} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CsvError(f"{path} is not a CSV file in UTF-8: {error}") from error
    if not rows:
        raise CsvError(f"{path} is empty; its first row must name the columns")
    for line, row in rows:
        if len(row) != len(rows[0][1]):
            raise CsvError(
                f"{path}, line {line}: {len(row)} cells for {len(rows[0][1])} columns; separate "
                "cells by commas"
            )
    return rows
