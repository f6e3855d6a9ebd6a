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

"""NTU RGB+D's ``.skeleton`` files and the names of its samples.

A file is text, line by line: the number of frames; for each frame the number of bodies; for each
body a line with its id and nine more values, the number of joints (25), and a line of 12 values
for each joint, of which the first three are its position and the last is how the sensor came by
it.  Bodies come and go from frame to frame and change their order; only the id tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

FRAMES_PER_SECOND = 30.0

JOINTS = len(NTU_25.joint_names)
VALUES_OF_A_JOINT = 12
POSITION = (0, 1, 2)
TRACKING_STATE = 11

TRACKED = 2
CONFIDENCE_OF_STATE = np.array([0.0, 0.5, 1.0], dtype=np.float32)
"""What the sensor's tracking states are worth: 0 not tracked, 1 inferred, 2 tracked."""

LONGEST_NUMBER = 20
"""Characters of a count or an id; a sensor's ids have 17 digits."""

MOST_FRAMES_OF_BODIES = 500_000
"""Frames times bodies: an hour of four people.  A body that is there for one frame takes its place
in all, and a damaged file may name thousands."""

_SAMPLE_NAME = re.compile(r"S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})")


class NtuError(SkeletonDmlError):
    """A file or a name is not one of NTU RGB+D's."""


@dataclass(frozen=True)
class SampleName:
    """What a sample's name says; all numbers count from 1.

    Attributes:
        setup: height and distance of the cameras.
        camera: 1 to 3.
        performer: the person, or the one who starts.
        replication: 1 or 2, performed twice.
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
    """Take a name of the form ``S001C002P003R002A013`` apart; a folder and an ending may be there.

    Raises:
        NtuError: the name has another form.
    """
    stem = Path(name).name.partition(".")[0]
    match = _SAMPLE_NAME.fullmatch(stem)
    if match is None:
        raise NtuError(f"{name!r} is no name of an NTU sample; one looks like S001C002P003R002A013")
    return SampleName(*(int(number) for number in match.groups()))


def read_skeleton_file(path: str | Path) -> SkeletonSequence:
    """Read one ``.skeleton`` file.

    The bodies are in the order in which they appear first; where one is away, its joints are NaN.
    A joint that the sensor only inferred has confidence 0.5 and does not count as observed; one
    that it did not track at all is NaN.

    Raises:
        NtuError: the file is damaged or cut off, or nobody is in it.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise NtuError(f"{path} cannot be read: {error.strerror or error}") from error
    return parse_skeleton_file(content, path)


def parse_skeleton_file(content: bytes, path: str | Path) -> SkeletonSequence:
    """The recording of a ``.skeleton`` file of this content, see :func:`read_skeleton_file`.

    Args:
        content: of the file.
        path: what an error calls it.

    Raises:
        NtuError: it is damaged or cut off, or nobody is in it.
    """
    lines = _Lines(path, content.decode("ascii", errors="replace").splitlines())
    frames = lines.count("the number of frames")
    if frames == 0:
        raise NtuError(f"{path} holds no frame")
    seen: dict[int, list[tuple[int, NDArray[np.float32]]]] = {}
    for frame in range(frames):
        for _ in range(lines.count(f"the number of bodies in frame {frame + 1} of {frames}")):
            body, joints = _read_body(lines, f"frame {frame + 1} of {frames}")
            appearances = seen.setdefault(body, [])
            if appearances and appearances[-1][0] == frame:
                raise NtuError(
                    f"{path} is damaged: frame {frame + 1} holds body {body} more than once"
                )
            appearances.append((frame, joints))
    lines.end()
    if not seen:
        raise NtuError(f"{path} holds no body in any of its {frames} frames")

    if frames * len(seen) > MOST_FRAMES_OF_BODIES:
        raise NtuError(
            f"{path} names {len(seen)} bodies in {frames} frames, more than it can be one "
            "recording of; cut it into shorter ones"
        )
    values = np.full((frames, len(seen), JOINTS, 4), np.nan, dtype=np.float32)
    for body, appearances in enumerate(seen.values()):
        values[[frame for frame, _ in appearances], body] = [joints for _, joints in appearances]
    positions, states = values[..., :3], np.nan_to_num(values[..., 3]).astype(np.intp)
    positions[~np.isfinite(positions).all(axis=-1) | (states == 0)] = np.nan
    is_seen = np.isfinite(positions[..., 0])
    return SkeletonSequence(
        positions=positions,
        timestamps=np.arange(frames) / FRAMES_PER_SECOND,
        layout=NTU_25,
        confidence=np.where(is_seen, CONFIDENCE_OF_STATE[states], 0),
        observed=is_seen & (states == TRACKED),
    )


class _Lines:
    """The lines of a file, read one after the other."""

    def __init__(self, path: str | Path, lines: Sequence[str]) -> None:
        self.path = path
        self._lines = lines
        self._next = 0

    def take(self, number: int, what: str) -> Sequence[str]:
        """The next lines."""
        if self._next + number > len(self._lines):
            raise NtuError(
                f"{self.path} is cut off: it ends at line {len(self._lines)}, before {what}"
            )
        self._next += number
        return self._lines[self._next - number : self._next]

    def count(self, what: str) -> int:
        """The next line as a number of things."""
        (line,) = self.take(1, what)
        if not line.strip().isdecimal() or len(line) > LONGEST_NUMBER:
            raise self.damage(f"{what} is {line[:20]!r}")
        return int(line)

    def damage(self, what: str) -> NtuError:
        """The error for the lines taken last."""
        return NtuError(
            f"{self.path} is no NTU .skeleton file, or it is damaged near line {self._next}: {what}"
        )

    def end(self) -> None:
        """Nothing but empty lines may be left."""
        if any(line.strip() for line in self._lines[self._next :]):
            raise NtuError(
                f"{self.path} is damaged: it goes on after its last frame, at line {self._next + 1}"
            )


def _read_body(lines: _Lines, where: str) -> tuple[int, NDArray[np.float32]]:
    """One body's id, and (25, 4): position in metres and tracking state of each joint."""
    (header,) = lines.take(1, f"a body of {where}")
    words = header.split()
    # Ids have 56 bits, more than a float tells apart.
    if not words or not words[0].isdecimal() or len(words[0]) > LONGEST_NUMBER:
        raise lines.damage(f"a body of {where} begins with {header[:20]!r}, not with its id")
    joints = lines.count(f"the number of joints of a body in {where}")
    if joints != JOINTS:
        raise lines.damage(f"a body of {where} has {joints} joints, not {JOINTS}")
    table = [line.split() for line in lines.take(JOINTS, f"the joints of a body in {where}")]
    if any(len(row) != VALUES_OF_A_JOINT for row in table):
        raise lines.damage(f"a joint of {where} has not {VALUES_OF_A_JOINT} values")
    try:
        values = np.array(
            [[row[column] for column in (*POSITION, TRACKING_STATE)] for row in table],
            dtype=np.float32,
        )
    except ValueError as error:
        raise lines.damage(f"a joint of {where} holds what is no number") from error
    if not np.isin(values[:, 3], np.arange(len(CONFIDENCE_OF_STATE))).all():
        raise lines.damage(f"a joint of {where} has a tracking state other than 0, 1 or 2")
    return int(words[0]), values
