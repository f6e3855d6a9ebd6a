# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read a recording of any format, by its path, as one clip or as a stream of frames.

A recording is a skeleton archive, an NTU ``.skeleton`` file or a ROS 2 bag.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.datasets.bag_file import is_bag
from skeleton_dml_ros.datasets.bags import BagStream, read_bag
from skeleton_dml_ros.datasets.main_actors import select_bodies
from skeleton_dml_ros.datasets.ntu import read_actors
from skeleton_dml_ros.datasets.person_segments import archive_of_segments, person_segments
from skeleton_dml_ros.datasets.recordings import read_recordings
from skeleton_dml_ros.datasets.streams import Stream, read_stream
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


@dataclass(frozen=True)
class BagOptions:
    """How to read a ROS 2 bag; the bag itself tells what is left out.

    Attributes:
        input_format: a name of ``messages.INPUT_FORMATS``, needed where several fit.
        topics: by parameter; ``topic`` is the main one.
        axes: of the bag's positions; None for those of the format.
    """

    input_format: str | None = None
    topics: Mapping[str, str] = field(default_factory=dict)
    axes: Axes | None = None

    def open(self, path: Path) -> BagStream:
        """The bag's frames.

        Raises:
            SkeletonDmlError: the bag cannot be read, or the options do not fit it.
        """
        return read_bag(path, self.input_format, InputOptions(topics=self.topics), self.axes)

    def check_unused(self, path: Path) -> None:
        """Refuse options for a file that is not a bag.

        Raises:
            SkeletonDmlError: an option is set.
        """
        if self != BagOptions():
            raise SkeletonDmlError(
                f"{path} is not a ROS 2 bag; leave out the input format, topics and axes, which "
                "only apply to bags"
            )


def open_stream(path: str | Path, bag: BagOptions | None = None) -> Stream | BagStream:
    """A recording's frames, in the order of their stamps.

    Args:
        path: of an archive, an NTU ``.skeleton`` file or a bag.
        bag: how to read a bag.

    Raises:
        SkeletonDmlError: the file is missing or damaged, or has another format.
    """
    path, bag = Path(path), bag or BagOptions()
    if is_bag(path):
        return bag.open(path)
    bag.check_unused(path)
    return read_stream(path)


def read_clip(
    argument: str | Path, gap: float, bag: BagOptions | None = None, body: int | None = None
) -> tuple[SkeletonSequence, str]:
    """One clip of a recording, and a name for it.

    Args:
        argument: an NTU ``.skeleton`` file; an archive or a bag that holds one clip; or
            ``FILE:NAME`` or ``FILE:NUMBER`` (from 0) for one clip of several.
        gap: seconds without a frame after which a bag's clip of a person ends.
        bag: how to read a bag.
        body: keep only this body, counted from 0; in an NTU file, without it, those who act.

    Raises:
        SkeletonDmlError: there is no such file, clip or body, or the file holds several clips.
    """
    path, which = split_clip_name(argument)
    bag = bag or BagOptions()
    if is_bag(path):
        archive = clips_of_bag(bag.open(path), gap)
    else:
        bag.check_unused(path)
        if path.suffix == ".skeleton":
            return read_actors(path, body), path.stem
        archive = read_recordings(path)
    if which is None and len(archive) > 1:
        raise SkeletonDmlError(
            f"{path} holds {len(archive)} clips; choose one by name or number (from 0), such as "
            f"{path}:{archive.names[0]} or {path}:0"
        )
    index = 0 if which is None else _clip_index(archive, which)
    clip = archive.clip(index)
    if body is not None:
        if body >= clip.bodies:
            raise SkeletonDmlError(
                f"{path} has no body {body} in clip {archive.names[index]}; it has {clip.bodies}, "
                "counted from 0"
            )
        clip = select_bodies(clip, np.array([body]))
    return clip, f"{path.stem}:{archive.names[index]}"


def clips_of_bag(stream: BagStream, gap: float) -> SkeletonArchive:
    """The people in a bag: one clip for each time that a person is present without a gap.

    Args:
        stream: the bag's frames.
        gap: seconds without a frame after which a clip ends.

    Raises:
        SkeletonDmlError: the bag is damaged, or nobody is in it.
    """
    return archive_of_segments(person_segments(stream, gap), stream.layout)


def split_clip_name(argument: str | Path) -> tuple[Path, str | None]:
    """Split ``FILE`` or ``FILE:NAME``; both parts may contain colons."""
    text = str(argument)
    if not Path(text).exists():
        parts = text.split(":")
        for colons in range(len(parts) - 1, 0, -1):
            path = Path(":".join(parts[:colons]))
            if path.exists():
                return path, ":".join(parts[colons:])
    return Path(text), None


def _clip_index(archive: SkeletonArchive, which: str) -> int:
    """A clip's index; a clip whose name is a number is found by its name."""
    if which.isdecimal() and which not in archive.names:
        index = int(which)
        if index >= len(archive):
            raise SkeletonDmlError(
                f"there is no clip {index}; the archive has {len(archive)}, counted from 0"
            )
        return index
    return archive.index(which)
