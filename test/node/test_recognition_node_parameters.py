# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import math

import pytest
from fakes import BOWING, WAVING, NodeHarness

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.conversions import VERDICTS
from skeleton_dml_ros.recognition.event import Verdict

KNOWN, UNKNOWN = VERDICTS[Verdict.KNOWN], VERDICTS[Verdict.UNKNOWN]


def test_a_changed_threshold_applies_at_once_and_is_published(node_harness: NodeHarness) -> None:
    node_harness.teach()
    node_harness.node.change({"threshold": 1.0})
    latest = node_harness.adapter.published(interface.REFERENCES)[-1]
    assert latest.threshold == 1
    node_harness.perform(WAVING)
    strict = node_harness.recognitions(2)[-1]
    assert (strict.verdict, strict.threshold) == (UNKNOWN, 1)
    node_harness.node.change({"threshold": math.nan})
    assert node_harness.adapter.published(interface.REFERENCES)[-1].threshold == 0.5
    node_harness.perform(WAVING)
    assert node_harness.recognitions(3)[-1].verdict == KNOWN


def test_segmentation_settings_apply_from_the_next_frame(node_harness: NodeHarness) -> None:
    node_harness.node.change({"segmentation.start_speed": 9.0})
    node_harness.perform(WAVING)
    node_harness.node.change({"segmentation.start_speed": 0.5})
    node_harness.perform(BOWING)
    bow, *_ = node_harness.recognitions(1)
    assert bow.start.sec >= 1003


def test_contradictory_values_change_nothing(node_harness: NodeHarness) -> None:
    with pytest.raises(SkeletonDmlError, match=r"stop_speed is 0\.25; give at most start_speed"):
        node_harness.node.change({"segmentation.start_speed": 0.2, "threshold": 0.75})
    assert node_harness.adapter.published(interface.REFERENCES)[-1].threshold == 0.5
    node_harness.node.change({"segmentation.stop_speed": 0.1})
    node_harness.node.change({"segmentation.start_speed": 0.2})


def test_parameter_changes_before_configuration_are_ignored(
    node_harness: NodeHarness,
) -> None:
    node_harness.node.cleanup()
    # Its counterpart is known only at configuration.
    node_harness.node.change({"segmentation.start_speed": 0.2})
    node_harness.activate({"segmentation.start_speed": 0.2, "segmentation.stop_speed": 0.1})
    node_harness.perform(WAVING)
    node_harness.recognitions(1)


def test_a_parameter_changed_while_inactive_applies_after_activation(
    node_harness: NodeHarness,
) -> None:
    node_harness.node.deactivate()
    node_harness.node.change({"threshold": 0.75})
    node_harness.node.activate()
    assert node_harness.adapter.published(interface.REFERENCES)[-1].threshold == 0.75
