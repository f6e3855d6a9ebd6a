# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Errors of a depth camera: viewpoint, noise, lost joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.synthetic_actor.body import JOINT, Floats

NOISE_DISTANCE = 2.5
"""Distance in metres for which noise is stated; noise grows with the square of the distance."""

EXTREMITY = np.ones(len(JOINT))
"""Noise of each joint relative to the trunk, as measured with a Kinect v2."""
for _name, _factor in {
    "head": 1.2,
    "elbow": 2.0,
    "wrist": 3.5,
    "hand": 3.5,
    "hand_tip": 5.0,
    "thumb": 6.0,
    "knee": 1.3,
    "ankle": 2.0,
    "foot": 2.5,
}.items():
    for _side in ("", "_left", "_right"):
        if f"{_name}{_side}" in JOINT:
            EXTREMITY[JOINT[f"{_name}{_side}"]] = _factor


@dataclass(frozen=True)
class Viewpoint:
    """Where a person stands in front of a camera.

    Attributes:
        yaw: angle by which the person is turned to the left, away from the camera, radians.
        distance: from the camera along the floor, metres.
        lateral: to the camera's left, metres.
        camera_height: camera above the floor, metres.
        camera_pitch: angle by which the camera looks down, radians.
    """

    yaw: float = 0.0
    distance: float = 2.5
    lateral: float = 0.0
    camera_height: float = 1.1
    camera_pitch: float = 0.0

    @classmethod
    def sample(cls, generator: np.random.Generator, max_yaw: float = np.pi / 4) -> Viewpoint:
        """A viewpoint as on a robot: 1.5 to 4 m away, turned away by at most ``max_yaw``."""
        distance = float(generator.uniform(1.5, 4.0))
        return cls(
            yaw=float(generator.uniform(-max_yaw, max_yaw)),
            distance=distance,
            # Within the camera's 70 degrees.
            lateral=float(generator.uniform(-0.3, 0.3)) * distance,
            camera_height=float(generator.uniform(0.7, 1.6)),
            camera_pitch=float(generator.uniform(-0.1, 0.2)),
        )

    def from_body(self, joints: Floats) -> Floats:
        """Convert metres (..., 3) from the body's axes to the camera's (x left, y up, z away)."""
        turned = joints @ _about_y(self.yaw).T
        placed = turned + np.array([self.lateral, -self.camera_height, self.distance])
        return np.asarray(placed @ _about_x(-self.camera_pitch).T)


@dataclass(frozen=True)
class Sensor:
    """Errors of a camera; the defaults resemble a Kinect v2 at 2.5 m.

    Attributes:
        frame_rate: frames per second.
        stamp_jitter: standard deviation of the stamps, seconds.
        jitter: standard deviation of the trunk's joints between frames, metres; the extremities
            have several times as much.
        wander: standard deviation of a slowly changing error, metres.
        wander_seconds: time constant of the slow error.
        lost_per_second: rate at which an extremity is lost; the trunk is lost less often.
        lost_seconds: mean duration of a loss.
        spikes_per_second: rate at which some joint jumps away for one frame.
        spike: mean distance of such a jump, metres.
    """

    frame_rate: float = 30.0
    stamp_jitter: float = 0.001
    jitter: float = 0.0004
    wander: float = 0.0015
    wander_seconds: float = 0.5
    lost_per_second: float = 0.03
    lost_seconds: float = 0.15
    spikes_per_second: float = 0.03
    spike: float = 0.25

    @classmethod
    def perfect(cls, frame_rate: float = 30.0) -> Sensor:
        """A sensor without errors."""
        return cls(frame_rate, 0.0, 0.0, 0.0, lost_per_second=0.0, spikes_per_second=0.0)

    def stamps(self, seconds: float, generator: np.random.Generator) -> Floats:
        """Stamps of a recording's frames, strictly increasing from 0."""
        times = np.arange(max(2, int(seconds * self.frame_rate) + 1)) / self.frame_rate
        # Less than half a frame, which keeps the order.
        limit = 0.4 / self.frame_rate
        shift = np.clip(self.stamp_jitter * generator.standard_normal(len(times)), -limit, limit)
        shift[0] = 0.0
        return np.asarray(times + shift)

    def observe(self, joints: Floats, generator: np.random.Generator) -> Floats:
        """What the camera reports of joints (frames, joints, 3), metres in the camera's axes."""
        frames, count, _ = joints.shape
        distance = joints[:, :, 2].mean(axis=1)[:, None, None]
        scale = EXTREMITY[None, :, None] * (distance / NOISE_DISTANCE) ** 2
        white = generator.standard_normal((2, frames, count, 3))
        observed = joints + scale * (self.jitter * white[0] + self.wander * self._slow(white[1]))

        share = self.spikes_per_second / self.frame_rate
        hit = generator.random((frames, count)) < share * EXTREMITY / EXTREMITY.sum()
        away = generator.standard_normal((frames, count, 3))
        away /= np.linalg.norm(away, axis=2, keepdims=True)
        distances = self.spike * generator.uniform(0.6, 1.6, (frames, count, 1))
        observed = np.where(hit[..., None], observed + away * distances, observed)

        observed[self._lost(frames, count, generator)] = np.nan
        return np.asarray(observed)

    def _slow(self, white: Floats) -> Floats:
        """Make white noise of unit variance change slowly (first-order process)."""
        keep = float(np.exp(-1.0 / (self.wander_seconds * self.frame_rate)))
        slow = np.empty_like(white)
        slow[0] = white[0]
        gain = np.sqrt(1.0 - keep**2)
        for frame in range(1, len(white)):
            slow[frame] = keep * slow[frame - 1] + gain * white[frame]
        return slow

    def _lost(self, frames: int, count: int, generator: np.random.Generator) -> NDArray[np.bool_]:
        """(frames, joints) whether a joint is lost, in random bursts."""
        rate = self.lost_per_second / self.frame_rate * EXTREMITY / EXTREMITY.max()
        begins = generator.random((frames, count)) < rate
        lengths = 1 + generator.exponential(self.lost_seconds * self.frame_rate, (frames, count))
        until = np.where(begins, np.arange(frames)[:, None] + lengths.astype(int), 0)
        return np.asarray(np.arange(frames)[:, None] < np.maximum.accumulate(until, axis=0))


def _about_y(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def _about_x(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
