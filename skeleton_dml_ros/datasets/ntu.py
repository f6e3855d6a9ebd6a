# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read NTU RGB+D's ``.skeleton`` files and sample names.

A file is text: the number of frames; for each frame the number of bodies; for each body a line with its
id and nine more values, the number of joints (25), and for each joint a line of 12 values, of which the
first three are the position and the last is the tracking state.  Bodies appear, disappear and change
their order; only the id identifies them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skeleton_dml_ros.datasets.main_actors import (
    MAX_ACTORS,
    join_bodies,
    main_actors,
    select_bodies,
)
from skeleton_dml_ros.datasets.ntu_text import JOINTS, read_quickly, read_strictly
from skeleton_dml_ros.datasets.ntu_text import NtuError as NtuError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence
from skeleton_dml_ros.skeleton.vectors import all_finite

FRAMES_PER_SECOND = 30.0

MUTUAL_ACTIONS = (*range(50, 61), *range(106, 121))
"""Numbers of the actions of two people."""

TRACKED = 2
CONFIDENCE_OF_STATE = np.array([0.0, 0.5, 1.0], dtype=np.float32)
"""Confidence of the sensor's tracking states: 0 not tracked, 1 inferred, 2 tracked."""

MAX_FRAMES_OF_BODIES = 500_000
"""Frames times bodies, an hour of four people.  Every body takes memory in all frames, and a damaged
file may name thousands."""

_SAMPLE_NAME = re.compile(r"S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})")


@dataclass(frozen=True)
class SampleName:
    """Parts of a sample's name; all numbers count from 1.

    Attributes:
        setup: height and distance of the cameras.
        camera: 1 to 3.
        performer: the person, or the one who starts.
        replication: 1 or 2.
        action: class, 1 to 120.
    """

    setup: int
    camera: int
    performer: int
    replication: int
    action: int

    def __str__(self) -> str:
        return (
            f"S{self.setup:03}C{self.camera:03}P{self.performer:03}"
            f"R{self.replication:03}A{self.action:03}"
        )


def parse_sample_name(name: str) -> SampleName:
    """Parse a name such as ``S001C002P003R002A013``, also within a path or with a suffix.

    Raises:
        NtuError: the name has another form.
    """
    stem = Path(name).name.partition(".")[0]
    match = _SAMPLE_NAME.fullmatch(stem)
    if match is None:
        raise NtuError(
            f"{name!r} is not the name of an NTU sample; give one such as S001C002P003R002A013"
        )
    return SampleName(*(int(number) for number in match.groups()))


def read_actors(path: str | Path, body: int | None = None) -> SkeletonSequence:
    """The people who act in a ``.skeleton`` file, in descending order of motion.

    Args:
        path: of the file. If it is named like a sample of NTU RGB+D, only mutual actions keep two
            people, all others one; other files keep all who act.
        body: keep only this body, counted from 0 in order of appearance.

    Raises:
        NtuError: as :func:`read_skeleton_file`, or there is no such body.
    """
    return actors_of(read_skeleton_file(path), path, body)


def actors_of(
    sequence: SkeletonSequence, path: str | Path, body: int | None = None
) -> SkeletonSequence:
    """The people who act in the content of a ``.skeleton`` file, see :func:`read_actors`.

    Args:
        sequence: of the file.
        path: of the file.
        body: keep only this body.

    Raises:
        NtuError: there is no such body.
    """
    if body is not None:
        sequence = join_bodies(sequence)
        if body >= sequence.bodies:
            raise NtuError(f"{path} has no body {body}; it has {sequence.bodies}, counted from 0")
        return select_bodies(sequence, np.array([body]))
    try:
        is_mutual = parse_sample_name(str(path)).action in MUTUAL_ACTIONS
    except NtuError:
        return main_actors(sequence, max_actors=None)
    return main_actors(sequence, MAX_ACTORS if is_mutual else 1, still=is_mutual)


def read_skeleton_file(path: str | Path) -> SkeletonSequence:
    """Read one ``.skeleton`` file with all its bodies.

    Bodies are in order of appearance; an absent body's joints are NaN.  Inferred joints have
    confidence 0.5 and are not observed; joints that are not tracked are NaN.

    Raises:
        NtuError: the file is damaged or truncated, or has no body.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise NtuError(f"{path} cannot be read: {error.strerror or error}") from error
    return parse_skeleton_file(content, path)


def parse_skeleton_file(content: bytes, path: str | Path) -> SkeletonSequence:
    """The recording in the content of a ``.skeleton`` file, see :func:`read_skeleton_file`.

    Args:
        content: of the file.
        path: name of the file in errors.

    Raises:
        NtuError: it is damaged or truncated, or has no body.
    """
    table = read_quickly(content) or read_strictly(content, path)
    bodies = list(dict.fromkeys(table.body))
    if not bodies:
        raise NtuError(f"{path} holds no body in any of its {table.frames} frames")
    if table.frames * len(bodies) > MAX_FRAMES_OF_BODIES:
        raise NtuError(
            f"{path} names {len(bodies)} bodies in {table.frames} frames, too many for one "
            "recording; split it into shorter ones"
        )
    # Joints of an absent body are not tracked, which is state 0.
    values = np.zeros((table.frames, len(bodies), JOINTS, 4), dtype=np.float32)
    place = {body: index for index, body in enumerate(bodies)}
    values[table.frame, [place[body] for body in table.body]] = table.values
    states = values[..., 3].astype(np.intp)
    is_seen = all_finite(values[..., :3]) & (states > 0)
    positions = np.where(is_seen[..., None], values[..., :3], np.float32(np.nan))
    return SkeletonSequence(
        positions=positions,
        timestamps=np.arange(table.frames) / FRAMES_PER_SECOND,
        layout=NTU_25,
        confidence=np.where(is_seen, CONFIDENCE_OF_STATE[states], 0),
        observed=is_seen & (states == TRACKED),
    )
