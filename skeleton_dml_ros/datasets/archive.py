# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The skeleton archive: many labelled recordings in one file.

All data sets are converted to this format: the frames of all clips are concatenated in one array of
millimetres, beside the clips' lengths, labels, subjects and names.  An archive is an ``.npz`` file, or,
if it does not fit in memory, a folder of ``.npy`` files with the arrays' names.

| array | shape, type | meaning |
|---|---|---|
| ``format_version`` | int | 1 |
| ``layout`` | str | name of the joint layout; an unknown layout is taken from ``joint_names`` |
| ``positions_mm`` | (frames, bodies, joints, 3) int16 | millimetres; -32768 = not seen |
| ``lengths`` | (clips,) int | frames of each clip |
| ``label``, ``subject`` | (clips,) int | index into ``class_names``, number of the person |
| ``name`` | (clips,) str | the clip's name |
| ``class_names``, ``joint_names`` | str | class names; joint names in array order |
| ``fps`` | float | nominal frame rate, used without time stamps |
| ``timestamps_ns`` | (frames,) int64, optional | time stamps, if the source has them |
| ``confidence`` | (frames, bodies, joints) float16, optional | in [0, 1] |

Other arrays are ignored.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.datasets.array_files import (
    ArchiveError,
    Pieces,
    read_file,
    read_folder,
    write_arrays,
)
from skeleton_dml_ros.errors import one_line
from skeleton_dml_ros.skeleton.layouts import (
    Layout,
    get_layout,
    layout_from_joint_names,
    layout_names,
    standard_joint_name,
)
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

__all__ = [
    "ARRAYS",
    "FORMAT_VERSION",
    "UNSEEN_MM",
    "ArchiveError",
    "SkeletonArchive",
    "archive_of",
    "archive_of_bytes",
    "metres",
    "millimetres",
    "read_archive",
    "write_archive",
    "write_joined",
]

UNSEEN_MM = -32768
"""Value in ``positions_mm`` of a joint that was not seen: the lowest int16."""

MAX_MM = 32767
"""Maximum absolute coordinate in an archive, millimetres."""

MILLIMETRES_PER_METRE = 1000

MAX_SUBJECTS = 32767
"""Maximum number of a person, an int16."""


@dataclass(frozen=True, eq=False)
class SkeletonArchive:
    """Labelled clips; the constructor refuses arrays that do not fit together.

    Attributes:
        positions_mm: (frames, bodies, joints, 3) int16, the clips' frames concatenated.
        lengths: (clips,) frames of each clip.
        labels: (clips,) index of each clip's class.
        subjects: (clips,) number of the person, or of the pair.
        names: one per clip.
        class_names: one per class.
        layout: of the joints.
        fps: frames per second, used without time stamps.
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
            raise ArchiveError("lengths is empty; give at least one clip")
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
        # The sum of larger ones might wrap around.
        if self.lengths.max() > shape[0] or self.lengths.sum() != shape[0]:
            raise ArchiveError(
                f"lengths add up to {self.lengths.sum()} frames, but positions_mm has {shape[0]}"
            )
        wrong = (self.labels < 0) | (self.labels >= len(self.class_names))
        if wrong.any():
            clip = int(wrong.argmax())
            raise ArchiveError(
                f"label {self.labels[clip]} of clip {self.names[clip]!r} is out of range; give 0 to "
                f"{len(self.class_names) - 1}"
            )
        # The absolute value of the lowest int64 wraps around.
        if self.subjects.max() > MAX_SUBJECTS or self.subjects.min() < -MAX_SUBJECTS:
            largest = max(int(self.subjects.max()), -int(self.subjects.min()))
            raise ArchiveError(f"subject {largest} is too large; give up to {MAX_SUBJECTS}")
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
                f"timestamps_ns of clip {self.names[clip]!r} do not increase at frame "
                f"{frame - self._frames(clip).start}"
            )

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def bodies(self) -> int:
        """Maximum number of bodies in a clip."""
        return int(self.positions_mm.shape[1])

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        """(clips,) index after each clip's last frame."""
        return np.cumsum(self.lengths)

    def _frames(self, index: int) -> slice:
        """Frames of a clip, whose index counts from 0."""
        end = int(self._ends[index])
        return slice(end - int(self.lengths[index]), end)

    def clip(self, index: int) -> SkeletonSequence:
        """One clip as a sequence.

        Bodies that are never seen in the clip are dropped, so that a clip of one person in an
        archive of pairs has one body.  Without time stamps it starts at 0.

        Args:
            index: of the clip, from 0; negative ones count from the end.

        Raises:
            ArchiveError: there is no such clip.
        """
        if not -len(self) <= index < len(self):
            raise ArchiveError(f"there is no clip {index}; the archive has 0 to {len(self) - 1}")
        frames = self._frames(index % len(self))
        positions = metres(self.positions_mm[frames])
        bodies = self._bodies(frames)
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

    def people(self, index: int) -> int:
        """Number of bodies in :meth:`clip`, for an index from 0."""
        return len(self._bodies(self._frames(index)))

    def _bodies(self, frames: slice) -> NDArray[np.intp]:
        """Bodies that are seen at some time in a clip; the first if none is."""
        seen = (self.positions_mm[frames] != UNSEEN_MM).all(axis=-1).any(axis=(0, 2))
        return np.flatnonzero(seen) if seen.any() else np.arange(1)

    def index(self, name: str) -> int:
        """Index of the clip with this name.

        Raises:
            ArchiveError: no clip, or more than one, has the name.
        """
        if name not in self.names:
            raise ArchiveError(
                f"there is no clip {name!r}; the archive has {len(self)} clips, the first is "
                f"{self.names[0]!r}"
            )
        if self.names.count(name) > 1:
            raise ArchiveError(f"{self.names.count(name)} clips are named {name!r}; give an index")
        return self.names.index(name)

    def label_of(self, class_: str | int) -> int:
        """Index of a class, given by name or by index.

        Raises:
            ArchiveError: there is no such class.
        """
        if isinstance(class_, str) and class_ in self.class_names:
            return self.class_names.index(class_)
        last = len(self.class_names) - 1
        if isinstance(class_, str) or not 0 <= class_ <= last:
            raise ArchiveError(f"there is no class {class_!r}; the archive has 0 to {last}")
        return int(class_)

    def select(self, indices: ArrayLike) -> SkeletonArchive:
        """The archive of these clips in this order, with all classes.

        Args:
            indices: (clips,) from 0.

        Raises:
            ArchiveError: there is no such clip, or none is selected.
        """
        chosen = np.atleast_1d(np.asarray(indices, dtype=np.int64))
        if len(chosen) == 0:
            raise ArchiveError("no clip is selected; select at least one")
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
    """Convert an archive's millimetres to float32 metres, NaN = not seen."""
    positions = positions_mm.astype(np.float32) / np.float32(MILLIMETRES_PER_METRE)
    positions[(positions_mm == UNSEEN_MM).any(axis=-1)] = np.nan
    return positions


def millimetres(positions: NDArray[np.floating[Any]]) -> NDArray[np.int16]:
    """Convert metres, NaN = not seen, to an archive's millimetres.

    Args:
        positions: (..., 3).

    Raises:
        ArchiveError: a coordinate is too large for an archive.
    """
    rounded = np.rint(np.asarray(positions, dtype=np.float64) * MILLIMETRES_PER_METRE)
    unseen = np.isnan(rounded)
    largest = float(np.abs(np.where(unseen, 0, rounded)).max(initial=0))
    if largest > MAX_MM:
        raise ArchiveError(
            f"a joint is {largest / MILLIMETRES_PER_METRE:.1f} m away; give metres relative to the "
            f"sensor, up to {MAX_MM / MILLIMETRES_PER_METRE}"
        )
    return np.where(unseen, UNSEEN_MM, rounded).astype(np.int16)


def near_origin(positions: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Positions around the origin: those of a map or world frame are moved as a whole.

    The middle is taken away in float64.  Positions within an archive's range stay as they are.

    Args:
        positions: (..., 3) metres, NaN = not seen.
    """
    largest = np.abs(np.where(np.isnan(positions), 0, positions)).max(initial=0)
    if largest * MILLIMETRES_PER_METRE <= MAX_MM:
        return positions
    seen = np.asarray(positions[np.isfinite(positions).all(axis=-1)], dtype=np.float64)
    return positions - (np.median(seen, axis=0) if len(seen) > 0 else 0.0)


FORMAT_VERSION = 1

SAME_STAMP = 1e-6
"""Seconds within which time stamps match those of the nominal frame rate."""

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

_OF_SETS = ("format_version", "layout", "class_names", "joint_names", "fps")
_OF_CLIPS = ("lengths", "label", "subject", "name")
_MEMORY_MAPPED = ("positions_mm", "timestamps_ns", "confidence")
_UNSEEN = {"positions_mm": UNSEEN_MM, "confidence": 0}
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
"""Allowed numpy dtype kinds of each array."""


def archive_of(
    sequences: Sequence[SkeletonSequence],
    labels: ArrayLike,
    class_names: Sequence[str],
    subjects: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    fps: float | None = None,
) -> SkeletonArchive:
    """An archive of sequences.

    Positions are rounded to millimetres; clips far from the origin are moved to it.  Time stamps are stored unless they match the nominal frame
    rate.  Derived and imputed joints are stored like seen ones.

    Args:
        sequences: all in one layout.
        labels: (clips,) index of each clip's class.
        class_names: one per class.
        subjects: (clips,) numbers of the people; all 0 if left out.
        names: one per clip; numbered if left out.
        fps: nominal frame rate; from the median step between frames if left out.

    Raises:
        ArchiveError: there is no sequence, layouts differ, or a joint is too far away.
    """
    if len(sequences) == 0:
        raise ArchiveError("no sequence is given; give at least one")
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
        positions_mm[start:end, : sequence.bodies] = millimetres(near_origin(sequence.positions))
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
    """Frames per second of the median step; 30 if no clip has two frames."""
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
        ArchiveError: it is not an archive, is damaged, or has a newer format.
    """
    path = Path(path)
    if path.is_dir():
        return _archive_of(path, read_folder(path, ARRAYS, _MEMORY_MAPPED))
    if path.is_file():
        return _archive_of(path, read_file(path, path, ARRAYS))
    raise ArchiveError(f"there is no archive at {path}")


def archive_of_bytes(content: bytes, name: str) -> SkeletonArchive:
    """The archive whose file has this content; the caller must limit its size.

    Args:
        content: of the ``.npz`` file.
        name: of the archive in errors.

    Raises:
        ArchiveError: as :func:`read_archive`.
    """
    return _archive_of(name, read_file(name, io.BytesIO(content), ARRAYS))


def _archive_of(path: str | Path, arrays: dict[str, NDArray[Any]]) -> SkeletonArchive:
    """The archive made of these arrays; the path is for errors."""
    if "format_version" not in arrays and "positions_mm" not in arrays:
        raise ArchiveError(f"{path} is not a skeleton archive: it has no positions_mm")
    # A newer format may have other arrays, so check its version first.
    for name in ("format_version", *_REQUIRED):
        if name not in arrays:
            raise ArchiveError(f"{path} is not a complete skeleton archive: {name} is missing")
        _check_kind(path, name, arrays[name])
        if name == "format_version" and arrays[name] != FORMAT_VERSION:
            raise ArchiveError(
                f"{path} has archive format {arrays[name]}, but this version of skeleton_dml_ros "
                f"reads format {FORMAT_VERSION}; use the version that wrote it, or a newer one"
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
    except (ValueError, TypeError, OverflowError, MemoryError, LookupError) as error:
        raise ArchiveError(one_line(f"{path}: {error}")) from error


def _check_kind(path: str | Path, name: str, array: NDArray[Any]) -> None:
    if array.dtype.kind not in _KINDS[name]:
        raise ArchiveError(f"{path} is damaged: {name} holds values of type {array.dtype}")
    if name in ("format_version", "layout", "fps") and array.ndim > 0:
        raise ArchiveError(f"{path} is damaged: {name} has shape {array.shape}, not one value")
    if name == "joint_names" and array.ndim != 1:
        raise ArchiveError(f"{path} is damaged: {name} has shape {array.shape}, not (joints,)")


def _layout_of(name: str, joint_names: Sequence[str]) -> Layout:
    """The layout of this name, or else the one of the joint names.

    Raises:
        ArchiveError: the joint names contradict the layout.
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
                    f"joint {position} is {given!r}, but {expected!r} in layout {name}; "
                    "give the layout of the recordings"
                )
    return layout


def write_archive(path: str | Path, archive: SkeletonArchive, compressed: bool = True) -> None:
    """Write an archive: a file if ``path`` ends in .npz, else a folder of arrays.

    Writing is atomic. An existing file is replaced, an existing folder is not.

    Args:
        path: target.
        archive: to be written.
        compressed: whether a file is compressed; folders never are.

    Raises:
        ArchiveError: it cannot be written.
    """
    write_arrays(path, _arrays_of(archive), compressed)


def write_joined(path: str | Path, parts: Callable[[], Iterable[SkeletonArchive]]) -> None:
    """Write several archives as one, with one of them in memory at a time.

    The parts share layout, classes and frame rate, and either all or none have confidences and time
    stamps.  Missing bodies of a part are stored as not seen.

    Args:
        path: as for :func:`write_archive`.
        parts: gives the archives in order each time it is called.

    Raises:
        ArchiveError: there is no part, the parts do not match, or the archive cannot be written.
    """
    first: dict[str, NDArray[Any]] = {}
    of_clips: dict[str, list[NDArray[Any]]] = {name: [] for name in _OF_CLIPS}
    frames = bodies = 0
    for part in parts():
        arrays = _arrays_of(part)
        first = first or arrays
        if arrays.keys() != first.keys() or any(
            not np.array_equal(arrays[name], first[name]) for name in _OF_SETS
        ):
            raise ArchiveError(
                f"the part that starts with clip {part.names[0]!r} does not match the first part"
            )
        for name in _OF_CLIPS:
            of_clips[name].append(arrays[name])
        frames, bodies = frames + len(part.positions_mm), max(bodies, part.bodies)
    if not first:
        raise ArchiveError("no part is given; give at least one")

    def concatenated(name: str) -> Iterator[NDArray[Any]]:
        for part in parts():
            array = _arrays_of(part)[name]
            if array.ndim > 1:
                missing = [(0, 0), (0, bodies - array.shape[1])] + [(0, 0)] * (array.ndim - 2)
                array = np.pad(array, missing, constant_values=_UNSEEN[name])
            yield array

    joined: dict[str, NDArray[Any] | Pieces] = dict(first)
    for name, per_part in of_clips.items():
        joined[name] = np.concatenate(per_part)
    for name in set(first) & set(_MEMORY_MAPPED):
        shape = first[name].shape
        shape = (frames, *((bodies, *shape[2:]) if len(shape) > 1 else ()))
        joined[name] = Pieces(shape, first[name].dtype, partial(concatenated, name))
    write_arrays(path, joined)


def _arrays_of(archive: SkeletonArchive) -> dict[str, NDArray[Any]]:
    """The arrays that are stored."""
    arrays: dict[str, NDArray[Any]] = {
        "format_version": np.array(FORMAT_VERSION, dtype=np.int32),
        "layout": np.array(archive.layout.name),
        "positions_mm": archive.positions_mm,
        "lengths": archive.lengths.astype(np.int32),
        "label": archive.labels.astype(np.int16 if len(archive.class_names) <= 2**15 else np.int32),
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
    return arrays
