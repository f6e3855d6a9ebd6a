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
Files that are neither are named in a warning; hidden ones are ignored.
"""

from __future__ import annotations

import csv
import logging
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import (
    MAX_SUBJECTS,
    SkeletonArchive,
    archive_of,
    near_origin,
)
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.axes import Axes, to_kinect_axes
from skeleton_dml_ros.skeleton.frame import MAX_PEOPLE
from skeleton_dml_ros.skeleton.layouts import Layout, layout_from_joint_names
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

LABELS = "labels.csv"
TIME, PERSON = "time", "person"
COORDINATES = ("x", "y", "z")

MAX_METRES = 30.0
"""Maximum distance from the middle of a clip, per coordinate."""

PERSON_METRES = (0.05, 4.0)
"""Least and greatest extent of a person's joints, per coordinate; others are not metres."""

MIN_JOINTS = 5
"""A person of fewer joints may be smaller."""

FRAME_SECONDS = (0.0005, 0.5)
"""Least and greatest usual step between frames; others are not seconds."""

MAX_FRAMES_OF_PEOPLE = 500_000
"""Frames times people, an hour of four people; every person takes memory in all frames."""

MAX_DIGITS = 20
"""Maximum length of a person's number."""

MAX_NAMED = 8
"""Maximum number of files that a warning names."""

logger = logging.getLogger(__name__)


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
    there = _csv_files(folder)
    if (folder / LABELS).is_file():
        labelled = _read_labels(folder / LABELS)
    else:
        labelled = {
            file: (Path(file).parent.name, 0) for file in there if len(Path(file).parts) == 2
        }
    left_out = sorted(there - labelled.keys() - {LABELS})
    if labelled and left_out:
        more = ", ..." if len(left_out) > MAX_NAMED else ""
        logger.warning(
            "%s: left out %d files that are neither LABEL/CLIP.csv nor listed in %s: %s%s",
            folder,
            len(left_out),
            LABELS,
            ", ".join(map(repr, left_out[:MAX_NAMED])),
            more,
        )
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
        names=[Path(file).with_suffix("").as_posix() for file in files],
    )


def _csv_files(folder: Path) -> set[str]:
    """Relative paths of all CSV files that are not hidden, nor in a hidden folder."""
    found = (path.relative_to(folder) for path in folder.rglob("*"))
    return {
        path.as_posix()
        for path in found
        if path.suffix.lower() == ".csv" and not any(part.startswith(".") for part in path.parts)
    }


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
            raise CsvError(f"{path}, line {line}: subject is {subject[:20]!r}; give a number")
        if len(subject) > MAX_DIGITS or int(subject) > MAX_SUBJECTS:
            raise CsvError(
                f"{path}, line {line}: subject is {subject[:20]}; give a number up to {MAX_SUBJECTS}"
            )
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
    lines: list[int] = []
    places_of_rows: list[tuple[int, int]] = []
    bodies: list[NDArray[np.float64]] = []
    seen: set[tuple[int, int]] = set()
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
        if len(people) > MAX_PEOPLE or len(people) * len(times) > MAX_FRAMES_OF_PEOPLE:
            raise CsvError(
                f"{path}, line {line}: {name[:20]!r} is person {len(people)} in {len(times)} frames, "
                f"too many for one clip; give a person the same name in all rows of {PERSON!r}"
            )
        if key in seen:
            named = f", or name people in a column {PERSON!r}" if person_column is None else ""
            raise CsvError(
                f"{path}, line {line}: a second row of {time} s for {name[:20]!r}; give the fractions "
                f"of seconds{named}"
            )
        seen.add(key)
        places_of_rows.append(key)
        lines.append(line)
        bodies.append(_positions(path, line, columns, row, places))
    _check_times(path, times)
    names = [[columns[place] for place in joint] for joint in places]
    joints = _near(path, lines, names, np.array(bodies))

    positions = np.full((len(times), len(people), len(places), 3), np.nan, dtype=np.float32)
    frames, persons = np.array(places_of_rows).T
    positions[frames, persons] = joints
    return SkeletonSequence(to_kinect_axes(positions, axes), np.array(times) - times[0], layout)


def _check_times(path: Path, times: Sequence[float]) -> None:
    """Refuse times that are not seconds.

    Raises:
        CsvError: as the step between frames tells.
    """
    if len(times) < 2:
        return
    step = float(np.median(np.diff(times)))
    if FRAME_SECONDS[0] <= step <= FRAME_SECONDS[1]:
        return
    if step == 1:
        likely = "if these are frame numbers, divide them by the frames per second"
    elif 5 <= step < 1000:
        likely = "if these are milliseconds, divide them by 1000"
    elif 5000 <= step < 1e6:
        likely = "if these are microseconds, divide them by 1,000,000"
    elif step >= 5e6:
        likely = "if these are nanoseconds, divide them by 1,000,000,000"
    else:
        likely = "actions need 5 frames a second or more"
    raise CsvError(
        f"{path}, line 3: {TIME} is in seconds, but frames are {step:g} s apart; {likely}"
    )


def _near(
    path: Path,
    lines: Sequence[int],
    names: Sequence[Sequence[str]],
    bodies: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The bodies in metres, far ones moved to the origin as a whole.

    Args:
        path: of the file.
        lines: (rows,) line of each body.
        names: columns of each joint's x, y and z.
        bodies: (rows, joints, 3), NaN = not seen.

    Raises:
        CsvError: people have an impossible size, or a joint is far from the others.
    """
    is_seen = np.isfinite(bodies)
    highest = np.where(is_seen, bodies, -np.inf).max(axis=1)
    extents = (highest - np.where(is_seen, bodies, np.inf).min(axis=1)).max(axis=1)
    judged = np.flatnonzero(np.isfinite(extents) & (extents > 0))
    extent = float(np.median(extents[judged])) if len(judged) > 0 else 1.0
    is_small = extent < PERSON_METRES[0] and bodies.shape[1] >= MIN_JOINTS
    if is_small or extent > PERSON_METRES[1]:
        typical = judged[np.abs(extents[judged] - extent).argmin()]
        if extent > 100 * PERSON_METRES[1]:
            likely = "divide millimetres by 1000"
        elif extent > PERSON_METRES[1]:
            likely = "divide centimetres by 100"
        else:
            likely = "multiply them by 1000 if they are 1/1000 of metres"
        raise CsvError(
            f"{path}, line {lines[typical]}: the joints of a person extend over {extent:.3g} m; give "
            f"metres ({likely})"
        )
    # In float64: a map's coordinates would lose millimetres in float32.
    moved = np.asarray(near_origin(bodies), dtype=np.float64)
    far = np.abs(moved) > MAX_METRES
    if far.any():
        row, joint, axis = np.argwhere(far)[0]
        raise CsvError(
            f"{path}, line {lines[row]}: {names[joint][axis]} is {bodies[row, joint, axis]:g}, far from "
            f"the others; give metres, up to {MAX_METRES:g}"
        )
    return moved


def _joints(path: Path, columns: Sequence[str]) -> tuple[Layout, list[tuple[int, int, int]]]:
    """The layout that the columns name, and the columns of each joint's x, y and z."""
    for column in columns:
        if columns.count(column) > 1:
            raise CsvError(f"{path} has {columns.count(column)} columns {column!r}; rename one")
    if len(columns) == 1 and any(other in columns[0] for other in ";\t"):
        raise CsvError(f"{path}, line 1: cells are separated by semicolons or tabs; give commas")
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
