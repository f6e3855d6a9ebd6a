# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.skeleton.frame import MAX_ID_LENGTH, SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import COCO_17, HRI_18, NTU_25, UnknownLayoutError
from skeleton_dml_ros.skeleton.sequence import SkeletonError


def made(**changes: Any) -> SkeletonFrame:
    values: dict[str, Any] = {
        "stamp_ns": 5,
        "person_ids": ["a", "b"],
        "positions": np.ones((2, 25, 3), dtype=np.float32),
        "layout": NTU_25,
    }
    return SkeletonFrame(**{**values, **changes})


def test_lists_and_the_name_of_a_layout_are_enough() -> None:
    frame = SkeletonFrame(np.int64(7), ["anna"], np.ones((17, 3))[None].tolist(), "coco_17")
    assert (frame.stamp_ns, frame.person_ids, frame.layout) == (7, ("anna",), COCO_17)
    assert (frame.input_name, frame.frame_id, frame.confidences) == ("camera", "", None)
    assert frame.positions.dtype == np.float32
    assert type(frame.stamp_ns) is int


def test_infinite_and_partly_seen_joints_and_those_at_the_origin_become_unseen() -> None:
    positions = np.ones((2, 25, 3), dtype=np.float32)
    positions[0, 3, 1] = np.inf
    positions[1, 4, 2] = np.nan
    positions[1, 5] = 0
    positions[1, 6] = [0, 0, 1e-6]
    frame = made(positions=positions)
    unseen = np.zeros((2, 25), dtype=bool)
    unseen[0, 3] = unseen[1, 4] = unseen[1, 5] = True
    assert np.isnan(frame.positions[unseen]).all()
    assert (frame.positions[~unseen] == positions[~unseen]).all()
    assert positions[0, 3, 1] == np.inf


def test_clean_arrays_are_neither_copied_nor_locked_for_the_caller() -> None:
    positions = np.ones((2, 25, 3), dtype=np.float32)
    confidences = np.ones((2, 25), dtype=np.float32)
    frame = made(positions=positions, confidences=confidences)
    assert frame.confidences is not None
    assert np.shares_memory(frame.positions, positions)
    assert np.shares_memory(frame.confidences, confidences)
    with pytest.raises(ValueError, match="read-only"):
        frame.positions[0] = 0
    positions[0] = 2


def test_numbers_too_large_for_float32_become_unseen() -> None:
    assert np.isnan(made(positions=np.full((2, 25, 3), 1e300)).positions).all()


def test_confidences_are_clipped_and_nan_becomes_zero() -> None:
    confidences = np.full((2, 25), 1.5)
    confidences[0, :2] = np.nan, -1
    frame = made(confidences=confidences)
    assert frame.confidences is not None
    assert frame.confidences[0].tolist() == [0.0, 0.0] + [1.0] * 23
    assert frame.confidences[1].tolist() == [1.0] * 25


def test_a_frame_may_have_no_people() -> None:
    frame = made(person_ids=[], positions=[], confidences=[])
    assert frame.positions.shape == (0, 25, 3)
    assert frame.confidences is not None
    assert frame.confidences.shape == (0, 25)


def test_a_derived_frame_differs_only_in_the_given_fields() -> None:
    frame = made(confidences=np.ones((2, 25)))
    moved = frame.derived(positions=frame.positions + 1, frame_id="odom")
    assert (moved.positions == 2).all()
    assert (moved.frame_id, moved.stamp_ns, moved.person_ids) == ("odom", 5, ("a", "b"))
    assert moved.confidences is frame.confidences
    assert (frame.positions == 1).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_name": ""}, "input_name '' is not a name"),
        ({"input_name": "a/b"}, "input_name 'a/b' is not a name; pass a text without '/'"),
        ({"stamp_ns": -1}, "stamp_ns -1 is not a time"),
        ({"stamp_ns": 2**63}, "is not a time in nanoseconds"),
        ({"stamp_ns": 0.5}, r"stamp_ns 0.5 is not .* such as time.time_ns\(\)"),
        ({"layout": 25}, "layout 25 is not a layout"),
        ({"layout": HRI_18}, "layout hri_18 holds image points"),
        (
            {"positions": np.ones((2, 34, 3))},
            r"joint count 34 does not fit layout ntu_25 \(25 joints\); pass layout=\"zed_34\"",
        ),
        ({"positions": np.ones((2, 9, 3))}, "pass the layout of the recording"),
        ({"positions": np.ones((3, 25, 3))}, r"have shape \(3, 25, 3\), .* need \(2, 25, 3\)"),
        ({"positions": np.ones((25, 3))}, r"but 2 people in layout ntu_25 need \(2, 25, 3\)"),
        ({"positions": np.ones((25, 3)), "person_ids": ["a"]}, r"pass positions\[None\] for one"),
        ({"positions": [["a"]]}, "positions are not numbers"),
        ({"confidences": np.ones((2, 7))}, "confidences: joint count 7 does not fit"),
        ({"confidences": np.ones(2)}, r"confidences have shape \(2,\)"),
        ({"person_ids": "ab"}, r"person_ids is the text 'ab'; pass \['ab'\]"),
        ({"person_ids": ["a", ""]}, "person id '' is not a name"),
        ({"person_ids": ["a", 7]}, "person id 7 is not a name"),
        ({"person_ids": ["a", "a"]}, "person id 'a' occurs twice"),
        (
            {"person_ids": ["a", "b" * (MAX_ID_LENGTH + 1)]},
            "has 301 characters; the maximum is 300",
        ),
        ({"person_ids": ["a", "b\n"]}, r"person id 'b\\n' is not printable"),
        ({"person_ids": list(map(str, range(201)))}, "a frame has 201 people; the maximum is 200"),
    ],
)
def test_an_error_names_the_field_that_does_not_fit(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SkeletonError, match=message):
        made(**changes)


def test_an_unknown_layout_is_named() -> None:
    with pytest.raises(UnknownLayoutError, match="there is no layout 'kinect'"):
        made(layout="kinect")
