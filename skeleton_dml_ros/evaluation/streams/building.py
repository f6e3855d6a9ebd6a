# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Build a stream from real clips: people perform them in turn, and idle or walk in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive, metres, millimetres
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.streams.idle_motion import (
    FRAME_RATE,
    WALKING_SPEED,
    Gait,
    at_stream_rate,
    rest,
    walk,
)
from skeleton_dml_ros.evaluation.streams.matching import Occurrence
from skeleton_dml_ros.skeleton.layouts import NTU_25, Layout
from skeleton_dml_ros.skeleton.mapping import map_positions, ntu25_weights
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

START_NS = 1_600_000_000 * NANOSECONDS_PER_SECOND
"""Stamp of the first frame; a robot's clock does not start at zero."""

WALKING_SHARE = 0.5
"""Share of the pauses between actions in which people walk to another place."""

STAGE = ((-1.0, 0.0, -0.3), (1.0, 0.0, 1.2))
"""Lowest and highest x, y and z of places on the stage, in metres relative to the first clip's."""

MIN_WALK_METRES = 0.8
"""Minimum distance of a walk: two steps."""


@dataclass(frozen=True)
class Recording:
    """A continuous recording of one or two people.

    Attributes:
        people: their ids, one per body.
        sequence: of the stream, with its stamps.
    """

    people: tuple[str, ...]
    sequence: SkeletonSequence


def build_stream(
    archive: SkeletonArchive,
    indices: Sequence[int],
    generator: np.random.Generator,
    people: Sequence[str] = ("0",),
    first_frame: int = 0,
    gaits: Sequence[Gait] = (),
) -> tuple[Recording, list[Occurrence]]:
    """The same people perform clips in turn, idling before, between and after them.

    After a clip they rest in its last pose, move smoothly to the first pose of the next, at the
    place of the first clip, and rest there, with sensor noise.  With gaits, they walk to another
    place in some of the pauses.  Positions are rounded to millimetres, so that the stream equals
    its archive.

    Args:
        archive: clips with one body per person.
        indices: of the clips, in order.
        generator: chooses pauses, ways and noise.
        people: their ids.
        first_frame: number of the first frame within the whole stream.
        gaits: gaits to choose from. With them the stream is in NTU-25; without, nobody walks, and
            the layout is the archive's.

    Returns:
        The stream at 30 Hz, and its occurrences, one per clip and person.

    Raises:
        SkeletonDmlError: there is no clip, or a clip has another number of bodies.
    """
    if len(indices) == 0:
        raise SkeletonDmlError("a stream needs at least one clip; give some indices")
    layout = NTU_25 if gaits else archive.layout
    movements = [_movement(archive, index, len(people), layout) for index in indices]
    first_place = _place(movements[0][0], layout)
    movements = [each + first_place - _place(each[0], layout) for each in movements]
    walkers = [gaits[int(generator.integers(len(gaits)))] for _ in people if gaits]

    shift = np.zeros(3, dtype=np.float32)
    pieces = [rest(movements[0][0], movements[0][0], generator)]
    occurrences: list[Occurrence] = []
    frames = len(pieces[0])
    for position, (index, movement) in enumerate(zip(indices, movements, strict=True)):
        here = movement + shift
        begin = stamp_ns(first_frame + frames)
        end = stamp_ns(first_frame + frames + len(movement) - 1)
        label = archive.class_names[archive.labels[index]]
        occurrences += [Occurrence(label, begin, end, person) for person in people]
        last_one = position + 1 == len(movements)
        following = movement[-1] if last_one else movements[position + 1][0]
        pause = []
        if gaits and not last_one and generator.random() < WALKING_SHARE:
            shift = _another_place(shift, generator)
            way = _walk_together(here[-1], following + shift, walkers, generator)
            pause = [rest(here[-1], here[-1], generator), way]
            pause.append(rest(following + shift, following + shift, generator))
        else:
            pause = [rest(here[-1], following + shift, generator)]
        pieces += [here, *pause]
        frames += len(here) + sum(map(len, pause))
    positions = metres(millimetres(np.concatenate(pieces)))
    return Recording(tuple(people), at_stamps(positions, layout, first_frame)), occurrences


def at_stamps(
    positions: NDArray[np.float32], layout: Layout, first_frame: int = 0
) -> SkeletonSequence:
    """Frames of a stream, (frames, bodies, joints, 3), as a sequence with the stream's stamps."""
    start_ns = stamp_ns(first_frame)
    stamps = np.array([stamp_ns(first_frame + frame) for frame in range(len(positions))])
    seconds = (stamps - start_ns) / NANOSECONDS_PER_SECOND
    return SkeletonSequence(positions, seconds, layout, start_ns)


def stamp_ns(frame: int) -> int:
    """Stamp of a frame, numbered from 0, in whole nanoseconds as in messages."""
    return START_NS + round(frame * NANOSECONDS_PER_SECOND / FRAME_RATE)


def _movement(
    archive: SkeletonArchive, index: int, people: int, layout: Layout
) -> NDArray[np.float32]:
    """A clip's positions, (frames, people, joints, 3), in a layout."""
    clip = archive.clip(index)
    if clip.bodies != people:
        raise SkeletonDmlError(
            f"clip {archive.names[index]!r} shows {clip.bodies} people, the stream {people}; "
            "choose classes whose clips show the same number of people"
        )
    positions = at_stream_rate(clip)
    return positions if layout == archive.layout else map_positions(positions, archive.layout)


def _place(poses: NDArray[np.float32], layout: Layout) -> NDArray[np.float32]:
    """Where people stand: (3,) between their hips at height 0; the origin if they are unseen.

    Args:
        poses: (bodies, joints, 3).
        layout: of the poses.
    """
    weights = ntu25_weights(layout)[NTU_25.index("spine_base")]
    hips = np.einsum("j,bjc->bc", weights, poses).mean(axis=0)
    floor: NDArray[np.float32] = np.array([1, 0, 1], dtype=np.float32)
    return np.asarray(floor * np.nan_to_num(hips), dtype=np.float32)


def _another_place(
    shift: NDArray[np.float32], generator: np.random.Generator
) -> NDArray[np.float32]:
    """A random place on the stage at least `MIN_WALK_METRES` away."""
    while True:
        place = generator.uniform(*STAGE).astype(np.float32)
        if np.linalg.norm(place - shift) >= MIN_WALK_METRES:
            return np.asarray(place)


def _walk_together(
    first: NDArray[np.float32],
    last: NDArray[np.float32],
    walkers: Sequence[Gait],
    generator: np.random.Generator,
) -> NDArray[np.float32]:
    """(frames, bodies, 25, 3): all people walk from one pose to another in the same time."""
    farthest = float(np.nanmax(np.linalg.norm((last - first).mean(axis=1), axis=-1)))
    seconds = farthest / WALKING_SPEED
    return np.stack(
        [
            walk(first[body], last[body], gait, seconds, generator)
            for body, gait in enumerate(walkers)
        ],
        axis=1,
    )
