# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Vary normalised clips as people and cameras do.

A class has only tens of clips, but the embedder must ignore who moves, how tall they are, how fast
they move and where the camera stands.  Each function below varies one of these over a whole batch,
on the device of its input.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.training.configuration import Augmentation

# Joints in an order with parents before their children.
_TREE: list[tuple[int, int]] = []
_pending = [joint for joint, parent in enumerate(NTU_25.parents) if parent < 0]
while _pending:
    _parent = _pending.pop()
    _children = [child for child, parent in enumerate(NTU_25.parents) if parent == _parent]
    _TREE.extend((child, _parent) for child in _children)
    _pending.extend(_children)

_LEGS = [
    NTU_25.index(f"{joint}_{side}")
    for side in ("left", "right")
    for joint in ("knee", "ankle", "foot")
]

_LIMBS = [
    [NTU_25.index(f"{joint}_{side}") for joint in joints]
    for joints in (
        ("shoulder", "elbow", "wrist", "hand", "hand_tip", "thumb"),
        ("hip", "knee", "ankle", "foot"),
    )
    for side in ("left", "right")
]
"""The joints of each limb; the first is where it is attached."""

TRAVELLING = 1 / 3
"""Share of the clips in which people travel."""

WOBBLE_KNOTS = 8
"""Number of random knots of a wobble; it is linear between them."""


def augment(
    positions: Tensor, frames: int, settings: Augmentation, generator: torch.Generator
) -> Tensor:
    """One random variant of each clip.

    Args:
        positions: (batch, source frames, bodies, 25, 3), normalised, evenly spaced in time.
        frames: frames of the result.
        settings: strength of each variation.
        generator: on the positions' device.

    Returns:
        (batch, frames, bodies, 25, 3).
    """
    varied = vary_time(positions, frames, settings.crop, settings.warp, generator)
    if settings.bone:
        varied = vary_bones(varied, settings.bone, generator)
    if settings.hidden_legs:
        varied = hide_legs(varied, settings.hidden_legs, generator)
    if settings.hidden_limb:
        varied = hide_limb(varied, settings.hidden_limb, generator)
    if settings.travel:
        varied = let_travel(varied, settings.travel, generator)
    if settings.offset or settings.wobble:
        varied = misplace_joints(varied, settings.offset, settings.wobble, generator)
    if settings.few_joints:
        varied = take_joints_away(varied, settings.few_joints, generator)
    varied = turn(varied, settings.yaw, settings.tilt, generator)
    size = torch.exp(settings.scale * _normal(generator, varied, len(varied), 1, 1, 1, 1))
    noise = settings.noise * _normal(generator, varied, *varied.shape)
    return varied * size + noise


def mirror(positions: Tensor) -> Tensor:
    """Swap left and right of normalised bodies, (..., 25, 3)."""
    order = list(range(len(NTU_25.joint_names)))
    for left, right in NTU_25.left_right_pairs:
        order[left], order[right] = right, left
    return positions[..., order, :] * positions.new_tensor([-1.0, 1.0, 1.0])


def vary_time(
    positions: Tensor, frames: int, crop: float, warp: float, generator: torch.Generator
) -> Tensor:
    """Cut or hold the ends, vary the speed in between, and sample ``frames`` instants.

    Args:
        positions: (batch, source frames, bodies, joints, 3).
        frames: instants that are sampled, linearly between the source's frames.
        crop: maximum share cut off (or held, where negative) at either end.
        warp: maximum shift of an instant inside the clip.
        generator: on the positions' device.
    """
    batch, source = positions.shape[:2]
    instants = torch.linspace(0, 1, frames, device=positions.device).expand(batch, frames)
    begin = crop * (2 * _uniform(generator, positions, batch, 1) - 1)
    end = 1 - crop * (2 * _uniform(generator, positions, batch, 1) - 1)
    # One slow wave keeps time monotonic as long as the shift is below a third of its period.
    phase = 2 * math.pi * _uniform(generator, positions, batch, 1)
    wave = torch.sin(2 * math.pi * instants + phase) - torch.sin(phase)
    shift = warp * (2 * _uniform(generator, positions, batch, 1) - 1)
    times = begin + (end - begin) * (instants + shift * wave / 2)
    index = times.clamp(0, 1) * (source - 1)
    left = index.floor().long().clamp(max=source - 2)
    share = (index - left).view(batch, frames, 1, 1, 1)
    row = torch.arange(batch, device=positions.device).view(batch, 1)
    return torch.lerp(positions[row, left], positions[row, left + 1], share)


def vary_bones(positions: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """Vary proportions: scale each bone by a random factor, the same on the left and the right."""
    batch, _, bodies, joints, _ = positions.shape
    logarithm = deviation * _normal(generator, positions, batch, 1, bodies, joints, 1)
    for left, right in NTU_25.left_right_pairs:
        logarithm[..., right, :] = logarithm[..., left, :]
    factor = torch.exp(logarithm)
    varied = list(positions.unbind(dim=3))
    for joint, parent in _TREE:
        bone = positions[..., joint, :] - positions[..., parent, :]
        varied[joint] = varied[parent] + factor[..., joint, :] * bone
    return torch.stack(varied, dim=3)


def hide_legs(positions: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Put knees, ankles and feet where imputation puts joints that were never seen."""
    hidden = _uniform(generator, positions, len(positions)) < share
    rest = torch.as_tensor(REST_POSE, dtype=positions.dtype, device=positions.device)
    hips = positions[..., [0], :]
    legs = hips + rest[_LEGS] - rest[0]
    varied = positions.clone()
    varied[..., _LEGS, :] = torch.where(hidden.view(-1, 1, 1, 1, 1), legs, positions[..., _LEGS, :])
    return varied


def hide_limb(positions: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Hide one limb for part of some clips, and impute it as for a real clip.

    In half of these clips the limb is hidden for a random part of the clip, and its joints are
    interpolated.  In the other half it is never seen and hangs at rest.

    Args:
        positions: (batch, frames, bodies, 25, 3), normalised.
        share: share of clips with a hidden limb.
        generator: on the positions' device.
    """
    batch, frames = positions.shape[:2]
    rest = torch.as_tensor(REST_POSE, dtype=positions.dtype, device=positions.device)
    limb = (len(_LIMBS) * _uniform(generator, positions, batch)).long()
    hidden = _uniform(generator, positions, batch) < share
    never = _uniform(generator, positions, batch) < 0.5
    ends = _uniform(generator, positions, batch, 2).sort(dim=1).values * (frames - 1)
    first, last = ends.floor().long().unbind(1)
    instant = torch.arange(frames, device=positions.device)
    inside = (instant >= first[:, None]) & (instant <= last[:, None])
    along = (instant - first[:, None]) / (last - first).clamp(min=1)[:, None]
    row = torch.arange(batch, device=positions.device)
    bridged = torch.lerp(
        positions[row, first][:, None],
        positions[row, last][:, None],
        along.view(batch, -1, 1, 1, 1),
    )
    gap = torch.where(inside.view(batch, frames, 1, 1, 1), bridged, positions)
    varied = positions.clone()
    for index, (root, *joints) in enumerate(_LIMBS):
        at_rest = positions[..., [root], :] + rest[joints] - rest[root]
        unseen = torch.where(never.view(-1, 1, 1, 1, 1), at_rest, gap[..., joints, :])
        chosen = (hidden & (limb == index)).view(-1, 1, 1, 1, 1)
        varied[..., joints, :] = torch.where(chosen, unseen, positions[..., joints, :])
    return varied


def let_travel(positions: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """Let the people of a third of the clips walk while they act, all in the same direction.

    Args:
        positions: (batch, frames, bodies, joints, 3), y up.
        deviation: standard deviation of the distance along each horizontal axis.
        generator: on the positions' device.
    """
    batch, frames = positions.shape[:2]
    way = deviation * _normal(generator, positions, batch, 3) * positions.new_tensor([1, 0, 1])
    way = torch.where(_uniform(generator, positions, batch, 1) < TRAVELLING, way, 0.0)
    along = torch.linspace(0, 1, frames, device=positions.device, dtype=positions.dtype)
    return positions + along.view(1, frames, 1, 1, 1) * way.view(batch, 1, 1, 1, 3)


def misplace_joints(
    positions: Tensor, offset: float, wobble: float, generator: torch.Generator
) -> Tensor:
    """Add the systematic errors of a tracker: constant offsets and slow changes.

    Args:
        positions: (batch, frames, bodies, joints, 3).
        offset: standard deviation of each joint's constant error in a clip.
        wobble: standard deviation of the slowly changing error at its knots.
        generator: on the positions' device.
    """
    batch, frames, bodies, joints, axes = positions.shape
    lasting = offset * _normal(generator, positions, batch, 1, bodies, joints, axes)
    knots = wobble * _normal(generator, positions, batch, bodies * joints * axes, WOBBLE_KNOTS)
    changing = functional.interpolate(knots, size=frames, mode="linear", align_corners=True)
    changing = changing.view(batch, bodies, joints, axes, frames).permute(0, 4, 1, 2, 3)
    return positions + lasting + changing


def take_joints_away(positions: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Reduce some clips to the joints of a 15-joint tracker, and derive the others by mapping.

    Args:
        positions: (batch, frames, bodies, 25, 3).
        share: of the clips.
        generator: on the positions' device.
    """
    few = _uniform(generator, positions, len(positions)) < share
    derived = positions.clone()

    def at(joint: str) -> Tensor:
        return derived[..., NTU_25.index(joint), :]

    def put(joint: str, place: Tensor) -> None:
        derived[..., NTU_25.index(joint), :] = place

    put("spine_base", (at("hip_left") + at("hip_right")) / 2)
    put("spine_mid", 0.42 * at("spine_base") + 0.58 * at("spine_shoulder"))
    put("neck", 0.64 * at("spine_shoulder") + 0.36 * at("head"))
    for side in ("left", "right"):
        put(f"wrist_{side}", 0.78 * at(f"hand_{side}") + 0.22 * at(f"elbow_{side}"))
        put(f"hand_tip_{side}", at(f"hand_{side}"))
        put(f"thumb_{side}", at(f"hand_{side}"))
        put(f"foot_{side}", at(f"ankle_{side}"))
    return torch.where(few.view(-1, 1, 1, 1, 1), derived, positions)


def turn(positions: Tensor, yaw: float, tilt: float, generator: torch.Generator) -> Tensor:
    """Rotate each clip about the three axes by normally distributed angles.

    Args:
        positions: (batch, frames, bodies, joints, 3), y up.
        yaw: standard deviation about the vertical, degrees.
        tilt: standard deviation about the horizontal axes, degrees.
        generator: on the positions' device.
    """
    deviation = positions.new_tensor([tilt, yaw, tilt]) * (math.pi / 180)
    angles = deviation * _normal(generator, positions, len(positions), 3)
    cosine, sine = torch.cos(angles), torch.sin(angles)
    zero, one = torch.zeros_like(cosine[:, 0]), torch.ones_like(cosine[:, 0])
    (cx, cy, cz), (sx, sy, sz) = cosine.unbind(1), sine.unbind(1)
    about_x = torch.stack([one, zero, zero, zero, cx, -sx, zero, sx, cx], 1).view(-1, 3, 3)
    about_y = torch.stack([cy, zero, sy, zero, one, zero, -sy, zero, cy], 1).view(-1, 3, 3)
    about_z = torch.stack([cz, -sz, zero, sz, cz, zero, zero, zero, one], 1).view(-1, 3, 3)
    rotation = about_z @ about_y @ about_x
    return torch.einsum("nij,nfbkj->nfbki", rotation, positions)


def _normal(generator: torch.Generator, like: Tensor, *shape: int) -> Tensor:
    return torch.randn(shape, generator=generator, device=like.device, dtype=like.dtype)


def _uniform(generator: torch.Generator, like: Tensor, *shape: int) -> Tensor:
    return torch.rand(shape, generator=generator, device=like.device, dtype=like.dtype)
