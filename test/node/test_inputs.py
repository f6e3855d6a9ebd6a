# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from acting import FRAME, SECOND, WAVE, frames, motion, standing
from fakes import OPTICAL, FakeTransforms, message_of, nobody
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages import make_input
from skeleton_dml_ros.messages.fields import LeftOut
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.node.inputs import MAX_WAITING, RATE_WINDOW, LiveInput
from skeleton_dml_ros.node.transforms import Transform
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25

START = 1000 * SECOND
OPTICAL_TO_BODY = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], dtype=np.float64)
"""Rotation of an optical frame in a body frame with the same viewing direction."""
MOUNT = Transform(OPTICAL_TO_BODY, np.array([0.0, 0.0, 1.0]))


def camera(axes: Axes = Axes.CAMERA_OPTICAL) -> LiveInput:
    """An input without a fixed frame."""
    return LiveInput("camera", make_input("skeleton_array", InputOptions()), axes)


class Robot:
    """An input with a fixed frame."""

    def __init__(self, wait: float = 0.2) -> None:
        self.tf = FakeTransforms()
        self.tf.known["odom", OPTICAL] = lambda stamp_ns: MOUNT
        self.input = LiveInput(
            "camera",
            make_input("skeleton_array", InputOptions()),
            Axes.CAMERA_OPTICAL,
            "odom",
            self.tf,
            wait,
        )

    def see(self, frame: SkeletonFrame, now: float = 0.0, frame_id: str = OPTICAL) -> list[int]:
        """The stamps of the frames that are ready."""
        return stamps(self.input.take("skeletons", message_of(frame, frame_id), now))


def stamps(taken: list[SkeletonFrame]) -> list[int]:
    return [frame.stamp_ns for frame in taken]


def seen_at(*stamps_ns: int) -> list[SkeletonFrame]:
    """A person at rest."""
    return [SkeletonFrame(stamp_ns, ["7"], standing()[None], NTU_25) for stamp_ns in stamps_ns]


# Where people are.


@pytest.mark.parametrize("axes", Axes)
def test_the_recognisers_positions_do_not_depend_on_the_inputs_axes(axes: Axes) -> None:
    (frame,) = seen_at(START)
    (taken,) = camera(axes).take("skeletons", message_of(frame, "cam", axes), 0.0)
    np.testing.assert_allclose(taken.positions, frame.positions, atol=1e-6)
    assert taken.frame_id == "cam"
    assert (taken.input_name, taken.person_ids) == ("camera", ("7",))


def test_with_a_fixed_frame_z_is_up() -> None:
    robot = Robot()
    (frame,) = seen_at(START)
    (taken,) = robot.input.take("skeletons", message_of(frame), 0.0)
    assert (taken.frame_id, robot.input.frame_id) == ("odom", "odom")
    assert robot.input.axes is Axes.ROS_BODY
    # One metre higher than in the camera's frame.
    raised = frame.positions + np.array([0, 1, 0], dtype=np.float32)
    np.testing.assert_allclose(taken.positions, raised, atol=1e-6)


def test_the_transform_is_taken_at_the_frames_stamp() -> None:
    robot = Robot()
    for frame in seen_at(START, START + 7):
        robot.see(frame)
    assert robot.tf.asked == [("odom", OPTICAL, START), ("odom", OPTICAL, START + 7)]


def turned(pitch: float, yaw: float) -> NDArray[np.float64]:
    """(3, 3) rotation of a camera that is turned to the left and tilted down."""
    cosine, sine = np.cos(pitch), np.sin(pitch)
    down = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    cosine, sine = np.cos(yaw), np.sin(yaw)
    left = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    return np.asarray(left @ down @ OPTICAL_TO_BODY)


def test_positions_are_correct_with_a_turning_tilted_camera() -> None:
    robot = Robot()

    def pose(stamp_ns: int) -> Transform:
        seconds = (stamp_ns - START) / SECOND
        return Transform(turned(0.4, 0.8 * seconds), np.array([0.3 * seconds, 0.1, 1.2]))

    robot.tf.known["odom", OPTICAL] = pose
    for frame in frames({"7": motion(WAVE, 2)}, START):
        there = from_kinect_axes(frame.positions, Axes.ROS_BODY)
        stands = pose(frame.stamp_ns)
        moving = SkeletonFrame(
            frame.stamp_ns,
            ("7",),
            ((there - stands.translation) @ stands.rotation).astype(np.float32),
            NTU_25,
        )
        (taken,) = robot.input.take("skeletons", message_of(moving, axes=Axes.KINECT), 0.0)
        np.testing.assert_allclose(taken.positions, frame.positions, atol=1e-5)


def test_a_map_that_begins_far_away_costs_no_precision() -> None:
    near, far = Robot(), Robot()
    there = np.array([448_251.3, 5_411_932.7, 250.0])
    far.tf.known["odom", OPTICAL] = lambda stamp_ns: Transform(
        OPTICAL_TO_BODY, there + np.array([0.0, 0.0, (stamp_ns - START) / SECOND])
    )
    near.tf.known["odom", OPTICAL] = lambda stamp_ns: Transform(
        OPTICAL_TO_BODY, np.array([0.0, 0.0, (stamp_ns - START) / SECOND])
    )
    for frame in frames({"7": motion(WAVE, 1)}, START):
        (one,) = near.input.take("skeletons", message_of(frame), 0.0)
        (other,) = far.input.take("skeletons", message_of(frame), 0.0)
        apart = from_kinect_axes(other.positions - one.positions, Axes.ROS_BODY)
        expected = np.broadcast_to(there, apart.shape)
        np.testing.assert_allclose(far.input.origin + apart, expected, rtol=0, atol=1e-5)
    assert not near.input.origin.any()


def test_skeletons_in_the_fixed_frame_need_no_transform() -> None:
    robot = Robot()
    (frame,) = seen_at(START)
    message = message_of(frame, "/odom", Axes.ROS_BODY)
    (taken,) = robot.input.take("skeletons", message, 0.0)
    assert robot.tf.asked == []
    np.testing.assert_allclose(taken.positions, frame.positions, atol=1e-6)


def test_a_frame_without_people_needs_no_transform() -> None:
    robot = Robot()
    robot.tf.known.clear()
    for frame_id in ("elsewhere", ""):
        (taken,) = robot.input.take(
            "skeletons", message_of(next(nobody(START, 0.1)), frame_id), 0.0
        )
        assert (taken.frame_id, taken.person_ids) == ("odom", ())
        assert taken.positions.shape == (0, 25, 3)


def test_a_message_without_a_frame_id_is_refused_if_there_is_a_fixed_frame() -> None:
    robot = Robot()
    (frame,) = seen_at(START)
    assert robot.see(frame, frame_id="") == []
    assert robot.input.counts.refused == 1
    assert "has no frame_id; set header.frame_id" in robot.input.counts.last_refusal
    (taken,) = camera().take("skeletons", message_of(frame, ""), 0.0)
    assert taken.frame_id == ""


# Transforms that come late.


def test_frames_wait_for_their_transforms_in_order() -> None:
    robot = Robot(wait=0.2)
    robot.tf.latest_ns = START
    first, second, third = seen_at(START, START + FRAME, START + 2 * FRAME)
    assert robot.see(first, 0.0) == [START]
    assert robot.see(second, 0.03) == []
    assert robot.see(third, 0.06) == []
    assert robot.input.ready(0.07) == []
    robot.tf.latest_ns = START + FRAME
    assert stamps(robot.input.ready(0.08)) == [START + FRAME]
    robot.tf.latest_ns = START + 9 * FRAME
    (fourth,) = seen_at(START + 3 * FRAME)
    assert robot.see(fourth, 0.1) == [START + 2 * FRAME, START + 3 * FRAME]
    assert robot.input.counts.without_transform == 0
    assert robot.input.counts.frames == 4


def test_a_frame_that_waits_too_long_is_dropped_and_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    robot = Robot(wait=0.2)
    robot.tf.latest_ns = START
    for index, frame in enumerate(seen_at(START + FRAME, START + 2 * FRAME)):
        assert robot.see(frame, 0.1 * index) == []
    assert robot.input.ready(0.19) == []
    assert robot.input.counts.without_transform == 0
    assert robot.input.ready(0.2) == []
    assert robot.input.counts.without_transform == 1
    assert robot.input.counts.last_transform_error == "extrapolation into the future"
    # The other frame keeps waiting for its transform.
    robot.tf.latest_ns = START + 2 * FRAME
    assert stamps(robot.input.ready(0.25)) == [START + 2 * FRAME]
    (record,) = caplog.records
    assert record.getMessage() == (
        "input camera: no transform from camera_optical_frame to odom within 0.2 s (extrapolation "
        "into the future); publish it, or set fixed_frame to '' for a stationary, level camera"
    )


def test_without_waiting_a_late_transform_drops_the_frame() -> None:
    robot = Robot(wait=0.0)
    robot.tf.latest_ns = START
    first, second = seen_at(START, START + FRAME)
    assert robot.see(first) == [START]
    assert robot.see(second) == []
    assert robot.input.counts.without_transform == 1


def test_the_number_of_waiting_frames_is_limited() -> None:
    robot = Robot(wait=1000.0)
    robot.tf.latest_ns = START
    late = [START + index * FRAME for index in range(1, MAX_WAITING + 11)]
    for frame in seen_at(*late):
        robot.see(frame)
    assert robot.input.counts.without_transform == 10
    robot.tf.latest_ns = 2**63
    assert stamps(robot.input.ready(1.0)) == late[10:]


def test_a_failing_transform_drops_only_its_own_frame() -> None:
    robot = Robot()

    def fails_once(stamp_ns: int) -> Transform:
        if stamp_ns == START + FRAME:
            raise RuntimeError("odd")
        return MOUNT

    robot.tf.known["odom", OPTICAL] = fails_once
    assert [robot.see(one) for one in seen_at(START, START + FRAME, START + 2 * FRAME)] == [
        [START],
        [],
        [START + 2 * FRAME],
    ]
    assert robot.input.counts.refused == 1
    assert robot.input.counts.last_refusal.startswith("internal error")


def test_time_running_backwards_drops_waiting_frames_and_clears_tf() -> None:
    robot = Robot(wait=100.0)
    robot.tf.latest_ns = START
    for frame in seen_at(START + FRAME, START + 2 * FRAME):
        robot.see(frame)
    robot.tf.latest_ns = 2**63
    (again,) = seen_at(START - 60 * SECOND)
    assert robot.see(again) == [START - 60 * SECOND]
    assert robot.tf.cleared == 1
    assert robot.input.counts.without_transform == 0


def test_a_late_message_does_not_clear_transforms() -> None:
    robot = Robot()
    for frame in seen_at(START, START - SECOND // 2, START + FRAME):
        assert robot.see(frame) == [frame.stamp_ns]
    assert robot.tf.cleared == 0


# Messages that cannot be used.


class OddFormat:
    """A format that fails."""

    axes: ClassVar[Axes] = Axes.CAMERA_OPTICAL
    person_type: ClassVar[str] = ""

    def __init__(self, options: InputOptions) -> None:
        self.error = ZeroDivisionError("by zero")
        self.left_out = LeftOut()

    def sources(self) -> Any:
        return make_input("skeleton_array", InputOptions()).sources()

    def take(self, role: str, message: object) -> Any:
        raise self.error


def test_an_unusable_message_is_counted_with_the_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = camera()
    (frame,) = seen_at(START)
    odd = message_of(frame)
    odd.layout = "nobodys"
    for now in (0.0, 1.0, 9.0):
        assert source.take("skeletons", odd, now) == []
    assert len(source.take("skeletons", message_of(frame), 9.5)) == 1
    assert (source.counts.received, source.counts.refused, source.counts.frames) == (4, 3, 1)
    assert source.counts.last_refusal.startswith("there is no layout 'nobodys'")
    assert len(caplog.records) == 1
    source.take("skeletons", odd, 10.5)
    assert len(caplog.records) == 2
    assert caplog.records[0].exc_info is None


def test_an_internal_error_in_a_format_is_counted_and_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = LiveInput("camera", OddFormat(InputOptions()), Axes.CAMERA_OPTICAL)
    with caplog.at_level(logging.WARNING):
        assert source.take("skeletons", SimpleNamespace(), 0.0) == []
        assert source.take("skeletons", SimpleNamespace(), 0.1) == []
    assert source.counts.refused == 2
    assert source.counts.last_refusal == (
        "internal error, see the log: ZeroDivisionError('by zero')"
    )
    (record,) = caplog.records
    assert record.exc_info


# Rate and age.


def test_rate_and_age_are_those_of_the_main_topic() -> None:
    source = LiveInput("camera", make_input("yolo_2d", InputOptions()), Axes.CAMERA_OPTICAL)
    main, *beside = (one.role for one in source.format.sources())
    assert (source.rate(0.0), source.age(0.0)) == (0.0, None)
    for index in range(40):
        # Unreadable messages count as received too.
        source.take(main, None, index * 0.1)
        for role in beside:
            source.take(role, None, index * 0.1 + 0.05)
    assert source.counts.received == 120
    assert source.rate(4.0) == pytest.approx(10, abs=0.5)
    assert source.age(4.0) == pytest.approx(0.1)
    assert source.rate(3.9 + RATE_WINDOW) == 0.0
    assert source.age(3.9 + RATE_WINDOW) == pytest.approx(RATE_WINDOW)


def test_the_rate_follows_changes_and_starts_smoothly() -> None:
    source = camera()
    source.take("skeletons", None, 100.0)
    assert source.rate(100.0) == 1.0
    for index in range(1, 301):
        source.take("skeletons", None, 100.0 + index / 30)
    assert source.rate(110.0) == pytest.approx(30, abs=0.5)
    for index in range(50):
        source.take("skeletons", None, 110.0 + index / 5)
    assert source.rate(120.0) == pytest.approx(5, abs=0.5)


def test_an_unreadable_message_counts_as_refused_and_received() -> None:
    source = camera()
    source.take_unreadable("skeletons", SkeletonDmlError("3 bytes are no SkeletonArray"), 5.0)
    assert (source.counts.received, source.counts.refused) == (1, 1)
    assert source.counts.last_refusal == "3 bytes are no SkeletonArray"
    assert source.age(6.0) == 1.0
