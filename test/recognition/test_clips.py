# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from types import SimpleNamespace as Plain
from typing import Any

import pytest
from acting import SECOND

from skeleton_dml_ros.recognition.clips import RecentClips, UnknownClipError


class Looked:
    """A clip that counts how often its fields are read."""

    def __init__(self, name: str, camera: str, decided_ns: int) -> None:
        self.looks = 0
        self._fields = {"clip_id": name, "input_name": camera, "decided_ns": decided_ns}

    def __getattr__(self, name: str) -> Any:
        self.looks += 1
        return self._fields[name]


def clip(name: str, camera: str, seconds: float) -> Any:
    return Plain(clip_id=name, input_name=camera, decided_ns=round(seconds * SECOND))


def test_adding_a_clip_does_not_scan_all_clips() -> None:
    recent = RecentClips(1000, 1000)
    clips: list[Any] = [Looked(str(number), "left", number) for number in range(500)]
    for one in clips:
        recent.add(one)
    for one in clips:
        one.looks = 0
    for number in range(100):
        recent.expire(number * SECOND, "left")
        recent.expire(10**9 * SECOND, "right")
    assert sum(one.looks for one in clips) <= 100
    assert len(recent) == 500


def test_each_input_has_its_own_clock_and_all_share_the_maximum() -> None:
    recent = RecentClips(3, 10)
    recent.add(clip("a", "left", 1))
    recent.add(clip("b", "right", 10**9))
    recent.add(clip("c", "left", 5))
    recent.expire(12 * SECOND, "left")
    assert [one.clip_id for one in recent] == ["b", "c"]
    recent.add(clip("d", "right", 10**9 + 1))
    recent.add(clip("e", "left", 12))
    assert [one.clip_id for one in recent] == ["c", "d", "e"]
    recent.expire(10**9 * SECOND + 60 * SECOND, "right")
    recent.expire(60 * SECOND, "left")
    assert len(recent) == 0
    with pytest.raises(UnknownClipError, match="there is no clip yet"):
        recent.get("e")


def test_a_clip_replaces_an_earlier_one_of_the_same_id() -> None:
    recent = RecentClips(2, 10)
    recent.add(clip("a", "left", 1))
    recent.add(clip("b", "left", 2))
    recent.add(clip("a", "left", 3))
    recent.add(clip("c", "left", 4))
    assert [one.clip_id for one in recent] == ["a", "c"]
    recent.expire(round(13.5 * SECOND), "left")
    assert [one.clip_id for one in recent] == ["c"]
