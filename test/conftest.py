# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What several tests need."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import yaml

from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings beside the repository; without it the test is skipped."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"real recordings are not here: {folder.name} is no folder beside the project")
    return folder


@pytest.fixture(scope="session")
def untrained_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder whose weights are random: whole, quick to make, recognises nothing well."""
    import torch

    from skeleton_dml_ros.embedding.architecture import Architecture
    from skeleton_dml_ros.embedding.model import DecisionCard, ModelCard, save_model
    from skeleton_dml_ros.embedding.network import ActionEmbedder
    from skeleton_dml_ros.embedding.preparation import Preparation

    torch.manual_seed(0)
    architecture = Architecture(embedding_dimension=16)
    cohort = np.random.default_rng(0).normal(size=(40, 16)).astype(np.float32)
    cohort /= np.linalg.norm(cohort, axis=1, keepdims=True)
    card = ModelCard(
        name="untrained",
        architecture=architecture,
        preparation=Preparation(frames=48),
        representation={"name": "skeleton_dml", "height": 32, "width": 48},
        decision=DecisionCard(
            score_threshold=-1.0,
            false_accept_rate=0.05,
            measured_false_accept_rate=0.05,
            references=5,
        ),
    )
    folder = tmp_path_factory.mktemp("models") / "untrained"
    save_model(folder, card, ActionEmbedder(architecture), cohort)
    return folder


TRAINING_CLASSES = ("wave_right", "wave_left", "bow", "lunge")
MOVING_JOINTS = ("hand_right", "hand_left", "head", "foot_right")
CLIPS_A_CLASS = 6


def training_clip(label: int, seed: int) -> SkeletonSequence:
    """A person at rest of whom one joint moves up and down."""
    generator = np.random.default_rng((label, seed))
    frames = int(generator.integers(25, 45))
    positions = np.repeat(REST_POSE[None, None], frames, axis=0) * 0.5
    positions = positions + generator.normal(scale=0.005, size=positions.shape) + [0, 0, 3]
    joint = NTU_25.index(MOVING_JOINTS[label])
    positions[:, 0, joint, 1] += 0.4 * np.sin(np.linspace(0, np.pi, frames))
    return SkeletonSequence(positions, np.arange(frames) / 30, NTU_25)


@pytest.fixture(scope="session")
def training_configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration file beside its archive; trains in seconds."""
    folder = tmp_path_factory.mktemp("training")
    labels = [label for label in range(len(TRAINING_CLASSES)) for _ in range(CLIPS_A_CLASS)]
    clips = [training_clip(label, seed) for seed, label in enumerate(labels)]
    write_archive(folder / "motions.npz", archive_of(clips, labels, TRAINING_CLASSES))
    path = folder / "small.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "name": "small",
                "data": [{"archive": "motions.npz"}],
                "validation": [{"archive": "motions.npz"}],
                "architecture": {"embedding_dimension": 16},
                "preparation": {"frames": 24},
                "representation": {"name": "skeleton_dml", "height": 32, "width": 32},
                "mirroring": {"symmetric": ["bow"], "either_side": ["lunge"]},
                "sampling": {"classes": 4, "clips": 2},
                "optimisation": {"epochs": 2, "warm_up_epochs": 1, "precision": "float32"},
                "open_set": {"cohort_clips": 8, "references": 2},
            }
        )
    )
    return path


Recorded = tuple[str, str, int, Any]
"""A message of a bag: its topic, its type, the time of its recording in nanoseconds, itself."""

FOREIGN_DEFINITIONS = {
    "hri_msgs/msg/IdsList": "std_msgs/Header header\nstring[] ids",
    "hri_msgs/msg/NormalizedPointOfInterest2D": "float32 x\nfloat32 y\nfloat32 c",
    "hri_msgs/msg/Skeleton2D": (
        "std_msgs/Header header\nhri_msgs/NormalizedPointOfInterest2D[18] skeleton"
    ),
    "zed_msgs/msg/ObjectsStamped": "std_msgs/Header header\nzed_msgs/Object[] objects",
    "zed_msgs/msg/Object": (
        "int16 label_id\nbool skeleton_available\nbool tracking_available\n"
        "int8 tracking_state\nuint8 body_format\nzed_msgs/Skeleton3D skeleton_3d"
    ),
    "zed_msgs/msg/Skeleton3D": "zed_msgs/Keypoint3D[70] keypoints",
    "zed_msgs/msg/Keypoint3D": "float32[3] kp",
}
"""Of other packages' messages, what is read."""


class BagMaker:
    """Writes bags, as ``ros2 bag record`` does."""

    def __init__(self) -> None:
        from rosbags.typesys import Stores, get_types_from_msg, get_typestore

        self.store = get_typestore(Stores.ROS2_JAZZY)
        texts = dict(FOREIGN_DEFINITIONS)
        for name in ("Skeleton", "SkeletonArray"):
            path = REPOSITORY / "msg" / f"{name}.msg"
            texts[f"skeleton_dml_ros/msg/{name}"] = path.read_text()
        types = {}
        for name, text in texts.items():
            types.update(get_types_from_msg(text, name))
        self.store.register(types)

    def make(self, type_name: str, **fields: Any) -> Any:
        """A message; fields that are not given are zero or empty."""
        defined = dict(self.store.fielddefs[type_name][1])
        defaults = {name: self._default(defined[name]) for name in defined if name not in fields}
        return self.store.types[type_name](**fields, **defaults)

    def _default(self, kind: Any) -> Any:
        node, of = int(kind[0]), kind[1]
        if node == 1:
            return "" if of[0] == "string" else False if of[0] == "bool" else 0
        if node == 2:
            return self.make(of)
        (inner, of), length = of
        if int(inner) == 1 and of[0] != "string":
            return np.zeros(length, dtype=of[0])
        return [self._default((inner, of)) for _ in range(length)] if node == 3 else []

    def write(
        self,
        path: Path,
        messages: Iterable[Recorded],
        storage: Literal["sqlite3", "mcap"] = "sqlite3",
        compression: Literal["", "message", "file", "storage"] = "",
        topics: Mapping[str, str] | None = None,
    ) -> Path:
        """A bag of these messages.

        Args:
            path: of its folder.
            messages: in any order; a message that is bytes is written as it is.
            storage: of the bag.
            compression: what is compressed, if anything.
            topics: types of topics that are there, though without messages.
        """
        from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

        writer = Writer(path, version=9, storage_plugin=StoragePlugin[storage.upper()])
        if compression:
            writer.set_compression(CompressionMode[compression.upper()], CompressionFormat.ZSTD)
        with writer:
            connections = {
                topic: writer.add_connection(topic, type_name, typestore=self.store)
                for topic, type_name in (topics or {}).items()
            }
            for topic, type_name, recorded_ns, message in messages:
                if topic not in connections:
                    connections[topic] = writer.add_connection(
                        topic, type_name, typestore=self.store
                    )
                content = (
                    message
                    if isinstance(message, bytes)
                    else self.store.serialize_cdr(message, type_name)
                )
                writer.write(connections[topic], recorded_ns, content)
        return path

    def forget_definitions(self, bag: Path) -> Path:
        """Make a bag of sqlite3 one that was recorded with Humble."""
        database = sqlite3.connect(bag / f"{bag.name}.db3")
        with database:
            database.execute("DELETE FROM message_definitions")
        database.close()
        return bag


@pytest.fixture(scope="session")
def bags() -> BagMaker:
    """Writes bags."""
    return BagMaker()
