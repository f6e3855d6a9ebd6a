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

"""Recognition in a continuous stream: what was done, against what was reported.

A clip that somebody has cut out is half of the work.  A robot sees people who idle, do what it
was taught, and do what it was never taught; it has to find the action, and to keep quiet.  No
research set of single-person skeletons comes as such a stream with a label at each moment, so one
is built here from real clips, and reports about it are matched with what was done in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of, metres, millimetres
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.event import Event, Recognition
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.mapping import ntu25_weights
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

FRAME_RATE = 30.0
"""Frames per second of a stream that is built here: the Kinects'."""

START_NS = 1_600_000_000 * NANOSECONDS_PER_SECOND
"""Stamp of the first frame.  A robot's clock does not start at zero."""

HOLD_SECONDS = (0.7, 2.0)
"""Shortest and longest time that a person rests after an action, and again before the next."""

RETURN_SPEED = 0.35
"""Metres a second, mean over the way, at which the joint that has farthest to go comes back to
rest: about how people let an arm sink or get up from a chair when they are in no hurry."""

SHORTEST_RETURN = 1.0
"""Seconds of the way back where there is little to go."""

ABSENCE = 3.0
"""Seconds between one person's leaving and the next one's coming."""

SENSOR_NOISE = 0.007
SENSOR_NOISE_MEMORY = 0.97
"""Noise of joints at rest: standard deviation in metres, and what is left of it from frame to
frame.  Together they have a Kinect v1's figures (resting joints in UTD-MHAD and Kinder-Gator): a
coordinate moves by 1.7 mm from one frame to the next and by 6 mm within half a second."""

NOISE_FADE = 0.3
"""Seconds in which the noise grows from zero after a clip and shrinks to zero before the next,
since a clip has its own."""


@dataclass(frozen=True)
class Occurrence:
    """An action that somebody does in a stream.

    Attributes:
        label: what is done.
        start_ns: begin, in the stream's clock.
        end_ns: end.
        person: id of who does it.
    """

    label: str
    start_ns: int
    end_ns: int
    person: str


@dataclass(frozen=True)
class Detection:
    """What was reported of a stretch of a stream.

    Attributes:
        label: the known action; empty for an unknown one.
        start_ns: begin, in the stream's clock.
        end_ns: end.
        person: id of whom it was reported.
        decided_ns: when it was reported, in the stream's clock; None where that is not known.
    """

    label: str
    start_ns: int
    end_ns: int
    person: str
    decided_ns: int | None = None


def detections(events: Iterable[Event]) -> list[Detection]:
    """The recognitions among the events as detections, one for each person of them.

    A movement that the robot was told to ignore is not reported as an action.
    """
    return [
        Detection(
            label="" if event.kind is ReferenceKind.IGNORE else event.label,
            start_ns=event.start_ns,
            end_ns=event.end_ns,
            person=person,
            decided_ns=event.decided_ns,
        )
        for event in events
        if isinstance(event, Recognition)
        for person in event.person_ids
    ]


@dataclass(frozen=True)
class StreamFigures:
    """How a stream was recognised.

    Attributes:
        taught: occurrences of actions that were taught.
        recognised: those of them that were reported with the right label.
        mislabelled: those of them that were reported with a wrong one.
        untaught: occurrences of actions that were never taught.
        accepted: those of them that were reported as a known action.
        false_alarms: known actions reported while nothing was done.
        hours: length of the stream.
        idle_hours: hours of it in which nothing was done.
        precision: recognised, as a share of all that was reported as known.
        recall: recognised, as a share of ``taught``.
        f1: harmonic mean of the two.
        delay: seconds from an action's end until it was reported, mean over the recognised ones;
            None where there are none or the time of the report is not known.
        iou: temporal intersection over union that a right report must reach.
    """

    taught: int
    recognised: int
    mislabelled: int
    untaught: int
    accepted: int
    false_alarms: int
    hours: float
    idle_hours: float
    precision: float
    recall: float
    f1: float
    delay: float | None
    iou: float

    @property
    def recognised_percent(self) -> float:
        """Taught occurrences reported with the right label, in percent; 0 where there were none."""
        return 100 * self.recognised / self.taught if self.taught else 0.0

    @property
    def accepted_percent(self) -> float:
        """Untaught occurrences that were accepted, in percent; 0 where there were none."""
        return 100 * self.accepted / self.untaught if self.untaught else 0.0

    @property
    def false_alarms_per_hour(self) -> float:
        """Known actions reported in an hour of idling; 0 where nobody idled."""
        return self.false_alarms / self.idle_hours if self.idle_hours else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON knows them."""
        return {
            **asdict(self),
            "recognised_percent": self.recognised_percent,
            "accepted_percent": self.accepted_percent,
            "false_alarms_per_hour": self.false_alarms_per_hour,
        }


def temporal_iou(first: Occurrence | Detection, second: Occurrence | Detection) -> float:
    """Intersection over union of two intervals."""
    begin, end = max(first.start_ns, second.start_ns), min(first.end_ns, second.end_ns)
    union = max(first.end_ns, second.end_ns) - min(first.start_ns, second.start_ns)
    return max(0, end - begin) / union if union > 0 else 0.0


def match_events(
    occurrences: Sequence[Occurrence],
    detected: Sequence[Detection],
    taught: Collection[str],
    duration: float,
    iou: float = 0.3,
) -> StreamFigures:
    """Compare what was done with what was reported, person by person.

    Of reports with the right label each counts for one occurrence and each occurrence for one
    report; the pairs with the largest overlap are formed first.  Any other report of a known
    action belongs to the occurrence that it overlaps most, however little that is, so that bad
    borders excuse nothing; it is a false alarm where it overlaps none at all.

    Args:
        occurrences: what was done.
        detected: what was reported.
        taught: labels that had been taught.
        duration: seconds for which people were seen; two people for a minute are two minutes.
        iou: least temporal intersection over union of a right report.

    Raises:
        SkeletonDmlError: ``iou`` is not in (0, 1].
    """
    if not 0 < iou <= 1:
        raise SkeletonDmlError(f"iou is {iou}; give a share above 0 and up to 1")
    known = [event for event in detected if event.label]
    overlaps = np.array(
        [
            [
                temporal_iou(occurrence, event) if occurrence.person == event.person else 0.0
                for occurrence in occurrences
            ]
            for event in known
        ]
    ).reshape(len(known), len(occurrences))
    report_of = _pairs_with_the_same_label(occurrences, known, overlaps, taught, iou)

    mislabelled: set[int] = set()
    accepted: set[int] = set()
    false_alarms = 0
    for position in sorted(set(range(len(known))) - set(report_of.values())):
        best = int(overlaps[position].argmax()) if occurrences else 0
        if not occurrences or overlaps[position, best] == 0:
            false_alarms += 1
        elif occurrences[best].label not in taught:
            accepted.add(best)
        elif occurrences[best].label != known[position].label and best not in report_of:
            mislabelled.add(best)

    delays = [
        (decided_ns - occurrences[done].end_ns) / NANOSECONDS_PER_SECOND
        for done, report in report_of.items()
        if (decided_ns := known[report].decided_ns) is not None
    ]
    busy = sum(each.end_ns - each.start_ns for each in occurrences) / NANOSECONDS_PER_SECOND
    taught_count = sum(occurrence.label in taught for occurrence in occurrences)
    recognised = len(report_of)
    precision = recognised / len(known) if known else 0.0
    recall = recognised / taught_count if taught_count else 0.0
    return StreamFigures(
        taught=taught_count,
        recognised=recognised,
        mislabelled=len(mislabelled),
        untaught=len(occurrences) - taught_count,
        accepted=len(accepted),
        false_alarms=false_alarms,
        hours=duration / 3600,
        idle_hours=max(0.0, duration - busy) / 3600,
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if recognised else 0.0,
        delay=float(np.mean(delays)) if delays else None,
        iou=iou,
    )


def _pairs_with_the_same_label(
    occurrences: Sequence[Occurrence],
    known: Sequence[Detection],
    overlaps: NDArray[np.float64],
    taught: Collection[str],
    iou: float,
) -> dict[int, int]:
    """For each taught occurrence that was recognised, the report of it; largest overlap first."""
    pairs = sorted(
        (-overlaps[report, done], done, report)
        for report, done in np.argwhere(overlaps >= iou).tolist()
        if occurrences[done].label == known[report].label and known[report].label in taught
    )
    report_of: dict[int, int] = {}
    for _, done, report in pairs:
        if done not in report_of and report not in report_of.values():
            report_of[done] = report
    return report_of


@dataclass(frozen=True)
class Demonstration:
    """A clip from which an action is taught.

    Attributes:
        label: the action.
        name: of the clip in its archive.
        sequence: the clip.
    """

    label: str
    name: str
    sequence: SkeletonSequence


@dataclass(frozen=True)
class StreamTrial:
    """A stream in which some actions are taught ones and some are not.

    Attributes:
        sequence: the stream; its bodies are people who come one after the other, called ``0``,
            ``1``, ... in the order of the bodies.
        occurrences: what is done in it.
        demonstrations: one clip of each taught action, which is not in the stream.
    """

    sequence: SkeletonSequence
    occurrences: tuple[Occurrence, ...]
    demonstrations: tuple[Demonstration, ...]

    @property
    def taught(self) -> tuple[str, ...]:
        """The taught actions."""
        return tuple(demonstration.label for demonstration in self.demonstrations)

    @property
    def seconds_seen(self) -> float:
        """Seconds for which people are seen, added up over the people."""
        present = np.isfinite(self.sequence.positions[..., 0]).any(axis=2)
        return float(present.sum()) / FRAME_RATE

    def archive(self) -> SkeletonArchive:
        """The stream as an archive of one clip; written and read it is the same stream."""
        return archive_of([self.sequence], [0], ("stream",), names=["stream"], fps=FRAME_RATE)


def build_trial(
    archive: SkeletonArchive,
    classes: Sequence[int],
    taught: int,
    clips: int = 2,
    seed: int = 0,
) -> StreamTrial:
    """A stream of real clips, in which some of the classes are taught by one clip each.

    One person after the other comes, does clips of all classes in random order, idles between
    them, and leaves.  The clips from which actions are taught, each by a random person, are not
    in the stream.

    Args:
        archive: clips of one body.
        classes: indices of the classes in the stream.
        taught: how many of them are taught; chance decides which.
        clips: clips of each class that each person does, as far as there are so many.
        seed: decides all that is random.

    Raises:
        SkeletonDmlError: there are too few classes or clips.
    """
    if len(set(classes)) != len(classes) or not 1 <= taught <= len(classes):
        raise SkeletonDmlError(
            f"{taught} of the classes {list(classes)} cannot be taught; give different classes "
            "and teach at least one"
        )
    generator = np.random.default_rng(seed)
    members = {label: np.flatnonzero(archive.labels == label) for label in classes}
    for label, indices in members.items():
        if len(indices) < 2:
            raise SkeletonDmlError(
                f"class {label} has {len(indices)} clips; one to teach and one to find are needed"
            )
    lessons = [
        int(generator.choice(members[label]))
        for label in generator.permutation(classes)[:taught].tolist()
    ]
    recordings: list[SkeletonSequence] = []
    occurrences: list[Occurrence] = []
    start_ns = START_NS
    for subject in np.unique(archive.subjects):
        chosen = [
            index
            for indices in members.values()
            for index in generator.permutation(
                [i for i in indices if archive.subjects[i] == subject and i not in lessons]
            )[:clips]
        ]
        if chosen:
            recording, done = build_stream(
                archive,
                [int(index) for index in generator.permutation(chosen)],
                generator,
                person=str(len(recordings)),
                start_ns=start_ns,
            )
            recordings.append(recording)
            occurrences += done
            start_ns = START_NS + _nanoseconds(
                sum(len(each) for each in recordings)
                + len(recordings) * round(ABSENCE * FRAME_RATE)
            )
    return StreamTrial(
        sequence=_one_after_the_other(recordings),
        occurrences=tuple(occurrences),
        demonstrations=tuple(
            Demonstration(
                archive.class_names[archive.labels[index]],
                archive.names[index],
                archive.clip(index),
            )
            for index in lessons
        ),
    )


def _one_after_the_other(recordings: Sequence[SkeletonSequence]) -> SkeletonSequence:
    """Recordings of one person each as one of several, in which each is seen in turn."""
    absence = round(ABSENCE * FRAME_RATE)
    frames = sum(len(each) for each in recordings) + (len(recordings) - 1) * absence
    shape = (frames, len(recordings), *recordings[0].positions.shape[2:])
    positions = np.full(shape, np.nan, dtype=np.float32)
    start = 0
    for person, recording in enumerate(recordings):
        positions[start : start + len(recording), person] = recording.positions[:, 0]
        start += len(recording) + absence
    return SkeletonSequence(positions, _seconds(frames), recordings[0].layout, START_NS)


def build_stream(
    archive: SkeletonArchive,
    indices: Sequence[int],
    generator: np.random.Generator,
    person: str = "0",
    start_ns: int = START_NS,
) -> tuple[SkeletonSequence, list[Occurrence]]:
    """One person does the clips one after the other and idles before, between and after them.

    After a clip the person rests in its last pose, comes smoothly into the first pose of the
    next, at the place where the first clip began, and rests there; the sensor's noise is on all
    of it.  Positions are whole millimetres, so that the stream and its archive are the same.

    Args:
        archive: clips of one body.
        indices: of the clips, in order.
        generator: decides pauses and noise.
        person: id of who does them.
        start_ns: stamp of the first frame.

    Returns:
        The stream at 30 Hz, and what is done in it when.

    Raises:
        SkeletonDmlError: there is no clip, or a clip has more than one body.
    """
    if len(indices) == 0 or archive.bodies != 1:
        raise SkeletonDmlError("a stream is built from at least one clip, of one body each")
    hip = ntu25_weights(archive.layout)[NTU_25.index("spine_base")]
    movements = [_at_stream_rate(archive.clip(index)) for index in indices]
    station = _on_the_floor(hip @ movements[0][0])
    movements = [each + station - _on_the_floor(hip @ each[0]) for each in movements]

    pieces = [_idle(movements[0][0], movements[0][0], generator)]
    occurrences: list[Occurrence] = []
    frames = len(pieces[0])
    for position, (index, movement) in enumerate(zip(indices, movements, strict=True)):
        following = movements[position + 1][0] if position + 1 < len(movements) else movement[-1]
        occurrences.append(
            Occurrence(
                label=archive.class_names[archive.labels[index]],
                start_ns=start_ns + _nanoseconds(frames),
                end_ns=start_ns + _nanoseconds(frames + len(movement) - 1),
                person=person,
            )
        )
        pieces += [movement, _idle(movement[-1], following, generator)]
        frames += len(pieces[-2]) + len(pieces[-1])
    positions = metres(millimetres(np.concatenate(pieces)[:, None]))
    return SkeletonSequence(positions, _seconds(frames), archive.layout, start_ns), occurrences


def _on_the_floor(place: NDArray[np.float32]) -> NDArray[np.float32]:
    """The place below or above a place (3,), at height 0; the origin where it was not seen."""
    floor: NDArray[np.float32] = np.array([1, 0, 1], dtype=np.float32)
    return np.asarray(floor * np.nan_to_num(place))


def _idle(
    first: NDArray[np.float32], last: NDArray[np.float32], generator: np.random.Generator
) -> NDArray[np.float32]:
    """Rest in one pose, come into the other, rest there.

    The way between them is the one of least jerk, as people's movements are (Flash and Hogan,
    1985).

    Args:
        first: (joints, 3) pose before.
        last: (joints, 3) pose after.
        generator: decides how long, and the noise.

    Returns:
        (frames, joints, 3), without the frames of the two poses themselves.
    """
    distance = float(np.nan_to_num(np.linalg.norm(last - first, axis=-1)).max())
    before, after = generator.uniform(*HOLD_SECONDS, size=2)
    way = max(SHORTEST_RETURN, distance / RETURN_SPEED)
    frames = round((before + way + after) * FRAME_RATE)
    seconds = np.arange(1, frames + 1) / FRAME_RATE
    share = np.clip((seconds - before) / way, 0, 1)[:, None, None]
    poses = first + (share**3 * (10 - 15 * share + 6 * share**2)) * (last - first)
    to_edge = np.minimum(seconds, (frames + 1) / FRAME_RATE - seconds)
    envelope = np.clip(to_edge / NOISE_FADE, 0, 1)[:, None, None]
    return np.asarray(poses + envelope * _sensor_noise(poses.shape, generator), np.float32)


def _sensor_noise(shape: tuple[int, ...], generator: np.random.Generator) -> NDArray[np.float64]:
    """Noise that drifts: each frame keeps a part of the one before (autoregressive)."""
    noise = generator.normal(scale=SENSOR_NOISE, size=shape)
    fresh = np.sqrt(1 - SENSOR_NOISE_MEMORY**2)
    for frame in range(1, len(noise)):
        noise[frame] = SENSOR_NOISE_MEMORY * noise[frame - 1] + fresh * noise[frame]
    return noise


def _at_stream_rate(clip: SkeletonSequence) -> NDArray[np.float32]:
    """(frames, joints, 3) of a clip's only body at the stream's frame rate."""
    times = np.arange(np.floor(clip.duration * FRAME_RATE + 0.5) + 1) / FRAME_RATE
    nearest = np.abs(clip.timestamps[None] - times[:, None]).argmin(axis=1)
    return np.asarray(clip.positions[nearest, 0])


def _seconds(frames: int) -> NDArray[np.float64]:
    """Time stamps of a stream's frames, in whole nanoseconds like those of messages."""
    stamps = [_nanoseconds(frame) for frame in range(frames)]
    return np.array(stamps) / NANOSECONDS_PER_SECOND


def _nanoseconds(frames: int) -> int:
    return round(frames * NANOSECONDS_PER_SECOND / FRAME_RATE)
