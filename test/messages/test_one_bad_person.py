# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A person who cannot be read is left out and counted; the others of the message are kept."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pytest
import test_azure_kinect as azure
import test_hri_tf as hri_tf
import test_openni_tf as openni
import test_yolo_2d as yolo_2d
import test_yolo_3d as yolo_3d
import test_zed as zed
from plain import (
    FRAME,
    START,
    camera_info,
    detection,
    detections,
    ids,
    keypoints_2d,
    skeleton,
    skeleton_array,
    transforms,
)

from skeleton_dml_ros.messages.azure_kinect import AzureKinectInput
from skeleton_dml_ros.messages.hri_2d import Hri2dInput
from skeleton_dml_ros.messages.input_format import InputFormat, InputOptions
from skeleton_dml_ros.messages.mediapipe_pose import read_landmarks
from skeleton_dml_ros.messages.skeleton_array import SkeletonArrayInput
from skeleton_dml_ros.messages.yolo_2d import Yolo2dInput
from skeleton_dml_ros.messages.yolo_3d import Yolo3dInput
from skeleton_dml_ros.messages.zed import ZedInput

POSITIONS = np.ones((25, 3))


def read_array(reader: InputFormat, *people: Any) -> Any:
    return reader.take("skeletons", skeleton_array(*people))


def read_zed(reader: InputFormat, *people: Any) -> Any:
    return reader.take("objects", zed.objects(*people))


def read_markers(reader: InputFormat, *bodies: list[Any]) -> Any:
    return reader.take("markers", Plain(markers=[marker for body in bodies for marker in body]))


def read_detections(reader: InputFormat, *people: Any) -> Any:
    return reader.take("detections", detections(*people))


def read_2d(reader: InputFormat, *people: Any) -> Any:
    reader.take("camera_info", camera_info())
    reader.take("depth", yolo_2d.depth())
    return reader.take("detections", detections(*people))


ZED_GOOD = (zed.person(1), zed.person(3))
ARRAY_GOOD = (skeleton("1", POSITIONS), skeleton("3", POSITIONS))
YOLO_3D_GOOD = (yolo_3d.person("1", yolo_3d.BODY), yolo_3d.person("3", yolo_3d.BODY))
YOLO_2D_GOOD = (yolo_2d.person("1"), yolo_2d.person("3"))
AZURE_GOOD = (azure.body(1), azure.body(3))

CASES: list[tuple[type[InputFormat], Callable[..., Any], tuple[Any, ...], Any, str]] = [
    (SkeletonArrayInput, read_array, ARRAY_GOOD, skeleton("", POSITIONS), "'' is not a name"),
    (SkeletonArrayInput, read_array, ARRAY_GOOD, skeleton("a\n", POSITIONS), "not printable"),
    (SkeletonArrayInput, read_array, ARRAY_GOOD, skeleton("2", POSITIONS[:20]), "has 20 joints"),
    (SkeletonArrayInput, read_array, ARRAY_GOOD, skeleton("2", POSITIONS, [1, 1]), "2 confidences"),
    (ZedInput, read_zed, ZED_GOOD, zed.person(-1), "is not tracked"),
    (ZedInput, read_zed, ZED_GOOD, zed.person(2, tracking_available=False), "is not tracked"),
    (ZedInput, read_zed, ZED_GOOD, zed.person(2, 1), "has body format 1, unlike the others"),
    (
        ZedInput,
        read_zed,
        ZED_GOOD,
        zed.person(2, skeleton_3d=Plain(keypoints=[])),
        "person 2 has 0 keypoints",
    ),
    (AzureKinectInput, read_markers, AZURE_GOOD, [azure.marker(232)], "marker 232 is not a joint"),
    (AzureKinectInput, read_markers, AZURE_GOOD, [*azure.body(2), azure.marker(205)], "205 occurs"),
    (
        AzureKinectInput,
        read_markers,
        AZURE_GOOD,
        [azure.marker(200, stamp_ns=START + 1)],
        "differ in stamp",
    ),
    (Yolo3dInput, read_detections, YOLO_3D_GOOD, yolo_3d.person("", yolo_3d.BODY), "has no id"),
    (
        Yolo3dInput,
        read_detections,
        YOLO_3D_GOOD,
        yolo_3d.person("2", yolo_3d.BODY, frame_id="map"),
        "in several frames",
    ),
    (Yolo2dInput, read_2d, YOLO_2D_GOOD, yolo_2d.person(""), "has no id"),
    (
        Yolo2dInput,
        read_2d,
        YOLO_2D_GOOD,
        detection("2", keypoints_2d({18: (1, 1)})),
        "has a keypoint 18",
    ),
    (
        Yolo2dInput,
        read_2d,
        YOLO_2D_GOOD,
        detection("2", keypoints_2d({1: (5000, 1)})),
        "outside the depth image",
    ),
]


@pytest.mark.parametrize(
    ("kind", "read", "good", "bad", "reason"),
    CASES,
    ids=[f"{case[0].__name__} {case[4]}" for case in CASES],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_person_is_left_out_and_the_others_are_kept(
    kind: type[InputFormat],
    read: Callable[..., Any],
    good: tuple[Any, ...],
    bad: Any,
    reason: str,
    place: int,
) -> None:
    if "stamp" in reason:
        # The first marker's stamp is that of the frame.
        place = max(place, 1)
    reader = kind(InputOptions())
    people = [*good]
    people.insert(place, bad)
    (frame,) = read(reader, *people)
    assert frame.person_ids == ("1", "3")
    assert np.isfinite(frame.positions).all(axis=-1).any(axis=-1).all()
    assert reader.left_out.people == 1
    assert reason in reader.left_out.reason


def test_two_people_with_one_id_are_left_out_and_the_third_is_kept() -> None:
    reader = SkeletonArrayInput(InputOptions())
    (frame,) = read_array(reader, *(skeleton(name, POSITIONS) for name in "aba"))
    assert frame.person_ids == ("b",)
    assert reader.left_out.people == 2
    assert "'a' occurs twice" in reader.left_out.reason


def test_a_landmark_list_of_another_length_is_left_out() -> None:
    landmarks = [Plain(x=0.1, y=0.1, z=0.1, visibility=1.0)] * 33
    frame = read_landmarks([landmarks[:5], landmarks], START, "camera")
    assert frame.person_ids == ("1",)


def test_a_body_whose_id_is_no_topic_name_leaves_the_others() -> None:
    reader = Hri2dInput(InputOptions())
    reader.take("ids", ids("good", "not-good"))
    topics = [source.topic for source in reader.sources()]
    assert "/humans/bodies/good/skeleton2d" in topics
    assert reader.left_out.people == 1
    assert "'not-good' cannot be part of a topic name" in reader.left_out.reason


@pytest.mark.parametrize("spoiled", ["stamp", "rotation"])
def test_a_bad_transform_costs_only_its_own_joint(spoiled: str) -> None:
    reader = openni.openni()
    for number in range(2):
        links = [
            link
            for message in openni.cycle(START + number * FRAME, 1, 2)
            for link in message.transforms
        ]
        if spoiled == "stamp":
            links[0].header.stamp.sec = -1
        else:
            links[0].transform.rotation.w = float("nan")
        frames = reader.take("tf", transforms(*links))
    assert frames[-1].person_ids == ("1", "2")
    if spoiled == "stamp":
        assert reader.left_out.people == 2


def test_a_body_in_another_cameras_frame_leaves_the_majority() -> None:
    tracker = hri_tf.Tracker("aaaaa", "bbbbb", "ccccc")
    stamp = tracker.warm_up()
    out = tracker.ids(stamp, *tracker.persons)
    for number, person in enumerate(tracker.persons):
        link = hri_tf.root(person, float(number), stamp)
        if person == "bbbbb":
            link.header.frame_id = "other_camera"
        out += tracker.reader.take("tf", transforms(link))
    for person in tracker.persons:
        out += tracker.limbs(person, stamp)
    assert out[-1].person_ids == ("aaaaa", "ccccc")
    assert tracker.reader.left_out.people == 1
    assert "in several frames (camera_optical_frame, other_camera)" in (
        tracker.reader.left_out.reason
    )
