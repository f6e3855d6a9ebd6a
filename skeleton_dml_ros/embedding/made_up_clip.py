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

"""A clip that nobody has shown, for whoever tries out an engine before it is relied on."""

from __future__ import annotations

import numpy as np

from skeleton_dml_ros.skeleton.completion import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def made_up_clip() -> SkeletonSequence:
    """Somebody three metres away who raises a hand and lowers it, for a second."""
    frames = 30
    positions = np.repeat(0.5 * REST_POSE[None, None] + [0, 0, 3], frames, axis=0)
    raised = 0.5 * np.sin(np.linspace(0, np.pi, frames))[:, None]
    arm = [NTU_25.index(joint) for joint in ("wrist_right", "hand_right")]
    positions[:, 0, arm, 1] += raised
    return SkeletonSequence(positions, np.arange(frames) / frames, NTU_25)
