# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""A stage to test the node on, and a node that stands on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The people who act for the tests of recognition act here, too.
sys.path.append(str(Path(__file__).parent.parent / "recognition"))

from stage import Scene, Show, Stage

from skeleton_dml_ros.node import live


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def scene(stage: Stage, tmp_path: Path, untrained_model: Path) -> Iterator[Scene]:
    """A node that is active and computes without a network."""
    scene = Scene(stage, tmp_path, untrained_model)
    scene.activate()
    yield scene
    scene.node.cleanup()


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Show]:
    """A recogniser at work; whoever waits for its decisions looks up often."""
    monkeypatch.setattr(live, "POLL", 0.001)
    show = Show(tmp_path)
    yield show
    show.close()
