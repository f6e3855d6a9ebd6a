# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Clips that were cut out of a stream, kept for a while: the answer to a question comes late."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.frame import SEPARATOR
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence, nanoseconds


class UnknownClipError(SkeletonDmlError):
    """No clip of this id is kept."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A stretch of a stream in which somebody moved.

    Attributes:
        input_name: who saw it.
        person_ids: who moved, one or two, in alphabetical order.
        sequence: the raw frames, a body for each person in this order.
        decided_ns: stamp of the frame that closed it.
        position: (x, y, z) where the people were, median over the clip.
        alone: of two people, what each of them did, as clips of one person.
    """

    input_name: str
    person_ids: tuple[str, ...]
    sequence: SkeletonSequence
    decided_ns: int
    position: tuple[float, float, float]
    alone: tuple[Clip, ...] = ()

    @property
    def clip_id(self) -> str:
        """``input/person/start``: the same clip has the same id, also after a restart."""
        return SEPARATOR.join(
            (self.input_name, "+".join(self.person_ids), str(self.sequence.start_ns))
        )


class RecentClips:
    """The latest clips, by count and by age.

    A clip of the same id replaces the one before: a looped bag plays the same people at the same
    stamps.

    Args:
        count: how many are kept at most.
        seconds: and for how long, by message time.
    """

    def __init__(self, count: int, seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        # Oldest first, all of them and those of each input: of two clocks, neither says how old
        # a clip of the other is.
        self._clips: OrderedDict[str, Clip] = OrderedDict()
        self._of_input: dict[str, OrderedDict[str, Clip]] = {}

    def __len__(self) -> int:
        return len(self._clips)

    def __iter__(self) -> Iterator[Clip]:
        return iter(list(self._clips.values()))

    def under(self, count: int, seconds: float) -> RecentClips:
        """The same clips, as far as they fit other bounds."""
        changed = RecentClips(count, seconds)
        for clip in self:
            changed.add(clip)
        return changed

    def add(self, clip: Clip) -> None:
        """Keep a clip; what is too old then, or too much, goes."""
        if clip.clip_id in self._clips:
            self._forget(clip.clip_id)
        self._clips[clip.clip_id] = clip
        self._of_input.setdefault(clip.input_name, OrderedDict())[clip.clip_id] = clip
        if len(self._clips) > self._count:
            self._forget(next(iter(self._clips)))
        self.expire(clip.decided_ns, clip.input_name)

    def expire(self, stamp_ns: int, input_name: str) -> None:
        """Forget what is too old at this time.

        Args:
            stamp_ns: message time now.
            input_name: whose clock that is.
        """
        oldest = stamp_ns - nanoseconds(self._seconds)
        clips = self._of_input.get(input_name)
        while clips and (first := next(iter(clips.values()))).decided_ns < oldest:
            self._forget(first.clip_id)

    def get(self, clip_id: str) -> Clip:
        """The clip of this id.

        Raises:
            UnknownClipError: it is not kept, or never was.
        """
        try:
            return self._clips[clip_id]
        except KeyError:
            latest = next(reversed(self._clips), None)
            raise UnknownClipError(
                f"no clip {clip_id!r} is kept: the last {self._count} are, for "
                f"{self._seconds:g} s; "
                + (f"the latest is {latest!r}" if latest else "there is none yet")
            ) from None

    def _forget(self, clip_id: str) -> None:
        clip = self._clips.pop(clip_id)
        clips = self._of_input[clip.input_name]
        del clips[clip_id]
        if not clips:
            del self._of_input[clip.input_name]
