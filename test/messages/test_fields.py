# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from types import SimpleNamespace as Plain
from typing import Any

import pytest
from plain import header

from skeleton_dml_ros.messages.fields import MessageError, frame_of, reading, stamp_of


def test_a_stamp_is_seconds_and_nanoseconds() -> None:
    assert stamp_of(header(12 * 10**9 + 34)) == 12_000_000_034


@pytest.mark.parametrize(
    ("seconds", "nanoseconds", "message"),
    [
        (-1, 0, "stamp -1 s 0 ns is not a time"),
        (1, 10**9, "is not a time"),
        (1, -1, "is not a time"),
        ("now", 0, "stamp now s 0 ns is not a time"),
        (float("nan"), 0, "is not a time"),
        (0, 0, "header.stamp is zero"),
    ],
)
def test_a_stamp_that_is_not_a_time_is_refused(
    seconds: Any, nanoseconds: Any, message: str
) -> None:
    with pytest.raises(MessageError, match=message):
        stamp_of(Plain(stamp=Plain(sec=seconds, nanosec=nanoseconds)))


def test_a_frame_loses_its_leading_slash() -> None:
    assert frame_of("/camera") == frame_of("camera") == "camera"


def test_a_message_of_another_type_is_named() -> None:
    with (
        pytest.raises(MessageError, match=r"this is not a a_msgs/msg/B \(.*has no attribute 'c'\)"),
        reading("a_msgs/msg/B"),
    ):
        print(Plain().c)


def test_an_error_is_one_line_whatever_it_quotes() -> None:
    text = str(MessageError("frame 'a\nb" + "c" * 10_000 + "' is odd"))
    assert text.startswith("frame 'a bccc")
    assert len(text) < 1000
