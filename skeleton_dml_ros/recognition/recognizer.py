# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames in, decisions out: the recogniser ties the rooms below together.

:meth:`Recognizer.push` only stores and cuts; live, a worker embeds the clips and decides, while
frames keep coming.  Offline the same steps happen within :meth:`Recognizer.push` itself, so that
nothing is ever dropped.  The steps are the same and come in the same order either way, and so are
the events: whatever the decision depends on, a clip, a clock that was set back, the time that has
passed, goes the same way through one queue.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.clips import Clip, RecentClips
from skeleton_dml_ros.recognition.decision import ClosedClip, decide
from skeleton_dml_ros.recognition.event import Dropped, Event, Recognition, TimeReset
from skeleton_dml_ros.recognition.frame import Frame
from skeleton_dml_ros.recognition.non_maximum_suppression import (
    Decision,
    OpenEnds,
    TemporalNonMaximumSuppression,
)
from skeleton_dml_ros.recognition.segmentation import trim
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.recognition.status import Counters, Status
from skeleton_dml_ros.recognition.stream_segmenter import StreamSegmenter
from skeleton_dml_ros.recognition.unknowns import UnknownMemory
from skeleton_dml_ros.recognition.warm_up import WARM_UP_SECONDS, WarmUp
from skeleton_dml_ros.recognition.worker import Worker
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.reference import Reference, ReferenceKind
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence, nanoseconds

logger = logging.getLogger(__name__)

MAX_EVENTS = 10_000
"""Events that are kept for somebody who does not fetch them."""


class ClosedError(SkeletonDmlError):
    """The recogniser takes no frames any more."""


@dataclass(frozen=True)
class _Moment:
    """The message time of an input has come so far that no window begins before this any more."""

    input_name: str
    before_ns: int


_Step = ClosedClip | TimeReset | _Moment | WarmUp


class Recognizer:
    """Recognises taught actions in streams of skeletons.

    Safe to use from several threads.  Live, only those methods wait for an embedding that say so
    or teach.

    Args:
        engine: embeds clips.
        library: what was taught.
        settings: see :class:`RecognitionSettings`; may be replaced at any time.
        live: embed in a thread of its own and drop what cannot be kept up with.
        on_event: called with each event, from whichever thread it happens in; live, that is the
            worker's for all but ``Dropped``.  Without it, events are kept for :meth:`events`.
    """

    def __init__(
        self,
        engine: Engine,
        library: ReferenceLibrary,
        settings: RecognitionSettings | None = None,
        *,
        live: bool = True,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._engine = engine
        self._library = library
        self._settings = settings or RecognitionSettings()
        self._on_event = on_event
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._counters = Counters()
        self._embedding_seconds = 0.0
        self._closed = False

        # What frames change: the cutter and the recent clips.
        self._lock = threading.RLock()
        self._segmenter = StreamSegmenter(self._settings, self._counters)
        self._recent = RecentClips(self._settings.max_clips, self._settings.max_clip_age)
        self._open_ends = OpenEnds()
        self._withholding = 0
        # What decisions change.
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

    @property
    def settings(self) -> RecognitionSettings:
        """The settings in force; all but ``buffer_seconds`` count from the next frame on."""
        return self._settings

    @settings.setter
    def settings(self, settings: RecognitionSettings) -> None:
        arrived = time.perf_counter()
        with self._lock:
            self._settings = settings
            self._put(self._segmenter.change(settings), arrived)
            self._recent = self._recent.under(settings.max_clips, settings.max_clip_age)
            if self._worker is not None:
                self._worker.waiting, self._worker.batch = settings.queue_size, settings.batch_size
        with self._deciding:
            self._unknowns.settings = settings.unknowns

    @property
    def status(self) -> Status:
        """Where the recogniser stands."""
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
        """The clip of this id, while it is kept.

        Raises:
            UnknownClipError: it is no longer kept, or never was.
        """
        with self._lock:
            return self._recent.get(clip_id)

    def moving(self) -> dict[tuple[str, str], bool]:
        """By (input, person), of everybody who is there now: whether a movement is going on."""
        with self._lock:
            return self._segmenter.moving()

    def last_stamps(self) -> dict[str, int]:
        """By input: stamp of its latest frame, nanoseconds of its clock."""
        with self._lock:
            return self._segmenter.last_stamps()

    def warm_up(self, timeout: float = WARM_UP_SECONDS) -> None:
        """Embed a made-up clip where the real ones will be, and wait for it.

        Args:
            timeout: seconds to wait at most, when live.

        Raises:
            ClosedError: the recogniser was closed.
            SkeletonDmlError: it took longer, or the device does not work; the line says how.
        """
        self._check_open()
        warm_up = WarmUp()
        self._step(warm_up)
        warm_up.wait(timeout)

    @contextmanager
    def withhold_reports(self) -> Iterator[None]:
        """While this goes on, no unknown action is worth a question.

        For the time in which an action is demonstrated, or the background recorded: clips that
        close in it are decided and said as ever, but none is reported, and none that is new is
        remembered.  May be entered several times at once, also from different threads.
        """
        with self._lock:
            self._withholding += 1
        try:
            yield
        finally:
            with self._lock:
                self._withholding -= 1

    def push(self, frame: Frame) -> None:
        """Take a frame.

        Raises:
            SkeletonError: its layout cannot be mapped to NTU-25; nothing has changed.
            ClosedError: the recogniser was closed.
        """
        arrived = time.perf_counter()
        with self._lock:
            self._check_open()
            self._put(self._segmenter.push(frame), arrived)
            self._pass_time(frame.stamp_ns, frame.input_name)

    def advance(
        self,
        stamp_ns: int,
        input_name: str,
    ) -> None:
        """Tell the message time where no frame does; trackers fall silent when people leave.

        Args:
            stamp_ns: message time now, nanoseconds.
            input_name: whose clock that is.

        Raises:
            ClosedError: the recogniser was closed.
        """
        arrived = time.perf_counter()
        with self._lock:
            self._check_open()
            self._put(self._segmenter.advance(stamp_ns, input_name), arrived)
            self._pass_time(stamp_ns, input_name)

    def finish(self) -> None:
        """The stream has ended: close all clips and wait until they are decided."""
        arrived = time.perf_counter()
        with self._lock:
            self._put(self._segmenter.finish(), arrived)
            self._open_ends.clear()
        self.drain()
        with self._deciding:
            events = [self._said(decision) for decision in self._suppression.release_all()]
        self._emit(events)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until no clip waits any more; whether that came true in time (seconds)."""
        return self._worker is None or self._worker.drain(timeout)

    def events(self) -> list[Event]:
        """What has happened since the last call, in order."""
        events: list[Event] = []
        while self._events:
            events.append(self._events.popleft())
        return events

    def close(self) -> None:
        """End the worker; clips that wait are dropped, each with an event.

        To have the last clips decided, call :meth:`finish` before.
        """
        with self._lock:
            self._closed = True
        if self._worker is not None:
            self._worker.close()

    def enroll_clip(
        self, clip_id: str, label: str, kind: ReferenceKind = ReferenceKind.ACTION
    ) -> Reference:
        """Teach the action of a clip that was reported.

        Raises:
            UnknownClipError: the clip is no longer kept, or never was.
            SkeletonDmlError: it cannot be stored; see :meth:`ReferenceLibrary.enroll`.
        """
        return self._library.enroll(self.clip(clip_id).sequence, label, kind, source=clip_id)

    def enroll_span(
        self,
        person: str,
        start_ns: int,
        end_ns: int,
        label: str,
        kind: ReferenceKind = ReferenceKind.ACTION,
    ) -> Reference:
        """Teach what a person did in a stretch of time, trimmed to the movement.

        Args:
            person: ``input/person``, or the person alone where only one input has them.
            start_ns: begin, message clock; 0 for as far back as frames are kept.
            end_ns: end; 0 for until now.
            label: the action's name.
            kind: an action, or a movement to ignore.

        Raises:
            SkeletonDmlError: the person was not seen then, or it cannot be stored.
        """
        with self._lock:
            recording = self._segmenter.recording(person, start_ns, end_ns)
        source = f"{person}/{recording.start_ns}"
        return self.enroll_recording(recording, label, kind, source)

    def enroll_recording(
        self,
        recording: SkeletonSequence,
        label: str,
        kind: ReferenceKind = ReferenceKind.ACTION,
        source: str = "recording",
    ) -> Reference:
        """Teach an action by a recording, trimmed to the movement.

        Raises:
            SkeletonDmlError: it cannot be stored.
        """
        main = trim(recording, self._settings.segmentation, self._settings.gap)
        return self._library.enroll(main, label, kind, source=source)

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("the recogniser was closed; make another one")

    def _put(self, results: Iterable[Clip | TimeReset], arrived: float) -> None:
        """Send what frames have brought about on its way to the decision; the lock is held."""
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
        """Let what is too old go; the lock is held."""
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
        """Take steps in their order; their clips are embedded together."""
        for step in steps:
            if isinstance(step, WarmUp):
                step.run(self._engine)
        closed = [step for step in steps if isinstance(step, ClosedClip)]
        decisions = iter(self._decide(closed) if closed else [])
        events: list[Event] = []
        with self._deciding:
            for step in steps:
                if isinstance(step, TimeReset):
                    events += map(self._said, self._suppression.release_all(step.input_name))
                    events.append(step)
                    self._unknowns.forget(step.input_name)
                elif isinstance(step, _Moment):
                    final = self._suppression.release(step.input_name, step.before_ns)
                    events += map(self._said, final)
                elif isinstance(step, ClosedClip):
                    events += map(self._said, self._final(next(decisions)))
        self._emit(events)

    def _decide(self, closed: Sequence[ClosedClip]) -> list[list[Decision]]:
        started = time.perf_counter()
        decisions = decide(self._engine, closed, self._settings.min_visibility)
        self._embedding_seconds = time.perf_counter() - started
        return decisions

    def _final(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Decisions as they are; of overlapping windows, those that no other can better any more."""
        if self._settings.segmentation.method != "windows":
            return [*self._suppression.release_all(), *decisions]
        earlier = [self._suppression.take(decision) for decision in decisions]
        return [decision for decision in earlier if decision is not None]

    def _said(self, decision: Decision) -> Recognition:
        """What is said about a decision: about an unknown action also whether to ask."""
        recognition = decision.recognition
        if not recognition.label and decision.embedding is not None:
            report, repetitions = self._unknowns.consider(
                decision.embedding,
                recognition.visibility,
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
        """Hand over events; no lock of the decision's is held."""
        for event in events:
            if self._on_event is None:
                self._events.append(event)
                continue
            try:
                self._on_event(event)
            except Exception:
                if self._worker is None:
                    raise
                # It must cost neither the batch nor the stream.
                logger.exception("what was to be done with an event failed")
                self._counters.add("events whose receiver failed")
