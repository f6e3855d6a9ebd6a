# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.references.alignment import (
    AlignmentError,
    alignment_costs,
    feature_count,
    path_features,
)
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25


def moved(
    joints: str, direction: tuple[float, float, float], frames: int = 40, speed: float = 1.0
) -> NDArray[np.float32]:
    """A person who moves some joints there and back: (frames, 1, 25, 3)."""
    clip = np.repeat(REST_POSE[None, None], frames, axis=0)
    phase = np.linspace(0, 1, frames) ** speed
    way = np.sin(np.pi * phase)[:, None] * np.array(direction)
    for joint in joints.split():
        clip[:, 0, NTU_25.index(joint)] += way
    return clip.astype(np.float32)


def random_clip(seed: int, frames: int = 50, bodies: int = 1) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    knots = random.normal(scale=0.3, size=(6, bodies, 25, 3))
    at = np.linspace(0, 5, frames)
    left = np.minimum(at.astype(int), 4)
    share = (at - left)[:, None, None, None]
    clip = REST_POSE + knots[left] * (1 - share) + knots[left + 1] * share
    return np.asarray(clip, dtype=np.float32)


_MIRRORED_ORDER = np.arange(25)
for _left, _right in NTU_25.left_right_pairs:
    _MIRRORED_ORDER[[_left, _right]] = _right, _left


def mirrored(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mirror image as preparation would give it: people change places."""
    return np.asarray(positions[:, ::-1, _MIRRORED_ORDER] * np.array([-1, 1, 1], np.float32))


def renamed(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Two people named the other way round, as preparation would give them."""
    return np.asarray(positions[:, ::-1] * np.array([-1, 1, -1], np.float32))


def costs(query: NDArray[np.float32], *references: NDArray[np.float32]) -> NDArray[np.float64]:
    features = np.stack([path_features(one) for one in references])
    return alignment_costs(path_features(query), features, query.shape[1])


RAISED = moved("elbow_right wrist_right", (0.1, 0.9, 0.0))
SWUNG = moved("elbow_right wrist_right", (0.0, 0.2, -0.9))


def test_a_clip_resembles_itself_at_any_speed() -> None:
    slow_then_fast = moved("elbow_right wrist_right", (0.1, 0.9, 0.0), frames=70, speed=1.7)
    itself, again, other = costs(RAISED, RAISED, slow_then_fast, SWUNG)[0]
    assert itself == pytest.approx(0, abs=0.02)
    assert again < 0.4
    assert other > again + 1


def test_position_and_size_of_the_body_do_not_change_the_cost() -> None:
    elsewhere = np.float32(1.2) * RAISED + np.array([0.4, 0.1, 2.0], np.float32)
    assert costs(RAISED, elsewhere)[0, 0] == pytest.approx(0, abs=0.02)


def test_the_mirror_image_matches_the_other_arm() -> None:
    with_the_left = moved("elbow_left wrist_left", (-0.1, 0.9, 0.0))
    as_it_is, in_the_mirror = costs(with_the_left, RAISED)[:, 0]
    assert in_the_mirror == pytest.approx(0, abs=0.02)
    assert as_it_is > in_the_mirror + 1
    np.testing.assert_array_equal(mirrored(mirrored(RAISED)), RAISED)


def test_the_cost_is_symmetric() -> None:
    first, second = random_clip(1), random_clip(2)
    assert costs(first, second) == pytest.approx(costs(second, first), abs=1e-4)


@pytest.mark.parametrize("bodies", [1, 2])
def test_features_of_the_mirror_image_follow_from_those_of_the_clip(bodies: int) -> None:
    clip, other = random_clip(1, bodies=bodies), random_clip(2, bodies=bodies)
    as_it_is, in_the_mirror = costs(clip, other)[:, 0]
    assert costs(mirrored(clip), other)[:, 0] == pytest.approx([in_the_mirror, as_it_is], abs=1e-4)
    assert costs(clip, mirrored(other))[:, 0] == pytest.approx([in_the_mirror, as_it_is], abs=1e-4)


def test_the_order_of_two_people_does_not_change_the_cost() -> None:
    pair, other = random_clip(3, bodies=2), random_clip(4, bodies=2)
    again = costs(renamed(pair), pair, other)
    assert again[0, 0] == pytest.approx(0, abs=0.02)
    assert again == pytest.approx(costs(pair, pair, other), abs=1e-4)


@pytest.mark.parametrize("frames", [1, 2, 3])
@pytest.mark.parametrize("clip", [RAISED, np.repeat(RAISED[:1], 40, axis=0)])
def test_costs_of_short_and_motionless_clips_are_finite(
    frames: int, clip: NDArray[np.float32]
) -> None:
    short = clip[:frames]
    found = costs(short, short, clip, SWUNG)
    assert np.isfinite(found).all()
    assert np.isfinite(costs(SWUNG, short)).all()


def test_a_motionless_clip_resembles_only_another_motionless_clip() -> None:
    still = np.repeat(RAISED[:1], 40, axis=0)
    assert costs(RAISED, still)[0, 0] > costs(RAISED, SWUNG)[0, 0]
    assert costs(still[:7] + np.float32(1), still)[0, 0] == pytest.approx(0, abs=0.02)


def test_the_cost_of_a_reference_does_not_depend_on_the_others() -> None:
    query, references = random_clip(0), [random_clip(seed) for seed in range(1, 8)]
    together = costs(query, *references)
    alone = np.concatenate([costs(query, one) for one in references], axis=1)
    assert together == pytest.approx(alone, abs=1e-5)


def test_no_references_give_no_costs() -> None:
    nothing = np.empty((0, feature_count(1)), dtype=np.float32)
    assert alignment_costs(path_features(RAISED), nothing, 1).shape == (2, 0)


def test_wrong_shapes_and_unseen_joints_are_refused() -> None:
    with pytest.raises(AlignmentError, match="shape"):
        path_features(np.zeros((10, 1, 20, 3), np.float32))
    with pytest.raises(AlignmentError, match="3 bodies"):
        path_features(np.zeros((10, 3, 25, 3), np.float32))
    with pytest.raises(AlignmentError, match="not finite"):
        path_features(np.full((10, 1, 25, 3), np.nan, np.float32))
    pair = np.stack([path_features(random_clip(0, bodies=2))])
    with pytest.raises(AlignmentError, match="features"):
        alignment_costs(path_features(RAISED), pair, 1)


def test_aligning_fifty_references_takes_less_than_5_ms() -> None:
    query = path_features(random_clip(0))
    references = np.stack([path_features(random_clip(seed)) for seed in range(50)])
    elapsed = []
    for _ in range(20):
        begin = time.perf_counter()
        alignment_costs(query, references, 1)
        elapsed.append(time.perf_counter() - begin)
    # A third of a millisecond where nothing else runs.
    assert min(elapsed) < 0.005
