# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Streams in which nothing can be recognised: what a user reads in the diagnostics."""

from __future__ import annotations

from acting import frames
from fakes import WAVING, NodeHarness, message_of, reading

from skeleton_dml_ros.node.diagnostics import Level


def test_a_person_who_is_left_out_is_named_with_the_reason(node_harness: NodeHarness) -> None:
    for frame in frames({"7": WAVING, "8": WAVING}):
        message = message_of(frame)
        message.skeletons[1].person_id = ""
        node_harness.node.receive("camera", "skeletons", message)
    status = node_harness.diagnostics()["input camera"]
    assert status.level == Level.WARN
    assert status.message == (
        f"{len(WAVING)} people left out of messages: person id '' is not a name; pass a non-empty "
        "text"
    )
    assert reading(status)["people"] == "1"
