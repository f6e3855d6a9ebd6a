# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A body of rigid segments, and its poses.

`Body` holds the lengths of the segments, in the proportions that a Kinect v2 reports (its elbows, knees
and hips lie slightly inside the anatomical ones); `Pose` holds their directions.  Forward kinematics
combines them, so that segments never stretch.

Axes of the body: x to the person's right, y up, z backwards, with the floor at y = 0 between the feet,
as in a Kinect that the person faces.  Poses use *out* (away from the midline), *up* and *forward*,
which are the same for both sides of the body.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.skeleton.layouts import NTU_25

Vector = tuple[float, float, float]
Floats = NDArray[np.float64]

DOWN: Vector = (0.0, -1.0, 0.0)
UP: Vector = (0.0, 1.0, 0.0)
FORWARD: Vector = (0.0, 0.0, 1.0)
OUT: Vector = (1.0, 0.0, 0.0)
IN: Vector = (-1.0, 0.0, 0.0)

JOINT = {name: NTU_25.index(name) for name in NTU_25.joint_names}

STRAIGHTEST_LIMB = 0.999
"""Maximum reach of a limb as a share of its length; people never fully lock knees and elbows."""

SCAPULAR_LIFT = np.deg2rad(24.0)
"""Upward rotation of the collar bone when the arm points straight up."""

LUMBAR_SHARE = 0.45
"""Share of the spine's bending below its middle joint."""

NECK_SHARE = 0.35
"""Share of the head's rotation that the neck makes."""


@dataclass(frozen=True)
class Body:
    """Lengths of a person's segments in metres.

    Attributes:
        lower_spine: spine base to spine middle.
        upper_spine: spine middle to the spine between the shoulders.
        neck: spine between the shoulders to neck.
        head: neck to the middle of the head.
        collar: middle to one shoulder, sideways.
        upper_arm: shoulder to elbow.
        forearm: elbow to wrist.
        hand: wrist to the middle of the hand.
        fingers: middle of the hand to the finger tips.
        pelvis: spine base to one hip, sideways.
        thigh: hip to knee.
        shank: knee to ankle.
        foot: ankle to the toes' joint, forwards.
        ankle_height: ankle above the floor.
    """

    lower_spine: float
    upper_spine: float
    neck: float
    head: float
    collar: float
    upper_arm: float
    forearm: float
    hand: float
    fingers: float
    pelvis: float
    thigh: float
    shank: float
    foot: float
    ankle_height: float

    @classmethod
    def of_height(
        cls, height: float, legs: float = 1.0, arms: float = 1.0, breadth: float = 1.0
    ) -> Body:
        """The body of someone of a given height in metres.

        Args:
            height: from sole to crown.
            legs: relative length of the legs; the trunk compensates for it.
            arms: relative length of the arms.
            breadth: relative breadth of shoulders and hips.
        """
        leg = 0.240 + 0.215
        trunk = (0.915 - 0.045 - leg * legs) / (0.915 - 0.045 - leg)
        return cls(
            lower_spine=0.178 * height * trunk,
            upper_spine=0.130 * height * trunk,
            neck=0.042 * height * trunk,
            head=0.085 * height * trunk,
            collar=0.100 * height * breadth,
            upper_arm=0.150 * height * arms,
            forearm=0.138 * height * arms,
            hand=0.042 * height * arms,
            fingers=0.048 * height * arms,
            pelvis=0.050 * height * breadth,
            thigh=0.240 * height * legs,
            shank=0.215 * height * legs,
            foot=0.066 * height,
            ankle_height=0.045 * height,
        )

    @property
    def arm(self) -> float:
        """Shoulder to the middle of the hand."""
        return self.upper_arm + self.forearm + self.hand

    @property
    def leg(self) -> float:
        """Hip to ankle."""
        return self.thigh + self.shank

    @property
    def standing_hip_height(self) -> float:
        """Height of the hips above the floor when standing at ease with slightly bent knees."""
        return self.ankle_height + 0.993 * self.leg


@dataclass(frozen=True)
class Arm:
    """Directions of one arm's segments in the chest's frame: (out, up, forward).

    Attributes:
        upper: from shoulder to elbow.
        fore: from elbow to wrist and hand.
        thumb: direction of the thumb, as far as perpendicular to the hand.
    """

    upper: Vector = DOWN
    fore: Vector = DOWN
    thumb: Vector = FORWARD


@dataclass(frozen=True)
class Leg:
    """Position of one foot relative to standing at ease.

    Attributes:
        ankle: the ankle's offset (out, up, forward) on the floor, in leg lengths.
        knee_out: angle by which the knee points outwards, radians.
        toes_down: the foot's pitch, radians.
    """

    ankle: Vector = (0.0, 0.0, 0.0)
    knee_out: float = 0.15
    toes_down: float = 0.0


@dataclass(frozen=True)
class Pose:
    """Pose of a body.  Rotations are (pitch forwards, roll to the right, yaw to the left).

    Attributes:
        shift: the pelvis's offset (right, up, forward) from standing at ease, in leg lengths.
        pelvis: rotation of the pelvis relative to the floor, radians.
        spine: rotation of the chest relative to the pelvis, radians.
        head: rotation of the head relative to the chest, radians.
        right_arm: the right arm.
        left_arm: the left arm.
        right_leg: the right leg.
        left_leg: the left leg.
    """

    shift: Vector = (0.0, 0.0, 0.0)
    pelvis: Vector = (0.0, 0.0, 0.0)
    spine: Vector = (0.0, 0.0, 0.0)
    head: Vector = (0.0, 0.0, 0.0)
    right_arm: Arm = Arm()
    left_arm: Arm = Arm()
    right_leg: Leg = Leg()
    left_leg: Leg = Leg()

    def but(self, **changed: Any) -> Pose:
        """This pose with some fields changed."""
        return replace(self, **changed)

    def vector(self) -> Floats:
        """The pose as a vector, (POSE_SIZE,), that can be interpolated."""
        row: list[float] = []
        for part in fields(self):
            value = getattr(self, part.name)
            numbers = (
                value
                if isinstance(value, tuple)
                else [getattr(value, f.name) for f in fields(value)]
            )
            for number in numbers:
                row.extend(number if isinstance(number, tuple) else (number,))
        return np.asarray(row, dtype=np.float64)

    def mirrored(self) -> Pose:
        """The same pose with left and right swapped."""

        def flipped(rotation: Vector) -> Vector:
            return (rotation[0], -rotation[1], -rotation[2])

        return Pose(
            shift=(-self.shift[0], self.shift[1], self.shift[2]),
            pelvis=flipped(self.pelvis),
            spine=flipped(self.spine),
            head=flipped(self.head),
            right_arm=self.left_arm,
            left_arm=self.right_arm,
            right_leg=self.left_leg,
            left_leg=self.right_leg,
        )


SHIFT = slice(0, 3)
PELVIS = slice(3, 6)
SPINE = slice(6, 9)
HEAD = slice(9, 12)
ARMS = slice(12, 30)
"""Columns of both arms: upper, fore and thumb of the right one, then of the left one."""
LEGS = slice(30, 40)
"""Columns of both legs: ankle (3), knee out, toes down of the right one, then of the left one."""
POSE_SIZE = 40


def reach(body: Body, point: Vector, elbow: Vector, thumb: Vector = UP) -> Arm:
    """The arm whose hand is at a point.

    Args:
        body: whose arm.
        point: (out, up, forward) of the hand relative to its shoulder, metres, in the chest's frame.
            The arm stretches towards points beyond its reach.
        elbow: (out, up, forward), the direction in which the elbow bends.
        thumb: direction of the thumb.
    """
    shoulder = np.zeros(3)
    forearm = body.forearm + body.hand
    hand, joint = _two_bones(
        shoulder, np.asarray(point), np.asarray(elbow), body.upper_arm, forearm
    )
    upper = joint / body.upper_arm
    fore = (hand - joint) / forearm
    return Arm(upper=_vector(upper), fore=_vector(fore), thumb=thumb)


def joint_positions(body: Body, poses: Floats, stance: float) -> Floats:
    """Forward kinematics.

    Args:
        body: lengths of the segments.
        poses: (frames, POSE_SIZE), rows of `Pose.vector`.
        stance: distance between the ankles when standing at ease, metres.

    Returns:
        (frames, 25, 3) metres in the body's axes: x right, y up, z back, floor at 0.
    """
    frames = len(poses)
    joints = np.zeros((frames, len(JOINT), 3))

    def put(name: str, place: Floats) -> Floats:
        joints[:, JOINT[name]] = place
        return place

    shift = poses[:, SHIFT] * body.leg * np.array([1.0, 1.0, -1.0])
    pelvis = _rotation(poses[:, PELVIS])
    lumbar = pelvis @ _rotation(LUMBAR_SHARE * poses[:, SPINE])
    chest = pelvis @ _rotation(poses[:, SPINE])
    neck_frame = chest @ _rotation(NECK_SHARE * poses[:, HEAD])
    head_frame = chest @ _rotation(poses[:, HEAD])

    base = put("spine_base", shift + np.array([0.0, body.standing_hip_height, 0.0]))
    middle = put("spine_mid", base + _turn(lumbar, (0.0, body.lower_spine, 0.0)))
    shoulders = put("spine_shoulder", middle + _turn(chest, (0.0, body.upper_spine, 0.0)))
    neck = put("neck", shoulders + _turn(neck_frame, (0.0, body.neck, -0.1 * body.neck)))
    put("head", neck + _turn(head_frame, (0.0, 0.96 * body.head, -0.28 * body.head)))

    for side, sign, columns in (("right", 1.0, ARMS.start), ("left", -1.0, ARMS.start + 9)):
        upper, fore, thumb = (
            _body_axes(_unit(poses[:, start : start + 3]), sign)
            for start in range(columns, columns + 9, 3)
        )
        # The collar bone follows the upper arm once it is raised.
        elevation = np.arccos(np.clip(-upper[:, 1], -1.0, 1.0))
        lift = SCAPULAR_LIFT * np.clip((elevation - 0.5) / (np.pi - 0.5), 0.0, 1.0)
        collar = np.stack(
            [
                sign * body.collar * np.cos(lift),
                body.collar * (np.sin(lift) - 0.18),
                0.10 * body.collar * np.minimum(upper[:, 2], 0.0),
            ],
            axis=1,
        )
        shoulder = put(f"shoulder_{side}", shoulders + _turn(chest, collar))
        elbow = put(f"elbow_{side}", shoulder + body.upper_arm * _turn(chest, upper))
        wrist = put(f"wrist_{side}", elbow + body.forearm * _turn(chest, fore))
        hand = put(f"hand_{side}", wrist + body.hand * _turn(chest, fore))
        put(f"hand_tip_{side}", hand + body.fingers * _turn(chest, fore))
        across = _unit(thumb - fore * (thumb * fore).sum(axis=1, keepdims=True) + 1e-6)
        put(f"thumb_{side}", hand + body.fingers * _turn(chest, 0.2 * fore + 0.65 * across))

    for side, sign, start in (("right", 1.0, LEGS.start), ("left", -1.0, LEGS.start + 5)):
        offset = _body_axes(poses[:, start : start + 3], sign) * body.leg
        outwards, drop = poses[:, start + 3], poses[:, start + 4]
        hip = put(
            f"hip_{side}",
            base + _turn(pelvis, (sign * body.pelvis, -0.1 * body.pelvis, -0.2 * body.pelvis)),
        )
        ankle = offset + np.array([sign * stance / 2, body.ankle_height, 0.0])
        # The knee bends in the direction of the pelvis, turned outwards a little.
        heading = poses[:, PELVIS][:, 2] - sign * outwards
        ahead = np.stack([-np.sin(heading), np.zeros(frames), -np.cos(heading)], axis=1)
        ankle, knee = _two_bones(hip, ankle, ahead, body.thigh, body.shank)
        put(f"knee_{side}", knee)
        put(f"ankle_{side}", ankle)
        toes = np.stack(
            [
                ahead[:, 0] * np.cos(drop),
                -np.sin(drop + np.arctan(0.5)),
                ahead[:, 2] * np.cos(drop),
            ],
            axis=1,
        )
        put(f"foot_{side}", ankle + body.foot * _unit(toes))
    return joints


def _two_bones(
    start: Floats, end: Floats, side: Floats, first: float, second: float
) -> tuple[Floats, Floats]:
    """The end that two segments reach, and the joint between them.

    Args:
        start: (..., 3) start of the first segment.
        end: (..., 3) desired end of the second segment.
        side: (..., 3) direction in which the joint bends.
        first: length of the first segment.
        second: length of the second segment.
    """
    towards = end - start
    distance = np.linalg.norm(towards, axis=-1, keepdims=True)
    along = towards / np.maximum(distance, 1e-9)
    distance = np.clip(distance, abs(first - second) + 1e-3, STRAIGHTEST_LIMB * (first + second))
    across = _unit(side - along * (side * along).sum(axis=-1, keepdims=True))
    foot = (distance**2 + first**2 - second**2) / (2 * distance)
    height = np.sqrt(np.maximum(first**2 - foot**2, 0.0))
    return start + distance * along, start + foot * along + height * across


def _rotation(angles: Floats) -> Floats:
    """Rotation matrices (frames, 3, 3) of (frames, 3) pitch forwards, roll right, yaw left."""
    pitch, roll, yaw = -angles[:, 0], -angles[:, 1], angles[:, 2]
    zero, one = np.zeros_like(pitch), np.ones_like(pitch)

    def matrix(*rows: Floats) -> Floats:
        return np.stack(rows, axis=-1).reshape(-1, 3, 3)

    about_x = matrix(
        one, zero, zero, zero, np.cos(pitch), -np.sin(pitch), zero, np.sin(pitch), np.cos(pitch)
    )
    about_y = matrix(
        np.cos(yaw), zero, np.sin(yaw), zero, one, zero, -np.sin(yaw), zero, np.cos(yaw)
    )
    about_z = matrix(
        np.cos(roll), -np.sin(roll), zero, np.sin(roll), np.cos(roll), zero, zero, zero, one
    )
    return np.asarray(about_y @ about_x @ about_z)


def _turn(frame: Floats, vectors: Floats | Vector) -> Floats:
    """Rotate (frames, 3) vectors, or one vector, by (frames, 3, 3) matrices."""
    return np.asarray((frame @ np.asarray(vectors, dtype=np.float64)[..., None])[..., 0])


def _body_axes(vectors: Floats, sign: float) -> Floats:
    """(frames, 3) (out, up, forward) of one side in the body's axes (right, up, back)."""
    return np.asarray(vectors * np.array([sign, 1.0, -1.0]))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def _vector(values: Floats) -> Vector:
    return (float(values[0]), float(values[1]), float(values[2]))
