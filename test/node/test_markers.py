# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import yaml
from definitions import make
from numpy.typing import NDArray

from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.markers import (
    BACKGROUND,
    LINE_LIST,
    MAX_TEXT_LENGTH,
    SPHERE_LIST,
    TEXT_ABOVE,
    TEXT_VIEW_FACING,
    PersonState,
    PersonView,
    caption,
    marker_id,
    skeleton_markers,
)
from skeleton_dml_ros.recognition.settings import GAP
from skeleton_dml_ros.shared_files import shared_file
from skeleton_dml_ros.skeleton.axes import Axes, to_kinect_axes
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import (
    NTU_25,
    Layout,
    get_layout,
    layout_from_joint_names,
    layout_names,
)

ALL = [get_layout(name) for name in layout_names()]


def standing() -> NDArray[np.float32]:
    """(25, 3) in Kinect axes."""
    return np.asarray(0.5 * REST_POSE + [0, 0, 3], dtype=np.float32)


def view(
    state: PersonState = PersonState.IDLE,
    positions: NDArray[np.float32] | None = None,
    layout: Layout = NTU_25,
    person_id: str = "camera/7",
    **fields: Any,
) -> PersonView:
    shown = standing() if positions is None else positions
    return PersonView(person_id, shown, layout, state, **fields)


def markers_of(*people: PersonView) -> dict[str, Any]:
    """The last person's markers by namespace."""
    array = skeleton_markers(make, 5_000_000_007, "odom", "camera", people)
    return {marker.ns: marker for marker in array.markers}


def points_of(marker: Any) -> NDArray[np.float32]:
    return np.array([(p.x, p.y, p.z) for p in marker.points], dtype=np.float32)


def label_place(markers: dict[str, Any]) -> NDArray[np.float64]:
    place = markers["camera/label"].pose.position
    return np.array([place.x, place.y, place.z])


def test_a_person_has_bones_joints_and_a_label_in_separate_namespaces() -> None:
    markers = markers_of(view())
    assert {name: marker.type for name, marker in markers.items()} == {
        "camera/bones": LINE_LIST,
        "camera/joints": SPHERE_LIST,
        "camera/label": TEXT_VIEW_FACING,
    }


def test_all_markers_have_frame_stamp_and_a_valid_rotation() -> None:
    for marker in markers_of(view()).values():
        assert marker._type == "visualization_msgs/msg/Marker"
        assert marker.header.frame_id == "odom"
        assert (marker.header.stamp.sec, marker.header.stamp.nanosec) == (5, 7)
        assert marker.pose.orientation.w == 1.0
        assert marker.action == 0


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_every_layout_is_drawn_with_all_joints_and_bones(layout: Layout) -> None:
    joints = len(layout.joint_names)
    positions = np.random.default_rng(0).normal(size=(joints, 3)).astype(np.float32)
    markers = markers_of(view(positions=positions, layout=layout))
    np.testing.assert_array_equal(points_of(markers["camera/joints"]), positions)
    ends = points_of(markers["camera/bones"]).reshape(-1, 2, 3)
    expected = [
        (positions[joint], positions[parent])
        for joint, parent in enumerate(layout.parents)
        if parent >= 0
    ]
    np.testing.assert_array_equal(ends, expected)
    assert len(ends) == joints - 1
    assert np.isfinite(label_place(markers)).all()


def test_a_hidden_joint_and_its_bones_are_left_out() -> None:
    hidden, positions = NTU_25.index("elbow_left"), standing()
    positions[hidden] = np.nan
    markers = markers_of(view(positions=positions))
    joints, ends = points_of(markers["camera/joints"]), points_of(markers["camera/bones"])
    assert len(joints) == 24
    # The bones to the shoulder and to the wrist.
    assert len(ends) == 2 * (24 - 2)
    assert np.isfinite(joints).all()
    assert np.isfinite(ends).all()


def test_a_layout_without_a_hierarchy_has_points_and_no_bones() -> None:
    layout = layout_from_joint_names(["Head", "LeftHip", "RightHip", "tail"])
    markers = markers_of(view(positions=np.eye(4, 3, dtype=np.float32), layout=layout))
    assert set(markers) == {"camera/joints", "camera/label"}


def test_a_single_visible_joint_has_a_label_and_no_bone() -> None:
    positions = np.full((25, 3), np.nan, dtype=np.float32)
    positions[NTU_25.index("knee_left")] = (1, 2, 3)
    markers = markers_of(view(positions=positions))
    assert set(markers) == {"camera/joints", "camera/label"}
    assert label_place(markers).tolist() == [1, 2, 3]


def test_a_person_without_visible_joints_is_not_drawn() -> None:
    unseen = np.full((25, 3), np.nan, dtype=np.float32)
    assert not markers_of(view(positions=unseen))


def test_no_people_give_an_empty_marker_array() -> None:
    array = skeleton_markers(make, 0, "odom", "camera", [])
    assert array._type == "visualization_msgs/msg/MarkerArray"
    assert array.markers == []


def test_markers_of_people_who_have_left_expire() -> None:
    for marker in markers_of(view()).values():
        lifetime = marker.lifetime.sec + marker.lifetime.nanosec * 1e-9
        assert lifetime == pytest.approx(GAP)


def test_the_lifetime_is_longer_at_low_marker_rates() -> None:
    array = skeleton_markers(make, 0, "odom", "camera", [view()], lifetime=2.25)
    assert {(m.lifetime.sec, m.lifetime.nanosec) for m in array.markers} == {(2, 250_000_000)}


def test_a_persons_markers_keep_their_id() -> None:
    other = view(person_id="camera/8")
    alone = {marker.id for marker in markers_of(view()).values()}
    beside = {marker.id for marker in markers_of(other, view()).values()}
    # A fixed value, so that other processes and later versions use the same id.
    assert alone == beside == {marker_id("camera/7")} == {1371377595}
    assert marker_id("camera/8") != marker_id("camera/7")


def test_ids_fit_a_signed_32_bit_number() -> None:
    ids = [marker_id(f"camera/{person}") for person in range(1000)]
    assert len(set(ids)) == 1000
    assert min(ids) >= 0
    assert max(ids) < 2**31


@pytest.mark.parametrize(
    ("axes", "up"), [(Axes.KINECT, 1), (Axes.CAMERA_OPTICAL, -2), (Axes.ROS_BODY, 3)]
)
def test_the_label_is_above_the_head_in_all_axes(axes: Axes, up: int) -> None:
    # Column and sign of the Kinect's y axis.
    to_kinect = to_kinect_axes(np.eye(3, dtype=np.float32), axes).T
    positions = standing() @ to_kinect
    place = label_place(markers_of(view(positions=positions)))
    head = positions[NTU_25.index("head")]
    column, sign = {1: (1, 1), -2: (1, -1), 3: (2, 1)}[up]
    assert sign * (place - head)[column] == pytest.approx(TEXT_ABOVE, abs=0.02)


def test_without_hips_the_label_is_still_above_the_head() -> None:
    positions = standing()
    for joint, name in enumerate(NTU_25.joint_names):
        if "hip" in name or "knee" in name or name == "spine_base":
            positions[joint] = np.nan
    place = label_place(markers_of(view(positions=positions)))
    assert place[1] - positions[NTU_25.index("head"), 1] == pytest.approx(TEXT_ABOVE, abs=0.05)


@pytest.mark.parametrize(
    ("person", "text"),
    [
        (view(PersonState.IDLE, label="wave"), "camera/7"),
        (view(PersonState.MOVING), "moving ..."),
        (view(PersonState.KNOWN, label="wave", confidence=0.2768), "wave 28%"),
        (view(PersonState.KNOWN, label="wave", confidence=1.0), "wave 100%"),
        (view(PersonState.UNKNOWN, confidence=0.05), "unknown"),
        (view(PersonState.UNKNOWN, confidence=0.05, asked=True), "what was that?"),
        (view(PersonState.IGNORED, label="scratch", confidence=0.8), "ignored: scratch"),
        (view(PersonState.POORLY_SEEN), "poorly seen"),
    ],
)
def test_the_label_describes_the_state(person: PersonView, text: str) -> None:
    assert caption(person) == text
    assert markers_of(person)["camera/label"].text == text


def test_a_long_name_is_truncated() -> None:
    text = caption(view(PersonState.KNOWN, label="a" * 100, confidence=0.5))
    assert text == "a" * MAX_TEXT_LENGTH + "... 50%"


def linear(colour: str) -> NDArray[np.float64]:
    values = np.array(list(bytes.fromhex(colour[1:]))) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def test_all_colours_are_legible_as_text_on_rvizs_background() -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    for state in PersonState:
        contrast = (linear(state.value) @ weights + 0.05) / (linear(BACKGROUND) @ weights + 0.05)
        assert contrast >= 4.5, state  # what WCAG asks of text


# Machado, Oliveira, Fernandes 2009: full protanopia, deuteranopia, tritanopia, in linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.089]])


def lab(colour: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, z = np.cbrt(TO_XYZ @ colour)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_colours_of_all_states_differ_for_colour_blind_people(sight: str) -> None:
    for one, other in itertools.combinations(PersonState, 2):
        seen = [np.clip(SIGHTS[sight] @ linear(s.value), 0, 1) for s in (one, other)]
        difference = np.linalg.norm(lab(seen[0]) - lab(seen[1]))
        assert difference > 15, (one, other)  # CIE76; two are just told apart


def test_a_marker_has_the_colour_of_the_state() -> None:
    for marker in markers_of(view(PersonState.KNOWN)).values():
        shown = np.array([marker.color.r, marker.color.g, marker.color.b]) * 255
        assert bytes(np.round(shown).astype(np.uint8)).hex() == "56b4e9"
        assert marker.color.a == 1.0


def test_the_rviz_configuration_matches_the_published_topics() -> None:
    text = shared_file("config/recognition.rviz").read_text(encoding="utf-8")
    manager = yaml.safe_load(text)["Visualization Manager"]
    shown = {d["Class"].split("/")[1]: d for d in manager["Displays"]}
    for kind, topic in (("MarkerArray", interface.MARKERS), ("Image", interface.IMAGE)):
        assert topic.type.endswith("/" + kind)
        expected = topic.name.replace("~", f"/{interface.NODE_NAME}")
        assert shown[kind]["Topic"]["Value"] == expected
        assert shown[kind]["Topic"]["Reliability Policy"] == "Reliable"
        assert shown[kind]["Enabled"]
    assert set(shown) == {"Grid", "TF", "MarkerArray", "Image"}
    background = bytes(
        int(part) for part in manager["Global Options"]["Background Color"].split(";")
    )
    assert "#" + background.hex() == BACKGROUND
