# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
import pytest
from plain import header

from skeleton_dml_ros.messages.skeletons import (
    MessageError,
    Skeletons,
    frame_of,
    nobody,
    reading,
    stamp_of,
)
from skeleton_dml_ros.skeleton.layouts import HRI_18, NTU_25


def made(**changes: Any) -> Skeletons:
    values: dict[str, Any] = {
        "stamp_ns": 5,
        "frame_id": "camera",
        "layout": NTU_25,
        "person_ids": ("a", "b"),
        "positions": np.ones((2, 25, 3), dtype=np.float32),
    }
    return Skeletons(**{**values, **changes})


def test_infinite_and_partly_seen_joints_are_not_seen() -> None:
    positions = np.ones((2, 25, 3), dtype=np.float32)
    positions[0, 3, 1] = np.inf
    positions[1, 4, 2] = np.nan
    skeletons = made(positions=positions)
    assert np.isnan(skeletons.positions[0, 3]).all()
    assert np.isnan(skeletons.positions[1, 4]).all()
    assert np.isfinite(skeletons.positions).sum() == (50 - 2) * 3
    assert positions[0, 3, 1] == np.inf


def test_what_needs_no_mending_is_not_copied() -> None:
    positions = np.ones((2, 25, 3), dtype=np.float32)
    assert np.shares_memory(made(positions=positions).positions, positions)


def test_numbers_too_large_for_float32_are_not_seen() -> None:
    positions = np.full((2, 25, 3), 1e300)
    assert np.isnan(made(positions=positions).positions).all()


def test_nobody_is_a_frame_too() -> None:
    assert nobody(5, "camera", NTU_25).positions.shape == (0, 25, 3)
    assert made(person_ids=(), positions=[], confidences=[]).positions.shape == (0, 25, 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stamp_ns": -1}, "stamp -1 is no time"),
        ({"stamp_ns": 2**63}, "is no time in nanoseconds"),
        ({"layout": HRI_18}, "layout hri_18 holds points in the image"),
        ({"positions": np.ones((2, 20, 3))}, r"\(2, 20, 3\); 2 people in layout ntu_25 need \(2, "),
        ({"positions": [["a"]]}, "positions hold no numbers"),
        ({"confidences": np.ones((2, 7))}, r"confidences have shape \(2, 7\)"),
        ({"person_ids": ("a", "")}, "a person has the id ''"),
        ({"person_ids": ("a", 7)}, "a person has the id 7"),
        ({"person_ids": ("a", "a")}, "person 'a' occurs twice in one message"),
        ({"person_ids": ("a", "b" * 101)}, "has an id of 101 characters; give at most 100"),
        ({"person_ids": ("a", "b\n")}, r"the id of person 'b\\n' is not printable"),
        ({"person_ids": tuple(map(str, range(201)))}, "201 people in one message; at most 200"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MessageError, match=message):
        made(**changes)


def test_a_stamp_is_seconds_and_nanoseconds() -> None:
    assert stamp_of(header(12 * 10**9 + 34)) == 12_000_000_034


@pytest.mark.parametrize(
    ("seconds", "nanoseconds", "message"),
    [
        (-1, 0, "stamp -1 s 0 ns is no time"),
        (1, 10**9, "is no time"),
        (1, -1, "is no time"),
        ("now", 0, "stamp now s 0 ns is no time"),
        (float("nan"), 0, "is no time"),
        (0, 0, "header.stamp is zero"),
    ],
)
def test_a_stamp_that_is_no_time_is_refused(seconds: Any, nanoseconds: Any, message: str) -> None:
    with pytest.raises(MessageError, match=message):
        stamp_of(Plain(stamp=Plain(sec=seconds, nanosec=nanoseconds)))


def test_a_frame_loses_its_leading_slash() -> None:
    assert frame_of("/camera") == frame_of("camera") == "camera"


def test_a_message_of_another_type_is_named() -> None:
    with (
        pytest.raises(MessageError, match=r"this is no a_msgs/msg/B \(.*has no attribute 'c'\)"),
        reading("a_msgs/msg/B"),
    ):
        print(Plain().c)


def test_an_error_is_one_line_whatever_it_quotes() -> None:
    text = str(MessageError("frame 'a\nb" + "c" * 10_000 + "' is odd"))
    assert text.startswith("frame 'a bccc")
    assert len(text) < 1000
