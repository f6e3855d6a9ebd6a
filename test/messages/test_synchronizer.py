# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from plain import FRAME, SECOND, START

from skeleton_dml_ros.messages.synchronizer import MAX_HELD, Synchronizer


def synchronizer() -> Synchronizer[list[int]]:
    """A person's data are complete with two items."""
    return Synchronizer(0.1, lambda person, part: len(part) == 2)


def put(held: Synchronizer[list[int]], stamp_ns: int, person: str, count: int = 2) -> bool:
    part = held.part_of(stamp_ns, person, list)
    if part is not None:
        part += range(count)
    return part is not None


def test_a_stamp_is_complete_when_the_data_of_all_known_people_are() -> None:
    held = synchronizer()
    put(held, START, "a")
    assert held.complete(["a", "b"]) == [(START, {"a": [0, 1]})]
    assert not put(held, START, "b")
    put(held, START + FRAME, "a")
    assert held.complete(["a", "b"]) == []
    put(held, START + FRAME, "b", 1)
    assert held.complete(["a", "b"]) == []
    put(held, START + FRAME, "b", 1)
    assert held.complete(["a", "b"]) == [(START + FRAME, {"a": [0, 1], "b": [0, 0]})]


def test_a_complete_stamp_releases_earlier_ones_first() -> None:
    held = synchronizer()
    put(held, START, "a", 1)
    assert held.complete(["a"]) == []
    put(held, START + FRAME, "a")
    assert [stamp for stamp, _ in held.complete(["a"])] == [START, START + FRAME]


def test_the_timeout_is_in_message_time() -> None:
    held = synchronizer()
    put(held, START, "a", 1)
    held.pass_time(START + SECOND // 10)
    assert held.complete(["a"]) == []
    held.pass_time(START + SECOND // 10 + 1)
    assert held.complete(["a"]) == [(START, {"a": [0]})]


def test_a_person_without_data_for_a_second_is_not_waited_for() -> None:
    held = synchronizer()
    put(held, START, "a")
    put(held, START, "b")
    held.complete(["a", "b"])
    put(held, START + SECOND + 1, "a")
    assert [stamp for stamp, _ in held.complete(["a", "b"])] == [START + SECOND + 1]


def test_data_for_a_stamp_that_came_out_are_too_late() -> None:
    held = synchronizer()
    put(held, START, "a")
    held.complete(["a"])
    assert not put(held, START - FRAME, "a")
    assert held.present(START, []) == []
    assert held.present(START + 1, []) == [(START + 1, {})]
    assert held.present(START + 1, []) == []


def test_time_running_backwards_forgets_everything() -> None:
    held = synchronizer()
    put(held, START, "a")
    held.complete(["a"])
    assert put(held, START - 2 * SECOND, "a")
    assert [stamp for stamp, _ in held.complete(["a"])] == [START - 2 * SECOND]


def test_the_number_of_waiting_stamps_is_limited() -> None:
    held = synchronizer()
    out = 0
    for number in range(MAX_HELD + 50):
        put(held, START + number, "a", 1)
        out += len(held.complete(["a"]))
    assert out == 50
