# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import pytest
from stage import WAVING, DemoOutput, Scene, reading

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.diagnostics import Level
from skeleton_dml_ros.node.parameters import Value
from skeleton_dml_ros.node.recognition_node import RecognitionNode


def is_active(scene: Scene) -> bool:
    return scene.node.active


def test_the_node_goes_through_its_states_and_through_them_again(
    stage: DemoOutput, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)
    for turn in (1, 2):
        scene.node.configure(scene.values)
        assert not is_active(scene)
        scene.node.activate()
        assert is_active(scene)
        assert [source.topic for source in stage.listening["camera"]] == ["skeletons"]
        scene.film(WAVING)
        scene.recognitions(turn)
        scene.node.deactivate()
        assert not is_active(scene)
        assert stage.listening == {"camera": ()}
        assert scene.engine.released
        scene.node.cleanup()


def test_the_networks_own_engine_recognises_what_it_was_taught(
    stage: DemoOutput, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)
    scene.node = RecognitionNode(stage)
    scene.activate()
    scene.teach()
    scene.film(WAVING)
    assert scene.recognitions(2)[1].label == "wave"
    assert scene.diagnostics()["model"].message == "untrained on cpu"
    scene.node.cleanup()


def test_twice_is_no_error_on_the_way_down(scene: Scene) -> None:
    scene.node.deactivate()
    scene.node.deactivate()
    scene.node.cleanup()
    scene.node.cleanup()


def test_a_node_that_is_not_configured_cannot_become_active(stage: DemoOutput) -> None:
    with pytest.raises(SkeletonDmlError, match="not configured; configure it first"):
        RecognitionNode(stage).activate()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"model": "/nowhere"}, "/nowhere is not a model folder; give the folder"),
        ({"references": "/proc/none/references.db"}, "cannot create folder /proc/none"),
        ({"references": ""}, "references is empty; give the path"),
        ({"segmentation.stop_speed": 0.6}, "stop_speed is 0.6; give at most start_speed"),
        ({"buffer_seconds": 10.0}, "buffer_seconds is 10.0; give at least 18"),
        ({"inputs": ("camera", "camera")}, "inputs contains 'camera' twice"),
        ({"inputs": ("my camera",)}, "inputs contains 'my camera'; a name has letters"),
        ({"input.camera.joint_frame": "hand"}, r"joint_frame is 'hand'; include \{joint\}"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_the_node_works_once_it_is_mended(
    scene: Scene, changed: dict[str, Value], error: str
) -> None:
    scene.node.cleanup()
    with pytest.raises(SkeletonDmlError, match=error) as refused:
        scene.node.configure(scene.values | changed)
    assert "\n" not in str(refused.value)
    status = scene.diagnostics()["recognition"]
    assert (status.level, status.message) == (Level.WARN, str(refused.value))
    with pytest.raises(SkeletonDmlError, match="not configured"):
        scene.node.activate()
    scene.node.configure(scene.values)
    scene.node.activate()
    assert scene.diagnostics()["recognition"].level == Level.OK
    scene.film(WAVING)
    scene.recognitions(1)


def test_a_store_that_is_none_is_left_as_it_is(scene: Scene, tmp_path: Path) -> None:
    scene.node.cleanup()
    path = tmp_path / "notes.txt"
    path.write_text("buy milk")
    with pytest.raises(SkeletonDmlError, match=r"notes\.txt is not a reference store"):
        scene.node.configure(scene.values | {"references": str(path)})
    assert path.read_text() == "buy milk"


def test_a_device_that_is_not_there_keeps_the_node_inactive(
    stage: DemoOutput, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)
    scene.node = RecognitionNode(stage)
    scene.node.configure(scene.values | {"device": "cuda:99"})
    with pytest.raises(SkeletonDmlError, match="device 'cuda:99' cannot be used"):
        scene.node.activate()
    assert not is_active(scene)
    assert not stage.listening
    status = scene.diagnostics()["recognition"]
    assert status.level == Level.WARN
    assert status.message.startswith("device 'cuda:99' cannot be used")
    scene.node.configure(scene.values)
    scene.node.activate()
    assert scene.diagnostics()["recognition"].level == Level.OK
    scene.node.cleanup()


def test_a_device_that_fails_at_the_first_clip_keeps_the_node_inactive(
    stage: DemoOutput, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)

    def fail() -> None:
        raise RuntimeError("CUDA out of memory")

    scene.engine.before = fail
    with pytest.raises(SkeletonDmlError, match="does not run on its device: CUDA out of memory"):
        scene.activate()
    assert not is_active(scene)
    assert scene.engine.released
    scene.engine.before = lambda: None
    scene.activate()
    assert is_active(scene)
    scene.node.cleanup()


def test_a_topic_that_cannot_be_listened_to_keeps_the_node_inactive(
    stage: DemoOutput, tmp_path: Path, untrained_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)

    def refuse(input_name: str, source: Source, reliable: bool) -> None:
        raise SkeletonDmlError("the messages are not installed")

    with monkeypatch.context() as patched:
        patched.setattr(stage, "subscribe", refuse)
        with pytest.raises(SkeletonDmlError, match="not installed"):
            scene.activate()
    assert not is_active(scene)
    assert scene.engine.released
    scene.activate()
    assert is_active(scene)
    scene.node.cleanup()


def test_nothing_is_received_while_the_node_is_not_active(scene: Scene) -> None:
    scene.node.deactivate()
    scene.film(WAVING)
    scene.node.tick()
    scene.node.activate()
    status = scene.diagnostics()
    assert reading(status["input camera"])["messages received"] == "0"
    assert scene.stage.said(interface.RECOGNITIONS) == []


def test_a_node_configured_anew_lets_go_of_the_store_before(scene: Scene, tmp_path: Path) -> None:
    scene.teach()
    scene.activate({"references": str(tmp_path / "new" / "other.db")})
    assert scene.ask(interface.LIST).references.references == []
    assert not (tmp_path / "references.db-wal").exists()
