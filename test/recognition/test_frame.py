# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.recognition.frame import Frame, FrameError, make_frame
from skeleton_dml_ros.skeleton.layouts import NTU_25


def made(**changes: Any) -> Frame:
    values: dict[str, Any] = {
        "input_name": "camera",
        "stamp_ns": 5,
        "person_ids": ["a", "b"],
        "positions": np.ones((2, 25, 3)),
        "confidences": None,
        "layout": NTU_25,
    }
    return make_frame(**{**values, **changes})


def test_infinite_and_partly_seen_joints_are_not_seen() -> None:
    positions = np.ones((2, 25, 3))
    positions[0, 3, 1] = np.inf
    positions[1, 4, 2] = np.nan
    frame = made(positions=positions)
    assert np.isnan(frame.positions[0, 3]).all()
    assert np.isnan(frame.positions[1, 4]).all()
    assert np.isfinite(frame.positions).sum() == (50 - 2) * 3


def test_nobody_is_a_frame_too() -> None:
    frame = made(person_ids=[], positions=[])
    assert frame.positions.shape == (0, 25, 3)


def test_confidences_outside_their_range_are_brought_into_it() -> None:
    confidences = np.full((2, 25), 1.5)
    confidences[0, 0] = np.nan
    frame = made(confidences=confidences)
    assert frame.confidences is not None
    assert frame.confidences[0, 0] == 0
    assert frame.confidences[1].tolist() == [1.0] * 25


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_name": ""}, "input '' is no name"),
        ({"input_name": "a/b"}, "input 'a/b' is no name; give one without '/'"),
        ({"stamp_ns": -1}, "stamp -1 of input camera is no time"),
        ({"stamp_ns": 2**63}, "is no time in nanoseconds"),
        ({"positions": np.ones((2, 20, 3))}, r"have shape \(2, 20, 3\); 2 people in layout ntu_25"),
        ({"positions": np.ones((3, 25, 3))}, r"need \(2, 25, 3\)"),
        ({"positions": [["a"]]}, "holds no numbers"),
        ({"person_ids": ["a", "a"]}, "person 'a' occurs twice"),
        ({"person_ids": ["a", ""]}, "has an empty id"),
        ({"confidences": np.ones((2, 7))}, r"confidences of input camera have shape \(2, 7\)"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FrameError, match=message):
        made(**changes)
