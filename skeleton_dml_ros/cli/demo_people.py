# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The demonstration's people in a process of their own, instead of a camera.

    python -m skeleton_dml_ros.cli.demo_people SEED SCENE BEGIN_NS RATE TOPIC

They wait for those who listen, do what the scene's script says, and leave.  Whoever knows the
seed knows the script.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np

from skeleton_dml_ros.cli.player import WAIT, Player, camera_view
from skeleton_dml_ros.dds.endpoints import Participant
from skeleton_dml_ros.evaluation.demonstration import (
    ENROLLED_FIRST,
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
    demonstrate(ENROLLED_FIRST, generator)
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
