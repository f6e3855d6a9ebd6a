# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Compare two recorded motions by aligning their paths; nothing here is trained.

The joints of a clip trace one path in a space with a dimension for each coordinate.  The path is
sampled at equal steps along its length instead of equal steps in time, which removes the speed, and
each step becomes a unit direction vector.  Two clips are compared by dynamic time warping of these
directions, and by how far and how wide each coordinate moves.  After E. M. Taranta, A. Samiei,
M. Maghoumi, P. Khaloo, C. R. Pittman and J. J. LaViola, *Jackknife: a reliable recognizer with few
samples and many modalities*, CHI 2017, section 4 ("inner product" local cost and correction
factors).  For clips q and r and one part of the body:

    cost(q, r) = log(1 + dtw(q, r)) - log cos(travelled_q, travelled_r) - log cos(extent_q, extent_r)

This module differs from the paper in two points.  The path is smoothed first.  The cost is a
weighted sum over two parts, the main joints with and without the arms, because the path of an arm
is several times as long as all others and would hide what trunk and legs do.

Costs are always finite: every vector has one extra constant coordinate, so two motionless parts
are alike, and a motionless part differs from a moving one.

The features of a clip are one flat vector, so those of many references form one matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

SAMPLES = 16
"""Points on a path, at equal distances along it."""

STEPS = SAMPLES - 1
"""Direction vectors of a path, one between each two neighbouring points."""

BAND = 3
"""Largest deviation of the warping from the diagonal, in steps.  1 costs two points of accuracy;
more than 3 gains little."""

SMOOTHING = 1.0
"""Standard deviation (frames) of the Gaussian that smooths a path.  Without it, a tracker's noise
forms a long path wherever a person stands still."""

STILL = 0.02
"""The extra constant coordinate of every vector, in trunk lengths; about one centimetre."""

MIN_COSINE = 0.05
"""Lower bound for the cosines of travelled distances and of extents."""

FEATURES_KEY = "alignment/1"
"""Key under which a store keeps these features; changes whenever they are computed differently."""


@dataclass(frozen=True)
class Part:
    """Joints whose paths are aligned together.

    Attributes:
        joints: names in NTU-25.
        weight: weight of the part in the cost.
    """

    joints: tuple[str, ...]
    weight: float

    @property
    def indices(self) -> list[int]:
        """Indices of the joints in NTU-25."""
        return [NTU_25.index(joint) for joint in self.joints]


_TRUNK_AND_LEGS = (
    "head",
    "spine_shoulder",
    "spine_base",
    "shoulder_left",
    "shoulder_right",
    "hip_left",
    "knee_left",
    "ankle_left",
    "hip_right",
    "knee_right",
    "ankle_right",
)
_ARMS = ("elbow_left", "wrist_left", "elbow_right", "wrist_right")

PARTS = (Part(_TRUNK_AND_LEGS + _ARMS, 5 / 7), Part(_TRUNK_AND_LEGS, 2 / 7))
"""Only joints that every tracker reports; all 25, with hands and feet, are less accurate."""


_PREPARATION = Preparation()


class AlignmentError(SkeletonDmlError):
    """The given motions cannot be aligned."""


def feature_count(bodies: int) -> int:
    """Length of the feature vector of a clip with one or two people.

    Raises:
        AlignmentError: another number of people.
    """
    if bodies not in (1, 2):
        raise AlignmentError(f"a clip has {bodies} bodies; give 1 or 2")
    return sum((STEPS + 2) * _dimensions(part, bodies) for part in PARTS)


def _dimensions(part: Part, bodies: int) -> int:
    """Length of each vector of a part: its coordinates and the constant one."""
    return 3 * bodies * len(part.joints) + 1


def clip_features(sequence: SkeletonSequence) -> NDArray[np.float32]:
    """Alignment features of a clip in any layout.

    Raises:
        SkeletonDmlError: too little was seen, or there are more than two people.
    """
    return path_features(_PREPARATION.normalized(sequence).positions)


def path_features(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Alignment features of a clip.

    Args:
        positions: (frames, bodies, 25, 3), one or two people, normalised (origin, scale, facing),
            finite, at the source's frames.  Two people together trace one path.

    Returns:
        (features,) float32: for each of :data:`PARTS` its directions (steps, dimensions), the
        distance travelled in each dimension, and the extent of each dimension, all unit vectors.

    Raises:
        AlignmentError: wrong shape, or a value is not finite.
    """
    if positions.ndim != 4 or positions.shape[2:] != (len(NTU_25.joint_names), 3):
        raise AlignmentError(
            f"positions have shape {positions.shape}; give (frames, bodies, 25, 3)"
        )
    count = feature_count(positions.shape[1])
    if not len(positions) or not np.isfinite(positions).all():
        raise AlignmentError("a position is not finite; impute unseen joints first")
    features = np.empty(count, dtype=np.float32)
    begin = 0
    smoothed = _smoothed(positions)
    for part in PARTS:
        path = smoothed[:, :, part.indices].reshape(len(positions), -1)
        points = _equidistant_points(path)
        changes = np.diff(points, axis=0)
        extent = points.max(axis=0) - points.min(axis=0)
        rows = np.concatenate([changes, [np.abs(changes).sum(axis=0)], [extent]])
        units = _unit(rows).reshape(-1)
        end = begin + units.size
        features[begin:end] = units
        begin = end
    return features


def alignment_costs(
    query: NDArray[np.float32], references: NDArray[np.float32], bodies: int
) -> NDArray[np.float64]:
    """Costs of aligning a clip with references; of two people, the better order counts.

    Args:
        query: (features,), from :func:`path_features`.
        references: (references, features), each from :func:`path_features`.
        bodies: people in the clip and in each reference.

    Returns:
        (2, references) finite costs of the clip and of its mirror image; lower is more alike.

    Raises:
        AlignmentError: the number of features does not fit the number of bodies.
    """
    count = feature_count(bodies)
    if query.shape != (count,) or references.ndim != 2 or references.shape[1] != count:
        raise AlignmentError(
            f"features have shapes {query.shape} and {references.shape}; clips of {bodies} people "
            f"have {count} features"
        )
    sources, signs = _variants(bodies)
    variants = signs * query[sources]
    shape = (len(PARTS), len(variants), len(references))
    local = np.empty((STEPS, STEPS, *shape), dtype=np.float32)
    corrections = np.empty(shape, dtype=np.float32)
    begin = 0
    for index, part in enumerate(PARTS):
        dimensions = _dimensions(part, bodies)
        end = begin + (STEPS + 2) * dimensions
        ours = variants[:, begin:end].reshape(len(variants), STEPS + 2, dimensions)
        theirs = references[:, begin:end].reshape(len(references), STEPS + 2, dimensions)
        begin = end
        for variant, rows in enumerate(ours):
            directions = theirs[:, :STEPS].reshape(-1, dimensions) @ rows[:STEPS].T
            directions = directions.reshape(len(references), STEPS, STEPS)
            local[:, :, index, variant] = 1 - directions.transpose(2, 1, 0)
            cosines = np.einsum("rcd,cd->cr", theirs[:, STEPS:], rows[STEPS:])
            corrections[index, variant] = np.log(np.maximum(cosines, MIN_COSINE)).sum(axis=0)
    costs = np.log1p(np.maximum(_warped(local), 0), dtype=np.float64) - corrections
    weights = np.array([part.weight for part in PARTS])
    total = np.tensordot(weights, costs, axes=1).reshape(2, bodies, len(references))
    return np.asarray(total.min(axis=1))


@cache
def _variants(bodies: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """How to derive the features of a clip's variants: features times signs, at these indices.

    A mirror image exchanges left and right joints and negates x.  Each clip of two people is
    compared in both orders of naming them.  Preparation puts the person with the smaller x first,
    so the mirror image also exchanges the people, and naming them the other way round turns both
    by 180 degrees.

    Returns:
        (2 * orders, features) each: the clip in each order, then its mirror image in each order.
    """
    sources, signs = [], []
    for mirror in (False, True):
        for swapped in (False, True)[:bodies]:
            turn = np.array([-1, 1, 1]) if mirror else np.ones(3)
            if swapped:
                turn = turn * [-1, 1, -1]
            places, factors = [], []
            begin = 0
            for part in PARTS:
                dimensions = _dimensions(part, bodies)
                order = [
                    part.joints.index(_other_side(joint) if mirror else joint)
                    for joint in part.joints
                ]
                grid = np.arange(dimensions - 1).reshape(bodies, len(order), 3)
                grid = grid[:: -1 if mirror != swapped else 1, order]
                index = np.append(grid, dimensions - 1)
                sign = np.append(np.tile(turn, bodies * len(order)), 1)
                for row in range(STEPS + 2):
                    places.append(begin + row * dimensions + index)
                    # Travelled distances and extents have no direction.
                    factors.append(sign if row < STEPS else np.ones(dimensions))
                begin += (STEPS + 2) * dimensions
            sources.append(np.concatenate(places))
            signs.append(np.concatenate(factors))
    return np.stack(sources), np.stack(signs).astype(np.float32)


def _other_side(joint: str) -> str:
    if joint.endswith("_left"):
        return joint.replace("_left", "_right")
    return joint.replace("_right", "_left")


def _warped(local: NDArray[np.float32]) -> NDArray[np.float32]:
    """Minimum sum of local costs on a warping path within the band.

    Args:
        local: (steps, steps, ...) cost of pairing a step of one clip with a step of the other.
    """
    steps = len(local)
    unreachable = np.full(local.shape[2:], np.inf, dtype=np.float32)
    before = [unreachable] * steps
    for first in range(steps):
        row = [unreachable] * steps
        for second in range(max(0, first - BAND), min(steps, first + BAND + 1)):
            if first == second == 0:
                row[0] = local[0, 0]
                continue
            least = np.minimum(before[second], row[second - 1]) if second else before[second]
            if first and second:
                least = np.minimum(least, before[second - 1])
            row[second] = least + local[first, second]
        before = row
    return before[-1]


def _smoothed(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """The path (frames, ...) smoothed over time; its ends are repeated."""
    reach = int(np.ceil(3 * SMOOTHING))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / SMOOTHING) ** 2)
    kernel = (kernel / kernel.sum()).astype(np.float32)
    frames = len(positions)
    held = np.concatenate(
        [np.repeat(positions[:1], reach, 0), positions, np.repeat(positions[-1:], reach, 0)]
    )
    smoothed = np.zeros_like(positions)
    for shift, share in enumerate(kernel):
        smoothed += share * held[shift : shift + frames]
    return smoothed


def _equidistant_points(path: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points (samples, dimensions) at equal distances along a path (frames, dimensions)."""
    steps = np.sqrt(np.square(np.diff(path, axis=0)).sum(axis=1, dtype=np.float64))
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    if not travelled[-1] > 0:
        return np.repeat(path[:1], SAMPLES, axis=0)
    wanted = np.linspace(0, travelled[-1], SAMPLES)
    left = np.clip(np.searchsorted(travelled, wanted, side="right") - 1, 0, len(steps) - 1)
    share = (wanted - travelled[left]) / np.maximum(steps[left], np.finfo(np.float64).tiny)
    weight = np.clip(share, 0, 1).astype(np.float32)[:, None]
    return np.asarray(path[left] + weight * (path[left + 1] - path[left]))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows (n, dimensions) extended by :data:`STILL` and scaled to unit length."""
    longer = np.concatenate([rows, np.full((len(rows), 1), STILL, rows.dtype)], axis=1)
    return np.asarray(longer / np.sqrt(np.square(longer).sum(axis=1, keepdims=True)))
