# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""TF without tf2."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rosbags", reason="the extra dds is not installed")

from skeleton_dml_ros.dds import transforms
from skeleton_dml_ros.dds.transforms import TransformBuffer
from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.messages.make import header
from skeleton_dml_ros.node.transforms import TransformUnavailableError

SECOND = 1_000_000_000
POINT = np.array([[1.0, 0.0, 0.0]], dtype=np.float32)


def about_z(degrees: float) -> tuple[float, float, float, float]:
    half = math.radians(degrees) / 2
    return (0.0, 0.0, math.sin(half), math.cos(half))


def message(
    parent: str,
    child: str,
    seconds: float = 0.0,
    at: tuple[float, float, float] = (0.0, 0.0, 0.0),
    turned: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0),
) -> Any:
    stamped = make(
        "geometry_msgs/msg/TransformStamped",
        header=header(make, round(seconds * SECOND), parent),
        child_frame_id=child,
        transform=make(
            "geometry_msgs/msg/Transform",
            translation=make("geometry_msgs/msg/Vector3", **dict(zip("xyz", at, strict=True))),
            rotation=make("geometry_msgs/msg/Quaternion", **dict(zip("xyzw", turned, strict=True))),
        ),
    )
    return make("tf2_msgs/msg/TFMessage", transforms=[stamped])


def seen(buffer: TransformBuffer, target: str, source: str, seconds: float) -> list[float]:
    """A point of the source frame in the target frame."""
    found: list[float] = buffer.lookup(target, source, round(seconds * SECOND))(POINT)[0].tolist()
    return found


def test_a_static_transform_holds_at_all_times() -> None:
    buffer = TransformBuffer()
    buffer.take(message("odom", "camera", 100.0, at=(0.0, 0.0, 1.2)), static=True)
    for seconds in (0.0, 100.0, 10_000.0):
        assert seen(buffer, "odom", "camera", seconds) == pytest.approx([1.0, 0.0, 1.2])


def test_between_stamps_translation_is_linear_and_rotation_spherical() -> None:
    buffer = TransformBuffer()
    buffer.take(message("odom", "base", 1.0), static=False)
    buffer.take(message("odom", "base", 2.0, (4.0, 0.0, 0.0), about_z(120.0)), static=False)
    quarter = math.radians(30.0)
    assert seen(buffer, "odom", "base", 1.25) == pytest.approx(
        [1.0 + math.cos(quarter), math.sin(quarter), 0.0], abs=1e-5
    )
    assert seen(buffer, "odom", "base", 2.0) == pytest.approx(
        [4.0 + math.cos(4 * quarter), math.sin(4 * quarter), 0.0], abs=1e-5
    )


def test_rotations_are_interpolated_the_shorter_way() -> None:
    x, y, z, w = about_z(60.0)
    buffer = TransformBuffer()
    buffer.take(message("odom", "base", 1.0), static=False)
    buffer.take(message("odom", "base", 2.0, turned=(-x, -y, -z, -w)), static=False)
    angle = math.radians(30.0)
    assert seen(buffer, "odom", "base", 1.5) == pytest.approx(
        [math.cos(angle), math.sin(angle), 0.0], abs=1e-5
    )


def test_small_turns_are_exact_enough() -> None:
    buffer = TransformBuffer()
    buffer.take(message("odom", "base", 1.0), static=False)
    buffer.take(message("odom", "base", 2.0, turned=about_z(1.0)), static=False)
    angle = math.radians(0.5)
    assert seen(buffer, "odom", "base", 1.5) == pytest.approx(
        [math.cos(angle), math.sin(angle), 0.0], abs=1e-6
    )


def test_a_chain_of_frames_is_resolved_in_both_directions() -> None:
    buffer = TransformBuffer()
    buffer.take(message("odom", "base", 1.0, (10.0, 0.0, 0.0), about_z(90.0)), static=False)
    buffer.take(message("base", "head", 1.0, (0.0, 0.0, 1.0), about_z(90.0)), static=True)
    buffer.take(message("base", "arm", 1.0, (0.0, 2.0, 0.0)), static=True)
    assert seen(buffer, "odom", "head", 1.0) == pytest.approx([9.0, 0.0, 1.0], abs=1e-6)
    assert seen(buffer, "arm", "head", 1.0) == pytest.approx([0.0, -1.0, 1.0], abs=1e-6)
    assert seen(buffer, "head", "odom", 1.0) == pytest.approx([9.0, 0.0, -1.0], abs=1e-6)
    # The path from arm to head is static, so the base's stamps do not matter.
    assert seen(buffer, "arm", "head", 99.0) == pytest.approx([0.0, -1.0, 1.0], abs=1e-6)
    assert seen(buffer, "/odom", "/odom", 99.0) == pytest.approx([1.0, 0.0, 0.0])


def test_messages_may_come_in_any_order() -> None:
    buffer = TransformBuffer()
    for seconds in (3.0, 1.0, 2.0, 2.0):
        buffer.take(message("odom", "base", seconds, (seconds, 0.0, 0.0)), static=False)
    assert seen(buffer, "odom", "base", 1.5) == pytest.approx([2.5, 0.0, 0.0])


def test_an_unknown_frame_is_named() -> None:
    buffer = TransformBuffer()
    with pytest.raises(TransformUnavailableError, match="frame camera is unknown"):
        buffer.lookup("odom", "camera", 0)
    buffer.take(message("odom", "base", 5.0), static=False)
    buffer.take(message("stand", "camera"), static=True)
    with pytest.raises(TransformUnavailableError, match="camera and odom are not connected"):
        buffer.lookup("odom", "camera", 0)
    with pytest.raises(TransformUnavailableError, match=r"base to odom is 1\.000 s older"):
        buffer.lookup("odom", "base", 6 * SECOND)
    with pytest.raises(TransformUnavailableError, match=r"base to odom is 1\.000 s newer"):
        buffer.lookup("odom", "base", 4 * SECOND)


def test_transforms_are_kept_for_ten_seconds() -> None:
    buffer = TransformBuffer()
    for tenths in range(0, 200):
        buffer.take(message("odom", "base", tenths / 10), static=False)
    buffer.lookup("odom", "base", 10 * SECOND)
    with pytest.raises(TransformUnavailableError, match="newer"):
        buffer.lookup("odom", "base", 9 * SECOND)


def test_ever_new_frames_are_bounded_and_the_old_ones_still_found(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(transforms, "MAX_LINKS", 50)
    buffer = TransformBuffer()
    buffer.take(message("map", "base"), static=True)
    buffer.take(message("base", "camera", 1.0), static=False)
    for number in range(1000):
        buffer.take(message("base", f"frame_{number}", 1.0), static=False)
    assert len(buffer._links) == 50
    assert caplog.text.count("more than 50 frames are published") == 1
    assert seen(buffer, "map", "camera", 1.0) == [1.0, 0.0, 0.0]
    # Those that are no longer published make room.
    buffer.take(message("base", "new", 20.0), static=False)
    assert seen(buffer, "map", "new", 20.0) == [1.0, 0.0, 0.0]
    assert len(buffer._links) < 50


def test_a_frame_with_an_endless_name_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    buffer = TransformBuffer()
    buffer.take(message("map", "f" * 1_000_000), static=False)
    buffer.take(message("p" * 1_000_000, "camera"), static=False)
    assert not buffer._links
    assert len(caplog.text) < 1000


def test_the_poses_of_a_frame_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transforms, "MAX_POSES", 100)
    buffer = TransformBuffer()
    for number in range(300):
        buffer.take(message("map", "camera", number / 1000), static=False)
    assert len(buffer._links["camera"].stamps) == len(buffer._links["camera"].poses) == 100
    assert seen(buffer, "map", "camera", 0.299) == [1.0, 0.0, 0.0]


def test_clearing_keeps_only_static_transforms() -> None:
    buffer = TransformBuffer()
    buffer.take(message("odom", "base", 5.0), static=False)
    buffer.take(message("base", "camera"), static=True)
    buffer.clear()
    buffer.lookup("base", "camera", 0)
    with pytest.raises(TransformUnavailableError):
        buffer.lookup("odom", "camera", 5 * SECOND)


def test_invalid_transforms_are_ignored() -> None:
    buffer = TransformBuffer()
    buffer.take(message("odom", "base", 1.0, (math.nan, 0.0, 0.0)), static=True)
    buffer.take(message("odom", "base", 1.0, turned=(0.0, 0.0, 0.0, 0.0)), static=True)
    buffer.take(message("base", "base", 1.0), static=True)
    with pytest.raises(TransformUnavailableError):
        buffer.lookup("odom", "base", 0)
    buffer.take(message("a", "b"), static=True)
    buffer.take(message("b", "a"), static=True)
    with pytest.raises(TransformUnavailableError):
        buffer.lookup("odom", "a", 0)
