# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""People who stand at rest and raise a limb now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from deciding import by_distance
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.engine import EmbeddingKey
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.event import Event, Recognition
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.cleaning import clean
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.resampling import resample
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

SECOND = 1_000_000_000
FRAME = 33_333_333
"""Nanoseconds between two frames."""

WAVE, BOW, KICK = "wrist_right", "head", "ankle_left"
"""Actions by the limb that moves."""


class LimbEngine:
    """Embeds a clip as the amount of motion of each joint, without torch."""

    key = EmbeddingKey("limbs", "numpy", "float32")
    dimension = 25

    def __init__(self) -> None:
        self.embedded = 0
        self.before: Callable[[], None] = lambda: None

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """(clips, 25) unit vectors."""
        self.before()
        self.embedded += len(sequences)
        vectors = []
        for sequence in sequences:
            positions = resample(clean(sequence), 32).positions
            moved = np.nan_to_num(np.ptp(positions, axis=0)).sum(axis=(0, 2))
            if not moved.any():
                raise SkeletonDmlError("nothing was seen")
            vectors.append(moved / np.linalg.norm(moved))
        return np.array(vectors, dtype=np.float32)


def recognizer(
    folder: Path,
    settings: RecognitionSettings | None = None,
    *,
    live: bool = False,
    engine: LimbEngine | None = None,
    limit: float = 0.4,
) -> Recognizer:
    """A recogniser with a store in the folder; accepts distances up to a limit."""
    engine = engine or LimbEngine()
    store = ReferenceStore(folder / "references.db")
    library = ReferenceLibrary(store, engine, by_distance(limit))
    return Recognizer(library, settings, live=live)


def standing(x: float = 0.0) -> NDArray[np.float32]:
    """(25, 3) a person at rest, three metres away."""
    return np.asarray(0.5 * REST_POSE + [x, 0, 3], dtype=np.float32)


def motion(
    limb: str | None, seconds: float, x: float = 0.0, height: float = 0.6
) -> NDArray[np.float32]:
    """(frames, 25, 3): the limb goes up and down once; None stands still."""
    frames = round(seconds * 30)
    poses = np.repeat(standing(x)[None], frames, axis=0)
    if limb is not None:
        side = limb.rpartition("_")[2]
        moving = [limb] if limb == "head" else [limb, {"wrist": "elbow", "ankle": "knee"}[
            limb.rpartition("_")[0]] + "_" + side]  # fmt: skip
        for share, joint in zip((1.0, 0.6), moving, strict=False):
            wave = share * height * np.sin(np.linspace(0, np.pi, frames)) ** 2
            poses[:, NTU_25.index(joint), 1] += wave
        if limb == "head":
            for joint in ("elbow_left", "elbow_right"):
                poses[:, NTU_25.index(joint), 2] -= (
                    0.5 * height * np.sin(np.linspace(0, np.pi, frames))
                )
    return poses


def script(*parts: tuple[str | None, float], x: float = 0.0) -> NDArray[np.float32]:
    """(frames, 25, 3): the parts (limb, seconds) one after the other."""
    return np.concatenate([motion(limb, seconds, x) for limb, seconds in parts])


def frames(
    people: dict[str, NDArray[np.float32]], start_ns: int = SECOND, camera: str = "camera"
) -> Iterator[SkeletonFrame]:
    """A camera's frames of people with motions (frames, 25, 3)."""
    count = max(len(poses) for poses in people.values())
    for index in range(count):
        here = {name: poses[index] for name, poses in people.items() if index < len(poses)}
        yield SkeletonFrame(
            start_ns + index * FRAME,
            list(here),
            np.array(list(here.values())),
            NTU_25,
            input_name=camera,
        )


def play(target: Recognizer, stream: Iterator[SkeletonFrame]) -> list[Event]:
    """All events of a stream."""
    for frame in stream:
        target.push(frame)
    target.finish()
    return target.events()


def decisions(events: Sequence[Event]) -> list[Recognition]:
    """The recognitions among events."""
    return [event for event in events if isinstance(event, Recognition)]
