# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Synthesise people who rest and walk between two actions.

Resting is a pose with sensor noise, and a smooth way from one pose to the next.  Walking is a
recorded gait of somebody who walks on the spot (UTD-MHAD, Kinder-Gator), repeated while the person is
moved along a straight way and turned in its direction.  Feet slide a little, but relative to the
hips, which is all that segmentation and representation use, the movement is real.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.mapping import to_ntu25
from skeleton_dml_ros.skeleton.normalization import HIP, HIPS, SHOULDERS, body_size
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

FRAME_RATE = 30.0
"""Frames per second of built streams, as of the Kinects."""

HOLD_SECONDS = (0.7, 2.0)
"""Minimum and maximum rest after an action, and again before the next, seconds."""

RETURN_SPEED = 0.35
"""Mean speed, metres per second, at which the joint with the longest way returns to rest: about that of
people who lower an arm or get up from a chair without hurry."""

MIN_RETURN_SECONDS = 1.0
"""Minimum seconds of the way back."""

SENSOR_NOISE = 0.007
SENSOR_NOISE_MEMORY = 0.97
"""Noise of joints at rest: standard deviation in metres, and correlation from frame to frame.  As in
Kinect v1 recordings (UTD-MHAD, Kinder-Gator), a coordinate moves by 1.7 mm between frames and by 6 mm
within half a second."""

NOISE_FADE = 0.3
"""Seconds in which the noise fades in after a clip and out before the next; clips have their own."""

WALKING_SPEED = 0.9
"""Metres per second of walking in a room; in the street it is about 1.4."""

STEP_IN = 0.5
"""Seconds in which a walker starts, turns or stops."""

MIN_GAIT_SECONDS, GAIT_EDGE = 0.8, 0.3
"""Minimum seconds of a gait cycle, about two steps, and seconds at either end of a recording in which
people still start or stop."""

FEET = tuple(
    NTU_25.index(f"{part}_{side}") for part in ("ankle", "foot") for side in ("left", "right")
)


@dataclass(frozen=True, eq=False)
class Gait:
    """Cycle of somebody who walks on the spot.

    Attributes:
        cycle: (frames, 25, 3) NTU-25 at the stream's rate, metres: facing the camera, hips above
            the origin, lowest foot at height 0; the last frame leads to the first.
        size: of the body, see :func:`~skeleton_dml_ros.skeleton.normalization.body_size`.
    """

    cycle: NDArray[np.float32]
    size: float


def gait_of(recording: SkeletonSequence) -> Gait:
    """Find the gait cycle in a recording of walking.

    It is the part whose last pose and speed are nearest to its first.

    Args:
        recording: one body that walks on the spot, in any layout.

    Raises:
        SkeletonDmlError: there are two bodies, the recording is too short, or a joint is unseen.
    """
    poses = at_stream_rate(to_ntu25(recording))[:, 0]
    edge, shortest = round(GAIT_EDGE * FRAME_RATE), round(MIN_GAIT_SECONDS * FRAME_RATE)
    if recording.bodies != 1 or len(poses) < 2 * edge + shortest + 2:
        raise SkeletonDmlError(
            f"a recording of {recording.bodies} bodies and {recording.duration:.1f} s holds no "
            "gait cycle; give one person who walks for "
            f"{2 * GAIT_EDGE + MIN_GAIT_SECONDS + 0.1:.1f} s"
        )
    if not np.isfinite(poses).all():
        raise SkeletonDmlError(
            "a joint of the walking person is not always seen; give another recording"
        )
    # People who walk on the spot drift a little.
    size = body_size(poses[:, None])
    poses = turned(poses - floor_under(poses)[:, None], -facing(poses.mean(axis=0)))
    poses -= [0, poses[:, FEET, 1].min(), 0]
    inner = poses[edge : len(poses) - edge]
    state = np.concatenate([inner[1:], 0.2 * FRAME_RATE * np.diff(inner, axis=0)], axis=1)
    apart = np.linalg.norm(state[:, None] - state[None], axis=-1).mean(axis=-1)
    apart[np.tri(len(state), k=shortest - 1, dtype=bool)] = np.inf
    first, last = np.unravel_index(int(apart.argmin()), apart.shape)
    cycle, following = inner[1 + first : 1 + last], inner[1 + last]
    share = np.arange(len(cycle)) / len(cycle)
    cycle = cycle - share[:, None, None] * (following - cycle[0])
    return Gait(np.asarray(cycle, dtype=np.float32), size)


def rest(
    first: NDArray[np.float32], last: NDArray[np.float32], generator: np.random.Generator
) -> NDArray[np.float32]:
    """Rest in one pose, move to the other, and rest there.

    The movement has minimum jerk, as people's movements have (Flash and Hogan, 1985).

    Args:
        first: (bodies, joints, 3) poses before.
        last: (bodies, joints, 3) poses after.
        generator: chooses durations and noise.

    Returns:
        (frames, bodies, joints, 3), without the two poses themselves.
    """
    distance = float(np.nan_to_num(np.linalg.norm(last - first, axis=-1)).max())
    before, after = generator.uniform(*HOLD_SECONDS, size=2)
    way = max(MIN_RETURN_SECONDS, distance / RETURN_SPEED)
    frames = round((before + way + after) * FRAME_RATE)
    seconds = np.arange(1, frames + 1) / FRAME_RATE
    share = _minimum_jerk((seconds - before) / way)[:, None, None, None]
    poses = first + share * (last - first)
    to_edge = np.minimum(seconds, (frames + 1) / FRAME_RATE - seconds)
    envelope = np.clip(to_edge / NOISE_FADE, 0, 1)[:, None, None, None]
    return np.asarray(poses + envelope * _sensor_noise(poses.shape, generator), np.float32)


def walk(
    first: NDArray[np.float32],
    last: NDArray[np.float32],
    gait: Gait,
    seconds: float,
    generator: np.random.Generator,
) -> NDArray[np.float32]:
    """Start from one pose, walk straight to another place, and stop in another pose.

    Args:
        first: (25, 3) NTU-25 pose before, at its place.
        last: (25, 3) pose after, at its place.
        gait: of the walker; scaled to the person's size.
        seconds: duration.
        generator: chooses the first step.

    Returns:
        (frames, 25, 3), without the two poses themselves. Joints unseen in the poses stay unseen.
    """
    frames = max(1, round(seconds * FRAME_RATE))
    time = np.arange(1, frames + 1) / (frames + 1) * seconds
    start, goal = floor_under(first), floor_under(last)
    towards = float(np.arctan2(goal[0] - start[0], start[2] - goal[2]))
    angles = np.array([facing(first), towards, facing(last)])
    angles[1:] = angles[0] + np.cumsum(_shortest_turn(np.diff(angles)))
    begun = _minimum_jerk(time / STEP_IN)
    halted = _minimum_jerk((time - seconds + STEP_IN) / STEP_IN)
    angle = angles[0] + begun * (angles[1] - angles[0]) + halted * (angles[2] - angles[1])
    progress = np.cumsum(np.clip(np.minimum(time, seconds - time) / STEP_IN, 0, 1))
    place = start + (progress / progress[-1])[:, None] * (goal - start)

    size = body_size(np.stack([first, last])[:, None])
    scale = size / gait.size if np.isfinite(size) else 1.0
    step = (int(generator.integers(len(gait.cycle))) + np.arange(frames)) % len(gait.cycle)
    standing = [turned(pose - floor_under(pose), -facing(pose)) for pose in (first, last)]
    share = _minimum_jerk(time / seconds)[:, None, None]
    still = standing[0] + share * (standing[1] - standing[0])
    steps = scale * gait.cycle[step] + [0, _floor_height(standing), 0]
    walking = (begun * (1 - halted))[:, None, None]
    poses = still + walking * (steps - still)
    return np.asarray(turned(poses, angle) + place[:, None], dtype=np.float32)


def at_stream_rate(clip: SkeletonSequence) -> NDArray[np.float32]:
    """A clip's positions, (frames, bodies, joints, 3), at the stream's frame rate."""
    times = np.arange(np.floor(clip.duration * FRAME_RATE + 0.5) + 1) / FRAME_RATE
    nearest = np.abs(clip.timestamps[None] - times[:, None]).argmin(axis=1)
    return np.asarray(clip.positions[nearest])


def floor_under(poses: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points, (..., 3), below the hips of NTU-25 poses, (..., 25, 3), at height 0."""
    return np.asarray(poses[..., HIP, :] * np.array([1, 0, 1], dtype=np.float32))


def facing(poses: NDArray[np.float32]) -> NDArray[np.float64]:
    """Angle about the vertical, (...), by which people are turned away from the camera.

    Zero when facing the camera, positive towards greater x.
    """
    across = np.stack(
        [poses[..., pair[1], :] - poses[..., pair[0], :] for pair in (SHOULDERS, HIPS)]
    )
    across = np.nansum(across, axis=0)
    return np.asarray(np.arctan2(across[..., 2], across[..., 0]), dtype=np.float64)


def turned(poses: NDArray[np.floating], angle: NDArray[np.float64] | float) -> NDArray[np.floating]:
    """Poses, (..., joints, 3), rotated about the vertical through the origin by angles, (...)."""
    cosine, sine = np.cos(angle)[..., None], np.sin(angle)[..., None]
    x, y, z = poses[..., 0], poses[..., 1], poses[..., 2]
    return np.stack([cosine * x - sine * z, y, sine * x + cosine * z], axis=-1)


def _floor_height(standing: list[NDArray[np.floating]]) -> float:
    """Height of the lowest foot of two poses; of the lowest joint if no foot is seen."""
    poses = np.stack(standing)
    feet = poses[:, FEET, 1]
    return float(np.nanmin(feet if np.isfinite(feet).any() else poses[..., 1]))


def _minimum_jerk(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minimum-jerk curve from 0 to 1 while ``share`` goes from 0 to 1."""
    share = np.clip(share, 0, 1)
    return np.asarray(share**3 * (10 - 15 * share + 6 * share**2))


def _shortest_turn(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """The equivalent angle in [-pi, pi)."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)


def _sensor_noise(shape: tuple[int, ...], generator: np.random.Generator) -> NDArray[np.float64]:
    """Autoregressive noise: each frame keeps a part of the previous one."""
    noise = generator.normal(scale=SENSOR_NOISE, size=shape)
    fresh = np.sqrt(1 - SENSOR_NOISE_MEMORY**2)
    for frame in range(1, len(noise)):
        noise[frame] = SENSOR_NOISE_MEMORY * noise[frame - 1] + fresh * noise[frame]
    return noise
