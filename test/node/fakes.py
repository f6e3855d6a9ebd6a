# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A fake middleware and engine, and harnesses for the node and its recogniser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from acting import BOW, FRAME, KICK, SECOND, WAVE, LimbEngine, frames, script
from deciding import by_distance
from definitions import make
from numpy.typing import NDArray
from waiting import PATIENCE

from skeleton_dml_ros.embedding.architecture import Architecture
from skeleton_dml_ros.embedding.model import DecisionCard, Model, ModelCard
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.messages.make import Make
from skeleton_dml_ros.messages.skeleton_array import as_camera_sees, skeleton_array_message
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.active_recognizer import ActiveRecognizer
from skeleton_dml_ros.node.interface import Service, Topic
from skeleton_dml_ros.node.parameters import Value, general_parameters, input_parameters
from skeleton_dml_ros.node.recognition_node import RecognitionNode
from skeleton_dml_ros.node.transforms import Transform, TransformUnavailableError
from skeleton_dml_ros.recognition.event import Event, Recognition
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.references.reference import Reference
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

EPOCH = 1_700_000_000 * SECOND
"""Initial time of the node's clock."""

OPTICAL = "camera_optical_frame"

WAVING, BOWING, KICKING = (
    script((None, 1), (limb, 1.2), (None, 0.8)) for limb in (WAVE, BOW, KICK)
)
"""Movements of one person, with rest before and after."""


class FakeTransforms:
    """TF with given transforms."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Callable[[int], Transform]] = {}
        self.latest_ns = 2**63
        self.asked: list[tuple[str, str, int]] = []
        self.cleared = 0
        self.listening = False

    def lookup(self, target: str, source: str, stamp_ns: int) -> Transform:
        self.asked.append((target, source, stamp_ns))
        if (target, source) not in self.known:
            raise TransformUnavailableError(f"frame {source} is not connected to {target}")
        if stamp_ns > self.latest_ns:
            raise TransformUnavailableError("extrapolation into the future")
        return self.known[target, source](stamp_ns)

    def clear(self) -> None:
        self.cleared += 1


class FakeAdapter:
    """Implements the middleware adapter.

    Attributes:
        node_name: full name of the node.
        clock_ns: time of the node's clock.
        tf: the transforms.
        subscriptions: subscribed topics by input.
        reliable: requested reliability by input.
        subscribed_topics: topics of the node that have a subscriber.
        remapped: names of topics after remapping.
        publisher_counts: number of publishers by topic; 1 by default.
        incompatible_policies: incompatible QoS policy by topic.
    """

    make: Make = staticmethod(make)

    def __init__(self) -> None:
        self.node_name = interface.DEFAULT_NODE
        self.clock_ns = EPOCH
        self.tf = FakeTransforms()
        self.listening: dict[str, tuple[Source, ...]] = {}
        self.reliable: dict[str, bool] = {}
        self.subscribed_topics: set[Topic] = set()
        self.remapped: dict[str, str] = {}
        self.publisher_counts: dict[str, int] = {}
        self.incompatible_policies: dict[str, str] = {}
        self._published: list[tuple[Topic, Any]] = []
        self._more = threading.Condition()

    def now_ns(self) -> int:
        return self.clock_ns

    def publish(self, topic: Topic, message: Any) -> None:
        assert message._type == topic.type
        with self._more:
            self._published.append((topic, message))
            self._more.notify_all()

    def subscribers(self, topic: Topic) -> int:
        return int(topic in self.subscribed_topics)

    def publishers(self, input_name: str, source: Source) -> int:
        return self.publisher_counts.get(source.topic, 1)

    def topic_name(self, source: Source) -> str:
        return self.remapped.get(source.topic, source.topic)

    def incompatible_qos(self, input_name: str, source: Source) -> str:
        return self.incompatible_policies.get(source.topic, "")

    def subscribe(self, input_name: str, source: Source, reliable: bool) -> None:
        assert source not in self.listening.get(input_name, ())
        self.listening[input_name] = (*self.listening.get(input_name, ()), source)
        self.reliable[input_name] = reliable

    def unsubscribe(self, input_name: str, source: Source) -> None:
        assert source in self.listening[input_name]
        self.listening[input_name] = tuple(
            one for one in self.listening[input_name] if one != source
        )

    def transforms(self) -> FakeTransforms:
        self.tf.listening = True
        return self.tf

    def end_transforms(self) -> None:
        self.tf.listening = False

    def published(self, topic: Topic) -> list[Any]:
        """All messages published on a topic."""
        with self._more:
            return [message for one, message in self._published if one is topic]

    def wait_for(self, topic: Topic, count: int = 1) -> list[Any]:
        """All messages published on a topic, once there are this many."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.published(topic)) >= count, PATIENCE), (
                f"{len(self.published(topic))} of {count} messages on {topic.name}"
            )
        return self.published(topic)


class FakeEngine(LimbEngine):
    """An engine with the untrained model's number of dimensions."""

    dimension = 16
    device_name = "cpu"

    def __init__(self) -> None:
        super().__init__()
        self.released = False

    def device_memory(self) -> int | None:
        return None

    def image(self, sequence: SkeletonSequence) -> NDArray[np.float32]:
        """As large as the untrained model's image: 32 rows and 48 columns for one person."""
        rows = 32 * sequence.bodies
        return np.linspace(0, 1, 3 * rows * 48, dtype=np.float32).reshape(3, rows, 48)

    def release(self) -> None:
        self.released = True

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """(clips, 16) unit vectors."""
        if self.released:
            raise SkeletonDmlError("the engine was released")
        # Not zero either where only other joints move.
        vectors = super().embed(sequences)[:, : self.dimension] + np.float32(1e-6)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class Gate:
    """Blocks its caller until opened."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._open = threading.Event()

    def __call__(self) -> None:
        self._reached.set()
        assert self._open.wait(PATIENCE)

    def wait_until_reached(self) -> None:
        assert self._reached.wait(PATIENCE)

    def open(self) -> None:
        self._open.set()


def values_for(
    folder: Path,
    model: Path,
    formats: dict[str, str] | None = None,
) -> dict[str, Value]:
    """The values of all parameters: defaults for a stationary camera.

    Args:
        folder: folder of the references file.
        model: folder of the model.
        formats: input formats by name.
    """
    formats = formats or {"camera": "skeleton_array"}
    table = [
        *general_parameters(),
        *(one for name, kind in formats.items() for one in input_parameters(name, kind)),
    ]
    values = {parameter.name: parameter.default for parameter in table}
    values |= {f"input.{name}.format": kind for name, kind in formats.items()}
    return values | {
        "inputs": tuple(formats),
        "model": str(model),
        "references": str(folder / "references.db"),
        "device": "cpu",
        "fixed_frame": "",
    }


def message_of(
    frame: SkeletonFrame, frame_id: str = OPTICAL, axes: Axes = Axes.CAMERA_OPTICAL
) -> Any:
    """A SkeletonArray of a frame, in these axes."""
    return skeleton_array_message(as_camera_sees(frame, frame_id, axes), make)


class NodeHarness:
    """A node with a fake middleware and engine, and people in front of its cameras.

    Attributes:
        adapter: the middleware.
        engine: the inference engine.
        values: values of the parameters.
        node: the node.
        time_ns: stamp of the next frame; differs from the node's clock.
    """

    def __init__(self, adapter: FakeAdapter, folder: Path, model: Path) -> None:
        self.adapter = adapter
        self.engine = FakeEngine()
        self.folder, self.model = folder, model
        self.values = values_for(folder, model)
        self.node = RecognitionNode(adapter, self._make_engine)
        self.time_ns = 1000 * SECOND

    def _make_engine(self, model: Model, engine: str, device: str) -> FakeEngine:
        self.engine.released = False
        return self.engine

    def activate(
        self, changed: dict[str, Value] | None = None, formats: dict[str, str] | None = None
    ) -> None:
        """Configure and activate the node.

        Args:
            changed: changed parameters; they persist over calls.
            formats: other input formats by name; resets all parameters to their defaults.
        """
        self.node.deactivate()
        if formats:
            self.values = values_for(self.folder, self.model, formats)
        self.values |= changed or {}
        self.node.configure(self.values)
        self.node.activate()

    def perform(
        self, people: dict[str, NDArray[np.float32]] | NDArray[np.float32], camera: str = "camera"
    ) -> None:
        """Send frames of these movements to the node; a single person has the id 7."""
        if not isinstance(people, dict):
            people = {"7": people}
        self.send(frames(people, self.time_ns, camera))

    def send(self, stream: Iterable[SkeletonFrame]) -> None:
        """Send frames to the node at their own rate by its clock."""
        for frame in stream:
            self.adapter.clock_ns += FRAME
            self.time_ns = frame.stamp_ns + FRAME
            self.node.receive(frame.input_name, "skeletons", message_of(frame))

    def teach(self) -> None:
        """Teach the node to recognise waving, from a clip."""
        count = len(self.adapter.published(interface.RECOGNITIONS))
        self.perform(WAVING)
        seen = self.recognitions(count + 1)[-1]
        assert self.ask(interface.ENROLL, label="wave", clip_id=seen.clip_id).success

    def advance(self, seconds: float) -> None:
        """Advance the node's clock without frames."""
        for _ in range(round(seconds / 0.05)):
            self.adapter.clock_ns += SECOND // 20
            self.node.tick()

    def ask(self, service: Service, **fields: Any) -> Any:
        """The node's response to a request."""
        return self.node.answer(service, make(f"{service.type}_Request", **fields))

    def recognitions(self, count: int) -> list[Any]:
        """The published recognitions, once there are this many."""
        return self.adapter.wait_for(interface.RECOGNITIONS, count)

    def diagnostics(self) -> dict[str, Any]:
        """The node's diagnostic statuses by their names without the node's."""
        self.node.report()
        latest = self.adapter.published(interface.DIAGNOSTICS)[-1]
        begin = f"{self.adapter.node_name.lstrip('/')}: "
        return {status.name.removeprefix(begin): status for status in latest.status}


def reading(status: Any) -> dict[str, str]:
    """The values of a status."""
    return {pair.key: pair.value for pair in status.values}


def nobody(start_ns: int, seconds: float, camera: str = "camera") -> Iterator[SkeletonFrame]:
    """Frames without people."""
    for index in range(round(seconds * 30)):
        yield SkeletonFrame(
            start_ns + index * FRAME, [], np.zeros((0, 25, 3)), NTU_25, input_name=camera
        )


class RecognizerHarness:
    """An active recogniser without a node; frames are pushed whenever the clock is read.

    Attributes:
        live: the recogniser.
        engine: the inference engine.
        events: its events.
        clock_ns: time of the last reading of the clock.
        waits: whether reading the clock waits for the decisions on all closed clips.
        on_clock_read: called on each reading of the clock.
    """

    def __init__(self, folder: Path, settings: RecognitionSettings | None = None) -> None:
        self.engine = FakeEngine()
        self.events: list[Event] = []
        self.clock_ns = EPOCH
        self.waits = True
        self.on_clock_read: Callable[[], object] = lambda: None
        self.store = ReferenceStore(folder / "references.db")
        self.live = ActiveRecognizer(
            _plain_model(),
            self.store,
            "cpu",
            "cpu",
            {},
            settings or RecognitionSettings(),
            None,
            "embedding",
            False,
            self.events.append,
            lambda model, engine, device: self.engine,
        )
        self._stream: Iterator[SkeletonFrame] = iter(())
        self._next_ns = 1000 * SECOND

    def close(self) -> None:
        self.live.close()
        self.store.close()

    def perform(self, people: dict[str, NDArray[np.float32]] | NDArray[np.float32]) -> None:
        """Queue frames of these movements; a single person has the id 7."""
        people = people if isinstance(people, dict) else {"7": people}
        count = max(map(len, people.values()))
        self._stream = frames(people, self._next_ns)
        self._next_ns += count * FRAME

    def now_ns(self) -> int:
        """Each reading advances the clock by three frames and pushes them."""
        self.on_clock_read()
        for frame in islice(self._stream, 3):
            self.live.recognizer.push(frame)
        if self.waits:
            assert self.live.recognizer.drain(PATIENCE)
        self.clock_ns += 3 * FRAME
        return self.clock_ns

    def play(self) -> list[Recognition]:
        """Push the queued frames; returns the recognitions."""
        before = len(self.events)
        for frame in self._stream:
            self.live.recognizer.push(frame)
        assert self.live.recognizer.drain(PATIENCE)
        return [event for event in self.events[before:] if isinstance(event, Recognition)]

    def teach(self, label: str, limb: str) -> Reference:
        """Teach an action from a clip."""
        self.perform(script((None, 1), (limb, 1.2), (None, 0.8)))
        (clip,) = self.play()
        return self.live.recognizer.enroll_clip(clip.clip_id, label)


def _plain_model() -> Model:
    """A model that decides by plain distances and has no network."""
    decision = DecisionCard(matchers={"embedding": asdict(by_distance(0.4))})
    card = ModelCard("limbs", Architecture(), Preparation(), {}, decision)
    nothing: Any = None
    return Model(card, {}, nothing, "0123456789abcdef", Path())
