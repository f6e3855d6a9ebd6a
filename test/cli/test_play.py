# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml play``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from network import Network

from skeleton_dml_ros.cli.play import PAUSE_INTERVAL_NS, Player, camera_view
from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.datasets.streams import read_stream
from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.messages.skeleton_array import (
    TYPE,
    read_skeleton_array,
    skeleton_array_message,
)
from skeleton_dml_ros.skeleton.axes import Axes, to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25

Command = Callable[..., tuple[str, str]]

SECOND = 1_000_000_000


def arrived(network: Network) -> list[SkeletonFrame]:
    return [read_skeleton_array(message) for _, message in network.published]


def standing(*stamps: float) -> Iterator[SkeletonFrame]:
    for stamp in stamps:
        joints = np.ones((1, 25, 3), dtype=np.float32)
        yield SkeletonFrame(round(stamp * SECOND), ("0",), joints, NTU_25)


def test_a_recording_is_published_like_a_camera_stream(
    run: Command, network: Network, folder: Path
) -> None:
    before = time.time_ns()
    said, _ = run("play", "one.npz", "--rate", "50", "--frame-id", "kitchen")
    seen = arrived(network)
    (clip,) = [read_archive(folder / "one.npz").clip(0)]
    people = [one for one in seen if one.person_ids]
    assert {topic for topic, _ in network.published} == {"/skeletons"}
    assert {one.frame_id for one in seen} == {"kitchen"}
    assert len(people) == len(clip)
    np.testing.assert_allclose(
        to_kinect_axes(people[7].positions, Axes.CAMERA_OPTICAL), clip.positions[7], atol=1e-6
    )
    assert before <= seen[0].stamp_ns <= time.time_ns()
    stamps = np.array([one.stamp_ns for one in people])
    np.testing.assert_allclose(
        (stamps - stamps[0]) / SECOND, clip.timestamps - clip.timestamps[0], atol=1e-8
    )
    assert f"{len(clip)} frames" in said
    assert "1 subscriber" in said


def test_the_rate_scales_the_duration(run: Command, network: Network, folder: Path) -> None:
    # The clip takes 3.5 s; empty frames follow for 2 s.
    begun = time.monotonic()
    run("play", "one.npz", "--rate", "10")
    assert 0.5 < time.monotonic() - begun < 2.5


def test_empty_frames_fill_the_time_between_clips_and_after_the_last(
    run: Command, network: Network, folder: Path
) -> None:
    run("play", "motions.npz", "--rate", "1000", "--topic", "front/skeletons")
    seen = arrived(network)
    steps = np.diff([one.stamp_ns for one in seen])
    assert steps.min() > 0
    assert steps.max() <= PAUSE_INTERVAL_NS * 1.01
    assert not seen[-1].person_ids
    assert len({person for one in seen for person in one.person_ids}) == 4
    assert network.published[0][0] == "/front/skeletons"


def test_only_long_intervals_are_filled() -> None:
    seen = list(camera_view(standing(0.0, 0.4, 0.8, 2.0), NTU_25, "camera"))
    with_people = [one.stamp_ns / SECOND for one in seen if one.person_ids]
    assert with_people == [0.0, 0.4, 0.8, 2.0]
    empty = [one.stamp_ns / SECOND for one in seen if not one.person_ids]
    assert min(empty) == pytest.approx(0.8 + 1 / 30)
    assert sum(0.8 < stamp < 2.0 for stamp in empty) == 35


def test_time_that_jumps_back_in_a_recording_is_shifted_forwards() -> None:
    seen = list(camera_view(standing(5.0, 5.1, 0.0, 0.1), NTU_25, "camera"))
    with_people = [one.stamp_ns / SECOND for one in seen if one.person_ids]
    assert with_people == pytest.approx([5.0, 5.1, 7.1, 7.2])


def test_repeated_and_late_stamps_are_left_out() -> None:
    seen = list(camera_view(standing(5.0, 5.1, 5.1, 5.05, 5.2), NTU_25, "camera"))
    with_people = [one.stamp_ns / SECOND for one in seen if one.person_ids]
    assert with_people == pytest.approx([5.0, 5.1, 5.2])
    assert min(one.stamp_ns for one in seen if not one.person_ids) > 5.2 * SECOND


def test_a_recording_is_played_without_subscribers_too(
    run: Command, network: Network, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skeleton_dml_ros.cli.play.WAIT", 0.1)
    network.listeners = 0
    said, _ = run("play", "one.npz", "--rate", "100")
    assert "no subscriber after" in said
    assert len(network.published) > 100


def test_stamps_keep_increasing_in_a_loop(
    run: Command, network: Network, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = len(read_stream(folder / "one.npz"))

    def interrupted(self: object, skeletons: SkeletonFrame) -> None:
        stamps.append(skeletons.stamp_ns)
        if len(stamps) == 3 * frames:
            raise KeyboardInterrupt

    stamps: list[int] = []
    monkeypatch.setattr(Player, "publish", interrupted)
    run("play", "one.npz", "--rate", "1000", "--loop", status=130)
    assert np.diff(stamps).min() > 0
    assert np.diff(stamps).max() <= PAUSE_INTERVAL_NS * 1.01


def test_a_bag_keeps_its_intervals(run: Command, network: Network, folder: Path, bags: Any) -> None:
    recorded = []
    for frame in camera_view(standing(7.0, 7.1, 9.0), NTU_25, "kitchen"):
        if frame.person_ids:
            message = skeleton_array_message(frame, make)
            recorded.append(("/skeletons", TYPE, frame.stamp_ns, message))
    bags.write(folder / "evening", recorded)
    run("play", "evening", "--rate", "1000")
    seen = [one for one in arrived(network) if one.person_ids]
    stamps = np.array([one.stamp_ns for one in seen])
    np.testing.assert_allclose((stamps - stamps[0]) / SECOND, [0.0, 0.1, 2.0])
    np.testing.assert_allclose(seen[0].positions[0, 0], [-1, -1, 1])


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_a_rate_of_zero_or_less_is_refused(
    run: Command, network: Network, folder: Path, rate: str
) -> None:
    assert "--rate" in run("play", "one.npz", f"--rate={rate}", status=2)[1]
    assert network.published == []


def test_the_player_waits_for_the_wanted_number_of_subscribers(network: Network) -> None:
    participant: Any = network.participant("play")
    player = Player(participant, "/skeletons")
    assert player.subscribers(60.0) == 1
    assert player.subscribers(0.1, wanted=2) == 1
    network.listeners = 2
    assert player.subscribers(60.0, wanted=2) == 2
