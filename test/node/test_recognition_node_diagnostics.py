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
from numpy.typing import NDArray
from stage import WAVING, DemoOutput, Scene, StageEngine, reading

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.diagnostics import Level
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def test_diagnostics_say_in_each_state_what_the_node_does(
    stage: DemoOutput, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)
    assert scene.diagnostics()["model"].message == "no model: configure the node"
    scene.node.configure(scene.values)
    status = scene.diagnostics()
    assert status["model"].message == "untrained, on no device: activate the node"
    assert status["input camera"].message == "not subscribed: activate the node"
    scene.node.activate()
    status = scene.diagnostics()
    assert status["model"].message == "untrained on stage"
    assert "no references yet" in status["references"].message
    scene.film(WAVING)
    status = scene.diagnostics()
    assert status["input camera"].level == Level.OK
    assert status["input camera"].message.endswith(" Hz, 1 person")
    assert reading(status["input camera"])["topics"] == "skeletons"
    scene.teach()
    status = scene.diagnostics()
    assert status["references"].message == "1 reference"
    assert reading(status["references"])["file"] == scene.values["references"]
    scene.node.deactivate()
    assert scene.diagnostics()["recognition"].message == "not recognising: activate the node"
    scene.node.cleanup()
    assert scene.diagnostics()["model"].message == "no model: configure the node"


def test_an_input_that_nobody_publishes_is_said_to_be_so(scene: Scene) -> None:
    scene.stage.publishing["skeletons"] = 0
    assert "skeletons has no publisher yet" in scene.diagnostics()["input camera"].message
    scene.stage.publishing.clear()
    scene.stage.odd_qos["skeletons"] = "reliability"
    status = scene.diagnostics()["input camera"]
    assert status.level == Level.ERROR
    assert "a publisher of skeletons has incompatible QoS (rel" in status.message
    scene.stage.odd_qos.clear()
    assert "no message yet on skeletons" in scene.diagnostics()["input camera"].message


def test_a_silent_input_is_an_error_and_a_line_in_the_log(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    scene.film(WAVING)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 7)
    with caplog.at_level(logging.WARNING):
        status = scene.diagnostics()["input camera"]
        scene.diagnostics()
    assert status.level == Level.ERROR
    assert status.message.startswith("no message for 7 s: check skeletons with ros2 topic hz")
    lines = [one.getMessage() for one in caplog.records if "no message on" in one.getMessage()]
    assert lines == ["input camera: no message on skeletons for 7 s (it has a publisher)"]


class PickyEngine(StageEngine):
    """Embeds the made-up clip of the warm-up and nothing else."""

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        if any(sequence.start_ns for sequence in sequences):
            raise SkeletonDmlError("too little was seen")
        return super().embed(sequences)


def test_a_reference_that_the_model_cannot_embed_is_said_to_be_so(scene: Scene) -> None:
    scene.teach()
    scene.engine = PickyEngine()
    # As after another model: nothing is kept under this key.
    scene.engine.key = replace(scene.engine.key, weights_digest="other")
    scene.activate()
    status = scene.diagnostics()["references"]
    assert status.level == Level.WARN
    assert status.message.startswith("this model cannot embed 1 of 1 reference")
    assert reading(status)["references not matched"] == "1"
    assert [one.label for one in scene.ask(interface.LIST).references.references] == ["wave"]


def test_the_nodes_full_name_stands_in_its_diagnostics_and_hints(
    stage: DemoOutput, tmp_path: Path, untrained_model: Path
) -> None:
    stage.node_name = "/robot1/recognition_node"
    scene = Scene(stage, tmp_path, untrained_model)
    scene.node.configure(scene.values)
    scene.node.report()
    names = {status.name for status in stage.said(interface.DIAGNOSTICS)[-1].status}
    assert "robot1/recognition_node: input camera" in names
    message = scene.ask(interface.LIST).message
    assert message.endswith("ros2 lifecycle set /robot1/recognition_node activate")
    scene.node.cleanup()
