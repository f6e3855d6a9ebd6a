# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from types import SimpleNamespace

import pytest

from skeleton_dml_ros.messages.make import header, nanoseconds_of

INT32_MAX = 2**31 - 1


def make(type_name: str, **fields: object) -> SimpleNamespace:
    return SimpleNamespace(**fields)


@pytest.mark.parametrize(
    ("stamp_ns", "seconds", "nanoseconds"),
    [
        (1_700_000_000_123_456_789, 1_700_000_000, 123_456_789),
        (-1, -1, 999_999_999),
        (2**31 * 10**9, INT32_MAX, 999_999_999),
        (2**63 - 1, INT32_MAX, 999_999_999),
        (-(2**63), -(2**31), 0),
    ],
)
def test_a_clock_before_1970_or_after_2038_gives_a_time_that_fits(
    stamp_ns: int, seconds: int, nanoseconds: int
) -> None:
    stamp = header(make, stamp_ns, "camera").stamp
    assert (stamp.sec, stamp.nanosec) == (seconds, nanoseconds)
    assert abs(nanoseconds_of(stamp)) <= 2**31 * 10**9
