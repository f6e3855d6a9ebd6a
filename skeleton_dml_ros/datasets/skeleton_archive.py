# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Labelled recordings in one joint layout, as arrays: the content of a skeleton archive.

See :mod:`skeleton_dml_ros.datasets.archive` for the file format.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.datasets.array_files import ArchiveError
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

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
        if self.lengths.sum() != shape[0]:
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
        if np.abs(self.subjects).max() > MAX_SUBJECTS:
            raise ArchiveError(
                f"subject {np.abs(self.subjects).max()} is too large; give up to {MAX_SUBJECTS}"
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
