# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Clips of a stream, kept for a while so that they can be taught later."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.frame import SEPARATOR
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence, nanoseconds


class UnknownClipError(SkeletonDmlError):
    """There is no recent clip of this id."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A movement of one or two people.

    Attributes:
        input_name: the camera.
        person_ids: one or two, in alphabetical order.
        sequence: the raw frames, with the bodies in the order of the people.
        decided_ns: stamp of the frame that closed the clip.
        position: (x, y, z) of the people, median over the clip.
        alone: of two people, the clip of each person alone.
    """

    input_name: str
    person_ids: tuple[str, ...]
    sequence: SkeletonSequence
    decided_ns: int
    position: tuple[float, float, float]
    alone: tuple[Clip, ...] = ()

    @property
    def clip_id(self) -> str:
        """``input/person/start``; the same after a restart."""
        return SEPARATOR.join(
            (self.input_name, "+".join(self.person_ids), str(self.sequence.start_ns))
        )


class RecentClips:
    """The recent clips, limited by number and age.

    A clip replaces an earlier one with the same id, as from a looped bag.

    Args:
        count: maximum number.
        seconds: maximum age, in message time.
    """

    def __init__(self, count: int, seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        # Oldest first.  Also by input, because each input has its own clock.
        self._clips: OrderedDict[str, Clip] = OrderedDict()
        self._of_input: dict[str, OrderedDict[str, Clip]] = {}

    def __len__(self) -> int:
        return len(self._clips)

    def __iter__(self) -> Iterator[Clip]:
        return iter(list(self._clips.values()))

    def under(self, count: int, seconds: float) -> RecentClips:
        """The same clips with other limits."""
        changed = RecentClips(count, seconds)
        for clip in self:
            changed.add(clip)
        return changed

    def add(self, clip: Clip) -> None:
        """Add a clip and drop the oldest beyond the limits."""
        if clip.clip_id in self._clips:
            self._forget(clip.clip_id)
        self._clips[clip.clip_id] = clip
        self._of_input.setdefault(clip.input_name, OrderedDict())[clip.clip_id] = clip
        if len(self._clips) > self._count:
            self._forget(next(iter(self._clips)))
        self.expire(clip.decided_ns, clip.input_name)

    def expire(self, stamp_ns: int, input_name: str) -> None:
        """Drop the clips that are too old at this time.

        Args:
            stamp_ns: message time now.
            input_name: the input of this clock.
        """
        oldest = stamp_ns - nanoseconds(self._seconds)
        clips = self._of_input.get(input_name)
        while clips and (first := next(iter(clips.values()))).decided_ns < oldest:
            self._forget(first.clip_id)

    def get(self, clip_id: str) -> Clip:
        """The clip of this id.

        Raises:
            UnknownClipError: it was dropped or never existed.
        """
        try:
            return self._clips[clip_id]
        except KeyError:
            latest = next(reversed(self._clips), None)
            raise UnknownClipError(
                f"there is no clip {clip_id!r}; the last {self._count} are kept for "
                f"{self._seconds:g} s, "
                + (f"the latest is {latest!r}" if latest else "and there is no clip yet")
            ) from None

    def _forget(self, clip_id: str) -> None:
        clip = self._clips.pop(clip_id)
        clips = self._of_input[clip.input_name]
        del clips[clip_id]
        if not clips:
            del self._of_input[clip.input_name]
