# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest
from acting import SECOND, script
from fakes import BOWING, OPTICAL, WAVING, NodeHarness, nobody, reading
from waiting import wait_until

from skeleton_dml_ros.node import interface


def test_markers_are_published_at_their_rate_while_subscribed_to(
    node_harness: NodeHarness,
) -> None:
    node_harness.perform(WAVING)
    assert node_harness.adapter.published(interface.MARKERS) == []
    node_harness.adapter.subscribed_topics.add(interface.MARKERS)
    node_harness.node.change({"publish.marker_rate": 5.0})
    start_ns = node_harness.time_ns
    node_harness.perform(WAVING)
    drawn = node_harness.adapter.published(interface.MARKERS)
    assert len(drawn) == 15
    assert drawn[0].markers[0].header.frame_id == OPTICAL
    # After a restart from the beginning, markers continue at once.
    node_harness.time_ns = start_ns
    node_harness.perform(WAVING)
    assert len(node_harness.adapter.published(interface.MARKERS)) == 30
    node_harness.node.change({"publish.markers": False})
    node_harness.perform(WAVING)
    assert len(node_harness.adapter.published(interface.MARKERS)) == 30


def captions(node_harness: NodeHarness) -> list[str]:
    """The labels above heads, without repetitions."""
    texts = [
        marker.text
        for message in node_harness.adapter.published(interface.MARKERS)
        for marker in message.markers
        if marker.ns.endswith("/label")
    ]
    return [text for index, text in enumerate(texts) if index == 0 or text != texts[index - 1]]


def test_markers_show_each_persons_state(node_harness: NodeHarness) -> None:
    node_harness.teach()
    node_harness.perform(script((None, 4)))
    node_harness.adapter.subscribed_topics.add(interface.MARKERS)
    for count, action in enumerate((WAVING, BOWING), start=2):
        node_harness.perform(action)
        node_harness.recognitions(count)
        node_harness.perform(script((None, 4)))
    shown = captions(node_harness)
    assert [text for text in shown if text != "camera/7"] == [
        "moving ...",
        "wave 100%",
        "moving ...",
        "what was that?",
    ]
    assert shown[0] == shown[-1] == "camera/7"


def test_frames_without_people_give_empty_marker_arrays(node_harness: NodeHarness) -> None:
    node_harness.adapter.subscribed_topics.add(interface.MARKERS)
    node_harness.send(nobody(node_harness.time_ns, 0.1))
    assert node_harness.adapter.published(interface.MARKERS)[0].markers == []


def test_the_image_of_a_clip_is_published_if_enabled_and_subscribed_to(
    node_harness: NodeHarness,
) -> None:
    node_harness.adapter.subscribed_topics.add(interface.IMAGE)
    node_harness.perform(WAVING)
    node_harness.recognitions(1)
    node_harness.node.change({"publish.image": True})
    node_harness.perform(WAVING)
    (image,) = node_harness.adapter.wait_for(interface.IMAGE)
    assert (image.encoding, image.header.frame_id) == ("rgb8", OPTICAL)
    assert image.header.stamp == node_harness.recognitions(2)[1].header.stamp
    node_harness.adapter.subscribed_topics.clear()
    node_harness.perform(WAVING)
    node_harness.perform(WAVING)
    node_harness.recognitions(4)
    assert len(node_harness.adapter.published(interface.IMAGE)) == 1


def test_a_drawing_error_does_not_refuse_the_message(
    node_harness: NodeHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("no pen")

    monkeypatch.setattr(node_harness.node._person_markers, "markers", fail)
    node_harness.adapter.subscribed_topics.add(interface.MARKERS)
    node_harness.perform(WAVING)
    assert len(node_harness.recognitions(1)) == 1
    assert reading(node_harness.diagnostics()["input camera"])["messages refused"] == "0"
    assert [one.exc_info is not None for one in caplog.records if "drawn" in one.message] == [True]


def test_a_time_reset_of_one_input_keeps_the_markers_of_others(
    node_harness: NodeHarness,
) -> None:
    node_harness.activate(formats={"camera": "skeleton_array", "door": "skeleton_array"})
    node_harness.perform(WAVING, "camera")
    node_harness.perform(WAVING, "door")
    node_harness.recognitions(2)
    node_harness.time_ns = 500 * SECOND
    node_harness.perform(script((None, 0.5)), "camera")
    wait_until(lambda: set(node_harness.node._person_markers._latest) == {("door", "7")})
