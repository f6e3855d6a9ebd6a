# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pytest
from plain import (
    FRAME,
    HEIGHT,
    SECOND,
    START,
    WIDTH,
    camera_info,
    depth_image,
    header,
    ids,
    pixel_of,
)

from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.hri_2d import Hri2dInput
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.skeleton.axes import to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import HRI_18, HRI_18_3D
from skeleton_dml_ros.skeleton.mapping import map_positions

JOINTS = np.array([[-0.5 + 0.06 * k, 0.05 * k - 0.4, 2.0] for k in range(18)], dtype=np.float32)


def skeleton_2d(stamp_ns: int = START, confidence: float = 0.9) -> Any:
    points = []
    for joint in JOINTS:
        column, row = pixel_of(joint)
        points.append(Plain(x=column / WIDTH, y=row / HEIGHT, c=confidence))
    return Plain(header=header(stamp_ns), skeleton=points)


def depth(stamp_ns: int = START, scale: int = 1) -> Any:
    image = np.full((HEIGHT * scale, WIDTH * scale), 2.0, dtype=np.float32)
    return depth_image(image, stamp_ns=stamp_ns)


class Tracker:
    """Feeds an input like hri_body_detect, with one topic per body."""

    def __init__(self, *persons: str) -> None:
        self.reader = Hri2dInput(InputOptions())
        self.persons = persons
        self.reader.take("camera_info", camera_info())

    def ids(self, stamp_ns: int, *persons: str) -> list[SkeletonFrame]:
        return self.reader.take("ids", ids(*persons, stamp_ns=stamp_ns))

    def body(self, person: str, stamp_ns: int) -> list[SkeletonFrame]:
        return self.reader.take(f"body/{person}", skeleton_2d(stamp_ns))

    def frame(self, stamp_ns: int) -> list[SkeletonFrame]:
        out = self.reader.take("depth", depth(stamp_ns))
        out += self.ids(stamp_ns, *self.persons)
        for person in self.persons:
            out += self.body(person, stamp_ns)
        return out

    def warm_up(self) -> int:
        for number in range(5):
            self.frame(START + number * FRAME)
        return START + 5 * FRAME


def test_points_are_lifted_to_the_camera_frame_in_a_3d_layout() -> None:
    (skeletons,) = Tracker("abcde").frame(START)
    assert skeletons.stamp_ns == START
    assert skeletons.frame_id == "camera_optical_frame"
    assert skeletons.layout is HRI_18_3D
    assert skeletons.person_ids == ("abcde",)
    np.testing.assert_allclose(skeletons.positions[0], JOINTS, atol=1e-4)
    assert skeletons.confidences is not None
    np.testing.assert_allclose(skeletons.confidences, 0.9)


def test_the_layout_has_the_messages_order_and_maps_to_ntu_25() -> None:
    assert HRI_18_3D.joint_names == HRI_18.joint_names
    assert HRI_18_3D.dimensions == 3
    (skeletons,) = Tracker("abcde").frame(START)
    kinect = to_kinect_axes(skeletons.positions, Hri2dInput.axes)
    np.testing.assert_allclose(kinect[0, 0], [0.5, 0.4, 2.0], atol=1e-4)
    mapped = map_positions(kinect, HRI_18_3D)
    np.testing.assert_allclose(mapped[0, 4], kinect[0, 5], atol=1e-6)  # the left shoulder


def test_the_topics_follow_the_list_of_bodies() -> None:
    reader = Hri2dInput(InputOptions(topics={"topic": "/robot/humans/bodies/tracked"}))
    assert [source.role for source in reader.sources()] == ["ids", "depth", "camera_info"]
    reader.take("ids", ids("abcde", "fghij"))
    bodies = reader.sources()[3:]
    assert [source.topic for source in bodies] == [
        "/robot/humans/bodies/abcde/skeleton2d",
        "/robot/humans/bodies/fghij/skeleton2d",
    ]
    assert {source.type for source in bodies} == {"hri_msgs/msg/Skeleton2D"}
    reader.take("ids", ids("fghij", stamp_ns=START + FRAME))
    assert [source.role for source in reader.sources()[3:]] == ["body/fghij"]


def test_bodies_of_one_stamp_are_one_frame() -> None:
    tracker = Tracker("abcde", "fghij")
    stamp = tracker.warm_up()
    tracker.reader.take("depth", depth(stamp))
    assert tracker.ids(stamp, "abcde", "fghij") == []
    assert tracker.body("fghij", stamp) == []
    (skeletons,) = tracker.body("abcde", stamp)
    assert skeletons.person_ids == ("fghij", "abcde")


def test_a_missing_body_delays_others_until_the_timeout() -> None:
    tracker = Tracker("abcde", "fghij")
    stamp = tracker.warm_up()
    out: list[SkeletonFrame] = []
    for number in range(5):
        tracker.reader.take("depth", depth(stamp + number * FRAME))
        out += tracker.ids(stamp + number * FRAME, "abcde", "fghij")
        out += tracker.body("abcde", stamp + number * FRAME)
    assert [skeletons.stamp_ns for skeletons in out] == [stamp]
    assert out[0].person_ids == ("abcde",)


def test_an_empty_list_gives_a_frame_without_people() -> None:
    tracker = Tracker("abcde")
    stamp = tracker.warm_up()
    (empty,) = tracker.ids(stamp)
    assert (empty.stamp_ns, empty.person_ids) == (stamp, ())
    assert empty.layout is HRI_18_3D
    assert tracker.ids(stamp) == []


def test_a_frame_without_people_follows_those_that_wait_for_a_depth_image() -> None:
    tracker = Tracker("abcde")
    tracker.ids(START, "abcde")
    assert tracker.body("abcde", START) == []
    assert tracker.ids(START + FRAME) == []
    first, second = tracker.reader.take("depth", depth())
    assert (first.person_ids, second.person_ids) == (("abcde",), ())


def test_low_confidence_and_points_outside_the_image_are_not_seen() -> None:
    tracker = Tracker("abcde")
    tracker.reader.take("depth", depth())
    tracker.ids(START, "abcde")
    message = skeleton_2d()
    message.skeleton[3].c = 0.2
    message.skeleton[4].c = float("nan")
    message.skeleton[5].x = -0.01
    message.skeleton[6].y = 1.01
    (skeletons,) = tracker.reader.take("body/abcde", message)
    assert np.flatnonzero(np.isnan(skeletons.positions[0, :, 0])).tolist() == [3, 4, 5, 6]


def test_relative_points_fit_a_depth_image_of_any_resolution() -> None:
    tracker = Tracker("abcde")
    tracker.reader.take("camera_info", camera_info(2 * WIDTH, 2 * HEIGHT, 200.0))
    tracker.reader.take("depth", depth(scale=2))
    tracker.ids(START, "abcde")
    (skeletons,) = tracker.body("abcde", START)
    np.testing.assert_allclose(skeletons.positions[0], JOINTS, atol=1e-4)


def test_a_bag_that_restarts_is_read_again() -> None:
    tracker = Tracker("abcde")
    tracker.warm_up()
    (skeletons,) = tracker.frame(START - 60 * SECOND)
    assert skeletons.stamp_ns == START - 60 * SECOND


@pytest.mark.parametrize("person", ["a/b", "7a", "a b", "#"])
def test_an_id_that_cannot_be_part_of_a_topic_is_refused(person: str) -> None:
    with pytest.raises(MessageError, match=f"body id '{person}' cannot be part of a topic"):
        Tracker().ids(START, person)


def test_a_skeleton_of_another_number_of_points_is_refused() -> None:
    message = skeleton_2d()
    del message.skeleton[0]
    with pytest.raises(MessageError, match=r"body 'abcde' has 17 points; .* has 18"):
        Tracker("abcde").reader.take("body/abcde", message)
