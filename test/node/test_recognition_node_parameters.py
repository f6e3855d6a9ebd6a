# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import math

import pytest
from stage import BOWING, WAVING, Scene

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.conversions import VERDICTS
from skeleton_dml_ros.recognition.event import Verdict

KNOWN, UNKNOWN = VERDICTS[Verdict.KNOWN], VERDICTS[Verdict.UNKNOWN]


def test_a_threshold_counts_at_once_and_is_published(scene: Scene) -> None:
    scene.teach()
    scene.node.change({"threshold": -100.0})
    latest = scene.stage.said(interface.REFERENCES)[-1]
    assert latest.threshold == -100
    scene.film(WAVING)
    strict = scene.recognitions(2)[-1]
    assert (strict.verdict, strict.threshold) == (UNKNOWN, -100)
    scene.node.change({"threshold": math.nan})
    assert scene.stage.said(interface.REFERENCES)[-1].threshold == -1
    scene.film(WAVING)
    assert scene.recognitions(3)[-1].verdict == KNOWN


def test_settings_of_segmentation_count_from_the_next_frame_on(scene: Scene) -> None:
    scene.node.change({"segmentation.start_speed": 9.0})
    scene.film(WAVING)
    scene.node.change({"segmentation.start_speed": 0.5})
    scene.film(BOWING)
    bow, *_ = scene.recognitions(1)
    assert bow.start.sec >= 1003


def test_values_that_contradict_each_other_change_nothing(scene: Scene) -> None:
    with pytest.raises(SkeletonDmlError, match=r"stop_speed is 0\.25; give at most start_speed"):
        scene.node.change({"segmentation.start_speed": 0.2, "threshold": 5.0})
    assert scene.stage.said(interface.REFERENCES)[-1].threshold == -1
    scene.node.change({"segmentation.stop_speed": 0.1})
    scene.node.change({"segmentation.start_speed": 0.2})


def test_a_node_that_is_not_configured_takes_its_values_when_it_is(scene: Scene) -> None:
    scene.node.cleanup()
    # The value that fits this one is known only with all others.
    scene.node.change({"segmentation.start_speed": 0.2})
    scene.activate({"segmentation.start_speed": 0.2, "segmentation.stop_speed": 0.1})
    scene.film(WAVING)
    scene.recognitions(1)


def test_a_change_while_the_node_is_inactive_counts_once_it_is_active(scene: Scene) -> None:
    scene.node.deactivate()
    scene.node.change({"threshold": -7.0})
    scene.node.activate()
    assert scene.stage.said(interface.REFERENCES)[-1].threshold == -7
