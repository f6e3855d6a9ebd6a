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

"""How alike two recorded motions are, by aligning their paths; nothing here is trained.

A clip is a path of all joints together: a point in as many dimensions as there are coordinates.
Sampled evenly along its length instead of evenly in time, the path no longer depends on speed, and
between two samples there is only a direction.  Two clips are compared by dynamic time warping of
their directions, and by how far, and how wide, each coordinate moves altogether.  After E. M.
Taranta, A. Samiei, M. Maghoumi, P. Khaloo, C. R. Pittman and J. J. LaViola, *Jackknife: a reliable
recognizer with few samples and many modalities*, CHI 2017, section 4 ("inner product" local cost
and correction factors).  For clips q and r, in one part of the body:

    cost(q, r) = log(1 + dtw(q, r)) - log cos(travelled_q, travelled_r) - log cos(extent_q, extent_r)

Beside the paper, the path is smoothed first, and the cost is a weighted sum over two parts: the main
joints, and these without the arms.  An arm's path is several times as long as all others, and hides
what trunk and legs do.  ``docs/accuracy.md`` says what each is worth.

Costs are finite for every clip.  Each vector has one coordinate more, which is the same for all: so
parts that do not move at all are alike, and are unlike those that do.

The features of a clip are one flat vector, so those of many references are one matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25

SAMPLES = 16
"""Points of a path, evenly spaced along its length."""

STEPS = SAMPLES - 1
"""Directions of a path, from each point to the next."""

BAND = 3
"""Steps by which the warping may leave the diagonal.  With 1 accuracy falls by two points; from 3
on it hardly rises."""

SMOOTHING = 1.0
"""Standard deviation, in frames, of the Gaussian that a path is smoothed with.  Noise is independent
from frame to frame, and without smoothing it makes a path of its own wherever people stand still."""

STILL = 0.02
"""The coordinate that all vectors have besides, in trunk lengths: one centimetre.  What noise does to
a part that rests is ten times as long."""

SMALLEST_COSINE = 0.05
"""Cosines of travelled distances and of extents are not taken for less."""


@dataclass(frozen=True)
class Part:
    """Some joints whose paths are aligned together.

    Attributes:
        joints: names in NTU-25.
        weight: of the part's cost in the sum.
    """

    joints: tuple[str, ...]
    weight: float

    @property
    def indices(self) -> list[int]:
        """Where the joints stand in NTU-25."""
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
"""Joints that every tracker has.  With all 25, hands and feet among them, accuracy is worse."""

_MIRRORED_ORDER = np.arange(len(NTU_25.joint_names))
for _left, _right in NTU_25.left_right_pairs:
    _MIRRORED_ORDER[[_left, _right]] = _right, _left
_MIRRORED_AXES = np.array([-1, 1, 1], dtype=np.float32)
_HALF_TURN = np.array([-1, 1, -1], dtype=np.float32)


class AlignmentError(SkeletonDmlError):
    """Motions cannot be aligned as they are given."""


def feature_count(bodies: int) -> int:
    """Length of the feature vector of a clip of one or two people.

    Raises:
        AlignmentError: there are more people, or none.
    """
    if bodies not in (1, 2):
        raise AlignmentError(f"a clip has {bodies} bodies; motions of 1 or 2 can be aligned")
    return sum((STEPS + 2) * _dimensions(part, bodies) for part in PARTS)


def _dimensions(part: Part, bodies: int) -> int:
    """Of each of a part's vectors: its coordinates, and the one that is the same for all."""
    return 3 * bodies * len(part.joints) + 1


def path_features(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """What alignment needs of a clip.

    Args:
        positions: (frames, bodies, 25, 3), of one or two people, normalised (origin, scale, facing),
            every joint finite; at the frames of the source.  Two people are one point.

    Returns:
        (features,) float32: for each of :data:`PARTS` its directions (steps, dimensions), the
        distance travelled in each dimension, and each dimension's extent, all of unit length.

    Raises:
        AlignmentError: the shape is another, or a value is not finite.
    """
    if positions.ndim != 4 or positions.shape[2:] != (len(NTU_25.joint_names), 3):
        raise AlignmentError(
            f"positions of shape {positions.shape} cannot be aligned; give (frames, bodies, 25, 3)"
        )
    count = feature_count(positions.shape[1])
    if not len(positions) or not np.isfinite(positions).all():
        raise AlignmentError("a position is not finite; complete the clip first")
    features = np.empty(count, dtype=np.float32)
    begin = 0
    smoothed = _smoothed(positions)
    for part in PARTS:
        path = smoothed[:, :, part.indices].reshape(len(positions), -1)
        points = _evenly_along(path)
        changes = np.diff(points, axis=0)
        extent = points.max(axis=0) - points.min(axis=0)
        rows = np.concatenate([changes, [np.abs(changes).sum(axis=0)], [extent]])
        units = _unit(rows).reshape(-1)
        end = begin + units.size
        features[begin:end] = units
        begin = end
    return features


def mirrored(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same action done with the other side of the body, as the preparation would give it.

    Args:
        positions: (frames, bodies, 25, 3), normalised.  Of two people the second stands at the
            smaller x in the mirror, so they change places.
    """
    image = positions[:, ::-1, _MIRRORED_ORDER] * _MIRRORED_AXES
    return np.ascontiguousarray(image, dtype=np.float32)


def renamed(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same two people, named the other way round, as the preparation would give them.

    Args:
        positions: (frames, 2, 25, 3), normalised: the first stands at the smaller x.
    """
    return np.ascontiguousarray(positions[:, ::-1] * _HALF_TURN, dtype=np.float32)


def query_features(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features of all that a clip is compared as: itself and its mirror image.

    Args:
        positions: as of :func:`path_features`.

    Returns:
        (2, orders, features): as it is and mirrored, in each order in which its people can be named.
    """
    orders = [positions] if positions.shape[1] == 1 else [positions, renamed(positions)]
    return np.stack(
        [[path_features(change(one)) for one in orders] for change in (np.asarray, mirrored)]
    )


def alignment_costs(
    query: NDArray[np.float32], references: NDArray[np.float32], bodies: int
) -> NDArray[np.float64]:
    """Costs of aligning a clip with references, the least over both orders of naming two people.

    Args:
        query: (2, orders, features), from :func:`query_features`.
        references: (references, features), each from :func:`path_features`.
        bodies: people in the clip, and in each reference.

    Returns:
        (2, references) finite costs: of the clip as it is, and of its mirror image; lower is more
        alike.

    Raises:
        AlignmentError: there are not as many features as clips of so many people have.
    """
    count = feature_count(bodies)
    if query.shape[-1] != count or references.ndim != 2 or references.shape[1] != count:
        raise AlignmentError(
            f"features of shapes {query.shape} and {references.shape} cannot be aligned; clips of "
            f"{bodies} people have {count} features"
        )
    variants = query.reshape(-1, count)
    shape = (len(PARTS), len(variants), len(references))
    # Of each part, one product of matrices gives all local costs; both are then warped together.
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
            corrections[index, variant] = np.log(np.maximum(cosines, SMALLEST_COSINE)).sum(axis=0)
    costs = np.log1p(np.maximum(_warped(local), 0), dtype=np.float64) - corrections
    weights = np.array([part.weight for part in PARTS])
    total = np.tensordot(weights, costs, axes=1).reshape(*query.shape[:2], len(references))
    return np.asarray(total.min(axis=1))


def _warped(local: NDArray[np.float32]) -> NDArray[np.float32]:
    """Least sum of local costs on a way from the first pair of steps to the last, within the band.

    Args:
        local: (steps, steps, ...) costs of pairing a step of one clip with one of the other.
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
    """The path (frames, ...) without what changes from one frame to the next; ends are held."""
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


def _evenly_along(path: NDArray[np.float32]) -> NDArray[np.float32]:
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
    """Rows (n, dimensions) with :data:`STILL` as one more coordinate, of unit length."""
    longer = np.concatenate([rows, np.full((len(rows), 1), STILL, rows.dtype)], axis=1)
    return np.asarray(longer / np.sqrt(np.square(longer).sum(axis=1, keepdims=True)))
