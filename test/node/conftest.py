# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fixtures with a fake middleware."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Shares the synthetic movements of the tests of recognition.
sys.path.append(str(Path(__file__).parent.parent / "recognition"))

from fakes import FakeAdapter, NodeHarness, RecognizerHarness

from skeleton_dml_ros.node import active_recognizer


@pytest.fixture
def adapter() -> FakeAdapter:
    return FakeAdapter()


@pytest.fixture
def node_harness(
    adapter: FakeAdapter, tmp_path: Path, untrained_model: Path
) -> Iterator[NodeHarness]:
    """An active node with a fake engine."""
    node_harness = NodeHarness(adapter, tmp_path, untrained_model)
    node_harness.activate()
    yield node_harness
    node_harness.node.cleanup()


@pytest.fixture
def recognizer_harness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RecognizerHarness]:
    """An active recogniser without a node, polled quickly."""
    monkeypatch.setattr(active_recognizer, "POLL", 0.001)
    recognizer_harness = RecognizerHarness(tmp_path)
    yield recognizer_harness
    recognizer_harness.close()
