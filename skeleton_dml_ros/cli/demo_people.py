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

"""The demonstration's people in a process of their own, instead of a camera.

    python -m skeleton_dml_ros.cli.demo_people SEED SCENE BEGIN_NS RATE TOPIC

They wait for those who listen, do what the scene's script says, and leave.  Whoever knows the
seed knows the script.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np

from skeleton_dml_ros.cli.playing import WAIT, Player, camera_view
from skeleton_dml_ros.dds.endpoints import Participant
from skeleton_dml_ros.evaluation.demonstration import (
    TAUGHT_FIRST,
    Scene,
    demonstrate,
    first_scene,
    second_scene,
)
from skeleton_dml_ros.messages.skeleton_array import CAMERA_FRAME

LISTENERS = 2
"""The node, and whoever shows the scene: neither may miss its beginning."""


def scenes(seed: int, begin_ns: int) -> Iterator[Scene]:
    """The scenes of a seed, each as if it began then."""
    generator = np.random.default_rng(seed)
    # The teacher comes first, and draws from the same numbers.
    demonstrate(TAUGHT_FIRST, generator)
    yield first_scene(generator, begin_ns)
    yield second_scene(generator, begin_ns)


def main(arguments: Sequence[str]) -> None:
    """Play one scene."""
    seed, number, begin_ns, rate, topic = arguments
    scene = list(scenes(int(seed), int(begin_ns)))[int(number)]
    with Participant("demo_people") as participant:
        player = Player(participant, topic)
        listeners = player.listeners(WAIT, LISTENERS)
        if listeners < LISTENERS:
            raise SystemExit(
                f"demo_people: {listeners} listen on {topic}, {LISTENERS} are waited for"
            )
        layout = scene.frames[0].layout
        player.play(camera_view(scene.frames, layout, CAMERA_FRAME), float(rate), scene.start_ns)


if __name__ == "__main__":
    main(sys.argv[1:])
