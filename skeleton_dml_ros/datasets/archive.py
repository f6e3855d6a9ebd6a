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

"""The skeleton archive: many labelled recordings in one file.

Research sets come in a dozen formats.  Here they are brought into one: the clips' frames one after
the other in a single array of millimetres, beside the clips' lengths, labels, subjects and names.
An archive is an ``.npz`` file, or a folder of ``.npy`` files with the arrays' names for sizes that
do not fit in memory.

| array | shape, type | meaning |
|---|---|---|
| ``format_version`` | int | 1 |
| ``layout`` | str | name of the joint layout; one that is unknown here goes by ``joint_names`` |
| ``positions_mm`` | (frames, bodies, joints, 3) int16 | millimetres; -32768 = not seen |
| ``lengths`` | (clips,) int | frames of each clip |
| ``label``, ``subject`` | (clips,) int | index into ``class_names``, number of the person |
| ``name`` | (clips,) str | the clip's name |
| ``class_names``, ``joint_names`` | str | class names; joint names in array order |
| ``fps`` | float | nominal frame rate, used where there are no time stamps |
| ``timestamps_ns`` | (frames,) int64, optional | stamps, where the source has them |
| ``confidence`` | (frames, bodies, joints) float16, optional | in [0, 1] |

Arrays with other names are left alone.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import (
    Layout,
    get_layout,
    layout_from_joint_names,
    layout_names,
    standard_joint_name,
)
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

FORMAT_VERSION = 1

UNSEEN_MM = -32768
"""What stands in ``positions_mm`` for a joint that was not seen: the lowest int16."""

FARTHEST_MM = 32767
"""The largest coordinate that an archive can hold, in millimetres either way."""

MILLIMETRES_PER_METRE = 1000

MOST_SUBJECTS = 32767
"""The largest number of a person that the archive's int16 holds."""

SAME_STAMP = 1e-6
"""Seconds within which time stamps count as those of the nominal frame rate."""

_REQUIRED = (
    "format_version",
    "layout",
    "positions_mm",
    "lengths",
    "label",
    "subject",
    "name",
    "class_names",
    "joint_names",
    "fps",
)
_OPTIONAL = ("timestamps_ns", "confidence")
ARRAYS = (*_REQUIRED, *_OPTIONAL)
"""Names of the arrays that are read."""

_MEMORY_MAPPED = ("positions_mm", "timestamps_ns", "confidence")
_KINDS = {
    "format_version": "iu",
    "layout": "U",
    "positions_mm": "i",
    "lengths": "iu",
    "label": "iu",
    "subject": "iu",
    "name": "U",
    "class_names": "U",
    "joint_names": "U",
    "fps": "iuf",
    "timestamps_ns": "iu",
    "confidence": "f",
}
"""numpy's letters for the kinds of numbers that each array may hold."""


class ArchiveError(SkeletonDmlError):
    """A file is no skeleton archive, or recordings do not fit into one."""


@dataclass(frozen=True, eq=False)
class SkeletonArchive:
    """Labelled clips; the constructor refuses arrays that do not fit together.

    Attributes:
        positions_mm: (frames, bodies, joints, 3) int16, the clips' frames one after the other.
        lengths: (clips,) frames of each clip.
        labels: (clips,) index of each clip's class.
        subjects: (clips,) number of the person, or of the pair.
        names: one a clip.
        class_names: one a class.
        layout: of the joints.
        fps: frames per second, where there are no time stamps.
        timestamps_ns: (frames,) nanoseconds, strictly increasing within a clip, or None.
        confidence: (frames, bodies, joints) in [0, 1], or None.

    Raises:
        ArchiveError: names what does not fit.
    """

    positions_mm: NDArray[np.int16]
    lengths: NDArray[np.int64]
    labels: NDArray[np.int64]
    subjects: NDArray[np.int64]
    names: tuple[str, ...]
    class_names: tuple[str, ...]
    layout: Layout
    fps: float
    timestamps_ns: NDArray[np.int64] | None = None
    confidence: NDArray[np.float16] | None = None

    def __post_init__(self) -> None:
        for name in ("lengths", "labels", "subjects"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.int64))
        if self.timestamps_ns is not None:
            stamps = np.asarray(self.timestamps_ns, dtype=np.int64)
            object.__setattr__(self, "timestamps_ns", stamps)
        for name in ("names", "class_names"):
            object.__setattr__(self, name, tuple(str(text) for text in getattr(self, name)))
        object.__setattr__(self, "fps", float(self.fps))

        shape = self.positions_mm.shape
        joints = len(self.layout.joint_names)
        if self.positions_mm.dtype != np.int16:
            raise ArchiveError(
                f"positions_mm is of type {self.positions_mm.dtype}; give int16 millimetres"
            )
        if len(shape) != 4 or shape[1] == 0 or shape[3] != 3:
            raise ArchiveError(f"positions_mm has shape {shape}; give (frames, bodies, joints, 3)")
        if shape[2] != joints:
            raise ArchiveError(
                f"joint count {shape[2]} does not fit layout {self.layout.name} ({joints} "
                "joints); give the layout of the recordings"
            )
        clips = len(self.lengths)
        if clips == 0:
            raise ArchiveError("lengths is empty; an archive holds at least one clip")
        for name in ("lengths", "labels", "subjects", "names"):
            field = np.asarray(getattr(self, name))
            if field.shape != (clips,):
                raise ArchiveError(
                    f"{name} has shape {field.shape}; give one for each of {clips} clips"
                )
        if self.lengths.min() < 1:
            clip = int(self.lengths.argmin())
            raise ArchiveError(
                f"clip {self.names[clip]!r} has {self.lengths[clip]} frames; give at least 1"
            )
        if self.lengths.sum() != shape[0]:
            raise ArchiveError(
                f"lengths sum up to {self.lengths.sum()} frames, but positions_mm holds {shape[0]}"
            )
        wrong = (self.labels < 0) | (self.labels >= len(self.class_names))
        if wrong.any():
            clip = int(wrong.argmax())
            raise ArchiveError(
                f"label {self.labels[clip]} of clip {self.names[clip]!r} is out of range; there "
                f"are {len(self.class_names)} classes, counted from 0"
            )
        if np.abs(self.subjects).max() > MOST_SUBJECTS:
            raise ArchiveError(
                f"subject {np.abs(self.subjects).max()} is too large a number; give up to "
                f"{MOST_SUBJECTS}"
            )
        if not (np.isfinite(self.fps) and self.fps > 0):
            raise ArchiveError(f"fps is {self.fps}; give a frame rate above 0")
        if self.timestamps_ns is not None:
            self._check_timestamps(self.timestamps_ns)
        if self.confidence is not None and self.confidence.shape != shape[:3]:
            raise ArchiveError(
                f"confidence has shape {self.confidence.shape}; give {shape[:3]}, as positions_mm"
            )

    def _check_timestamps(self, timestamps_ns: NDArray[np.int64]) -> None:
        frames = len(self.positions_mm)
        if timestamps_ns.shape != (frames,):
            raise ArchiveError(
                f"timestamps_ns has shape {timestamps_ns.shape}; give one for each of "
                f"{frames} frames"
            )
        late = np.diff(timestamps_ns) <= 0
        late[self._ends[:-1] - 1] = False
        if late.any():
            frame = int(late.argmax()) + 1
            clip = int(np.searchsorted(self._ends, frame, side="right"))
            raise ArchiveError(
                f"timestamps_ns of clip {self.names[clip]!r} do not increase at its frame "
                f"{frame - self._frames(clip).start}"
            )

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def bodies(self) -> int:
        """Most bodies that a clip can have."""
        return int(self.positions_mm.shape[1])

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        """(clips,) the frame after each clip's last."""
        return np.cumsum(self.lengths)

    def _frames(self, index: int) -> slice:
        """Where a clip's frames lie, its position counted from 0."""
        end = int(self._ends[index])
        return slice(end - int(self.lengths[index]), end)

    def clip(self, index: int) -> SkeletonSequence:
        """One clip as a sequence.

        Bodies that were never seen in the clip are left out, so that a clip of one person in an
        archive of pairs has one body.  Without time stamps it starts at 0.

        Args:
            index: position of the clip, from 0; negative ones count from the end.

        Raises:
            ArchiveError: there is no such clip.
        """
        if not -len(self) <= index < len(self):
            raise ArchiveError(f"there is no clip {index}; the archive has 0 to {len(self) - 1}")
        frames = self._frames(index % len(self))
        positions = metres(self.positions_mm[frames])
        bodies = np.flatnonzero(np.isfinite(positions[..., 0]).any(axis=(0, 2)))
        if len(bodies) == 0:
            bodies = np.arange(1)
        if len(bodies) < positions.shape[1]:
            positions = positions[:, bodies]
        confidence = None
        if self.confidence is not None:
            confidence = self.confidence[frames][:, bodies].astype(np.float32)
        start_ns = 0
        seconds = np.arange(len(positions)) / self.fps
        if self.timestamps_ns is not None:
            stamps = np.asarray(self.timestamps_ns[frames])
            start_ns = int(stamps[0])
            seconds = (stamps - start_ns) / NANOSECONDS_PER_SECOND
        return SkeletonSequence(positions, seconds, self.layout, start_ns, confidence)

    def index(self, name: str) -> int:
        """Position of the clip with this name.

        Raises:
            ArchiveError: no clip, or more than one, has the name.
        """
        if name not in self.names:
            raise ArchiveError(
                f"the archive has no clip called {name!r}; its {len(self)} clips are called "
                f"{self.names[0]!r} and so on"
            )
        if self.names.count(name) > 1:
            raise ArchiveError(f"{self.names.count(name)} clips are called {name!r}; give a number")
        return self.names.index(name)

    def select(self, indices: ArrayLike) -> SkeletonArchive:
        """The archive of these clips, in the order given; the classes stay.

        Args:
            indices: (clips,) positions from 0.

        Raises:
            ArchiveError: there is no such clip, or none is chosen.
        """
        chosen = np.atleast_1d(np.asarray(indices, dtype=np.int64))
        if len(chosen) == 0:
            raise ArchiveError("no clip is chosen; choose at least one")
        for index in chosen:
            if not 0 <= index < len(self):
                raise ArchiveError(
                    f"there is no clip {index}; the archive has 0 to {len(self) - 1}"
                )
        where = [self._frames(int(index)) for index in chosen]
        frames = np.concatenate([np.arange(clip.start, clip.stop) for clip in where])
        return replace(
            self,
            positions_mm=self.positions_mm[frames],
            lengths=self.lengths[chosen],
            labels=self.labels[chosen],
            subjects=self.subjects[chosen],
            names=tuple(self.names[index] for index in chosen),
            timestamps_ns=None if self.timestamps_ns is None else self.timestamps_ns[frames],
            confidence=None if self.confidence is None else self.confidence[frames],
        )


def metres(positions_mm: NDArray[np.int16]) -> NDArray[np.float32]:
    """Millimetres of an archive as float32 metres, NaN where a joint was not seen."""
    positions = positions_mm.astype(np.float32) / np.float32(MILLIMETRES_PER_METRE)
    positions[(positions_mm == UNSEEN_MM).any(axis=-1)] = np.nan
    return positions


def millimetres(positions: NDArray[np.floating[Any]]) -> NDArray[np.int16]:
    """Metres, NaN where a joint was not seen, as an archive stores them.

    Args:
        positions: (..., 3).

    Raises:
        ArchiveError: a coordinate is too large for an archive.
    """
    rounded = np.rint(np.asarray(positions, dtype=np.float64) * MILLIMETRES_PER_METRE)
    unseen = np.isnan(rounded)
    largest = float(np.abs(np.where(unseen, 0, rounded)).max(initial=0))
    if largest > FARTHEST_MM:
        raise ArchiveError(
            f"a joint lies at {largest / MILLIMETRES_PER_METRE:.1f} m; an archive holds up to "
            f"{FARTHEST_MM / MILLIMETRES_PER_METRE} m: give metres, near the sensor"
        )
    return np.where(unseen, UNSEEN_MM, rounded).astype(np.int16)


def archive_of(
    sequences: Sequence[SkeletonSequence],
    labels: ArrayLike,
    class_names: Sequence[str],
    subjects: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    fps: float | None = None,
) -> SkeletonArchive:
    """An archive of these sequences.

    Positions are rounded to millimetres.  Time stamps are kept unless they are those of the
    nominal frame rate.  What was derived or filled in is stored like what was seen.

    Args:
        sequences: all of one layout.
        labels: (clips,) index of each clip's class.
        class_names: one a class.
        subjects: (clips,) numbers of the persons; left out, all are 0.
        names: one a clip; left out, they are numbered.
        fps: nominal frame rate; left out, that of the median step between frames.

    Raises:
        ArchiveError: there is no sequence, layouts differ, or a joint lies too far off.
    """
    if len(sequences) == 0:
        raise ArchiveError("no sequence is given; an archive holds at least one clip")
    layout = sequences[0].layout
    for sequence in sequences:
        if sequence.layout != layout:
            raise ArchiveError(
                f"clips have layouts {layout.name} and {sequence.layout.name}; give one layout"
            )
    lengths = np.array([len(sequence) for sequence in sequences])
    frames, bodies = int(lengths.sum()), max(sequence.bodies for sequence in sequences)
    joints = len(layout.joint_names)
    with_confidence = any(sequence.confidence is not None for sequence in sequences)
    positions_mm = np.full((frames, bodies, joints, 3), UNSEEN_MM, dtype=np.int16)
    confidence = np.zeros((frames, bodies, joints), dtype=np.float16)
    timestamps_ns = np.empty(frames, dtype=np.int64)
    end = 0
    for sequence in sequences:
        start, end = end, end + len(sequence)
        positions_mm[start:end, : sequence.bodies] = millimetres(sequence.positions)
        confidence[start:end, : sequence.bodies] = (
            np.isfinite(sequence.positions[..., 0])
            if sequence.confidence is None
            else sequence.confidence
        )
        steps = np.rint(sequence.timestamps * NANOSECONDS_PER_SECOND).astype(np.int64)
        timestamps_ns[start:end] = sequence.start_ns + steps
    rate = float(np.float32(_nominal_rate(sequences) if fps is None else fps))
    return SkeletonArchive(
        positions_mm=positions_mm,
        lengths=lengths,
        labels=np.asarray(labels),
        subjects=np.zeros(len(sequences), int) if subjects is None else np.asarray(subjects),
        names=tuple(names or (f"clip_{index:04d}" for index in range(len(sequences)))),
        class_names=tuple(class_names),
        layout=layout,
        fps=rate,
        timestamps_ns=None if _has_nominal_stamps(sequences, rate) else timestamps_ns,
        confidence=confidence if with_confidence else None,
    )


def _nominal_rate(sequences: Sequence[SkeletonSequence]) -> float:
    """Frames per second of the median step; 30 where no clip has two frames."""
    steps = np.concatenate([np.diff(sequence.timestamps) for sequence in sequences])
    return 30.0 if len(steps) == 0 else float(np.round(1 / np.median(steps), 3))


def _has_nominal_stamps(sequences: Sequence[SkeletonSequence], fps: float) -> bool:
    return all(
        sequence.start_ns == 0
        and np.abs(sequence.timestamps - np.arange(len(sequence)) / fps).max() < SAME_STAMP
        for sequence in sequences
    )


def read_archive(path: str | Path) -> SkeletonArchive:
    """Read an archive: a file into memory, a folder memory-mapped.

    Raises:
        ArchiveError: it is not one, it is damaged, or a newer version of this package made it.
    """
    path = Path(path)
    if path.is_dir():
        return _archive_of(path, _read_folder(path))
    if path.is_file():
        return _archive_of(path, _read_file(path, path))
    raise ArchiveError(f"there is no archive at {path}")


def archive_of_bytes(content: bytes, name: str) -> SkeletonArchive:
    """The archive whose file has this content; how large it becomes is the caller's to check.

    Args:
        content: of the ``.npz`` file.
        name: what an error calls it.

    Raises:
        ArchiveError: as :func:`read_archive`.
    """
    return _archive_of(name, _read_file(name, io.BytesIO(content)))


def _archive_of(path: str | Path, arrays: dict[str, NDArray[Any]]) -> SkeletonArchive:
    """The archive of the arrays that were read from there."""
    if "format_version" not in arrays and "positions_mm" not in arrays:
        raise ArchiveError(f"{path} is not a skeleton archive: it has no positions_mm")
    # A newer format may have other arrays, so its version is looked at first.
    for name in ("format_version", *_REQUIRED):
        if name not in arrays:
            raise ArchiveError(f"{path} is not a whole skeleton archive: {name} is missing")
        _check_kind(path, name, arrays[name])
        if name == "format_version" and arrays[name] != FORMAT_VERSION:
            raise ArchiveError(
                f"{path} has archive format {arrays[name]}; this version of skeleton_dml_ros "
                f"reads format {FORMAT_VERSION}: use the version that wrote it, or a newer one"
            )
    for name in _OPTIONAL:
        if name in arrays:
            _check_kind(path, name, arrays[name])
    try:
        return SkeletonArchive(
            positions_mm=arrays["positions_mm"],
            lengths=arrays["lengths"],
            labels=arrays["label"],
            subjects=arrays["subject"],
            names=tuple(np.atleast_1d(arrays["name"])),
            class_names=tuple(np.atleast_1d(arrays["class_names"])),
            layout=_layout_of(str(arrays["layout"]), [str(name) for name in arrays["joint_names"]]),
            fps=float(arrays["fps"]),
            timestamps_ns=arrays.get("timestamps_ns"),
            confidence=arrays.get("confidence"),
        )
    except SkeletonDmlError as error:
        raise ArchiveError(f"{path}: {error}") from error


def _check_kind(path: str | Path, name: str, array: NDArray[Any]) -> None:
    if array.dtype.kind not in _KINDS[name]:
        raise ArchiveError(f"{path} is damaged: {name} holds values of type {array.dtype}")
    if name in ("format_version", "layout", "fps") and array.ndim > 0:
        raise ArchiveError(f"{path} is damaged: {name} has shape {array.shape}, not one value")
    if name == "joint_names" and array.ndim != 1:
        raise ArchiveError(f"{path} is damaged: {name} has shape {array.shape}, not (joints,)")


def _layout_of(name: str, joint_names: Sequence[str]) -> Layout:
    """The layout of this name, or the one that the joints' names give.

    Raises:
        ArchiveError: the joints' names contradict the layout's.
    """
    if name not in layout_names():
        return layout_from_joint_names(joint_names, name)
    layout = get_layout(name)
    if len(joint_names) == len(layout.joint_names):
        for position, (given, expected) in enumerate(
            zip(joint_names, layout.joint_names, strict=True)
        ):
            if standard_joint_name(given) != expected:
                raise ArchiveError(
                    f"joint {position} is called {given!r}, but {expected!r} in layout {name}; "
                    "give the layout of the recordings"
                )
    return layout


def _read_file(path: str | Path, file: Path | IO[bytes]) -> dict[str, NDArray[Any]]:
    """The arrays of a file; ``path`` is what an error calls it."""
    try:
        if not zipfile.is_zipfile(file):
            raise ArchiveError(
                f"{path} is not a skeleton archive, or it is cut off: it is no .npz file"
            )
        arrays: dict[str, NDArray[Any]] = {}
        with np.load(file, allow_pickle=False) as content:
            for name in ARRAYS:
                if name in content.files:
                    with _reading(path, name):
                        arrays[name] = np.asarray(content[name])
        return arrays
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArchiveError(f"{path} is damaged and cannot be read: {error}") from error
    except MemoryError as error:
        raise ArchiveError(
            f"{path} does not fit in memory; unpack it into a folder of .npy files"
        ) from error
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from error


def _read_folder(path: Path) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for name in ARRAYS:
        file = path / f"{name}.npy"
        if not file.is_file():
            continue
        try:
            with _reading(file, name):
                if name in _MEMORY_MAPPED:
                    arrays[name] = np.load(file, mmap_mode="r", allow_pickle=False)
                else:
                    arrays[name] = np.load(file, allow_pickle=False)
        except (OSError, EOFError) as error:
            raise ArchiveError(f"{file} cannot be read: {error}") from error
    return arrays


@contextmanager
def _reading(path: str | Path, name: str) -> Iterator[None]:
    """Says what numpy means by a ValueError: a pickle that it was not allowed to open, or damage."""
    try:
        yield
    except ValueError as error:
        if "allow_pickle=False" in str(error):
            raise ArchiveError(
                f"{path}: {name} holds pickled objects, which are never read; store plain arrays"
            ) from error
        raise ArchiveError(f"{path} is damaged: {name} cannot be read: {error}") from error


def write_archive(path: str | Path, archive: SkeletonArchive) -> None:
    """Write an archive: a compressed file where ``path`` ends in .npz, else a folder of arrays.

    It appears whole or not at all; a file of the same name is replaced, a folder is not.

    Raises:
        ArchiveError: it cannot be written there.
    """
    path = Path(path)
    arrays: dict[str, NDArray[Any]] = {
        "format_version": np.array(FORMAT_VERSION, dtype=np.int32),
        "layout": np.array(archive.layout.name),
        "positions_mm": archive.positions_mm,
        "lengths": archive.lengths.astype(np.int32),
        "label": archive.labels.astype(np.int16),
        "subject": archive.subjects.astype(np.int16),
        "name": np.array(archive.names),
        "class_names": np.array(archive.class_names, dtype=np.str_),
        "joint_names": np.array(archive.layout.joint_names),
        "fps": np.array(archive.fps, dtype=np.float32),
    }
    if archive.timestamps_ns is not None:
        arrays["timestamps_ns"] = np.asarray(archive.timestamps_ns, dtype=np.int64)
    if archive.confidence is not None:
        arrays["confidence"] = np.asarray(archive.confidence, dtype=np.float16)
    try:
        if path.suffix == ".npz":
            _write_file(path, arrays)
        elif path.suffix == "":
            _write_folder(path, arrays)
        else:
            raise ArchiveError(
                f"{path} ends in {path.suffix}; an archive is a file ending in .npz, or a folder"
            )
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror or error}") from error


def _write_file(path: Path, arrays: dict[str, Any]) -> None:
    unfinished = _beside(path)
    try:
        with unfinished.open("xb") as file:
            np.savez_compressed(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_folder(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ArchiveError(f"{path} exists already; give a new folder, or a file ending in .npz")
    unfinished = _beside(path)
    try:
        unfinished.mkdir()
        for name, array in arrays.items():
            np.save(unfinished / f"{name}.npy", array, allow_pickle=False)
        unfinished.replace(path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _beside(path: Path) -> Path:
    """A new name in the same folder, so that renaming it is one step of the file system."""
    return path.with_name(f".{path.name}-{secrets.token_hex(4)}")
