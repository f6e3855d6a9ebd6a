# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A live recogniser in real time: cost per frame, delay of decisions, and drops.

A :class:`~skeleton_dml_ros.recognition.recognizer.Recognizer` runs as in the node: it takes the frames
of synthetic people in real time, while its own thread embeds and decides.  Each person performs one
action after another with pauses; people stand too far apart to form pairs.

The baseline is segmentation by sliding windows, which embeds every window in which somebody moves.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.benchmarks.machine import machine
from skeleton_dml_ros.datasets.synthetic_actor import (
    Act,
    Idle,
    PerformedAction,
    Person,
    Sensor,
    Viewpoint,
    action_names,
    perform,
    perform_stream,
)
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.recognition.event import Dropped, Event, Recognition
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.recognition.settings import RecognitionSettings, Segmentation
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.reference import Reference, ReferenceKind, new_reference_id
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

METHODS = ("motion", "windows")
"""Methods of segmentation."""

CAMERA = "camera"

PAUSE = (0.8, 2.0)
"""Minimum and maximum seconds between two actions of a person."""

APART = 2.0
"""Metres between neighbours, too far to form a pair."""

FRAMES_KEPT = 10
"""Queue size of the middleware; when the node is later than this, the oldest frame is lost."""


@dataclass(frozen=True)
class Scene:
    """What a camera sees, and what really happens.

    Attributes:
        rate: frames per second.
        positions: (frames, people, 25, 3) metres.
        actions: of all people.
    """

    rate: float
    positions: NDArray[np.float32]
    actions: tuple[PerformedAction, ...]

    def stamp_ns(self, frame: int) -> int:
        """Stamp of a frame."""
        return round(frame * NANOSECONDS_PER_SECOND / self.rate)

    def first(self, people: int, seconds: float) -> Scene:
        """The first people, for the first seconds."""
        frames = round(seconds * self.rate)
        names = {_name(person) for person in range(people)}
        end_ns = self.stamp_ns(frames)
        return Scene(
            self.rate,
            np.ascontiguousarray(self.positions[:frames, :people]),
            tuple(one for one in self.actions if one.person_id in names and one.end_ns < end_ns),
        )


@dataclass(frozen=True)
class StreamMeasurement:
    """Result of one run.

    Attributes:
        engine: library and precision.
        method: of segmentation.
        people: number of people.
        rate: frames per second.
        references: number of references.
        seconds: duration.
        frames: frames shown, including lost ones.
        frames_lost: frames not taken, because earlier ones took too long.
        clips: segmented clips.
        clips_dropped: clips replaced by newer ones before they were embedded.
        cores: processor seconds of the whole process per second.
        frame_ms: processor milliseconds per frame of the thread that takes the frames.
        latencies: seconds from the arrival of a clip's last frame to the decision.
        delays: seconds from an action's end to the stamp of its recognition.
    """

    engine: str
    method: str
    people: int
    rate: float
    references: int
    seconds: float
    frames: int
    frames_lost: int
    clips: int
    clips_dropped: int
    cores: float
    frame_ms: float
    latencies: tuple[float, ...]
    delays: tuple[float, ...]

    @property
    def keeps_up(self) -> bool:
        """Whether no frame and no clip was lost."""
        return not self.frames_lost and not self.clips_dropped


@dataclass(frozen=True)
class StreamBenchmark:
    """Result of the benchmark.

    Attributes:
        runs: with the requested people, one per engine and method.
        first_drops: for each run, the minimum number of people tried with losses, and the maximum
            without; None if there is none.
        machine: processor, and versions of Python and numpy.
    """

    runs: tuple[StreamMeasurement, ...]
    first_drops: tuple[tuple[int | None, int | None], ...]
    machine: str


def make_scene(people: int, rate: float, seconds: float, seed: int = 0) -> Scene:
    """People side by side who perform one action after another."""
    generator = np.random.default_rng(seed)
    labels = action_names()
    sensor = Sensor(frame_rate=rate, stamp_jitter=0.0)
    frames = round(seconds * rate)
    positions = np.empty((frames, people, len(NTU_25.joint_names), 3), dtype=np.float32)
    actions: list[PerformedAction] = []
    for person in range(people):
        script: list[Act | Idle] = [Idle(float(generator.uniform(*PAUSE)))]
        # No action is shorter than half a second.
        while len(script) < 4 * seconds + 2:
            script.append(Act(labels[generator.integers(len(labels))]))
            script.append(Idle(float(generator.uniform(*PAUSE))))
        performance = perform_stream(
            script,
            Person.sample(generator),
            generator,
            replace(
                Viewpoint.sample(generator), distance=3.0, lateral=APART * (person - people / 2)
            ),
            sensor,
            _name(person),
        )
        positions[:, person] = performance.sequence.positions[:frames, 0]
        actions += performance.actions
    scene = Scene(rate, positions, tuple(actions))
    return scene.first(people, seconds)


def teach(store: ReferenceStore, count: int, seed: int = 1) -> None:
    """Put references into a store; opening a library embeds them."""
    generator = np.random.default_rng(seed)
    labels = action_names()
    references = []
    for number in range(count):
        label = labels[number % len(labels)]
        sequence = perform(label, Person.sample(generator), generator)
        references.append(
            Reference(
                reference_id=new_reference_id(),
                label=label,
                kind=ReferenceKind.ACTION,
                created_ns=number,
                sequence=sequence,
                source="benchmark",
                visibility=sequence.visibility,
            )
        )
    store.merge(references)


def benchmark_stream(
    engines: Sequence[Engine],
    model: Model,
    *,
    people: int,
    rate: float,
    seconds: float,
    references: int,
    most: int = 0,
    search_seconds: float = 10.0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> StreamBenchmark:
    """Measure each engine with each method of segmentation, in real time.

    Args:
        engines: of one model.
        model: of the engines.
        people: in view.
        rate: frames per second.
        seconds: of each run.
        references: number of references.
        most: maximum number of people in the search for the first losses; 0 for no search.
        search_seconds: of each run of that search.
        progress: called with the number of measurements done and of all measurements.
    """
    scene = make_scene(people, rate, seconds)
    crowd = make_scene(most, rate, search_seconds) if most else None
    runs: list[StreamMeasurement] = []
    first_drops: list[tuple[int | None, int | None]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        ReferenceStore(Path(folder) / "references.db") as store,
    ):
        teach(store, references)
        for engine in engines:
            library = ReferenceLibrary.for_model(store, engine, model)
            for method in METHODS:
                progress(len(runs), len(engines) * len(METHODS))
                run = measure_stream(library, scene, method)
                runs.append(run)
                drops: tuple[int | None, int | None] = (None, None)
                if crowd is not None:
                    drops = _search(library, crowd, method)
                first_drops.append(drops)
    return StreamBenchmark(tuple(runs), tuple(first_drops), machine())


def measure_stream(library: ReferenceLibrary, scene: Scene, method: str) -> StreamMeasurement:
    """Show a scene to a live recogniser in real time."""
    frames, people = scene.positions.shape[:2]
    said: list[tuple[int, Recognition]] = []
    dropped: list[Dropped] = []
    now_ns = 0

    def take(event: Event) -> None:
        if isinstance(event, Recognition):
            said.append((now_ns, event))
        elif isinstance(event, Dropped):
            dropped.append(event)

    settings = RecognitionSettings(
        segmentation=Segmentation(method=method),
        max_people=max(people, RecognitionSettings().max_people),
    )
    recognizer = Recognizer(library, settings, live=True, on_event=take)
    try:
        recognizer.warm_up()
        names = tuple(map(_name, range(people)))
        lost, taking = 0, 0.0
        begin, processor = time.perf_counter(), time.process_time()
        for frame, late in _paced(frames, scene.rate, begin):
            if late > FRAMES_KEPT:
                lost += 1
                continue
            before = time.thread_time()
            now_ns = scene.stamp_ns(frame)
            recognizer.push(SkeletonFrame(now_ns, names, scene.positions[frame], NTU_25))
            taking += time.thread_time() - before
        recognizer.drain()
        passed, used = time.perf_counter() - begin, time.process_time() - processor
        # Segments that are open when the stream ends do not count: all would close at once.
        counts = recognizer.status.counts
    finally:
        recognizer.close()
    return StreamMeasurement(
        engine=f"{library.engine.key.engine} {library.engine.key.precision}",
        method=method,
        people=people,
        rate=scene.rate,
        references=len(library.snapshot()),
        seconds=passed,
        frames=frames,
        frames_lost=lost,
        clips=counts.get("clips", 0),
        clips_dropped=len(dropped),
        cores=used / passed,
        frame_ms=1000 * taking / max(1, frames - lost),
        latencies=tuple(event.latency for _, event in said),
        delays=tuple(_delays(said, scene.actions)),
    )


def _paced(frames: int, rate: float, begin: float) -> Iterator[tuple[int, float]]:
    """Each frame at its time, with its delay in frames."""
    for frame in range(frames):
        ahead = begin + frame / rate - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        yield frame, max(0.0, -ahead * rate)


def _delays(
    said: Sequence[tuple[int, Recognition]], actions: Sequence[PerformedAction]
) -> Iterator[float]:
    """Seconds from the end of each action to the first event that covers most of it."""
    for action in actions:
        for stamp_ns, event in said:
            shared = min(event.end_ns, action.end_ns) - max(event.start_ns, action.start_ns)
            if (
                event.person_ids == (action.person_id,)
                and shared > (action.end_ns - action.start_ns) / 2
            ):
                yield (stamp_ns - action.end_ns) / NANOSECONDS_PER_SECOND
                break


def _search(library: ReferenceLibrary, crowd: Scene, method: str) -> tuple[int | None, int | None]:
    """Minimum number of people tried with losses, and maximum without."""
    most = crowd.positions.shape[1]
    seconds = len(crowd.positions) / crowd.rate

    def keeps_up(people: int) -> bool:
        return measure_stream(library, crowd.first(people, seconds), method).keeps_up

    good, bad = 0, most + 1
    people = 1
    while bad - good > max(1, good // 10):
        if keeps_up(people):
            good = people
        else:
            bad = people
        people = min(2 * good, most) if bad > most else (good + bad) // 2
        if good == most:
            break
    return (bad if bad <= most else None), (good or None)


def _name(person: int) -> str:
    return f"person_{person}"
