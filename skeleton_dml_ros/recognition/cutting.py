"""From frames to clips: people's tracks, and where their movements begin and end."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.clips import Clip
from skeleton_dml_ros.recognition.event import TimeReset
from skeleton_dml_ros.recognition.frame import SEPARATOR, Frame
from skeleton_dml_ros.recognition.segmentation import Interval, make_segmenter
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.recognition.tracks import NoFramesError, Track, pair_sequence
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.mapping import map_positions
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

logger = logging.getLogger(__name__)

TOGETHER_SHARE = 0.5
"""Share of a movement during which the other person must move too, for the two to act together;
and share of its frames in which both must be seen."""

_HIP = NTU_25.index("spine_base")


class UnknownPersonError(SkeletonDmlError):
    """Nobody of this id was seen lately."""


class ClipCutter:
    """Cuts what all inputs see into clips; not safe to use from several threads at once.

    Time is each input's own: frames must come in order of their stamps.  A frame with the stamp
    of the one before is ignored; time that runs backwards begins the input anew.

    Args:
        settings: of the recogniser; may be replaced at any time.
    """

    def __init__(self, settings: RecognitionSettings) -> None:
        self._settings = settings
        self.counts: Counter[str] = Counter()
        self._tracks: dict[tuple[str, str], Track] = {}
        self._last_ns: dict[str, int] = {}

    @property
    def settings(self) -> RecognitionSettings:
        """The settings in force; how much is kept of a person counts for those who come later."""
        return self._settings

    @settings.setter
    def settings(self, settings: RecognitionSettings) -> None:
        same_method = settings.segmentation.method == self._settings.segmentation.method
        self._settings = settings
        for track in self._tracks.values():
            if same_method:
                track.segmenter.settings = settings.segmentation
            else:
                track.segmenter = make_segmenter(settings.segmentation)

    @property
    def people(self) -> int:
        """How many people are there now."""
        return sum(track.present for track in self._tracks.values())

    def push(self, frame: Frame) -> list[Clip | TimeReset]:
        """Take a frame; returns what it brings about.

        Raises:
            SkeletonError: the frame's layout cannot be mapped to NTU-25.
        """
        self.counts["frames"] += 1
        results: list[Clip | TimeReset] = []
        last = self._last_ns.get(frame.input)
        if last is not None and frame.stamp_ns == last:
            self.counts["frames with a stamp that stands still"] += 1
            return results
        # Trackers report joints that they do not see at the sensor's own origin.
        zero = ~frame.positions.any(axis=-1, keepdims=True)
        positions = np.where(zero, np.float32(np.nan), frame.positions)
        poses = map_positions(positions, frame.layout)
        seen = np.asarray(np.isfinite(poses[:, :, 0]).any(axis=1))
        if last is not None and frame.stamp_ns < last:
            self.counts["times that time ran backwards"] += 1
            results.append(TimeReset(frame.input, last, frame.stamp_ns))
            logger.warning(
                "time of input %s ran backwards by %.3f s; its people begin anew",
                frame.input,
                (last - frame.stamp_ns) / NANOSECONDS_PER_SECOND,
            )
            for who in [who for who in self._tracks if who[0] == frame.input]:
                del self._tracks[who]
        self._last_ns[frame.input] = frame.stamp_ns
        closed: list[tuple[Track, Interval]] = list(self._departures(frame.input, frame.stamp_ns))
        for index, person in enumerate(frame.person_ids):
            if not seen[index]:
                self.counts["people without a joint"] += 1
                continue
            track = self._track(frame, person)
            if track is None:
                continue
            confidences = None if frame.confidences is None else frame.confidences[index]
            track.present = True
            track.append(frame.stamp_ns, positions[index], confidences, poses[index, _HIP])
            interval = track.segmenter.update(frame.stamp_ns, poses[index])
            if interval is not None:
                closed.append((track, interval))
        results += self._clips(closed, frame.stamp_ns)
        return results

    def advance(self, stamp_ns: int) -> list[Clip]:
        """Tell the time where no frame does: closes the clips of people who have left."""
        closed = [item for name in self._last_ns for item in self._departures(name, stamp_ns)]
        return list(self._clips(closed, stamp_ns))

    def finish(self) -> list[Clip]:
        """The stream has ended: close everything."""
        clips: list[Clip] = []
        for name, last in self._last_ns.items():
            closed = []
            for track in self._of(name):
                interval = track.segmenter.finish()
                if interval is not None:
                    closed.append((track, interval))
            clips += self._clips(closed, last)
        return clips

    def recording(self, person: str, start_ns: int, end_ns: int) -> SkeletonSequence:
        """Raw frames of a person in a stretch of time.

        Args:
            person: ``input/person``, or the person alone where only one input has them.
            start_ns: begin, message clock.
            end_ns: end.

        Raises:
            UnknownPersonError: nobody of this id was seen lately, or two inputs have one.
            NoFramesError: the person was not seen in that time.
        """
        found = [
            track
            for (name, one), track in self._tracks.items()
            if person in (one, SEPARATOR.join((name, one)))
        ]
        if len(found) != 1:
            here = ", ".join(sorted(SEPARATOR.join(who) for who in self._tracks)) or "nobody"
            problem = "was not seen lately" if not found else "is somebody of several inputs"
            raise UnknownPersonError(f"person {person!r} {problem}; seen: {here}")
        return found[0].sequence(start_ns, end_ns)

    def _of(self, name: str) -> list[Track]:
        """An input's people in alphabetical order, so that no message's order matters."""
        return [self._tracks[who] for who in sorted(self._tracks) if who[0] == name]

    def _track(self, frame: Frame, person: str) -> Track | None:
        who = (frame.input, person)
        track = self._tracks.get(who)
        with_confidence = frame.confidences is not None
        if track is not None and (
            track.layout != frame.layout or track.with_confidence != with_confidence
        ):
            self.counts["people whose layout changed"] += 1
            track = None
        if track is None:
            if who not in self._tracks and len(self._tracks) >= self.settings.people:
                absent = [key for key, held in self._tracks.items() if not held.present]
                if not absent:
                    self.counts["people too many"] += 1
                    return None
                del self._tracks[min(absent, key=lambda key: self._tracks[key].last_ns)]
            track = Track(
                frame.input,
                person,
                frame.layout,
                with_confidence,
                self.settings.raw_seconds,
                make_segmenter(self.settings.segmentation),
            )
            self._tracks[who] = track
        return track

    def _departures(self, name: str, stamp_ns: int) -> Iterator[tuple[Track, Interval]]:
        """Close the movements of people who were not reported for longer than the gap."""
        gap = round(self.settings.gap * NANOSECONDS_PER_SECOND)
        kept = round(self.settings.raw_seconds * NANOSECONDS_PER_SECOND)
        for track in self._of(name):
            silent = stamp_ns - track.last_ns
            if track.present and silent > gap:
                track.present = False
                interval = track.segmenter.finish()
                if interval is not None:
                    yield track, interval
            if silent > kept:
                del self._tracks[name, track.person_id]

    def _clips(self, closed: list[tuple[Track, Interval]], stamp_ns: int) -> Iterator[Clip]:
        """Clips of the movements that were closed, two people's together where they act so."""
        done: set[int] = set()
        for track, interval in sorted(closed, key=lambda item: item[0].person_id):
            if id(track) in done:
                continue
            partner = self._partner(track, interval, closed)
            try:
                if partner is None:
                    sequence = track.sequence(interval.start_ns, interval.end_ns)
                    people = [track]
                else:
                    other, interval = partner
                    done.add(id(other))
                    people = sorted((track, other), key=lambda one: one.person_id)
                    first, second = people
                    sequence = pair_sequence(first, second, interval.start_ns, interval.end_ns)
            except NoFramesError as error:
                logger.warning("a clip was lost: %s", error)
                continue
            self.counts["clips"] += 1
            yield Clip(
                input=track.input,
                person_ids=tuple(one.person_id for one in people),
                sequence=sequence,
                decided_ns=stamp_ns,
                position=_middle(people, interval),
            )

    def _partner(
        self, track: Track, interval: Interval, closed: list[tuple[Track, Interval]]
    ) -> tuple[Track, Interval] | None:
        """Who acts together with this person, and from when to when the two of them do.

        Both move during most of the movement, and are near each other.  Somebody who just stands
        by has no part in it.  The other's movement is over with the first one's.
        """
        if self.settings.pair_distance == 0 or self.settings.segmentation.method != "motion":
            return None
        closed_here = {id(other): moved for other, moved in closed}
        best: tuple[float, Track, Interval] | None = None
        for other in self._of(track.input):
            if other is track or other.layout != track.layout:
                continue
            moved = closed_here.get(id(other))
            since = other.segmenter.moving_since_ns
            if moved is None and since is not None:
                moved = Interval(since, other.last_ns)
            if moved is None:
                continue
            overlap = min(moved.end_ns, interval.end_ns) - max(moved.start_ns, interval.start_ns)
            if overlap < TOGETHER_SHARE * (interval.end_ns - interval.start_ns):
                continue
            distance = _distance(track, other, interval)
            if distance <= self.settings.pair_distance and (best is None or distance < best[0]):
                both = Interval(
                    min(moved.start_ns, interval.start_ns),
                    max(min(moved.end_ns, other.last_ns), interval.end_ns),
                )
                best = (distance, other, both)
        if best is None:
            return None
        _, other, both = best
        if id(other) not in closed_here:
            other.segmenter.finish()
        return other, both


def _distance(first: Track, second: Track, interval: Interval) -> float:
    """Median metres between two people's hips; infinite where they share too few frames."""
    start, end = interval.start_ns, interval.end_ns
    one, two = first.stamps(start, end), second.stamps(start, end)
    shared, in_first, in_second = np.intersect1d(one, two, return_indices=True)
    if len(shared) < TOGETHER_SHARE * len(one):
        return float("inf")
    apart = np.linalg.norm(
        first.hips(start, end)[in_first] - second.hips(start, end)[in_second], axis=-1
    )
    return float(np.nanmedian(apart)) if np.isfinite(apart).any() else float("inf")


def _middle(people: list[Track], interval: Interval) -> tuple[float, float, float]:
    """Median place of the people's hips; zeros where the hips were never seen."""
    places: NDArray[np.float32] = np.concatenate(
        [track.hips(interval.start_ns, interval.end_ns) for track in people]
    )
    seen = places[np.isfinite(places).all(axis=-1)]
    x, y, z = np.median(seen, axis=0).tolist() if len(seen) else (0.0, 0.0, 0.0)
    return x, y, z
