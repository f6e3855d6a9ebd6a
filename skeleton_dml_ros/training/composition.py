# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Composed classes: more kinds of movement than were recorded.

An embedder trained on a hundred classes learns what separates these, but has to separate others.  So
each batch contains newly composed classes: the arms or legs of one source class are grafted onto
another, two actions follow one another, or an action is played backwards.  Each clip of a composed
class is composed of different clips of the same source classes, so people, tempo and camera vary as
they do within a recorded class.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from skeleton_dml_ros.skeleton.layouts import NTU_25

BLEND = 1 / 12
"""Share of a clip in which one action is blended into the next."""


def _joints(side: str, *names: str) -> list[int]:
    return [NTU_25.index(f"{name}_{side}") for name in names]


_ARMS = {
    side: _joints(side, "shoulder", "elbow", "wrist", "hand", "hand_tip", "thumb")
    for side in ("left", "right")
}
"""The joints of each arm; the first is where it is attached."""

_LOWER = [
    NTU_25.index("spine_base"),
    *_joints("left", "hip", "knee", "ankle", "foot"),
    *_joints("right", "hip", "knee", "ankle", "foot"),
]
_UPPER = [joint for joint in range(len(NTU_25.joint_names)) if joint not in _LOWER]


def graft_left_arm(first: Tensor, second: Tensor) -> Tensor:
    """The first action with the left arm of the second."""
    return _graft_arm(first, second, "left")


def graft_right_arm(first: Tensor, second: Tensor) -> Tensor:
    """The first action with the right arm of the second."""
    return _graft_arm(first, second, "right")


def graft_arms(first: Tensor, second: Tensor) -> Tensor:
    """The first action with both arms of the second."""
    return graft_right_arm(graft_left_arm(first, second), second)


def graft_legs(first: Tensor, second: Tensor) -> Tensor:
    """The first action above the hips, on the hips and legs of the second."""
    hips = NTU_25.index("spine_base")
    composed = second.clone()
    composed[..., _UPPER, :] = (
        first[..., _UPPER, :] - first[..., [hips], :] + second[..., [hips], :]
    )
    return composed


def follow(first: Tensor, second: Tensor) -> Tensor:
    """The first action and then the second, each in half of the time; the second starts where the first ends."""
    frames = first.shape[1]
    blended = max(1, round(BLEND * frames))
    before = (frames + blended) // 2
    after = frames + blended - before
    hips = NTU_25.index("spine_base")
    early = _faster(first, before)
    late = _faster(second, after)
    way = early[:, -1:, :, [hips]] - late[:, :1, :, [hips]]
    late = late + way * way.new_tensor([1.0, 0.0, 1.0])
    share = (torch.arange(1, blended + 1, device=first.device) / (blended + 1)).view(1, -1, 1, 1, 1)
    passing = torch.lerp(early[:, -blended:], late[:, :blended], share.to(first))
    return torch.cat([early[:, :-blended], passing, late[:, blended:]], dim=1)


def reverse(first: Tensor, second: Tensor) -> Tensor:
    """The first action played backwards, from where it ends; the second is not used."""
    del second
    hips = NTU_25.index("spine_base")
    return first.flip(1) - first[:, -1:, :, [hips]] + first[:, :1, :, [hips]]


KINDS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "left_arm": graft_left_arm,
    "right_arm": graft_right_arm,
    "arms": graft_arms,
    "legs": graft_legs,
    "sequence": follow,
    "backwards": reverse,
}
"""Ways to compose two actions, by name.

Each takes normalised clips (clips, frames, bodies, 25, 3) of both and returns clips of this shape.
"""


def compose(sources: Tensor, groups: int, generator: torch.Generator) -> Tensor:
    """Clips of composed classes.

    Args:
        sources: (2 * groups * clips, frames, 1, 25, 3), normalised: the clips of the first source
            class of each composed class, one class after the other, and then those of the second.
        groups: number of composed classes.
        generator: on the sources' device; chooses how each class is composed.

    Returns:
        (groups * clips, frames, 1, 25, 3), one class after the other.
    """
    first, second = sources.chunk(2)
    kinds = torch.randint(
        len(KINDS), (groups,), generator=generator, device=generator.device
    ).tolist()
    composers = list(KINDS.values())
    return torch.cat(
        [
            composers[kind](one, other)
            for kind, one, other in zip(
                kinds, first.chunk(groups), second.chunk(groups), strict=True
            )
        ]
    )


def _graft_arm(first: Tensor, second: Tensor, side: str) -> Tensor:
    shoulder, *arm = _ARMS[side]
    composed = first.clone()
    composed[..., arm, :] = (
        second[..., arm, :] - second[..., [shoulder], :] + first[..., [shoulder], :]
    )
    return composed


def _faster(positions: Tensor, frames: int) -> Tensor:
    """Resample clips (batch, source frames, ...) to fewer frames, from the first to the last."""
    places = torch.linspace(0, positions.shape[1] - 1, frames, device=positions.device)
    left = places.floor().long().clamp(max=positions.shape[1] - 2)
    share = (places - left).view(1, -1, 1, 1, 1).to(positions)
    return torch.lerp(positions[:, left], positions[:, left + 1], share)
