# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A shell without a middleware: what the node says is kept, and time is what one says it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from acting import BOW, FRAME, KICK, SECOND, WAVE, LimbEngine, frames, script
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
"""The node's clock when the curtain rises."""

OPTICAL = "camera_optical_frame"

WAVING, BOWING, KICKING = (
    script((None, 1), (limb, 1.2), (None, 0.8)) for limb in (WAVE, BOW, KICK)
)
"""Movements of somebody alone, with rest around them."""


class PlainTransforms:
    """TF that knows what it is told."""

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


class DemoOutput:
    """Implements the node's shell.

    Attributes:
        node_name: the node's full name.
        clock_ns: what the clock says.
        tf: the transforms.
        listening: the topics that each input listens to.
        reliable: whether every message was asked for, by input.
        watched: topics to which somebody subscribes.
        publishing: how many publish a topic; one where nothing is said.
        odd_qos: the policy that keeps messages away, by topic.
    """

    make: Make = staticmethod(make)

    def __init__(self) -> None:
        self.node_name = interface.DEFAULT_NODE
        self.clock_ns = EPOCH
        self.tf = PlainTransforms()
        self.listening: dict[str, tuple[Source, ...]] = {}
        self.reliable: dict[str, bool] = {}
        self.watched: set[Topic] = set()
        self.publishing: dict[str, int] = {}
        self.odd_qos: dict[str, str] = {}
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
        return int(topic in self.watched)

    def publishers(self, input_name: str, source: Source) -> int:
        return self.publishing.get(source.topic, 1)

    def incompatible_qos(self, input_name: str, source: Source) -> str:
        return self.odd_qos.get(source.topic, "")

    def subscribe(self, input_name: str, source: Source, reliable: bool) -> None:
        assert source not in self.listening.get(input_name, ())
        self.listening[input_name] = (*self.listening.get(input_name, ()), source)
        self.reliable[input_name] = reliable

    def unsubscribe(self, input_name: str, source: Source) -> None:
        assert source in self.listening[input_name]
        self.listening[input_name] = tuple(
            one for one in self.listening[input_name] if one != source
        )

    def transforms(self) -> PlainTransforms:
        self.tf.listening = True
        return self.tf

    def end_transforms(self) -> None:
        self.tf.listening = False

    def said(self, topic: Topic) -> list[Any]:
        """All messages of a topic so far."""
        with self._more:
            return [message for one, message in self._published if one is topic]

    def wait_for(self, topic: Topic, count: int = 1) -> list[Any]:
        """All messages of a topic, as soon as there are so many."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.said(topic)) >= count, PATIENCE), (
                f"{len(self.said(topic))} of {count} messages on {topic.name}"
            )
        return self.said(topic)


class StageEngine(LimbEngine):
    """An engine of as many dimensions as the untrained model has."""

    dimension = 16
    device_name = "stage"

    def __init__(self) -> None:
        super().__init__()
        self.released = False

    def device_memory(self) -> int | None:
        return None

    def image(self, sequence: SkeletonSequence) -> NDArray[np.float32]:
        """As large as the untrained model's: one person has 32 rows and 48 columns."""
        rows = 32 * sequence.bodies
        return np.linspace(0, 1, 3 * rows * 48, dtype=np.float32).reshape(3, rows, 48)

    def release(self) -> None:
        self.released = True

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """(clips, 16) unit vectors."""
        if self.released:
            raise SkeletonDmlError("the engine was released")
        vectors = super().embed(sequences)[:, : self.dimension]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class Gate:
    """Holds up whoever comes to it."""

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
    """The values of all parameters: the defaults, but for a camera that stands still.

    Args:
        folder: of the store.
        model: the model's folder.
        formats: of the inputs, by name.
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
    """A SkeletonArray of what a frame shows, in a frame with these axes."""
    return skeleton_array_message(as_camera_sees(frame, frame_id, axes), make)


class Scene:
    """A node, the stage it stands on, and people before its cameras.

    Attributes:
        stage: its shell.
        engine: computes for the node.
        values: of its parameters.
        node: the node.
        time_ns: stamp of the next frame; the node's clock is another one.
    """

    def __init__(self, stage: DemoOutput, folder: Path, model: Path) -> None:
        self.stage = stage
        self.engine = StageEngine()
        self.folder, self.model = folder, model
        self.values = values_for(folder, model)
        self.node = RecognitionNode(stage, self._make_engine)
        self.time_ns = 1000 * SECOND

    def _make_engine(self, model: Model, engine: str, device: str) -> StageEngine:
        self.engine.released = False
        return self.engine

    def activate(
        self, changed: dict[str, Value] | None = None, formats: dict[str, str] | None = None
    ) -> None:
        """Bring the node up anew.

        Args:
            changed: values of parameters; they stay from one time to the next.
            formats: of other inputs, by name; with them all values are the defaults again.
        """
        self.node.deactivate()
        if formats:
            self.values = values_for(self.folder, self.model, formats)
        self.values |= changed or {}
        self.node.configure(self.values)
        self.node.activate()

    def film(
        self, people: dict[str, NDArray[np.float32]] | NDArray[np.float32], camera: str = "camera"
    ) -> None:
        """Let the node see people who do something; somebody alone is called 7."""
        if not isinstance(people, dict):
            people = {"7": people}
        self.show(frames(people, self.time_ns, camera))

    def show(self, stream: Iterable[SkeletonFrame]) -> None:
        """Let the node see these frames, as fast as they were filmed by its clock."""
        for frame in stream:
            self.stage.clock_ns += FRAME
            self.time_ns = frame.stamp_ns + FRAME
            self.node.receive(frame.input_name, "skeletons", message_of(frame))

    def teach(self) -> None:
        """Teach the node to wave, by what it sees."""
        count = len(self.stage.said(interface.RECOGNITIONS))
        self.film(WAVING)
        seen = self.recognitions(count + 1)[-1]
        assert self.ask(interface.ENROLL, label="wave", clip_id=seen.clip_id).success

    def stand_by(self, seconds: float) -> None:
        """Let the node's clock go on without frames."""
        for _ in range(round(seconds / 0.05)):
            self.stage.clock_ns += SECOND // 20
            self.node.tick()

    def ask(self, service: Service, **fields: Any) -> Any:
        """The node's answer to a request."""
        return self.node.answer(service, make(f"{service.type}_Request", **fields))

    def recognitions(self, count: int) -> list[Any]:
        """What was recognised, as soon as there is so much of it."""
        return self.stage.wait_for(interface.RECOGNITIONS, count)

    def diagnostics(self) -> dict[str, Any]:
        """What the node reports now: statuses by their names without the node's."""
        self.node.report()
        latest = self.stage.said(interface.DIAGNOSTICS)[-1]
        begin = f"{self.stage.node_name.lstrip('/')}: "
        return {status.name.removeprefix(begin): status for status in latest.status}


def reading(status: Any) -> dict[str, str]:
    """The values of a status."""
    return {pair.key: pair.value for pair in status.values}


def nobody(start_ns: int, seconds: float, camera: str = "camera") -> Iterator[SkeletonFrame]:
    """Frames in which nobody is."""
    for index in range(round(seconds * 30)):
        yield SkeletonFrame(
            start_ns + index * FRAME, [], np.zeros((0, 25, 3)), NTU_25, input_name=camera
        )


class Show:
    """A recogniser at work without a node; people act while somebody looks at the clock.

    Attributes:
        live: the recogniser.
        engine: computes for it.
        events: all that it has said.
        clock_ns: what the clock said last.
        waits: whether each look at the clock waits until all that has closed is decided.
        looked: told of each look at the clock.
    """

    def __init__(self, folder: Path, settings: RecognitionSettings | None = None) -> None:
        self.engine = StageEngine()
        self.events: list[Event] = []
        self.clock_ns = EPOCH
        self.waits = True
        self.looked: Callable[[], object] = lambda: None
        self.store = ReferenceStore(folder / "references.db")
        self.live = ActiveRecognizer(
            _plain_model(),
            self.store,
            "stage",
            "stage",
            {},
            settings or RecognitionSettings(),
            None,
            self.events.append,
            lambda model, engine, device: self.engine,
        )
        self._stream: Iterator[SkeletonFrame] = iter(())
        self._next_ns = 1000 * SECOND

    def close(self) -> None:
        self.live.close()
        self.store.close()

    def film(self, people: dict[str, NDArray[np.float32]] | NDArray[np.float32]) -> None:
        """Let people do something while the clock is looked at; somebody alone is called 7."""
        people = people if isinstance(people, dict) else {"7": people}
        count = max(map(len, people.values()))
        self._stream = frames(people, self._next_ns)
        self._next_ns += count * FRAME

    def now_ns(self) -> int:
        """Time goes on by three frames with each look at the clock."""
        self.looked()
        for frame in islice(self._stream, 3):
            self.live.recognizer.push(frame)
        if self.waits:
            assert self.live.recognizer.drain(PATIENCE)
        self.clock_ns += 3 * FRAME
        return self.clock_ns

    def play(self) -> list[Recognition]:
        """Let people finish what they do; what was recognised meanwhile."""
        before = len(self.events)
        for frame in self._stream:
            self.live.recognizer.push(frame)
        assert self.live.recognizer.drain(PATIENCE)
        return [event for event in self.events[before:] if isinstance(event, Recognition)]

    def teach(self, label: str, limb: str) -> Reference:
        """Teach by a clip."""
        self.film(script((None, 1), (limb, 1.2), (None, 0.8)))
        (clip,) = self.play()
        return self.live.recognizer.enroll_clip(clip.clip_id, label)


def _plain_model() -> Model:
    """A model that judges by plain distances and has no network."""
    decision = DecisionCard(
        threshold=0.4, false_accept_rate=0.05, measured_false_accept_rate=0.05, references=1
    )
    card = ModelCard("limbs", Architecture(), Preparation(), {}, decision)
    nothing: Any = None
    return Model(card, {}, nothing, "0123456789abcdef", Path())
