# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read a recording as a stream of frames, as a sensor would send them.

- An NTU ``.skeleton`` file, or an archive of one clip, keeps its stamps; its bodies get the ids ``0``,
  ``1``, ...
- The clips of a larger archive follow one another on one clock, which starts at the first clip's
  stamp, with a pause without people between them.  Each clip has its own people, with the clip's name
  and their number as ids (``a1_s1_t1:0``), since clips may come from different days and rooms.

A body without a seen joint is not in the frame.  Frames without people are sent, too, so that time
passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.datasets.ntu import read_actors
from skeleton_dml_ros.datasets.recordings import read_recordings
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence, nanoseconds

PAUSE = 2.0
"""Seconds between two clips of an archive, after which the people of the first count as gone."""


@dataclass(frozen=True)
class StreamClip:
    """A continuous recording within a stream.

    Attributes:
        name: of the recording.
        label: its class; empty if unknown.
        start_ns: stamp of its first frame.
        end_ns: stamp of its last frame.
        person_ids: one per body.
        frames: number of frames.
    """

    name: str
    label: str
    start_ns: int
    end_ns: int
    person_ids: tuple[str, ...]
    frames: int


class Stream:
    """Frames of a recording, in order of their stamps; may be iterated many times.

    Frames are made during iteration, so a memory-mapped archive may be larger than memory.

    Attributes:
        layout: of all frames.
        clips: recordings that the stream consists of.
    """

    def __init__(
        self,
        layout: Layout,
        clips: tuple[StreamClip, ...],
        sequence: Callable[[int], SkeletonSequence],
    ) -> None:
        """A stream of clips; ``sequence`` gives the recording of each by its index."""
        self.layout = layout
        self.clips = clips
        self._sequence = sequence

    def __len__(self) -> int:
        """Number of frames."""
        return sum(clip.frames for clip in self.clips)

    def __iter__(self) -> Iterator[SkeletonFrame]:
        """The frames."""
        for index, clip in enumerate(self.clips):
            yield from _frames(self._sequence(index), clip)

    @property
    def expected(self) -> int:
        """Approximate number of frames, known before reading."""
        return len(self)

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return (self.clips[-1].end_ns - self.clips[0].start_ns) / NANOSECONDS_PER_SECOND


def _frames(sequence: SkeletonSequence, clip: StreamClip) -> Iterator[SkeletonFrame]:
    stamps = clip.start_ns + np.rint(sequence.timestamps * NANOSECONDS_PER_SECOND).astype(np.int64)
    present = np.asarray(np.isfinite(sequence.positions[..., 0]).any(axis=2))
    for frame, stamp in enumerate(stamps):
        bodies = np.flatnonzero(present[frame])
        yield SkeletonFrame(
            stamp_ns=stamp,
            person_ids=[clip.person_ids[body] for body in bodies],
            positions=sequence.positions[frame, bodies],
            layout=sequence.layout,
            confidences=(
                None if sequence.confidence is None else sequence.confidence[frame, bodies]
            ),
        )


def read_stream(path: str | Path, pause: float = PAUSE) -> Stream:
    """A stream from an archive or an NTU ``.skeleton`` file.

    Args:
        path: of the file, or of the folder of an archive.
        pause: seconds between the last frame of a clip and the first of the next.

    Raises:
        ArchiveError: the file is not an archive.
        NtuError: a ``.skeleton`` file is damaged.
    """
    if Path(path).suffix == ".skeleton":
        return stream_of_sequence(read_actors(path), Path(path).stem)
    return stream_of_archive(read_recordings(path), pause)


def stream_of_sequence(sequence: SkeletonSequence, name: str, label: str = "") -> Stream:
    """One recording as a stream."""
    people = tuple(str(body) for body in range(sequence.bodies))
    clip = StreamClip(name, label, sequence.start_ns, sequence.end_ns, people, len(sequence))
    return Stream(sequence.layout, (clip,), lambda _: sequence)


def stream_of_archive(archive: SkeletonArchive, pause: float = PAUSE) -> Stream:
    """An archive's clips as one stream, as described in the module."""
    if len(archive) == 1:
        return stream_of_sequence(
            archive.clip(0), archive.names[0], archive.class_names[archive.labels[0]]
        )
    clips: list[StreamClip] = []
    for index, name in enumerate(archive.names):
        sequence = archive.clip(index)
        start_ns = sequence.start_ns
        if clips:
            start_ns = clips[-1].end_ns + nanoseconds(pause)
        clips.append(
            StreamClip(
                name=name,
                label=archive.class_names[archive.labels[index]],
                start_ns=start_ns,
                end_ns=start_ns + sequence.end_ns - sequence.start_ns,
                person_ids=tuple(f"{name}:{body}" for body in range(sequence.bodies)),
                frames=len(sequence),
            )
        )
    return Stream(archive.layout, tuple(clips), archive.clip)
