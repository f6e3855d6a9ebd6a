# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Parse the text of a ``.skeleton`` file, by a fast and a strict reader that agree bit by bit.

A release has 114,480 files with tens of thousands of numbers each.  `read_quickly` reads undamaged files
in the release's format with array operations.  `read_strictly` reads everything else line by line,
accepts all numbers that Python does, and names the place of damage.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25

JOINTS = len(NTU_25.joint_names)
VALUES_OF_A_JOINT = 12
POSITION = (0, 1, 2)
TRACKING_STATE = 11
TRACKING_STATES = 3
"""0 not tracked, 1 inferred, 2 tracked."""

MAX_NUMBER_LENGTH = 20
"""Maximum characters of a count or an id; the sensor's ids have 17 digits."""

_NUMBER = b"0123456789.-+eE"
"""Characters of numbers that the fast reader accepts."""

_BLANKS_AT_LINE_END = re.compile(rb"(?<! ) +\n")
"""One pass: each run of blanks is looked at once."""

_NEWLINE, _BLANK, _MINUS, _ZERO = (np.uint8(ord(one)) for one in "\n -0")
_POINT = np.uint8((ord(".") - ord("0")) % 256)
"""The point as a digit of type uint8."""

_WIDTH = 12
"""Maximum characters of a number for the fast reader; a float64 holds as many digits exactly, also when
divided by a power of ten and truncated."""

_LARGE_FILE = 2**21
"""About 300 frames of two people, characters."""

_COLUMNS = np.arange(1, _WIDTH + 1, dtype=np.uint8)[:, None]
_PLACE_VALUES = 10.0 ** np.arange(_WIDTH - 1, -1, -1)
_SIGN = np.array([1.0, -1.0])
_FRACTION = np.array([1.0, *_PLACE_VALUES])
"""Maps the point's column, from 1, or 0 without a point, to the power of ten of its decimals."""
_SHIFT = np.array([10.0**_WIDTH, *(10 * _PLACE_VALUES)])
"""Likewise, to the power of ten of the point's column and the decimals."""


class NtuError(SkeletonDmlError):
    """A file or name does not have NTU RGB+D's format."""


@dataclass(frozen=True, eq=False)
class BodyTable:
    """Each body in each frame in which it is present, in the order of the file.

    Attributes:
        frames: of the file.
        frame: (rows,) from 0.
        body: (rows,) the sensor's ids.
        values: (rows, 25, 4) float32: position in metres and tracking state of each joint.
    """

    frames: int
    frame: Sequence[int]
    body: Sequence[int]
    values: NDArray[np.float32]


def read_quickly(content: bytes) -> BodyTable | None:
    """Read an undamaged, regular file; None if it is not.

    In a regular file, words are separated by one blank or line end, and nothing else occurs.

    Args:
        content: of the file.
    """
    _keep_memory()
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
        if b"\r" in content:
            return None
    if content[-1:] != b"\n" or content[-2:].isspace():
        content = content.rstrip() + b"\n"
    text = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero(text <= _BLANK)
    separators = text[ends]
    is_line_end = separators == _NEWLINE
    # The first word of each line, and the total number of words.
    first_word = np.append(0, np.flatnonzero(is_line_end) + 1)
    if ends[0] == 0 or (ends[1:] - ends[:-1] == 1).any():
        tidied = _BLANKS_AT_LINE_END.sub(b"\n", content)
        return None if tidied == content else read_quickly(tidied)
    if not (is_line_end | (separators == _BLANK)).all():
        return None

    followed = _follow(content, ends, first_word)
    if followed is None:
        return None
    frames, frame, body, joint_lines = followed
    joints = first_word[np.add.outer(joint_lines, np.arange(JOINTS))]
    places = np.add.outer(joints, POSITION).ravel()
    if ends[places[0]] < _WIDTH:
        return None
    positions = _numbers(content, ends[places - 1] + 1, ends[places])
    # A state is the last word of its line, with one digit.
    state = ends[joints + TRACKING_STATE]
    states = text[state - 1] - _ZERO
    if positions is None or (states >= TRACKING_STATES).any() or (text[state - 2] != _BLANK).any():
        return None
    values = np.empty((*joints.shape, len(POSITION) + 1), dtype=np.float32)
    with np.errstate(over="ignore"):
        values[..., :-1] = positions.reshape(*joints.shape, len(POSITION))
    values[..., -1] = states
    return BodyTable(frames, frame, body, values)


@functools.cache
def _keep_memory() -> None:
    """Make the C library keep the memory of one file for the next.

    glibc returns free memory above a threshold to the operating system; the threshold grows to twice
    the largest block ever freed.  Until a long file has been read, each short one requests its memory
    again page by page, which takes a seventh of the reading time.
    """
    np.empty(_LARGE_FILE, dtype=np.uint8)


def _follow(
    content: bytes, ends: NDArray[np.intp], first_word: NDArray[np.intp]
) -> tuple[int, list[int], list[int], list[int]] | None:
    """Follow the counts through the file; None if a line is unexpected.

    Args:
        content: of the file.
        ends: (words,) end of each word.
        first_word: (lines + 1,) first word of each line, and the number of words.

    Returns:
        The number of frames, and for each body in each frame: the frame, the body's id, and the line
        of its first joint.
    """
    words_of_line = first_word[1:] - first_word[:-1]
    # In a regular file, all lines except the joints' begin with a count or an id.
    heads = np.flatnonzero(words_of_line != VALUES_OF_A_JOINT)
    first = first_word[heads]
    begins = ends[first - 1] + 1
    begins[:1] = 0
    places = zip(begins.tolist(), ends[first].tolist(), strict=True)
    words = [content[begin:end] for begin, end in places]
    if not words or max(map(len, words)) > MAX_NUMBER_LENGTH or not all(map(bytes.isdigit, words)):
        return None
    counts = list(map(int, words))
    lines = heads.tolist()
    is_alone = (words_of_line[heads] == 1).tolist()

    if lines[0] != 0 or not is_alone[0]:
        return None

    frame, body, joint_lines = [], [], []
    head, line = 0, 1
    for number in range(counts[0]):
        head += 1
        if head >= len(lines) or lines[head] != line or not is_alone[head]:
            return None
        line += 1
        for _ in range(counts[head]):
            head += 2
            if head >= len(lines) or lines[head - 1] != line or lines[head] != line + 1:
                return None
            if not is_alone[head] or counts[head] != JOINTS:
                return None
            frame.append(number)
            body.append(counts[head - 1])
            joint_lines.append(line + 2)
            line += 2 + JOINTS
    if head != len(lines) - 1 or line != len(words_of_line):
        return None
    if not body or len(set(zip(frame, body, strict=True))) < len(body):
        return None
    return counts[0], frame, body, joint_lines


def _numbers(
    content: bytes, begins: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.float64] | None:
    """Parse the words between these places; None if one may not be a number.

    At least `_WIDTH` characters precede the end of the first word.

    The digits of a plain decimal as an integer and its power of ten are exact, so their quotient is
    the float64 that Python parses.
    """
    windows: NDArray[np.void] = np.ndarray(
        len(content) - _WIDTH + 1, dtype=f"V{_WIDTH}", buffer=content, strides=(1,)
    )
    # (columns, words): the words' last characters, right-aligned and padded with zeros.
    characters = windows[ends - _WIDTH].view(np.uint8).reshape(-1, _WIDTH).T.copy()
    lengths = ends - begins
    filled = (_WIDTH - np.minimum(lengths, _WIDTH)).astype(np.uint8)
    # As uint8, anything but a digit becomes 10 or more.
    digits = (characters - _ZERO) * (filled < _COLUMNS)
    is_digit = digits < 10
    is_point = digits == _POINT
    is_negative = np.frombuffer(content, dtype=np.uint8)[begins] == _MINUS
    points = is_point.sum(axis=0, dtype=np.uint8)
    others_than_digits = _WIDTH - is_digit.sum(axis=0, dtype=np.uint8)
    is_plain = (points <= 1) & (others_than_digits == points + is_negative)
    is_plain &= (others_than_digits < lengths) & (lengths <= _WIDTH)

    # The point occupies a column too, so the digits before it are one place too far left.
    digits *= is_digit
    twos = 10 * digits[::2] + digits[1::2]
    fours = (np.uint16(100) * twos[::2] + twos[1::2]).astype(np.float64)
    shifted = (fours[0] * 1e4 + fours[1]) * 1e4 + fours[2]
    point = (is_point * _COLUMNS).sum(axis=0, dtype=np.uint8) * is_plain
    fraction = _FRACTION.take(point)
    shift = _SHIFT.take(point)
    values = (shifted - np.floor(shifted / shift) * (shift - fraction)) / fraction
    values *= _SIGN.take(is_negative)
    others = np.flatnonzero(~is_plain)
    if len(others) > 0:
        places = zip(begins[others].tolist(), ends[others].tolist(), strict=True)
        words = [content[begin:end] for begin, end in places]
        # Python's float also accepts nan, inf and 1_0.
        if b"".join(words).translate(None, _NUMBER):
            return None
        try:
            values[others] = list(map(float, words))
        except ValueError:
            return None
    return np.asarray(values)


def read_strictly(content: bytes, path: str | Path) -> BodyTable:
    """Read a file line by line.

    Args:
        content: of the file.
        path: name of the file in errors.

    Raises:
        NtuError: it is damaged or truncated, or has no frame.
    """
    lines = _Lines(path, content.decode("ascii", errors="replace").splitlines())
    frames = lines.count("the number of frames")
    if frames == 0:
        raise NtuError(f"{path} holds no frame")
    rows: dict[tuple[int, int], NDArray[np.float32]] = {}
    for frame in range(frames):
        for _ in range(lines.count(f"the number of bodies in frame {frame + 1} of {frames}")):
            body, joints = _read_body(lines, f"frame {frame + 1} of {frames}")
            if (frame, body) in rows:
                raise NtuError(
                    f"{path} is damaged: frame {frame + 1} holds body {body} more than once"
                )
            rows[frame, body] = joints
    lines.end()
    values = np.array(list(rows.values()), dtype=np.float32).reshape(-1, JOINTS, 4)
    return BodyTable(frames, [frame for frame, _ in rows], [body for _, body in rows], values)


class _Lines:
    """The lines of a file, read in sequence."""

    def __init__(self, path: str | Path, lines: Sequence[str]) -> None:
        self.path = path
        self._lines = lines
        self._next = 0

    def take(self, number: int, what: str) -> Sequence[str]:
        """The next ``number`` lines."""
        if self._next + number > len(self._lines):
            raise NtuError(
                f"{self.path} is truncated: it ends at line {len(self._lines)}, before {what}"
            )
        self._next += number
        return self._lines[self._next - number : self._next]

    def count(self, what: str) -> int:
        """The next line as a count."""
        (line,) = self.take(1, what)
        if not line.strip().isdecimal() or len(line.strip()) > MAX_NUMBER_LENGTH:
            raise self.damage(f"{what} is {line[:20]!r}")
        return int(line.strip())

    def damage(self, what: str) -> NtuError:
        """The error for the lines taken last."""
        return NtuError(
            f"{self.path} is not an NTU .skeleton file, or is damaged near line {self._next}: {what}"
        )

    def end(self) -> None:
        """Refuse more lines that are not empty."""
        if any(line.strip() for line in self._lines[self._next :]):
            raise NtuError(
                f"{self.path} is damaged: it continues after its last frame, at line {self._next + 1}"
            )


def _read_body(lines: _Lines, where: str) -> tuple[int, NDArray[np.float32]]:
    """One body's id, and (25, 4): position in metres and tracking state of each joint."""
    (header,) = lines.take(1, f"a body of {where}")
    words = header.split()
    # Ids have 56 bits, more than a float holds.
    if not words or not words[0].isdecimal() or len(words[0]) > MAX_NUMBER_LENGTH:
        raise lines.damage(f"a body of {where} begins with {header[:20]!r}, not with its id")
    joints = lines.count(f"the number of joints of a body in {where}")
    if joints != JOINTS:
        raise lines.damage(f"a body of {where} has {joints} joints, not {JOINTS}")
    table = [line.split() for line in lines.take(JOINTS, f"the joints of a body in {where}")]
    if any(len(row) != VALUES_OF_A_JOINT for row in table):
        raise lines.damage(f"a joint of {where} does not have {VALUES_OF_A_JOINT} values")
    try:
        with np.errstate(over="ignore"):
            values = np.array(
                [[row[column] for column in (*POSITION, TRACKING_STATE)] for row in table],
                dtype=np.float32,
            )
    except ValueError as error:
        raise lines.damage(f"a joint of {where} has a value that is not a number") from error
    if not np.isin(values[:, 3], np.arange(TRACKING_STATES)).all():
        raise lines.damage(f"a joint of {where} has a tracking state other than 0, 1 or 2")
    return int(words[0]), values
