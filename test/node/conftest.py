# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A stage to test the node on, and a node that stands on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The people who act for the tests of recognition act here, too.
sys.path.append(str(Path(__file__).parent.parent / "recognition"))

from stage import DemoOutput, Scene, Show

from skeleton_dml_ros.node import active_recognizer


@pytest.fixture
def stage() -> DemoOutput:
    return DemoOutput()


@pytest.fixture
def scene(stage: DemoOutput, tmp_path: Path, untrained_model: Path) -> Iterator[Scene]:
    """A node that is active and computes without a network."""
    scene = Scene(stage, tmp_path, untrained_model)
    scene.activate()
    yield scene
    scene.node.cleanup()


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Show]:
    """A recogniser at work; whoever waits for its decisions looks up often."""
    monkeypatch.setattr(active_recognizer, "POLL", 0.001)
    show = Show(tmp_path)
    yield show
    show.close()
