# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest
from acting import SECOND, script
from stage import BOWING, OPTICAL, WAVING, Scene, nobody, reading
from waiting import wait_until

from skeleton_dml_ros.node import interface


def test_markers_come_only_where_somebody_looks_and_at_the_rate_asked_for(scene: Scene) -> None:
    scene.film(WAVING)
    assert scene.stage.said(interface.MARKERS) == []
    scene.stage.watched.add(interface.MARKERS)
    scene.node.change({"publish.marker_rate": 5.0})
    start_ns = scene.time_ns
    scene.film(WAVING)
    drawn = scene.stage.said(interface.MARKERS)
    assert len(drawn) == 15
    assert drawn[0].markers[0].header.frame_id == OPTICAL
    # Played from the start, they go on at once.
    scene.time_ns = start_ns
    scene.film(WAVING)
    assert len(scene.stage.said(interface.MARKERS)) == 30
    scene.node.change({"publish.markers": False})
    scene.film(WAVING)
    assert len(scene.stage.said(interface.MARKERS)) == 30


def captions(scene: Scene) -> list[str]:
    """What stood above heads, without repetitions."""
    texts = [
        marker.text
        for message in scene.stage.said(interface.MARKERS)
        for marker in message.markers
        if marker.ns.endswith("/label")
    ]
    return [text for index, text in enumerate(texts) if index == 0 or text != texts[index - 1]]


def test_markers_say_what_people_do_and_did(scene: Scene) -> None:
    scene.teach()
    scene.film(script((None, 4)))
    scene.stage.watched.add(interface.MARKERS)
    for count, action in enumerate((WAVING, BOWING), start=2):
        scene.film(action)
        scene.recognitions(count)
        scene.film(script((None, 4)))
    shown = captions(scene)
    assert [text for text in shown if text != "camera/7"] == [
        "moving ...",
        "wave 0.00",
        "moving ...",
        "what was that?",
    ]
    assert shown[0] == shown[-1] == "camera/7"


def test_where_nobody_is_an_empty_array_is_drawn(scene: Scene) -> None:
    scene.stage.watched.add(interface.MARKERS)
    scene.show(nobody(scene.time_ns, 0.1))
    assert scene.stage.said(interface.MARKERS)[0].markers == []


def test_the_image_of_a_clip_comes_where_it_is_asked_for(scene: Scene) -> None:
    scene.stage.watched.add(interface.IMAGE)
    scene.film(WAVING)
    scene.recognitions(1)
    scene.node.change({"publish.image": True})
    scene.film(WAVING)
    (image,) = scene.stage.wait_for(interface.IMAGE)
    assert (image.encoding, image.header.frame_id) == ("rgb8", OPTICAL)
    assert image.header.stamp == scene.recognitions(2)[1].header.stamp
    scene.stage.watched.clear()
    scene.film(WAVING)
    scene.film(WAVING)
    scene.recognitions(4)
    assert len(scene.stage.said(interface.IMAGE)) == 1


def test_a_picture_that_cannot_be_drawn_refuses_no_message(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("no pen")

    monkeypatch.setattr(scene.node._person_markers, "markers", fail)
    scene.stage.watched.add(interface.MARKERS)
    scene.film(WAVING)
    assert len(scene.recognitions(1)) == 1
    assert reading(scene.diagnostics()["input camera"])["messages refused"] == "0"
    assert [one.exc_info is not None for one in caplog.records if "drawn" in one.message] == [True]


def test_an_input_that_begins_anew_leaves_what_is_drawn_at_the_others(scene: Scene) -> None:
    scene.activate(formats={"camera": "skeleton_array", "door": "skeleton_array"})
    scene.film(WAVING, "camera")
    scene.film(WAVING, "door")
    scene.recognitions(2)
    scene.time_ns = 500 * SECOND
    scene.film(script((None, 0.5)), "camera")
    wait_until(lambda: set(scene.node._person_markers._latest) == {("door", "7")})
