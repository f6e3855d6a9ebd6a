# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plain import FRAME, SECOND, START, ids, transform, transforms

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.hri_tf import LINK_NAMES, HriTfInput
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.skeleton.axes import to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import REP_155
from skeleton_dml_ros.skeleton.mapping import map_positions

CAMERA = "camera_optical_frame"

FACING = (0.5, 0.5, -0.5, 0.5)
"""A person's x forward, y left, z up, who faces a camera with x right, y down, z forward."""

QUARTER = float(np.sqrt(0.5))


def root(person: str, x: float, stamp_ns: int, camera: str = CAMERA) -> Any:
    """The body's frame, three metres away, ``x`` to the right of the image."""
    return transform(f"body_{person}", camera, (x, 0, 3), FACING, stamp_ns)


def limbs(person: str, stamp_ns: int) -> list[Any]:
    """The links on /tf of a person who stands upright with the left forearm forward."""

    def link(child: str, parent: str, place: Any = (0, 0, 0), turn: Any = (0, 0, 0, 1)) -> Any:
        return transform(f"{child}_{person}", f"{parent}_{person}", place, turn, stamp_ns)

    sent = [
        link("waist", "body"),
        link("r_head", "torso", (0, 0, 0.1)),
        link("y_head", "r_head"),
        link("p_head", "y_head"),
    ]
    for side, sign in (("l", 1), ("r", -1)):
        # The forearm hangs along -z of the elbow; turned about y, it points along x.
        raised = (0, -QUARTER, 0, QUARTER) if side == "l" else (0, 0, 0, 1)
        sent += [
            link(f"{side}_y_shoulder", "torso", (0, sign * 0.2, 0)),
            link(f"{side}_p_shoulder", f"{side}_y_shoulder"),
            link(f"{side}_shoulder", f"{side}_p_shoulder"),
            link(f"{side}_elbow", f"{side}_shoulder", (0, 0, -0.3), raised),
            link(f"{side}_y_hip", "body", (0, sign * 0.1, 0)),
            link(f"{side}_p_hip", f"{side}_y_hip"),
            link(f"{side}_hip", f"{side}_p_hip"),
            link(f"{side}_knee", f"{side}_hip", (0, 0, -0.4)),
        ]
    return sent


def fixed(person: str) -> Any:
    """The links on /tf_static."""
    links = [("torso", "waist", (0, 0, 0.5)), ("head", "p_head", (0.1, 0, 0.1))]
    for side in "lr":
        links += [
            (f"{side}_wrist", f"{side}_elbow", (0, 0, -0.25)),
            (f"{side}_ankle", f"{side}_knee", (0, 0, -0.4)),
        ]
    return transforms(
        *(
            transform(f"{child}_{person}", f"{parent}_{person}", place)
            for child, parent, place in links
        )
    )


STANDING = {
    "body": (0, 0, 0), "waist": (0, 0, 0), "torso": (0, 0, 0.5), "head": (0.1, 0, 0.7),
    "l_shoulder": (0, 0.2, 0.5), "l_elbow": (0, 0.2, 0.2), "l_wrist": (0.25, 0.2, 0.2),
    "r_shoulder": (0, -0.2, 0.5), "r_elbow": (0, -0.2, 0.2), "r_wrist": (0, -0.2, -0.05),
    "l_hip": (0, 0.1, 0), "l_knee": (0, 0.1, -0.4), "l_ankle": (0, 0.1, -0.8),
    "r_hip": (0, -0.1, 0), "r_knee": (0, -0.1, -0.4), "r_ankle": (0, -0.1, -0.8),
}  # fmt: skip
"""Joints in the body's own frame."""


def in_camera(x: float) -> np.ndarray[Any, Any]:
    """(16, 3) of a person whose forward is the camera's -z, left its x, and up its -y."""
    own = np.array([STANDING[name] for name in LINK_NAMES])
    return np.stack([own[:, 1] + x, -own[:, 2], 3 - own[:, 0]], axis=-1)


class Tracker:
    """Feeds an input like hri_body_detect and its robot_state_publishers."""

    def __init__(self, *persons: str) -> None:
        self.reader = HriTfInput(InputOptions())
        self.persons = persons
        for person in persons:
            self.reader.take("tf_static", fixed(person))

    def ids(self, stamp_ns: int, *persons: str) -> list[SkeletonFrame]:
        return self.reader.take("ids", ids(*persons, stamp_ns=stamp_ns))

    def root(self, person: str, x: float, stamp_ns: int) -> list[SkeletonFrame]:
        return self.reader.take("tf", transforms(root(person, x, stamp_ns)))

    def limbs(self, person: str, stamp_ns: int) -> list[SkeletonFrame]:
        return self.reader.take("tf", transforms(*limbs(person, stamp_ns)))

    def frame(self, stamp_ns: int) -> list[SkeletonFrame]:
        """All that is sent at one stamp."""
        out = self.ids(stamp_ns, *self.persons)
        for number, person in enumerate(self.persons):
            out += self.root(person, float(number), stamp_ns)
        for person in self.persons:
            out += self.limbs(person, stamp_ns)
        return out

    def warm_up(self) -> int:
        """Frames until the input knows what to expect; the next stamp."""
        for number in range(10):
            self.frame(START + number * FRAME)
        return START + 10 * FRAME


def test_the_links_are_those_of_rep_155() -> None:
    assert LINK_NAMES[:6] == ("body", "waist", "torso", "head", "l_shoulder", "l_elbow")
    assert sorted(LINK_NAMES) == sorted(STANDING)


def test_turned_links_place_each_joint_in_the_camera_frame() -> None:
    tracker = Tracker("abcde")
    (skeletons,) = tracker.frame(tracker.warm_up())
    assert skeletons.layout is REP_155
    assert skeletons.frame_id == CAMERA
    assert skeletons.person_ids == ("abcde",)
    np.testing.assert_allclose(skeletons.positions[0], in_camera(0), atol=1e-6)


def test_the_left_hand_is_left_in_kinect_axes() -> None:
    tracker = Tracker("abcde")
    (skeletons,) = tracker.frame(tracker.warm_up())
    mapped = map_positions(to_kinect_axes(skeletons.positions, HriTfInput.axes), REP_155)
    # Who faces the camera has the left hand to the sensor's right, and nearer when held forward.
    np.testing.assert_allclose(mapped[0, 6], [-0.2, 0.2, 2.75], atol=1e-6)
    np.testing.assert_allclose(mapped[0, 10], [0.2, -0.05, 3.0], atol=1e-6)


def test_a_frame_is_complete_when_the_last_limb_of_its_people_has_arrived() -> None:
    tracker = Tracker("abcde", "fghij")
    stamp = tracker.warm_up()
    assert tracker.ids(stamp, "abcde", "fghij") == []
    assert tracker.root("abcde", 0.0, stamp) == []
    assert tracker.limbs("abcde", stamp) == []
    assert tracker.root("fghij", 1.0, stamp) == []
    (skeletons,) = tracker.limbs("fghij", stamp)
    assert skeletons.stamp_ns == stamp
    assert skeletons.person_ids == ("abcde", "fghij")
    np.testing.assert_allclose(skeletons.positions[1], in_camera(1), atol=1e-6)


def test_interleaved_transforms_of_two_bodies_are_separated() -> None:
    tracker = Tracker("abcde", "fghij")
    stamp = tracker.warm_up()
    tracker.ids(stamp, "abcde", "fghij")
    links = [root("abcde", 0, stamp), root("fghij", 1, stamp)]
    links += limbs("abcde", stamp) + limbs("fghij", stamp)
    np.random.default_rng(0).shuffle(links)
    out: list[SkeletonFrame] = []
    for link in links:
        out += tracker.reader.take("tf", transforms(link))
    (skeletons,) = out
    order = [skeletons.person_ids.index(person) for person in ("abcde", "fghij")]
    np.testing.assert_allclose(skeletons.positions[order], [in_camera(0), in_camera(1)], atol=1e-6)


def test_each_stamp_is_one_frame_in_order() -> None:
    tracker = Tracker("abcde", "fghij")
    stamps = [START + number * FRAME for number in range(30)]
    out = [skeletons for stamp in stamps for skeletons in tracker.frame(stamp)]
    assert [skeletons.stamp_ns for skeletons in out] == stamps
    # The second body was unknown when the first was complete, twice at most.
    assert all(skeletons.person_ids == ("abcde", "fghij") for skeletons in out[2:])


def test_limbs_that_arrive_after_the_next_root_belong_to_their_own_stamp() -> None:
    tracker = Tracker("abcde")
    stamp = tracker.warm_up()
    tracker.root("abcde", 0.0, stamp)
    assert tracker.root("abcde", 0.5, stamp + FRAME) == []
    (first,) = tracker.limbs("abcde", stamp)
    (second,) = tracker.limbs("abcde", stamp + FRAME)
    np.testing.assert_allclose(first.positions[0], in_camera(0), atol=1e-6)
    np.testing.assert_allclose(second.positions[0], in_camera(0.5), atol=1e-6)


def test_a_stamp_with_only_the_root_gives_no_frame() -> None:
    tracker = Tracker("abcde")
    stamp = tracker.warm_up()
    assert tracker.root("abcde", 0.0, stamp) == []
    tracker.root("abcde", 0.0, stamp + FRAME)
    (skeletons,) = tracker.limbs("abcde", stamp + FRAME)
    assert skeletons.stamp_ns == stamp + FRAME


def test_a_joint_below_a_missing_link_is_unseen() -> None:
    tracker = Tracker("abcde")
    stamp = tracker.warm_up()
    sent = [link for link in limbs("abcde", stamp) if link.child_frame_id != "l_shoulder_abcde"]
    out = tracker.reader.take("tf", transforms(root("abcde", 0, stamp), *sent))
    assert out == []
    (skeletons,) = tracker.ids(stamp + SECOND // 5, "abcde")
    unseen = np.isnan(skeletons.positions[0]).all(axis=-1)
    assert [name for name, is_unseen in zip(LINK_NAMES, unseen, strict=True) if is_unseen] == [
        "l_shoulder", "l_elbow", "l_wrist",
    ]  # fmt: skip


def test_a_person_without_data_delays_others_only_briefly() -> None:
    tracker = Tracker("abcde", "fghij")
    stamp = tracker.warm_up()
    out: list[SkeletonFrame] = []
    for number in range(60):
        tracker.ids(stamp + number * FRAME, "abcde", "fghij")
        tracker.root("abcde", 0.0, stamp + number * FRAME)
        out = tracker.limbs("abcde", stamp + number * FRAME)
    assert [skeletons.stamp_ns for skeletons in out] == [stamp + 59 * FRAME]
    assert out[0].person_ids == ("abcde",)


def test_an_empty_list_gives_a_frame_without_people() -> None:
    tracker = Tracker("abcde")
    stamp = tracker.warm_up()
    tracker.root("abcde", 0.0, stamp)
    (empty,) = tracker.ids(stamp + FRAME)
    assert (empty.stamp_ns, empty.person_ids) == (stamp + FRAME, ())
    assert empty.frame_id == CAMERA
    assert tracker.ids(stamp + FRAME) == []
    assert tracker.limbs("abcde", stamp) == []


def test_other_frames_and_the_cameras_pose_are_ignored() -> None:
    tracker = Tracker("1")
    tracker.reader.take("tf_static", transforms(transform("camera_1", "base_link", (9, 9, 9))))
    for number in range(10):
        stamp = START + number * FRAME
        tracker.ids(stamp, "1")
        arm = transform("arm_left_7_link", "arm_left_6_link", stamp_ns=stamp)
        arm.header.stamp.sec = 0
        assert tracker.reader.take("tf", transforms(arm)) == []
        tracker.reader.take("tf", transforms(root("1", 0, stamp, "camera_1")))
        out = tracker.limbs("1", stamp)
    (skeletons,) = out
    assert skeletons.frame_id == "camera_1"
    np.testing.assert_allclose(skeletons.positions[0], in_camera(0), atol=1e-6)


def test_ids_with_the_same_ending_are_separated() -> None:
    tracker = Tracker("b", "a_b")
    skeletons = tracker.frame(tracker.warm_up())[-1]
    assert skeletons.person_ids == ("b", "a_b")
    np.testing.assert_allclose(skeletons.positions, [in_camera(0), in_camera(1)], atol=1e-6)


def test_a_bag_that_restarts_is_read_again() -> None:
    tracker = Tracker("abcde")
    tracker.warm_up()
    out = [s for number in range(10) for s in tracker.frame(START - 60 * SECOND + number * FRAME)]
    assert out[0].stamp_ns == START - 60 * SECOND


def test_bodies_in_frames_of_two_cameras_are_refused() -> None:
    tracker = Tracker("abcde", "fghij")
    stamp = tracker.warm_up()
    tracker.ids(stamp, "abcde", "fghij")
    tracker.root("abcde", 0.0, stamp)
    tracker.limbs("abcde", stamp)
    tracker.reader.take("tf", transforms(root("fghij", 0, stamp, "other_camera")))
    with pytest.raises(
        MessageError, match=r"in several frames \(camera_optical_frame, other_camera\)"
    ):
        tracker.limbs("fghij", stamp)


@pytest.mark.parametrize("persons", [("",), ("a", "a"), ("a" * 301,)])
def test_a_list_with_invalid_ids_is_refused(persons: tuple[str, ...]) -> None:
    with pytest.raises(SkeletonDmlError, match="person"):
        Tracker().ids(START, *persons)


def test_static_links_of_present_bodies_are_kept_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("skeleton_dml_ros.messages.hri_tf.MAX_STATIC", 50)
    tracker = Tracker("abcde")
    stamp_ns = tracker.warm_up()
    for number in range(40):
        tracker.reader.take("tf_static", fixed(f"passer{number}"))
    (skeletons,) = tracker.frame(stamp_ns)
    assert np.isfinite(skeletons.positions).all()
