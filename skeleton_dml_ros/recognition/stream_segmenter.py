# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From frames to clips: track people, segment their movements, and pair them."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.clips import Clip
from skeleton_dml_ros.recognition.event import TimeReset
from skeleton_dml_ros.recognition.pairing import Movement, Pairing
from skeleton_dml_ros.recognition.segmentation import make_segmenter
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.recognition.status import Counters
from skeleton_dml_ros.recognition.tracks import NoFramesError, Track, pair_sequence
from skeleton_dml_ros.skeleton.frame import SkeletonFrame, person_name
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.mapping import map_positions, ntu25_weights
from skeleton_dml_ros.skeleton.sequence import (
    NANOSECONDS_PER_SECOND,
    SkeletonError,
    SkeletonSequence,
    nanoseconds,
)

logger = logging.getLogger(__name__)

_HIPS = NTU_25.index("spine_base")

WARNING_INTERVAL = 10.0
"""Seconds between two warnings that an input's time ran backwards; two publishers cause hundreds."""

STEP = 0.3
"""Horizontal distance in metres within which a new id may continue a track at once."""

PACE = 2.0
"""Metres per second by which this distance grows while the person is not seen."""

AMBIGUOUS = 0.5
"""A second track nearer than the best one's distance plus this (m) makes a new id a new person."""


class UnknownPersonError(SkeletonDmlError):
    """There is no person of this id."""


class _Input:
    """Time and people of one input."""

    def __init__(self, last_ns: int, pair_distance: float) -> None:
        self.last_ns = last_ns
        self.told_ns = 0
        self.tracks: dict[str, Track] = {}
        self.pairing = Pairing(pair_distance)

    def people(self) -> list[Track]:
        """All tracks in alphabetical order, so that the order in messages does not matter."""
        return [self.tracks[person] for person in sorted(self.tracks)]


class StreamSegmenter:
    """Segments the streams of all inputs into clips; not thread-safe.

    Trackers often give a person a new id.  Their track continues if the new id appears within the
    gap where the old one has vanished; from then on the person, and their clip, has the new id.

    Each input has its own clock.  A frame that is not later than the one before is ignored if it is
    late by at most the gap; otherwise time ran backwards, and the input's people are forgotten.

    Args:
        settings: of the recogniser.
        counters: of the recogniser.
    """

    def __init__(self, settings: RecognitionSettings, counters: Counters) -> None:
        self._settings = settings
        self._counters = counters
        self._inputs: dict[str, _Input] = {}
        self._warned: dict[str, float] = {}

    @property
    def people(self) -> int:
        """Number of people present."""
        return sum(track.present for source in self._inputs.values() for track in source.people())

    def moving(self) -> dict[tuple[str, str], bool]:
        """Whether each person present is moving, by (input, person)."""
        return {
            (name, track.person_id): track.segmenter.moving
            for name, source in self._inputs.items()
            for track in source.people()
            if track.present
        }

    def last_stamps(self) -> dict[str, int]:
        """Stamp of the latest frame of each input, nanoseconds."""
        return {name: source.last_ns for name, source in self._inputs.items()}

    def change(self, settings: RecognitionSettings) -> list[Clip]:
        """Change the settings; returns the clips that this closes.

        A change of the segmentation method ends all movements.  ``buffer_seconds`` applies to new
        people.
        """
        closed = []
        if settings.segmentation.method != self._settings.segmentation.method:
            closed = self.finish()
        self._settings = settings
        for source in self._inputs.values():
            source.pairing.distance = _pair_distance(settings)
            for track in source.tracks.values():
                if track.segmenter.settings.method == settings.segmentation.method:
                    track.segmenter.settings = settings.segmentation
                else:
                    track.segmenter = make_segmenter(settings.segmentation)
        return closed

    def push(self, frame: SkeletonFrame) -> list[Clip | TimeReset]:
        """Take a frame; returns the clips that it closes.

        Raises:
            SkeletonError: the frame's layout cannot be mapped to NTU-25.
        """
        self._counters.add("frames")
        try:
            ntu25_weights(frame.layout)
        except SkeletonError:
            self._counters.add("frames whose layout cannot be mapped")
            raise
        results: list[Clip | TimeReset] = []
        source = self._inputs.get(frame.input_name)
        if source is not None and frame.stamp_ns <= source.last_ns:
            if frame.stamp_ns == source.last_ns:
                self._counters.add("frames with a stamp that stands still")
                return results
            if source.last_ns - frame.stamp_ns <= nanoseconds(self._settings.gap):
                self._counters.add("frames that came late")
                return results
            results.append(self._reset(frame.input_name, frame.stamp_ns))
            source = None
        if source is None:
            source = _Input(frame.stamp_ns, _pair_distance(self._settings))
            self._inputs[frame.input_name] = source
        source.last_ns = frame.stamp_ns
        ended = [*self._departures(source, frame.stamp_ns), *self._update(source, frame)]
        results += self._clips(source, ended, frame.stamp_ns)
        return results

    def advance(
        self,
        stamp_ns: int,
        input_name: str,
    ) -> list[Clip | TimeReset]:
        """Advance an input's time without a frame; returns the clips of people who have left.

        If the time ran backwards, as in a looped bag, the input's people are forgotten.

        Args:
            stamp_ns: message time now.
            input_name: the input; ignored if it has sent no frame yet.
        """
        source = self._inputs.get(input_name)
        if source is None:
            return []
        gap_ns = nanoseconds(self._settings.gap)
        if stamp_ns < source.told_ns - gap_ns:
            if source.last_ns > stamp_ns + gap_ns:
                return [self._reset(input_name, stamp_ns)]
        elif stamp_ns <= source.told_ns:
            return []
        source.told_ns = stamp_ns
        clips = self._clips(source, self._departures(source, stamp_ns), stamp_ns)
        silent_ns = stamp_ns - source.last_ns
        if not source.tracks and silent_ns > nanoseconds(self._settings.buffer_seconds):
            del self._inputs[input_name]
        return [*clips]

    def forget(self, input_name: str) -> None:
        """Forget an input, so that its time may start again."""
        self._inputs.pop(input_name, None)

    def finish(self) -> list[Clip]:
        """End all movements; returns their clips."""
        clips: list[Clip] = []
        for source in self._inputs.values():
            ended = [
                Movement(track, interval)
                for track in source.people()
                if (interval := track.segmenter.finish()) is not None
            ]
            clips += self._clips(source, ended, source.last_ns)
        return clips

    def recording(self, person: str, start_ns: int, end_ns: int) -> SkeletonSequence:
        """The raw frames of a person from ``start_ns`` to ``end_ns``.

        Args:
            person: ``input/person``, or just the person if only one input has this id.
            start_ns: message time; 0 for the oldest frame kept.
            end_ns: message time; 0 for the latest frame.

        Raises:
            UnknownPersonError: there is no person of this id, or several inputs have one.
            NoFramesError: the person was not seen in this interval.
        """
        seen = {
            person_name(name, track.person_id): track
            for name, source in self._inputs.items()
            for track in source.tracks.values()
        }
        found = [seen[person]] if person in seen else []
        found = found or [track for track in seen.values() if track.person_id == person]
        if len(found) != 1:
            problem = "was not seen recently" if not found else "exists in several inputs"
            raise UnknownPersonError(
                f"person {person!r} {problem}; seen: {', '.join(sorted(seen)) or 'nobody'}"
            )
        return found[0].sequence(start_ns, end_ns if end_ns > 0 else found[0].last_ns)

    def _reset(self, name: str, stamp_ns: int) -> TimeReset:
        """Forget an input whose time ran backwards."""
        last_ns = self._inputs.pop(name).last_ns
        self._counters.add("times that time ran backwards")
        now = time.monotonic()
        if now < self._warned.get(name, -np.inf) + WARNING_INTERVAL:
            return TimeReset(name, last_ns, stamp_ns)
        self._warned[name] = now
        logger.warning(
            "time of input %s ran backwards by %.3f s; its people are forgotten",
            name,
            (last_ns - stamp_ns) / NANOSECONDS_PER_SECOND,
        )
        return TimeReset(name, last_ns, stamp_ns)

    def _update(self, source: _Input, frame: SkeletonFrame) -> Iterator[Movement]:
        """Add a frame to its people's tracks; yields the movements that it ends."""
        poses = map_positions(frame.positions, frame.layout, alternatives=False)
        self._continue_tracks(source, frame, poses)
        for index in sorted(range(len(poses)), key=frame.person_ids.__getitem__):
            place = _place(poses[index])
            if place is None:
                self._counters.add("people without a joint")
                continue
            track = source.tracks.get(frame.person_ids[index])
            if track is not None and track.layout != frame.layout:
                self._counters.add("people whose layout changed")
                interval = track.segmenter.finish()
                if interval is not None:
                    yield Movement(track, interval)
                track = None
            if track is None:
                track = self._new_track(source, frame, frame.person_ids[index])
            if track is None:
                continue
            track.present = True
            track.append(
                frame.stamp_ns,
                frame.positions[index],
                None if frame.confidences is None else frame.confidences[index],
                place,
            )
            interval = track.segmenter.update(frame.stamp_ns, poses[index])
            if interval is not None:
                yield Movement(track, interval)

    def _continue_tracks(
        self, source: _Input, frame: SkeletonFrame, poses: NDArray[np.float32]
    ) -> None:
        """Give the tracks of people who have just vanished to new ids that appear in their place.

        A new id that could continue two tracks is a new person, since two halves of an action are
        better than two people who are swapped.
        """
        new = [
            index for index, person in enumerate(frame.person_ids) if person not in source.tracks
        ]
        vanished = [
            track
            for track in source.people()
            if track.present
            and track.person_id not in frame.person_ids
            and track.layout == frame.layout
        ]
        if not new or not vanished:
            return
        away = np.full((len(new), len(vanished)), np.inf)
        for row, index in enumerate(new):
            place = _place(poses[index])
            if place is not None:
                away[row] = [_distance(place, track, frame.stamp_ns) for track in vanished]
        for row, index in enumerate(new):
            column = int(away[row].argmin())
            best = away[row, column]
            rivals = np.r_[np.delete(away[row], column), np.delete(away[:, column], row)]
            if np.isfinite(best) and not (rivals < best + AMBIGUOUS).any():
                track = vanished[column]
                del source.tracks[track.person_id]
                track.person_id = frame.person_ids[index]
                source.tracks[track.person_id] = track
                self._counters.add("people who got a new id")

    def _new_track(self, source: _Input, frame: SkeletonFrame, person: str) -> Track | None:
        """A track for a new person; None if there are too many people."""
        if person not in source.tracks and not self._make_space():
            self._counters.add("people too many")
            return None
        track = Track(
            frame.input_name,
            person,
            frame.layout,
            self._settings.buffer_seconds,
            make_segmenter(self._settings.segmentation),
        )
        source.tracks[person] = track
        return track

    def _make_space(self) -> bool:
        """Whether there is space for a new person; forgets the one who left first."""
        tracks = [
            (track.present, track.last_ns, name, person)
            for name, source in self._inputs.items()
            for person, track in source.tracks.items()
        ]
        if len(tracks) < self._settings.max_people:
            return True
        present, _, name, person = min(tracks)
        if present:
            return False
        del self._inputs[name].tracks[person]
        return True

    def _departures(self, source: _Input, stamp_ns: int) -> list[Movement]:
        """End the movements of people who have left."""
        ended = []
        for track in source.people():
            silent = stamp_ns - track.last_ns
            if track.present and silent > nanoseconds(self._settings.gap):
                track.present = False
                interval = track.segmenter.finish()
                if interval is not None:
                    ended.append(Movement(track, interval))
            if silent > nanoseconds(self._settings.buffer_seconds):
                del source.tracks[track.person_id]
        return ended

    def _clips(self, source: _Input, ended: Iterable[Movement], stamp_ns: int) -> list[Clip]:
        """Clips of movements that have ended, after pairing."""
        ended = list(ended)
        if not ended and not len(source.pairing):
            return []
        clips = []
        for movements in source.pairing.update(ended, source.people()):
            try:
                clips.append(_clip(movements, stamp_ns))
            except NoFramesError as error:
                # The input's frame rate is too high for the buffer.
                logger.warning("a clip was lost: %s", error)
                self._counters.add("clips lost")
        self._counters.add("clips", len(clips))
        return clips


def _clip(movements: Sequence[Movement], stamp_ns: int) -> Clip:
    """The clip of one movement, or of a pair."""
    start_ns = min(movement.interval.start_ns for movement in movements)
    end_ns = max(movement.interval.end_ns for movement in movements)
    tracks = [movement.track for movement in movements]
    places = np.concatenate([track.places(start_ns, end_ns) for track in tracks])
    x, y, z = np.median(places, axis=0).tolist()
    return Clip(
        input_name=tracks[0].input_name,
        person_ids=tuple(track.person_id for track in tracks),
        sequence=tracks[0].sequence(start_ns, end_ns)
        if len(tracks) == 1
        else pair_sequence(tracks[0], tracks[1], start_ns, end_ns),
        decided_ns=stamp_ns,
        position=(x, y, z),
        alone=()
        if len(tracks) == 1
        else tuple(_clip([movement], stamp_ns) for movement in movements),
    )


def _place(pose: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The person's place, (3,): the hips, or the mean of the visible joints; None without any."""
    if not np.isnan(pose[_HIPS, 0]):
        return np.asarray(pose[_HIPS])
    seen = pose[np.isfinite(pose[:, 0])]
    return np.asarray(seen.mean(axis=0)) if len(seen) else None


def _distance(place: NDArray[np.float32], track: Track, stamp_ns: int) -> float:
    """Horizontal distance in metres of a place from where a vanished person is expected.

    Infinite if they cannot have come there.
    """
    silent = (stamp_ns - track.last_ns) / NANOSECONDS_PER_SECOND
    recent = track.places(track.last_ns - nanoseconds(STEP), track.last_ns)
    stamps = track.stamps(track.last_ns - nanoseconds(STEP), track.last_ns)
    seconds = (stamps[-1] - stamps[0]) / NANOSECONDS_PER_SECOND
    velocity = (recent[-1] - recent[0]) / seconds if seconds > 0 else np.zeros(3)
    step = (place - recent[-1] - velocity * silent)[[0, 2]]
    distance = float(np.hypot(*step))
    return distance if distance <= STEP + PACE * silent else np.inf


def _pair_distance(settings: RecognitionSettings) -> float:
    """Maximum distance of a pair; 0 for windows, which have no start to compare."""
    return settings.pair_distance if settings.segmentation.method == "motion" else 0.0
