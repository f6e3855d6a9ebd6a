# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml teach``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from network import Network

from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.messages.make import nanoseconds_of, time_message
from skeleton_dml_ros.messages.skeleton_array import skeleton_array_message
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.diagnostics import InputStatus, NodeStatus, diagnose
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25

Command = Callable[..., tuple[str, str]]

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND


@pytest.fixture(autouse=True)
def enrolled(network: Network) -> None:
    reference = make(
        "skeleton_dml_ros/msg/Reference",
        reference_id="a" * 12,
        label="bow",
        kind=1,
        created=time_message(make, NOW),
        duration=1.5,
        frames=45,
        visibility=1.0,
        source="camera/Ada/1",
    )
    network.answer(interface.ENROLL, message="taught 'bow'", reference=reference)


def diagnosed(network: Network, **inputs: str) -> None:
    """The node reports inputs of these formats."""
    seen = tuple(InputStatus(name, kind, ("skeletons",)) for name, kind in inputs.items())
    status = NodeStatus(active=True, inputs=seen)
    network.say(interface.DIAGNOSTICS, diagnose(make, NOW, interface.NODE_NAME, status))


def asked(network: Network) -> Any:
    (name, request), = network.asked  # fmt: skip
    assert name == "/recognition_node/enroll_reference"
    return request


def test_a_clip_is_taught_by_its_id(run: Command, network: Network) -> None:
    said, _ = run("teach", "bow", "--clip", "camera/Ada/1")
    request = asked(network)
    assert said == "taught 'bow'\n"
    assert (request.label, request.clip_id, request.kind) == ("bow", "camera/Ada/1", 0)
    assert (request.person_id, len(request.recording)) == ("", 0)


def test_without_an_option_the_last_unknown_action_is_taught(
    run: Command, network: Network
) -> None:
    assert run("teach", "bow")[0] == "taught 'bow'\n"
    request = asked(network)
    assert (request.label, request.clip_id, request.person_id) == ("bow", "", "")
    assert len(request.recording) == 0


def test_a_recording_is_sent_unchanged(run: Command, network: Network, folder: Path) -> None:
    run("teach", "scratch", "--recording", "one.npz", "--ignore")
    request = asked(network)
    assert bytes(request.recording) == (folder / "one.npz").read_bytes()
    assert request.kind == 1


def test_the_response_cannot_control_the_terminal(run: Command, network: Network) -> None:
    network.answer(interface.ENROLL, message="taught '[/x]\x1b]0;title\x07'")
    assert run("teach", "bow")[0] == "taught '[/x]]0;title'\n"


def test_json_describes_the_reference(run_json: Callable[..., Any], network: Network) -> None:
    row = run_json("teach", "bow", "--clip", "camera/Ada/1")
    assert (row["reference_id"], row["kind"], row["duration"]) == ("a" * 12, "ignore", 1.5)


def test_last_counts_from_the_stamps_of_the_inputs_messages(run: Command, network: Network) -> None:
    diagnosed(network, camera="skeleton_array", door="zed")
    latest = SkeletonFrame(NOW - 90 * SECOND, (), (), NTU_25, frame_id="camera")
    network.say("/skeletons", skeleton_array_message(latest, make))
    said, _ = run("teach", "bow", "--person", "camera/Ada", "--last", "4.5")
    request = asked(network)
    assert said == "taught 'bow'\n"
    assert nanoseconds_of(request.start) == NOW - round(94.5 * SECOND)
    assert nanoseconds_of(request.end) == 0
    assert request.person_id == "camera/Ada"


def test_last_counts_from_the_nodes_clock_for_other_formats_and_says_so(
    run: Command, network: Network
) -> None:
    diagnosed(network, door="zed")
    said, _ = run("teach", "bow", "--person", "Ada", "--last", "3")
    assert nanoseconds_of(asked(network).start) == NOW - 3 * SECOND
    assert "--last counts from the clock of /recognition_node" in said.splitlines()[0]


def test_zero_seconds_select_all_kept_frames(run: Command, network: Network) -> None:
    run("teach", "bow", "--person", "camera/Ada", "--last", "0")
    assert nanoseconds_of(asked(network).start) == 0


@pytest.mark.parametrize(
    ("inputs", "person", "named"),
    [
        ({}, "camera/Ada", "no diagnostics"),
        ({"camera": "skeleton_array"}, "camera/Ada", "/skeletons"),
        ({"front": "zed", "back": "zed"}, "Ada", "input/person"),
        ({"front": "zed", "back": "zed"}, "left/Ada", "front, back"),
    ],
    ids=["no node", "nothing comes", "no input named", "no such input"],
)
def test_nothing_is_taught_if_message_time_is_unknown(
    run: Command,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
    inputs: dict[str, str],
    person: str,
    named: str,
) -> None:
    monkeypatch.setattr("skeleton_dml_ros.cli.teach.DIAGNOSTICS_WAIT", 0.1)
    monkeypatch.setattr("skeleton_dml_ros.cli.teach.FRAME_WAIT", 0.1)
    if inputs:
        diagnosed(network, **inputs)
    _, said = run("teach", "bow", "--person", person, "--last", "3", status=2)
    assert named in said
    assert network.asked == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--clip", "a", "--person", "b", "--last", "1"], "--clip and --person"),
        (["--person", "b"], "--last"),
        (["--clip", "a", "--last", "3"], "--last"),
        (["--recording", "nowhere.npz"], "nowhere.npz"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_sources_exclude_each_other(
    run: Command, network: Network, options: list[str], named: str
) -> None:
    assert named in run("teach", "bow", *options, status=2)[1]
    assert network.asked == []


def test_a_refusal_of_the_node_is_one_line(run: Command, network: Network) -> None:
    network.refuse(interface.ENROLL, "there is no clip 'x'")
    assert run("teach", "bow", "--clip", "x", status=2)[1] == "skeleton-dml: there is no clip 'x'\n"


def test_an_unavailable_node_is_one_line(run: Command, network: Network) -> None:
    _, said = run("teach", "bow", "--clip", "x", "--node", "robot1/recognition_node", status=2)
    assert "/robot1/recognition_node/enroll_reference is unavailable on domain" in said


def test_the_time_of_another_node_is_not_used(
    run: Command, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skeleton_dml_ros.cli.teach.DIAGNOSTICS_WAIT", 0.1)
    status = NodeStatus(active=True, inputs=(InputStatus("camera", "zed", ("x",)),))
    network.say(interface.DIAGNOSTICS, diagnose(make, NOW, "/robot1/recognition_node", status))
    _, said = run("teach", "bow", "--person", "camera/Ada", "--last", "3", status=2)
    assert "no diagnostics of /recognition_node arrived on domain 0" in said
