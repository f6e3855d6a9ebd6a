# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""People of whom the camera sees only a part, in the frames of every layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.synthetic_actor import Act, Idle
from skeleton_dml_ros.evaluation.demonstration import demonstrate, play
from skeleton_dml_ros.recognition.event import Verdict
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.recognition.settings import RecognitionSettings, Unknowns
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25, Layout, get_layout, layout_names

IN_SPACE = [get_layout(name) for name in layout_names() if get_layout(name).dimensions == 3]

ACTIONS = ("wave", "throw")

OTHER_NAMES = {
    "pelvis": "spine_base", "mid_hip": "spine_base", "body": "spine_base", "waist": "spine_base",
    "spine_navel": "spine_mid", "spine_1": "spine_mid", "spine_2": "spine_mid",
    "torso": "spine_mid", "spine_chest": "spine_shoulder", "spine_3": "spine_shoulder",
    "clavicle": "spine_shoulder", "nose": "head", "eye": "head", "eye_inner": "head",
    "eye_outer": "head", "ear": "head", "mouth": "head", "hand_index": "hand",
    "hand_pinky": "hand", "hand_middle": "hand_tip", "hand_thumb": "thumb", "big_toe": "foot",
    "small_toe": "foot", "heel": "ankle",
}  # fmt: skip
"""Where NTU-25 has the joints that it calls otherwise; sides are left out."""

LOWER = (
    "hip_", "knee_", "ankle_", "foot_", "big_toe_", "small_toe_", "heel_", "pelvis", "mid_hip",
    "spine_base", "body", "waist", "hip_center",
)  # fmt: skip


def place(joint: str, poses: NDArray[np.float32], layout: Layout) -> NDArray[np.float32]:
    """(frames, 3): where a joint of a layout is, from poses (frames, 25, 3) in NTU-25."""

    def at(name: str) -> NDArray[np.float32]:
        return poses[:, NTU_25.index(name)]

    trunk = at("spine_shoulder") - at("spine_base")
    if joint == "hip_center":
        return at("spine_base") + np.float32(0.19) * trunk
    if joint == "shoulder_center":
        return at("spine_base") + np.float32(1.1 if "msr" in layout.name else 1.27) * trunk
    if joint == "spine":
        return at("spine_base") + np.float32(0.57 if "msr" in layout.name else 0.35) * trunk
    if joint == "neck" and not {"clavicle_left", "spine_shoulder"} & {*layout.joint_names}:
        return np.float32(0.5) * (at("shoulder_left") + at("shoulder_right"))
    if joint in NTU_25.joint_names:
        return at(joint)
    name, _, side = joint.rpartition("_")
    if side not in ("left", "right"):
        return at(OTHER_NAMES[joint])
    other = OTHER_NAMES[name]
    return at(other if other in NTU_25.joint_names else f"{other}_{side}")


@cache
def scene() -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Stamps and poses, (frames, 25, 3), of a person who does the actions one after the other."""
    script: list[Act | Idle] = [Idle(1.0)]
    for action in ACTIONS:
        script += [Act(action), Idle(1.5)]
    frames = play([("Ada", script)], np.random.default_rng(3), 10**9).frames
    stamps = np.array([frame.stamp_ns for frame in frames])
    return stamps, np.concatenate([frame.positions for frame in frames])


def seen_by(layout: Layout, hidden: Callable[[str], bool]) -> Iterator[SkeletonFrame]:
    """The frames of the scene in a layout, without the hidden joints."""
    stamps, poses = scene()
    positions = np.stack([place(joint, poses, layout) for joint in layout.joint_names], axis=1)
    positions[:, [hidden(joint) for joint in layout.joint_names]] = np.nan
    for stamp_ns, pose in zip(stamps, positions, strict=True):
        yield SkeletonFrame(stamp_ns, ["Ada"], pose[None], layout)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recognizer]:
    """A recogniser that was taught the actions by people who were seen whole."""
    store = tmp_path_factory.mktemp("store") / "references.db"
    with Recognizer.open(store, engine="torch", device="cpu") as recognizer:
        for shown in demonstrate(ACTIONS, np.random.default_rng(1)):
            recognizer.enroll(shown.recording, shown.label)
        yield recognizer


@pytest.mark.parametrize(
    "hidden",
    [lambda joint: joint.startswith(LOWER), lambda joint: joint == "hip_right"],
    ids=["behind a table", "right hip unseen"],
)
@pytest.mark.parametrize("layout", IN_SPACE, ids=lambda layout: layout.name)
def test_a_person_whose_hips_are_not_seen_is_recognised(
    taught: Recognizer, layout: Layout, hidden: Callable[[str], bool]
) -> None:
    recognitions = list(taught.recognize(seen_by(layout, hidden)))
    assert [one.verdict for one in recognitions] == [Verdict.KNOWN] * len(ACTIONS)
    assert [one.label for one in recognitions] == list(ACTIONS)


@pytest.fixture(scope="module")
def untaught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recognizer]:
    """A recogniser without references that reports every unknown action it sees well."""
    settings = RecognitionSettings(unknowns=Unknowns(interval=0, same_distance=0))
    store = tmp_path_factory.mktemp("store") / "references.db"
    with Recognizer.open(store, engine="torch", device="cpu", settings=settings) as recognizer:
        yield recognizer


@pytest.mark.parametrize("layout", IN_SPACE, ids=lambda layout: layout.name)
def test_a_person_behind_a_table_is_asked_about(untaught: Recognizer, layout: Layout) -> None:
    behind = seen_by(layout, lambda joint: joint.startswith(LOWER))
    assert [one.report for one in untaught.recognize(behind)] == [True] * len(ACTIONS)


def test_a_person_whose_joints_come_and_go_is_not_asked_about(untaught: Recognizer) -> None:
    rng = np.random.default_rng(0)

    def flickering() -> Iterator[SkeletonFrame]:
        for frame in seen_by(NTU_25, lambda joint: False):
            hidden = rng.random(frame.positions.shape[:2]) < 0.4
            positions = np.where(hidden[..., None], np.float32(np.nan), frame.positions)
            yield SkeletonFrame(frame.stamp_ns, frame.person_ids, positions, NTU_25)

    recognitions = list(untaught.recognize(flickering()))
    assert recognitions
    assert not any(one.report for one in recognitions)


def test_a_person_seen_from_one_side_gives_clips_that_can_be_taught(tmp_path: Path) -> None:
    layout = get_layout("coco_17")

    def hidden(joint: str) -> bool:
        return joint.endswith("_left") or joint == "nose"

    with Recognizer.open(tmp_path / "references.db", engine="torch", device="cpu") as recognizer:
        first = list(recognizer.recognize(seen_by(layout, hidden)))
        assert [one.verdict for one in first] == [Verdict.NO_REFERENCES] * len(ACTIONS)
        for one, action in zip(first, ACTIONS, strict=True):
            recognizer.enroll_clip(one.clip_id, action)
        again = recognizer.recognize(seen_by(layout, hidden))
        assert [one.label for one in again] == list(ACTIONS)
