# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node gives the same recognitions as the recogniser alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from robot import Robot, require_built_package, skeleton_array
from shown_actions import SECOND
from waiting import wait_until

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.datasets.streams import stream_of_archive
from skeleton_dml_ros.evaluation.demonstration import ENROLLED_FIRST, demonstrate, first_scene
from skeleton_dml_ros.messages.make import header
from skeleton_dml_ros.messages.skeleton_array import skeleton_array_message
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.recognition.event import Recognition
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.ros.messages import interface_class, make
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame

TURNING = 1.0
"""Angular speed of the base in radians per second."""

PITCH = np.radians(25)
"""Tilt of the camera."""


@pytest.fixture(autouse=True)
def built() -> None:
    require_built_package()


def directly(store: Path, frames: list[SkeletonFrame]) -> list[Recognition]:
    """The recogniser's recognitions of these frames."""
    with Recognizer.open(store, engine="torch") as recognizer:
        return list(recognizer.recognize(frames))


def teach(store: Path, sequences: list[tuple[str, object]]) -> None:
    """Add references before the node opens the store."""
    with Recognizer.open(store, engine="torch") as recognizer:
        for label, sequence in sequences:
            recognizer.enroll(sequence, label)  # type: ignore[arg-type]


def check(said: list[object], expected: list[Recognition], tolerance: float) -> None:
    """Compare both lists of recognitions."""
    got = {one.clip_id: one for one in said}  # type: ignore[attr-defined]
    assert sorted(got) == sorted(one.clip_id for one in expected)
    for one in expected:
        assert got[one.clip_id].label == one.label  # type: ignore[attr-defined]
        assert abs(got[one.clip_id].score - one.score) < tolerance  # type: ignore[attr-defined]


def test_a_stream_gives_the_same_recognitions_with_and_without_the_node(
    shared_data: Path, tmp_path: Path
) -> None:
    archive = read_archive(shared_data / "utd_mhad.npz")
    store = tmp_path / "references.db"
    enrolled, acted = [0, 6, 9, 15, 18], [0, 3, 6, 9, 12, 15, 18, 21]

    def clips(subject: int, labels: list[int]) -> list[int]:
        of = np.flatnonzero((archive.subjects == subject) & np.isin(archive.labels, labels))
        return [int(of[archive.labels[of] == label][0]) for label in labels]

    teach(
        store,
        [(archive.class_names[archive.labels[i]], archive.clip(i)) for i in clips(1, enrolled)],
    )
    stream = stream_of_archive(archive.select(clips(4, acted)))
    frames = [
        SkeletonFrame(SECOND + one.stamp_ns, one.person_ids, one.positions, stream.layout)
        for one in stream
    ]
    expected = directly(store, frames)
    assert len(expected) >= len(acted)
    assert any(one.label for one in expected)
    with Robot(store, {"engine": "torch"}) as robot:
        robot.activate()
        # Played at double speed: only message time matters.
        robot.send(_without_pauses(frames), 60)
        said = robot.heard[interface.RECOGNITIONS]
        wait_until(lambda: len(said) >= len(expected))
        check(said, expected, 1e-4)


def _without_pauses(frames: list[SkeletonFrame]) -> Iterator[object]:
    """Messages at regular times; empty ones during pauses."""
    step = SECOND // 30
    before = frames[0].stamp_ns
    for frame in frames:
        while frame.stamp_ns - before > 2 * step:
            before += step
            yield make(
                "skeleton_dml_ros/msg/SkeletonArray",
                header=header(make, before, "camera_optical_frame"),
                layout=frame.layout.name,
            )
        before = frame.stamp_ns
        yield skeleton_array(frame)


def test_a_turning_base_and_a_tilted_camera_do_not_change_recognitions(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    store = tmp_path / "references.db"
    teach(
        store, [(shown.label, shown.recording) for shown in demonstrate(ENROLLED_FIRST, generator)]
    )
    scene = first_scene(generator, 1000 * SECOND)
    frames = [frame for frame in scene.frames if frame.stamp_ns < 1020 * SECOND]
    expected = [one for one in directly(store, frames) if one.decided_ns < frames[-1].stamp_ns]
    assert sum(bool(one.label) for one in expected) >= 3
    settings = {"engine": "torch", "fixed_frame": "odom", "transform_wait": 2.0}
    with Robot(store, settings) as robot:
        transforms = robot.client.create_publisher(
            interface_class("tf2_msgs/msg/TFMessage"), "/tf", 100
        )
        robot.activate()
        wait_until(lambda: transforms.get_subscription_count() > 0)
        stop = threading.Event()
        turning = threading.Thread(
            target=_turn, args=(transforms, frames[0].stamp_ns, stop), daemon=True
        )
        turning.start()
        robot.send((_seen_turning(frame, frames[0].stamp_ns) for frame in frames), 30)
        said = robot.heard[interface.RECOGNITIONS]
        wait_until(lambda: len(said) >= len(expected))
        stop.set()
        turning.join()
        ids = {one.clip_id for one in expected}
        check([one for one in said if one.clip_id in ids], expected, 1e-4)
        assert all(one.header.frame_id == "odom" for one in said)


def _camera(stamp_ns: int, begin_ns: int) -> tuple[np.ndarray, np.ndarray]:
    """Rotation of the camera's optical axes in odom, as (3, 3) matrix and (4,) quaternion."""
    yaw = TURNING * (stamp_ns - begin_ns) / SECOND
    turn = _product(
        np.array([0, 0, np.sin(yaw / 2), np.cos(yaw / 2)]),
        np.array([0, np.sin(PITCH / 2), 0, np.cos(PITCH / 2)]),
    )
    quaternion = _product(turn, np.array([-0.5, 0.5, -0.5, 0.5]))
    x, y, z, w = quaternion
    matrix = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return matrix, quaternion


def _product(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Product of two quaternions x, y, z, w."""
    vector = first[3] * second[:3] + second[3] * first[:3] + np.cross(first[:3], second[:3])
    return np.append(vector, first[3] * second[3] - first[:3] @ second[:3])


def _seen_turning(frame: SkeletonFrame, begin_ns: int) -> object:
    """Stationary people in the frame of the turning camera."""
    in_odom = from_kinect_axes(frame.positions, Axes.ROS_BODY)
    matrix, _ = _camera(frame.stamp_ns, begin_ns)
    positions = (in_odom @ matrix).astype(np.float32)
    return skeleton_array_message(
        SkeletonFrame(frame.stamp_ns, frame.person_ids, positions, frame.layout, frame_id="camera"),
        make,
    )


def _turn(publisher: object, begin_ns: int, stop: threading.Event) -> None:
    """Publish the camera's transform at 50 Hz with a short delay."""
    started = time.monotonic()
    step = 0
    while not stop.is_set():
        time.sleep(max(0.0, started + step / 50 + 0.03 - time.monotonic()))
        stamp_ns = begin_ns + step * SECOND // 50
        x, y, z, w = _camera(stamp_ns, begin_ns)[1].tolist()
        transform = make(
            "geometry_msgs/msg/TransformStamped",
            header=header(make, stamp_ns, "odom"),
            child_frame_id="camera",
            transform=make(
                "geometry_msgs/msg/Transform",
                rotation=make("geometry_msgs/msg/Quaternion", x=x, y=y, z=z, w=w),
            ),
        )
        message = make("tf2_msgs/msg/TFMessage", transforms=[transform])
        publisher.publish(message)  # type: ignore[attr-defined]
        step += 1
