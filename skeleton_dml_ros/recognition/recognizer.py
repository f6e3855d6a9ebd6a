# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The recogniser: enroll actions, classify clips, recognise actions in streams of skeletons.

:meth:`Recognizer.push` segments the stream.  Live, a worker thread embeds and classifies the clips
while more frames arrive.  Offline, ``push`` does this itself, so nothing is dropped.  Clips, time
resets and the passing of time go through one queue, so both ways give the same events in the same
order.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.recording_file import open_stream, read_clip, split_clip_name
from skeleton_dml_ros.datasets.streams import stream_of_sequence
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.embedding.model import DEFAULT_MODEL, Model, load_model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.clips import Clip, RecentClips
from skeleton_dml_ros.recognition.decision import ClosedClip, decide
from skeleton_dml_ros.recognition.event import Dropped, Event, Recognition, TimeReset
from skeleton_dml_ros.recognition.non_maximum_suppression import (
    Decision,
    OpenEnds,
    TemporalNonMaximumSuppression,
)
from skeleton_dml_ros.recognition.segmentation import largest_movement, trim
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.recognition.status import Counters, Status
from skeleton_dml_ros.recognition.stream_check import checked
from skeleton_dml_ros.recognition.stream_segmenter import StreamSegmenter
from skeleton_dml_ros.recognition.unknowns import UnknownMemory
from skeleton_dml_ros.recognition.warm_up import WARM_UP_SECONDS, WarmUp
from skeleton_dml_ros.recognition.worker import Worker
from skeleton_dml_ros.references.fusion import Matcher
from skeleton_dml_ros.references.library import Enrolled, ReferenceLibrary
from skeleton_dml_ros.references.reference import ReferenceKind, ReferenceSummary, printable_source
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence, nanoseconds

logger = logging.getLogger(__name__)

MAX_EVENTS = 10_000
"""Events kept for :meth:`Recognizer.events`; older ones are discarded."""

MIN_MOVEMENT = 0.05
"""Metres that the limbs must move in a recording to be enrolled; people who stand still sway less."""

T = TypeVar("T")

Recording = str | Path | SkeletonSequence | NDArray[np.floating]
"""One clip: a path, a sequence, or positions as (frames, [bodies,] joints, 3)."""


class RecordingError(SkeletonDmlError):
    """A recording cannot be enrolled, classified or recognised."""


class ClosedError(SkeletonDmlError):
    """The recogniser is closed."""


@dataclass(frozen=True)
class _Moment:
    """From now on, every window of this input begins at ``before_ns`` or later."""

    input_name: str
    before_ns: int


_Step = ClosedClip | TimeReset | _Moment | WarmUp


class Recognizer:
    """Recognises enrolled actions in streams of skeletons.

    Thread-safe.  Live, methods do not wait for the worker unless their description says so;
    enrolling embeds in the calling thread.

    Example::

        recognizer = Recognizer.open("taught.db")
        recognizer.enroll("wave.npz", label="wave")
        print(recognizer.classify("clip.npz"))

    Args:
        library: the references and the engine that embeds.
        settings: see :class:`RecognitionSettings`; may be replaced at any time.
        live: embed in a worker thread, and drop the oldest clips when it cannot keep up.
        on_event: called with each event; live, in the worker's thread, except for ``Dropped``.
            Without it, fetch events with :meth:`events`.
    """

    def __init__(
        self,
        library: ReferenceLibrary,
        settings: RecognitionSettings | None = None,
        *,
        live: bool = False,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._opened = ExitStack()
        self._engine = library.engine
        self._library = library
        self._settings = settings or RecognitionSettings()
        self._on_event = on_event
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._counters = Counters()
        self._embedding_seconds = 0.0
        self._closed = False

        # Changed by frames.
        self._lock = threading.RLock()
        self._segmenter = StreamSegmenter(self._settings, self._counters)
        self._recent = RecentClips(self._settings.max_clips, self._settings.max_clip_age)
        self._open_ends = OpenEnds()
        self._withholding = 0
        # Changed by decisions.
        self._deciding = threading.RLock()
        self._unknowns = UnknownMemory(self._settings.unknowns)
        self._suppression = TemporalNonMaximumSuppression()

        self._worker: Worker[_Step] | None = None
        if live:
            self._worker = Worker(
                self._process,
                self._drop,
                self._settings.queue_size,
                self._settings.batch_size,
                counts=lambda step: isinstance(step, (ClosedClip, WarmUp)),
                supersedes=lambda step, before: (
                    isinstance(before, _Moment)
                    and isinstance(step, _Moment)
                    and before.input_name == step.input_name
                ),
                idle=library.refresh,
            )

    @classmethod
    def open(
        cls,
        store: str | Path | ReferenceStore,
        model: str | Path | Model = DEFAULT_MODEL,
        engine: str | Engine = "auto",
        device: str = "auto",
        settings: RecognitionSettings | None = None,
        threshold: float | None = None,
        *,
        matcher: Matcher | str = Matcher.FUSED,
        match_mirrored: bool = True,
        live: bool = False,
        on_event: Callable[[Event], None] | None = None,
    ) -> Recognizer:
        """Open a store of references and a model.

        :meth:`close`, or the end of a ``with`` block, closes the store and the engine unless they
        were passed as objects.

        Args:
            store: path of the store; created if missing.
            model: a model folder, or ``"default"`` for the model that comes with the package.
            engine: ``"auto"`` for the fastest available, ``"torch"``, ``"cuda"``, ``"onnx"`` or
                ``"int8"``.
            device: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ...
            settings: see :class:`RecognitionSettings`.
            threshold: minimum confidence of a known action; None for the calibrated one.
            matcher: ``"fused"``, ``"embedding"`` or ``"alignment"``.
            match_mirrored: whether a reference also stands for its mirror image.
            live: as in the constructor.
            on_event: as in the constructor.

        Raises:
            SkeletonDmlError: the model, engine, device or store cannot be used.
        """
        with ExitStack() as opened:
            loaded = model if isinstance(model, Model) else load_model(model)
            if isinstance(engine, str):
                from skeleton_dml_ros.embedding.engines import make_engine

                made = make_engine(loaded, engine, device)
                opened.callback(made.release)
                engine = made
            if not isinstance(store, ReferenceStore):
                store = opened.enter_context(ReferenceStore(store))
            library = ReferenceLibrary.for_model(store, engine, loaded, matcher, match_mirrored)
            library.override_threshold = threshold
            recognizer = cls(library, settings, live=live, on_event=on_event)
            recognizer._opened = opened.pop_all()
        return recognizer

    def __enter__(self) -> Recognizer:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def library(self) -> ReferenceLibrary:
        """The references that clips are matched against."""
        return self._library

    @property
    def threshold(self) -> float:
        """Minimum confidence of a known action; setting it overrides the calibrated one until closing."""
        return self._library.threshold

    @threshold.setter
    def threshold(self, threshold: float) -> None:
        self._library.override_threshold = threshold

    def references(self) -> list[ReferenceSummary]:
        """The enrolled references, oldest first."""
        return self._library.summaries()

    def remove(
        self, label: str | None = None, *, reference_id: str | None = None
    ) -> list[ReferenceSummary]:
        """Remove all references with a label, or the one with an id; returns them.

        Raises:
            ReferenceNotFoundError: there is no such reference.
        """
        return self._library.remove(reference_id=reference_id, label=label)

    def rename(
        self, label: str | None = None, new_label: str = "", *, reference_id: str | None = None
    ) -> list[ReferenceSummary]:
        """Rename all references with a label, or the one with an id; returns them renamed.

        Raises:
            ReferenceNotFoundError: there is no such reference.
            InvalidReferenceError: the new label is empty or too long.
        """
        return self._library.rename(new_label=new_label, reference_id=reference_id, label=label)

    @property
    def settings(self) -> RecognitionSettings:
        """The settings; changes apply from the next frame on, ``buffer_seconds`` to new people."""
        return self._settings

    @settings.setter
    def settings(self, settings: RecognitionSettings) -> None:
        arrived = time.perf_counter()
        with self._lock:
            self._settings = settings
            self._put(self._segmenter.change(settings), arrived)
            self._recent = self._recent.under(settings.max_clips, settings.max_clip_age)
            if self._worker is not None:
                self._worker.queue_size = settings.queue_size
                self._worker.batch_size = settings.batch_size
        with self._deciding:
            self._unknowns.settings = settings.unknowns

    @property
    def status(self) -> Status:
        """People present, waiting clips and counts of what has happened."""
        counts = self._counters.counts()
        if self._worker is not None and self._worker.restarts:
            counts["times that the worker had died"] = self._worker.restarts
        with self._lock:
            return Status(
                people=self._segmenter.people,
                waiting=0 if self._worker is None else len(self._worker),
                counts=counts,
                embedding_seconds=self._embedding_seconds,
                alive=self._worker is None or self._worker.alive,
            )

    def clip(self, clip_id: str) -> Clip:
        """The recent clip with this id.

        Raises:
            UnknownClipError: no recent clip has this id.
        """
        with self._lock:
            return self._recent.get(clip_id)

    def moving(self) -> dict[tuple[str, str], bool]:
        """Whether each person present is moving, by (input, person)."""
        with self._lock:
            return self._segmenter.moving()

    def last_stamps(self) -> dict[str, int]:
        """Stamp of the latest frame of each input, nanoseconds."""
        with self._lock:
            return self._segmenter.last_stamps()

    def warm_up(self, timeout: float = WARM_UP_SECONDS) -> None:
        """Embed a dummy clip and wait for it, so that the first real clip is not slow.

        Args:
            timeout: seconds to wait at most, when live.

        Raises:
            ClosedError: the recogniser is closed.
            SkeletonDmlError: embedding timed out, or the device does not work.
        """
        self._check_open()
        warm_up = WarmUp()
        self._step(warm_up)
        warm_up.wait(timeout)

    @contextmanager
    def withhold_reports(self) -> Iterator[None]:
        """Context in which no unknown action sets ``report``, and none is newly remembered.

        For demonstrations and background recordings; clips are classified as usual.  Several
        threads may enter it at once.
        """
        with self._lock:
            self._withholding += 1
        try:
            yield
        finally:
            with self._lock:
                self._withholding -= 1

    def push(self, frame: SkeletonFrame) -> None:
        """Take the next frame of an input.

        Raises:
            SkeletonError: the layout cannot be mapped to NTU-25; the frame is ignored.
            ClosedError: the recogniser is closed.
        """
        arrived = time.perf_counter()
        with self._lock:
            self._check_open()
            self._put(self._segmenter.push(frame), arrived)
            self._pass_time(frame.stamp_ns, frame.input_name)

    def advance(self, stamp_ns: int, input_name: str) -> None:
        """Advance an input's time without a frame, to close the clips of people who have left.

        Args:
            stamp_ns: message time now, nanoseconds.
            input_name: the input whose clock this is.

        Raises:
            ClosedError: the recogniser is closed.
        """
        arrived = time.perf_counter()
        with self._lock:
            self._check_open()
            self._put(self._segmenter.advance(stamp_ns, input_name), arrived)
            self._pass_time(stamp_ns, input_name)

    def finish(self) -> None:
        """End the stream: close all clips and wait until they are classified."""
        arrived = time.perf_counter()
        with self._lock:
            self._put(self._segmenter.finish(), arrived)
            self._open_ends.clear()
        self.drain()
        with self._deciding:
            events = [
                self._to_recognition(decision) for decision in self._suppression.release_all()
            ]
        self._emit(events)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until all closed clips are classified; False after ``timeout`` seconds."""
        return self._worker is None or self._worker.drain(timeout)

    def events(self) -> list[Event]:
        """The events since the last call, in order."""
        events: list[Event] = []
        while self._events:
            events.append(self._events.popleft())
        return events

    def close(self) -> None:
        """Stop the worker and release what :meth:`open` opened.

        Waiting clips are dropped, with an event each; call :meth:`finish` first to classify them.
        """
        with self._lock:
            self._closed = True
        if self._worker is not None:
            self._worker.close()
        self._opened.close()

    def enroll(
        self,
        recording: Recording,
        label: str,
        kind: ReferenceKind | str = ReferenceKind.ACTION,
        *,
        layout: Layout | str | None = None,
        frame_rate: float | None = None,
        timestamps: NDArray[np.floating] | None = None,
        source: str = "",
    ) -> Enrolled:
        """Enroll an action by one recording, trimmed to its main movement.

        The result has a ``warning`` if the recording resembles another label, or is unlike the
        earlier references of its own.

        Args:
            recording: the path of an archive with one clip, ``ARCHIVE:NAME``, an NTU ``.skeleton``
                file or a ROS 2 bag; a sequence; or positions as an array, (frames, joints, 3) or
                (frames, bodies, joints, 3) in metres, with NaN for unseen joints.
            label: the action's name; several references may share it.
            kind: ``"action"``, or ``"ignore"`` for a movement that is not to be asked about.
            layout: of an array: its joints, such as ``"coco_17"``.
            frame_rate: of an array: frames per second; or give timestamps.
            timestamps: of an array: (frames,) seconds.
            source: where the recording came from; the path if empty.

        Raises:
            SkeletonDmlError: the recording cannot be read or embedded, the label is empty, or the
                store cannot be written.  Nothing is stored.
        """
        self._check_open()
        recording = _resolve_array(recording, layout, frame_rate, timestamps)
        sequence, name = self._clip_of(recording)
        for _ in checked(stream_of_sequence(sequence, "recording")):
            pass
        trimmed = self._trim(sequence)
        _check_movement(trimmed)
        return self._library.enroll(trimmed, label, kind, source=source or name)

    def enroll_clip(
        self, clip_id: str, label: str, kind: ReferenceKind | str = ReferenceKind.ACTION
    ) -> Enrolled:
        """Enroll the action of a recent clip, such as one reported as unknown.

        Raises:
            UnknownClipError: no recent clip has this id.
            RecordingError: it was enrolled under another label, or nothing moves in it.
            SkeletonDmlError: it cannot be stored; see :meth:`ReferenceLibrary.enroll`.
        """
        sequence = self.clip(clip_id).sequence
        source = printable_source(clip_id)
        for earlier in self._library.summaries():
            if earlier.source == source and earlier.label != label:
                raise RecordingError(
                    f"clip {clip_id} was taught as {earlier.label!r} already; to correct it, rename "
                    f"reference {earlier.reference_id}, or remove it first"
                )
        _check_movement(sequence)
        return self._library.enroll(sequence, label, kind, source=clip_id)

    def enroll_span(
        self,
        person: str,
        start_ns: int,
        end_ns: int,
        label: str,
        kind: ReferenceKind | str = ReferenceKind.ACTION,
    ) -> Enrolled:
        """Enroll what a person did in an interval, trimmed to the main movement.

        Args:
            person: ``input/person``, or the person alone if only one input has them.
            start_ns: start of the interval; 0 for the oldest frame kept.
            end_ns: end of the interval; 0 for now.
            label: the action's name.
            kind: ``"action"`` or ``"ignore"``.

        Raises:
            SkeletonDmlError: the person was not seen in the interval, or the store cannot be
                written.
        """
        with self._lock:
            recording = self._segmenter.recording(person, start_ns, end_ns)
        return self.enroll(recording, label, kind, source=f"{person}/{recording.start_ns}")

    def classify(
        self,
        recording: Recording,
        *,
        layout: Layout | str | None = None,
        frame_rate: float | None = None,
        timestamps: NDArray[np.floating] | None = None,
    ) -> Recognition:
        """Classify one clip, trimmed to its main movement as in :meth:`enroll`.

        The clip can be enrolled afterwards by its ``clip_id``; see :meth:`enroll_clip`.

        Args:
            recording: as in :meth:`enroll`.
            layout: of an array.
            frame_rate: of an array.
            timestamps: of an array.

        Raises:
            SkeletonDmlError: the recording cannot be read, or more than two people are in it.
            ClosedError: the recogniser is closed.
        """
        self._check_open()
        recording = _resolve_array(recording, layout, frame_rate, timestamps)
        sequence, name = self._clip_of(recording)
        if sequence.bodies > 2:
            raise RecordingError(f"the recording has {sequence.bodies} bodies; give one or two")
        clip = _clip_of_sequence(self._trim(sequence), name)
        with self._lock:
            self._recent.add(clip)
        self._library.refresh()
        closed = ClosedClip(clip, self._library.snapshot(), time.perf_counter())
        return decide(self._engine, [closed], self._settings.min_visibility)[0][0].recognition

    def recognize(
        self,
        recording: Recording | Iterable[SkeletonFrame],
        *,
        layout: Layout | str | None = None,
        frame_rate: float | None = None,
        timestamps: NDArray[np.floating] | None = None,
    ) -> Iterator[Recognition]:
        """Recognise the actions in a recording or a stream of frames, lazily.

        Each recognition is given as soon as its clip is classified, and no clip is dropped.  What
        is enrolled meanwhile applies to the clips that follow.  An archive of several clips is
        played clip by clip.  For a bag that needs options, pass the frames of
        :func:`~skeleton_dml_ros.datasets.bags.read_bag`.

        Args:
            recording: as in :meth:`enroll`, or frames in the order of their stamps.
            layout: of an array.
            frame_rate: of an array.
            timestamps: of an array.

        Raises:
            SkeletonDmlError: the recording cannot be read, or the recogniser is live or has an
                ``on_event``.
            ClosedError: the recogniser is closed.
        """
        self._check_open()
        if self._worker is not None or self._on_event is not None:
            raise RecordingError(
                "a recogniser with live=True or on_event takes frames by push(); open one without "
                "to recognise a recording"
            )
        recording = _resolve_array(recording, layout, frame_rate, timestamps)
        return self._recognitions(self._frames_of(recording))

    def _recognitions(self, frames: Iterable[SkeletonFrame]) -> Iterator[Recognition]:
        for frame in checked(frames):
            self.push(frame)
            yield from self._fetch_recognitions()
        self.finish()
        yield from self._fetch_recognitions()

    def _fetch_recognitions(self) -> Iterator[Recognition]:
        return (event for event in self.events() if isinstance(event, Recognition))

    def _clip_of(self, recording: Recording) -> tuple[SkeletonSequence, str]:
        """A recording as one sequence, and a name for it."""
        if isinstance(recording, SkeletonSequence):
            return recording, "recording"
        if isinstance(recording, (str, Path)):
            return read_clip(recording, self._settings.gap)
        raise RecordingError(
            f"{type(recording).__name__} is not a recording; give a path, sequence or array"
        )

    def _frames_of(self, recording: Recording | Iterable[SkeletonFrame]) -> Iterable[SkeletonFrame]:
        if not isinstance(recording, (str, Path, SkeletonSequence)):
            return recording
        name = "recording"
        if isinstance(recording, (str, Path)) and split_clip_name(recording)[1] is None:
            name, stream = Path(recording).absolute().stem, open_stream(recording)
        else:
            stream = stream_of_sequence(self._clip_of(recording)[0], name)
        with self._lock:
            self._segmenter.forget(name)
        return (frame.derived(input_name=name) for frame in stream)

    def _trim(self, sequence: SkeletonSequence) -> SkeletonSequence:
        return trim(sequence, self._settings.segmentation, self._settings.gap)

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("the recogniser is closed; open another one")

    def _put(self, results: Iterable[Clip | TimeReset], arrived: float) -> None:
        """Queue closed clips and time resets for the decision; the lock is held."""
        for result in results:
            if isinstance(result, TimeReset):
                self._open_ends.clear(result.input_name)
                self._step(result)
                continue
            for clip in (result, *result.alone):
                self._recent.add(clip)
            if self._worker is None:
                self._library.refresh()
            if self._settings.segmentation.method == "windows":
                self._open_ends.add(result.input_name, result.sequence.end_ns)
            withheld = self._withholding > 0
            self._step(ClosedClip(result, self._library.snapshot(), arrived, withheld))

    def _pass_time(self, stamp_ns: int, input_name: str) -> None:
        """Discard old clips and release windows that are final; the lock is held."""
        self._recent.expire(stamp_ns, input_name)
        before_ns = stamp_ns - nanoseconds(self._settings.segmentation.window)
        if self._open_ends.passed(before_ns, input_name):
            self._step(_Moment(input_name, before_ns))

    def _step(self, step: _Step) -> None:
        if self._worker is not None:
            self._worker.put(step)
        else:
            self._process([step])

    def _process(self, steps: Sequence[_Step]) -> None:
        """Process steps in order; their clips are embedded in one batch."""
        for step in steps:
            if isinstance(step, WarmUp):
                step.run(self._engine)
        closed = [step for step in steps if isinstance(step, ClosedClip)]
        decisions = iter(self._decide(closed) if closed else [])
        events: list[Event] = []
        with self._deciding:
            for step in steps:
                if isinstance(step, TimeReset):
                    events += map(
                        self._to_recognition, self._suppression.release_all(step.input_name)
                    )
                    events.append(step)
                    self._unknowns.forget(step.input_name)
                elif isinstance(step, _Moment):
                    final = self._suppression.release(step.input_name, step.before_ns)
                    events += map(self._to_recognition, final)
                elif isinstance(step, ClosedClip):
                    events += map(self._to_recognition, self._final(next(decisions)))
        self._emit(events)

    def _decide(self, closed: Sequence[ClosedClip]) -> list[list[Decision]]:
        started = time.perf_counter()
        decisions = decide(self._engine, closed, self._settings.min_visibility)
        self._embedding_seconds = time.perf_counter() - started
        return decisions

    def _final(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Finalised decisions: all of them, except that overlapping windows suppress one another."""
        if self._settings.segmentation.method != "windows":
            return [*self._suppression.release_all(), *decisions]
        earlier = [self._suppression.take(decision) for decision in decisions]
        return [decision for decision in earlier if decision is not None]

    def _to_recognition(self, decision: Decision) -> Recognition:
        """The recognition of a decision; for an unknown action, with ``report`` set."""
        recognition = decision.recognition
        if not recognition.label and decision.embedding is not None:
            report, repetitions = self._unknowns.consider(
                decision.embedding,
                recognition.visibility_in_view,
                recognition.decided_ns,
                recognition.input_name,
                withheld=decision.withheld,
            )
            recognition = replace(recognition, report=report, repetitions=repetitions)
        self._counters.add(f"decisions: {recognition.verdict.value.replace('_', ' ')}")
        return recognition

    def _drop(self, step: _Step, reason: str) -> None:
        if isinstance(step, ClosedClip):
            self._counters.add("clips dropped")
            self._emit([Dropped(step.clip.clip_id, reason)])
        elif isinstance(step, WarmUp):
            step.fail(reason)

    def _emit(self, events: Iterable[Event]) -> None:
        """Deliver events; the deciding lock is not held."""
        for event in events:
            if self._on_event is None:
                self._events.append(event)
                continue
            try:
                self._on_event(event)
            except Exception:
                if self._worker is None:
                    raise
                # The stream goes on.
                logger.exception("on_event failed")
                self._counters.add("events whose receiver failed")


def _check_movement(sequence: SkeletonSequence) -> None:
    """Refuse a recording of one frame, or one in which nothing moves.

    Raises:
        RecordingError: it cannot be told from a person who stands still.
    """
    if len(sequence) == 1:
        raise RecordingError(
            "the recording has 1 frame; record the whole movement, from its start to its end"
        )
    moved = largest_movement(sequence)
    if moved < MIN_MOVEMENT:
        raise RecordingError(
            f"nothing moves in the recording: in {len(sequence)} frames ({sequence.duration:.1f} s) "
            f"the limbs stay within {100 * moved:.0f} cm; record the movement itself, with positions "
            "in metres"
        )


def _clip_of_sequence(sequence: SkeletonSequence, name: str) -> Clip:
    """A whole recording as a clip; its position is the median of all joints seen."""
    seen = sequence.positions[np.isfinite(sequence.positions[..., 0])]
    x, y, z = np.median(seen, axis=0).tolist() if len(seen) else [float("nan")] * 3
    people = tuple(str(body) for body in range(sequence.bodies))
    return Clip(name, people, sequence, sequence.end_ns, (x, y, z))


def _resolve_array(
    recording: T,
    layout: Layout | str | None,
    frame_rate: float | None,
    timestamps: NDArray[np.floating] | None,
) -> T | SkeletonSequence:
    """A recording; if it is an array, as a sequence.

    Raises:
        SkeletonDmlError: the array does not fit its layout and times, or these are given for a
            recording that is not an array.
    """
    if isinstance(recording, np.ndarray):
        if layout is None:
            raise RecordingError('an array needs the layout of its joints, such as "coco_17"')
        return SkeletonSequence.from_array(recording, layout, frame_rate, timestamps)
    if any(value is not None for value in (layout, frame_rate, timestamps)):
        raise RecordingError(
            "layout, frame_rate and timestamps describe an array; leave them out for a "
            f"{type(recording).__name__}"
        )
    return recording
