# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import WAVING, FakeAdapter, NodeHarness, reading

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.diagnostics import Level
from skeleton_dml_ros.node.parameters import Value
from skeleton_dml_ros.node.recognition_node import RecognitionNode


def is_active(node_harness: NodeHarness) -> bool:
    return node_harness.node.active


def test_the_node_can_go_through_its_lifecycle_twice(
    adapter: FakeAdapter, tmp_path: Path, untrained_model: Path
) -> None:
    node_harness = NodeHarness(adapter, tmp_path, untrained_model)
    for turn in (1, 2):
        node_harness.node.configure(node_harness.values)
        assert not is_active(node_harness)
        node_harness.node.activate()
        assert is_active(node_harness)
        assert [source.topic for source in adapter.listening["camera"]] == ["skeletons"]
        node_harness.perform(WAVING)
        node_harness.recognitions(turn)
        node_harness.node.deactivate()
        assert not is_active(node_harness)
        assert adapter.listening == {"camera": ()}
        assert node_harness.engine.released
        node_harness.node.cleanup()


def test_the_default_engine_recognises_a_taught_action(
    adapter: FakeAdapter, tmp_path: Path, untrained_model: Path
) -> None:
    node_harness = NodeHarness(adapter, tmp_path, untrained_model)
    node_harness.node = RecognitionNode(adapter)
    node_harness.activate()
    node_harness.teach()
    node_harness.perform(WAVING)
    assert node_harness.recognitions(2)[1].label == "wave"
    assert node_harness.diagnostics()["model"].message == "untrained on cpu"
    node_harness.node.cleanup()


def test_deactivation_and_cleanup_may_be_repeated(node_harness: NodeHarness) -> None:
    node_harness.node.deactivate()
    node_harness.node.deactivate()
    node_harness.node.cleanup()
    node_harness.node.cleanup()


def test_refusals_and_diagnostics_of_an_inactive_node_name_the_next_step(
    node_harness: NodeHarness,
) -> None:
    def said() -> tuple[str, str]:
        answer = node_harness.ask(interface.LIST)
        assert not answer.success
        return answer.message, node_harness.diagnostics()["recognition"].message

    name = interface.DEFAULT_NODE
    node_harness.node.deactivate()
    assert said() == (
        f"{name} is not active; activate it: ros2 lifecycle set {name} activate",
        "not recognising: activate the node",
    )
    node_harness.node.cleanup()
    assert said() == (
        f"{name} is not active; configure it, then activate it: ros2 lifecycle set {name} configure",
        "not recognising: configure the node",
    )
    node_harness.node.shut_down()
    assert said() == (f"{name} was shut down; restart it", "not recognising: restart the node")


def test_an_unconfigured_node_cannot_be_activated(adapter: FakeAdapter) -> None:
    with pytest.raises(SkeletonDmlError, match="not configured; configure it first"):
        RecognitionNode(adapter).activate()


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
        (
            {"input.camera.topic": "my skeletons"},
            "input.camera.topic is 'my skeletons', not a topic",
        ),
        ({"input.camera.topic": "/skeletons/"}, "input.camera.topic is '/skeletons/', not a topic"),
        ({"input.camera.topic": "/a//b"}, "single slashes, none at the end"),
        ({"input.camera.joint_frame": "hand"}, r"joint_frame is 'hand'; include \{joint\}"),
    ],
)
def test_a_configuration_error_is_one_line_and_the_node_works_once_it_is_fixed(
    node_harness: NodeHarness, changed: dict[str, Value], error: str
) -> None:
    node_harness.node.cleanup()
    with pytest.raises(SkeletonDmlError, match=error) as refused:
        node_harness.node.configure(node_harness.values | changed)
    assert "\n" not in str(refused.value)
    status = node_harness.diagnostics()["recognition"]
    assert (status.level, status.message) == (Level.WARN, str(refused.value))
    with pytest.raises(SkeletonDmlError, match="not configured"):
        node_harness.node.activate()
    node_harness.node.configure(node_harness.values)
    node_harness.node.activate()
    assert node_harness.diagnostics()["recognition"].level == Level.OK
    node_harness.perform(WAVING)
    node_harness.recognitions(1)


def test_an_invalid_store_is_not_modified(node_harness: NodeHarness, tmp_path: Path) -> None:
    node_harness.node.cleanup()
    path = tmp_path / "notes.txt"
    path.write_text("buy milk")
    with pytest.raises(SkeletonDmlError, match=r"notes\.txt is not a reference store"):
        node_harness.node.configure(node_harness.values | {"references": str(path)})
    assert path.read_text() == "buy milk"


def test_a_missing_device_keeps_the_node_inactive(
    adapter: FakeAdapter, tmp_path: Path, untrained_model: Path
) -> None:
    node_harness = NodeHarness(adapter, tmp_path, untrained_model)
    node_harness.node = RecognitionNode(adapter)
    node_harness.node.configure(node_harness.values | {"device": "cuda:99"})
    with pytest.raises(SkeletonDmlError, match="device 'cuda:99' cannot be used"):
        node_harness.node.activate()
    assert not is_active(node_harness)
    assert not adapter.listening
    status = node_harness.diagnostics()["recognition"]
    assert status.level == Level.WARN
    assert status.message.startswith("device 'cuda:99' cannot be used")
    node_harness.node.configure(node_harness.values)
    node_harness.node.activate()
    assert node_harness.diagnostics()["recognition"].level == Level.OK
    node_harness.node.cleanup()


def test_a_device_that_fails_at_the_first_clip_keeps_the_node_inactive(
    adapter: FakeAdapter, tmp_path: Path, untrained_model: Path
) -> None:
    node_harness = NodeHarness(adapter, tmp_path, untrained_model)

    def fail() -> None:
        raise RuntimeError("CUDA out of memory")

    node_harness.engine.before = fail
    with pytest.raises(SkeletonDmlError, match="does not run on its device: CUDA out of memory"):
        node_harness.activate()
    assert not is_active(node_harness)
    assert node_harness.engine.released
    node_harness.engine.before = lambda: None
    node_harness.activate()
    assert is_active(node_harness)
    node_harness.node.cleanup()


def test_a_failing_subscription_keeps_the_node_inactive(
    adapter: FakeAdapter, tmp_path: Path, untrained_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node_harness = NodeHarness(adapter, tmp_path, untrained_model)

    def refuse(input_name: str, source: Source, reliable: bool) -> None:
        raise SkeletonDmlError("the messages are not installed")

    with monkeypatch.context() as patched:
        patched.setattr(adapter, "subscribe", refuse)
        with pytest.raises(SkeletonDmlError, match="not installed"):
            node_harness.activate()
    assert not is_active(node_harness)
    assert node_harness.engine.released
    node_harness.activate()
    assert is_active(node_harness)
    node_harness.node.cleanup()


@pytest.mark.parametrize(
    "error", [ImportError("no PIL"), OSError(5, "disk"), ValueError("InvalidTopicNameException")]
)
def test_any_exception_during_activation_is_logged_and_shown_until_it_works(
    adapter: FakeAdapter,
    tmp_path: Path,
    untrained_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    node_harness = NodeHarness(adapter, tmp_path, untrained_model)

    def fail(input_name: str, source: Source, reliable: bool) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(adapter, "subscribe", fail)
        with pytest.raises(SkeletonDmlError, match="internal error, see the log"):
            node_harness.activate()
    assert [one.exc_info[1] for one in caplog.records if one.exc_info] == [error]
    assert not is_active(node_harness)
    status = node_harness.diagnostics()["recognition"]
    assert status.level == Level.WARN
    assert status.message == f"internal error, see the log: {error!r}"
    node_harness.activate()
    assert node_harness.diagnostics()["recognition"].level == Level.OK
    node_harness.node.cleanup()


def test_messages_are_ignored_while_the_node_is_inactive(node_harness: NodeHarness) -> None:
    node_harness.node.deactivate()
    node_harness.perform(WAVING)
    node_harness.node.tick()
    node_harness.node.activate()
    status = node_harness.diagnostics()
    assert reading(status["input camera"])["messages received"] == "0"
    assert node_harness.adapter.published(interface.RECOGNITIONS) == []


def test_reconfiguration_closes_the_previous_store(
    node_harness: NodeHarness, tmp_path: Path
) -> None:
    node_harness.teach()
    node_harness.activate({"references": str(tmp_path / "new" / "other.db")})
    assert node_harness.ask(interface.LIST).references.references == []
    assert not (tmp_path / "references.db-wal").exists()
