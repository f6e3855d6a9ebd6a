"""Frames in, decisions out: the recogniser ties the rooms below together.

:meth:`Recognizer.push` only stores and cuts; live, a worker embeds the clips and decides, while
frames keep coming.  Offline everything happens in :meth:`Recognizer.push` itself, so that nothing
is ever dropped and the same recording gives the same events.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.clips import Clip, RecentClips
from skeleton_dml_ros.recognition.cutting import ClipCutter
from skeleton_dml_ros.recognition.event import Dropped, Event, Recognition, TimeReset, Verdict
from skeleton_dml_ros.recognition.frame import Frame
from skeleton_dml_ros.recognition.segmentation import trim
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.recognition.suppression import RepeatSuppression
from skeleton_dml_ros.recognition.unknowns import UnknownMemory
from skeleton_dml_ros.recognition.worker import Worker
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.reference import Reference, ReferenceKind
from skeleton_dml_ros.references.snapshot import Match, ReferenceSnapshot
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

logger = logging.getLogger(__name__)

KEPT_EVENTS = 10_000
"""Events that are kept for somebody who does not fetch them."""


@dataclass(frozen=True, eq=False)
class _Waiting:
    """A clip on its way to the decision, with the references that were there when it closed."""

    clip: Clip
    references: ReferenceSnapshot
    arrived: float


@dataclass(frozen=True)
class Status:
    """Where a recogniser stands.

    Attributes:
        people: how many are there now.
        waiting: clips that wait for their embedding.
        counts: how often what has happened, by name.
        embedding_seconds: of the latest batch, by the wall clock.
        alive: whether the worker runs; true where there is none.
    """

    people: int
    waiting: int
    counts: dict[str, int]
    embedding_seconds: float
    alive: bool


class Recognizer:
    """Recognises taught actions in streams of skeletons.

    Safe to use from several threads; :meth:`push` never waits for an embedding when live.

    Args:
        engine: embeds clips.
        library: what was taught.
        settings: see :class:`RecognitionSettings`; may be replaced at any time.
        live: embed in a thread of its own and drop what cannot be kept up with.
        on_event: called with each event, from whichever thread it happens in.  Without it, events
            are kept for :meth:`events`.
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
        self._cutter = ClipCutter(self._settings)
        self._recent = RecentClips(self._settings.recent, self._settings.recent_seconds)
        self._unknowns = UnknownMemory(self._settings.unknowns)
        self._suppression = RepeatSuppression()
        self._events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._on_event = on_event
        self._lock = threading.RLock()
        self._counts: Counter[str] = Counter()
        self._embedding_seconds = 0.0
        self._worker: Worker[_Waiting] | None = None
        if live:
            self._worker = Worker(
                self._decide,
                self._drop,
                self._settings.waiting,
                self._settings.batch,
                self._refresh,
            )

    @property
    def settings(self) -> RecognitionSettings:
        """The settings in force."""
        return self._settings

    @settings.setter
    def settings(self, settings: RecognitionSettings) -> None:
        with self._lock:
            self._settings = settings
            self._cutter.settings = settings
            self._unknowns.settings = settings.unknowns
            self._recent = _moved(self._recent, settings)
            if self._worker is not None:
                self._worker.waiting, self._worker.batch = settings.waiting, settings.batch

    @property
    def status(self) -> Status:
        """Where the recogniser stands."""
        with self._lock:
            return Status(
                people=self._cutter.people,
                waiting=0 if self._worker is None else len(self._worker),
                counts=dict(self._cutter.counts + self._counts),
                embedding_seconds=self._embedding_seconds,
                alive=self._worker is None or self._worker.alive,
            )

    def push(self, frame: Frame) -> None:
        """Take a frame.

        Raises:
            SkeletonError: its layout cannot be mapped to NTU-25.
        """
        arrived = time.perf_counter()
        with self._lock:
            results = self._cutter.push(frame)
            self._take(results, frame.stamp_ns, arrived)

    def advance(self, stamp_ns: int) -> None:
        """Tell the message time where no frame does; trackers fall silent when people leave."""
        arrived = time.perf_counter()
        with self._lock:
            self._take(self._cutter.advance(stamp_ns), stamp_ns, arrived)

    def finish(self) -> None:
        """The stream has ended: close all clips and wait until they are decided."""
        arrived = time.perf_counter()
        with self._lock:
            self._take(self._cutter.finish(), None, arrived)
        self.drain()
        with self._lock:
            for recognition in self._suppression.release_all():
                self._report(recognition)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until no clip waits any more; whether that came true in time."""
        return self._worker is None or self._worker.drain(timeout)

    def events(self) -> list[Event]:
        """What has happened since the last call, in order."""
        events = []
        while self._events:
            events.append(self._events.popleft())
        return events

    def close(self) -> None:
        """End the worker; clips that wait are dropped, each with an event."""
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
        with self._lock:
            clip = self._recent.get(clip_id)
        return self._library.enroll(clip.sequence, label, kind, source=clip_id)

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
            start_ns: begin, message clock.
            end_ns: end.
            label: the action's name.
            kind: an action, or a movement to ignore.

        Raises:
            SkeletonDmlError: the person was not seen then, or it cannot be stored.
        """
        with self._lock:
            recording = self._cutter.recording(person, start_ns, end_ns)
        return self.enroll_recording(recording, label, kind, source=f"{person}/{start_ns}")

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
        main = trim(recording, self._settings.segmentation)
        return self._library.enroll(main, label, kind, source=source)

    def _take(
        self, results: Sequence[Clip | TimeReset], stamp_ns: int | None, arrived: float
    ) -> None:
        """Send clips on their way to the decision; the lock is held."""
        for result in results:
            if isinstance(result, TimeReset):
                self._unknowns.forget()
                for recognition in self._suppression.release_all():
                    self._report(recognition)
                self._emit(result)
                continue
            self._recent.add(result)
            if self._worker is not None:
                self._worker.put(_Waiting(result, self._library.snapshot(), arrived))
            else:
                self._library.refresh()
                self._decide([_Waiting(result, self._library.snapshot(), arrived)])
        if stamp_ns is not None:
            self._recent.expire(stamp_ns)
            window = round(self._settings.segmentation.window * NANOSECONDS_PER_SECOND)
            for recognition in self._suppression.release(stamp_ns, window):
                self._report(recognition)

    def _decide(self, waiting: Sequence[_Waiting]) -> None:
        """Embed clips and judge each by the references that were there when it closed."""
        judged = [
            item for item in waiting if item.clip.sequence.seen_fraction >= self._settings.quality
        ]
        started = time.perf_counter()
        vectors = self._embed([item.clip.sequence for item in judged])
        self._embedding_seconds = time.perf_counter() - started
        embeddings = dict(zip((id(item) for item in judged), vectors, strict=True))
        for item in waiting:
            embedding = embeddings.get(id(item))
            recognition = _judge(item, embedding)
            with self._lock:
                if not recognition.label and embedding is not None:
                    report, repetitions = self._unknowns.consider(
                        embedding, recognition.quality, recognition.decided_ns
                    )
                    recognition = replace(recognition, report=report, repetitions=repetitions)
                if self._settings.segmentation.method == "windows":
                    final = self._suppression.take(recognition)
                    if final is not None:
                        self._report(final)
                else:
                    self._report(recognition)

    def _embed(self, sequences: Sequence[SkeletonSequence]) -> list[np.ndarray | None]:
        """An embedding of each clip, None where too little was seen for one."""
        if not sequences:
            return []
        try:
            return list(self._engine.embed(sequences))
        except SkeletonDmlError as error:
            if len(sequences) == 1:
                logger.info("a clip was not embedded: %s", error)
                return [None]
            return [vector for one in sequences for vector in self._embed([one])]

    def _report(self, recognition: Recognition) -> None:
        self._counts[f"decisions: {recognition.verdict.value.replace('_', ' ')}"] += 1
        self._emit(recognition)

    def _drop(self, waiting: _Waiting, reason: str) -> None:
        self._counts["clips dropped"] += 1
        self._emit(Dropped(waiting.clip.clip_id, reason))

    def _emit(self, event: Event) -> None:
        if self._on_event is not None:
            self._on_event(event)
        else:
            self._events.append(event)

    def _refresh(self) -> None:
        self._library.refresh()


def _judge(waiting: _Waiting, embedding: np.ndarray | None) -> Recognition:
    """The decision on a clip, (dimension,) embedding; None where too little was seen."""
    clip = waiting.clip
    quality = clip.sequence.seen_fraction
    undecided = Recognition(
        clip_id=clip.clip_id,
        input=clip.input,
        person_ids=clip.person_ids,
        start_ns=clip.sequence.start_ns,
        end_ns=clip.sequence.end_ns,
        decided_ns=clip.decided_ns,
        position=clip.position,
        verdict=Verdict.POORLY_SEEN,
        threshold=waiting.references.threshold,
        quality=quality,
        latency=time.perf_counter() - waiting.arrived,
    )
    if embedding is None:
        return undecided
    if waiting.references.empty:
        return replace(undecided, verdict=Verdict.NO_REFERENCES)
    match: Match = waiting.references.match(embedding[None])[0]
    return replace(
        undecided,
        verdict=Verdict.KNOWN if match.known else Verdict.UNKNOWN,
        label=match.label,
        kind=match.kind if match.known else None,
        reference_id=match.reference_id,
        distance=match.distance,
        score=match.score,
        threshold=match.threshold,
        candidates=match.candidates,
    )


def _moved(clips: RecentClips, settings: RecognitionSettings) -> RecentClips:
    """The same clips under other bounds."""
    moved = RecentClips(settings.recent, settings.recent_seconds)
    for clip in clips:
        moved.add(clip)
    return moved
