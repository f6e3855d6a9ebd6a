# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from definitions import make
from fakes import WAVING, FakeAdapter, FakeEngine, NodeHarness, reading
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.diagnostics import Level
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def test_diagnostics_describe_each_lifecycle_state(
    adapter: FakeAdapter, tmp_path: Path, untrained_model: Path
) -> None:
    node_harness = NodeHarness(adapter, tmp_path, untrained_model)
    assert node_harness.diagnostics()["model"].message == "no model: configure the node"
    node_harness.node.configure(node_harness.values)
    status = node_harness.diagnostics()
    assert status["model"].message == "untrained, on no device: activate the node"
    assert status["input camera"].message == "not subscribed: activate the node"
    node_harness.node.activate()
    status = node_harness.diagnostics()
    assert status["model"].message == "untrained on cpu"
    assert "no references yet" in status["references"].message
    node_harness.perform(WAVING)
    status = node_harness.diagnostics()
    assert status["input camera"].level == Level.OK
    assert status["input camera"].message.endswith(" Hz, 1 person")
    assert reading(status["input camera"])["topics"] == "skeletons"
    node_harness.teach()
    status = node_harness.diagnostics()
    assert status["references"].message == "1 reference"
    assert reading(status["references"])["file"] == node_harness.values["references"]
    node_harness.node.deactivate()
    assert node_harness.diagnostics()["recognition"].message == "not recognising: activate the node"
    node_harness.node.cleanup()
    assert node_harness.diagnostics()["model"].message == "no model: configure the node"


def test_an_input_without_a_publisher_is_reported(node_harness: NodeHarness) -> None:
    node_harness.adapter.publisher_counts["skeletons"] = 0
    assert "skeletons has no publisher yet" in node_harness.diagnostics()["input camera"].message
    node_harness.adapter.publisher_counts.clear()
    node_harness.adapter.incompatible_policies["skeletons"] = "reliability"
    status = node_harness.diagnostics()["input camera"]
    assert status.level == Level.ERROR
    assert "a publisher of skeletons has incompatible QoS (rel" in status.message
    node_harness.adapter.incompatible_policies.clear()
    assert "no message yet on skeletons" in node_harness.diagnostics()["input camera"].message


def test_a_silent_input_is_an_error_and_is_logged(
    node_harness: NodeHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    node_harness.perform(WAVING)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 7)
    with caplog.at_level(logging.WARNING):
        status = node_harness.diagnostics()["input camera"]
        node_harness.diagnostics()
    assert status.level == Level.ERROR
    # A publisher of another type has taken over, perhaps: its messages do not arrive.
    assert status.message == (
        "no message for 7 s: check skeletons with ros2 topic hz, and with ros2 topic info that the "
        "type is skeleton_dml_ros/msg/SkeletonArray"
    )
    lines = [one.getMessage() for one in caplog.records if "no message on" in one.getMessage()]
    assert lines == ["input camera: no message on skeletons for 7 s (it has a publisher)"]


def test_a_simulated_clock_without_a_time_is_reported_and_logged(
    node_harness: NodeHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    adapter, clock_ns = node_harness.adapter, node_harness.adapter.clock_ns
    adapter.clock_ns = 0
    status = node_harness.diagnostics()["recognition"]
    assert status.level == Level.WARN
    assert status.message.startswith("no time on /clock, and use_sim_time is set: start what")
    assert "no time on /clock" not in caplog.text
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 4)
    node_harness.diagnostics()
    node_harness.diagnostics()
    assert caplog.text.count("no time on /clock") == 1
    for action, fields in (
        (interface.RECORD, {"label": "bow", "countdown": 3.0}),
        (interface.CALIBRATE, {"seconds": 10.0, "false_accept_rate": 0.1}),
    ):
        goal = make(f"{action.type}_Goal", **fields)
        result = node_harness.node.execute(action, goal, lambda _: None, lambda: False)
        assert not result.success
        assert result.message.startswith("no time on /clock")
    adapter.clock_ns = clock_ns
    assert node_harness.diagnostics()["recognition"].level == Level.OK


def test_topics_are_named_as_they_are_after_remapping(
    node_harness: NodeHarness, caplog: pytest.LogCaptureFixture
) -> None:
    node_harness.adapter.remapped["skeletons"] = "/robot/front/skeletons"
    with caplog.at_level(logging.INFO):
        node_harness.activate()
    assert "subscribed to /robot/front/skeletons (camera)" in caplog.text
    node_harness.adapter.publisher_counts["skeletons"] = 0
    status = node_harness.diagnostics()["input camera"]
    assert status.message.startswith("/robot/front/skeletons has no publisher yet")
    assert reading(status)["topics"] == "/robot/front/skeletons"


class PickyEngine(FakeEngine):
    """Embeds only the dummy clip of the warm-up."""

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        if any(sequence.start_ns for sequence in sequences):
            raise SkeletonDmlError("too little was seen")
        return super().embed(sequences)


def test_a_reference_that_the_model_cannot_embed_is_reported(
    node_harness: NodeHarness,
) -> None:
    node_harness.teach()
    node_harness.engine = PickyEngine()
    # As after a change of model: no embeddings are stored under this key.
    node_harness.engine.key = replace(node_harness.engine.key, weights_digest="other")
    node_harness.activate()
    status = node_harness.diagnostics()["references"]
    assert status.level == Level.WARN
    assert status.message.startswith("this model cannot embed 1 of 1 reference")
    assert reading(status)["references not matched"] == "1"
    assert [one.label for one in node_harness.ask(interface.LIST).references.references] == ["wave"]


def test_diagnostics_and_hints_contain_the_nodes_full_name(
    adapter: FakeAdapter, tmp_path: Path, untrained_model: Path
) -> None:
    adapter.node_name = "/robot1/recognition_node"
    node_harness = NodeHarness(adapter, tmp_path, untrained_model)
    node_harness.node.configure(node_harness.values)
    node_harness.node.report()
    names = {status.name for status in adapter.published(interface.DIAGNOSTICS)[-1].status}
    assert "robot1/recognition_node: input camera" in names
    message = node_harness.ask(interface.LIST).message
    assert message.endswith(": ros2 lifecycle set /robot1/recognition_node activate")
    node_harness.node.cleanup()
