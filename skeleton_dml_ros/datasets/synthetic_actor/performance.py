# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Synthetic people and their performances in front of a camera.

A performance is a script of actions and pauses, played by one person and seen by one sensor.  The person
always idles: breathes, sways, shifts weight, looks around.  Actions are added to that, start and end in
the person's rest pose, and so a stream has no jumps.  People differ in body, handedness, rest pose,
pace, amplitude, and style of each action; one person's performances differ a little, too.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skeleton_dml_ros.datasets.synthetic_actor.body import (
    ARMS,
    HEAD,
    PELVIS,
    POSE_SIZE,
    SHIFT,
    SPINE,
    Arm,
    Body,
    Floats,
    Pose,
    joint_positions,
)
from skeleton_dml_ros.datasets.synthetic_actor.motions import ACTIONS, Scene, trajectory
from skeleton_dml_ros.datasets.synthetic_actor.sensor import Sensor, Viewpoint
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

STYLE_ARM, STYLE_TRUNK = 0.09, 0.05
"""Differences between people in an action's poses: standard deviations of arm directions (unit vectors)
and of trunk angles (radians)."""

REPEAT_ARM, REPEAT_TRUNK = 0.035, 0.02
"""Differences between one person's performances, in the same units."""

STYLE, REPEAT = np.zeros(POSE_SIZE), np.zeros(POSE_SIZE)
STYLE[ARMS], REPEAT[ARMS] = STYLE_ARM, REPEAT_ARM
for _columns in (SPINE, HEAD):
    STYLE[_columns], REPEAT[_columns] = STYLE_TRUNK, REPEAT_TRUNK

STYLE_PACE, REPEAT_PACE = 0.08, 0.06
"""Differences in an action's duration between people, and between movements."""


class UnknownActionError(SkeletonDmlError):
    """The actor does not know an action."""


def action_names() -> tuple[str, ...]:
    """All actions of the actor, in alphabetical order."""
    return tuple(sorted(ACTIONS))


@dataclass(frozen=True)
class Person:
    """A person with a body and habits.

    Attributes:
        body: lengths of the segments.
        rest: pose between two actions.
        stance: distance between the ankles at rest, metres.
        left_handed: uses the left hand and foot where others use the right ones.
        pace: relative speed of all movements.
        amplitude: relative size of all movements.
        restlessness: relative size of idle movements.
        style: seed of the person's habits in each action.
    """

    body: Body
    rest: Pose
    stance: float = 0.25
    left_handed: bool = False
    pace: float = 1.0
    amplitude: float = 1.0
    restlessness: float = 1.0
    style: int = 0

    @classmethod
    def average(cls) -> Person:
        """An average right-handed person of 1.70 m."""
        arm = Arm((0.16, -0.98, 0.02), (0.06, -0.98, 0.18))
        return cls(Body.of_height(1.70), Pose(right_arm=arm, left_arm=arm))

    @classmethod
    def sample(cls, generator: np.random.Generator, left_handed: bool | None = None) -> Person:
        """A random person.

        Args:
            generator: chooses the person.
            left_handed: handedness; if left out, one in ten is left-handed.
        """
        body = Body.of_height(
            height=float(np.clip(generator.normal(1.70, 0.10), 1.45, 2.0)),
            legs=float(np.clip(generator.normal(1.0, 0.03), 0.92, 1.08)),
            arms=float(np.clip(generator.normal(1.0, 0.04), 0.90, 1.10)),
            breadth=float(np.clip(generator.normal(1.0, 0.06), 0.85, 1.15)),
        )
        arms = []
        for _ in range(2):
            out = float(generator.uniform(0.08, 0.25))
            bent = float(generator.uniform(0.05, 0.4))
            arms.append(Arm((out, -1.0, -0.1 * bent), (out - 0.1, -1.0, bent)))
        rest = Pose(
            spine=(float(generator.uniform(-0.03, 0.08)), 0.0, 0.0),
            head=(float(generator.uniform(-0.08, 0.12)), 0.0, 0.0),
            right_arm=arms[0],
            left_arm=arms[1],
        )
        stance = float(generator.uniform(0.2, 0.36)) * body.leg
        one_in_ten = bool(generator.random() < 0.1)
        return cls(
            body=body,
            rest=rest,
            stance=stance,
            left_handed=one_in_ten if left_handed is None else left_handed,
            pace=float(np.exp(generator.normal(0.0, 0.10))),
            amplitude=float(generator.uniform(0.90, 1.08)),
            restlessness=float(generator.uniform(0.6, 1.3)),
            style=int(generator.integers(2**31)),
        )


@dataclass(frozen=True)
class Act:
    """One action in a script; ``speed`` 2 halves its duration."""

    label: str
    speed: float = 1.0


@dataclass(frozen=True)
class Idle:
    """A pause without an action."""

    seconds: float


@dataclass(frozen=True)
class PerformedAction:
    """An action that a person performed, with its time in messages."""

    label: str
    start_ns: int
    end_ns: int
    person_id: str


@dataclass(frozen=True)
class Performance:
    """What the camera saw, and what really happened.

    Attributes:
        sequence: one body in NTU-25, in the camera's axes.
        actions: in order of time.
    """

    sequence: SkeletonSequence
    actions: tuple[PerformedAction, ...]


def perform(
    action: str,
    person: Person,
    generator: np.random.Generator,
    speed: float = 1.0,
    viewpoint: Viewpoint | None = None,
    sensor: Sensor | None = None,
    margin: float = 0.2,
) -> SkeletonSequence:
    """A clip of one action.

    Args:
        action: one of `action_names`.
        person: the performer.
        generator: of random variations.
        speed: 2 halves the duration.
        viewpoint: by default the person faces a camera 2.5 m away.
        sensor: by default one with the errors of a Kinect v2.
        margin: seconds of rest before and after.

    Raises:
        UnknownActionError: the actor does not know the action.
    """
    script = (Idle(margin), Act(action, speed), Idle(margin))
    return perform_stream(script, person, generator, viewpoint, sensor).sequence


def perform_stream(
    script: Sequence[Act | Idle],
    person: Person,
    generator: np.random.Generator,
    viewpoint: Viewpoint | None = None,
    sensor: Sensor | None = None,
    person_id: str = "person",
    start_ns: int = 0,
) -> Performance:
    """A continuous recording of one person who follows a script.

    Args:
        script: actions and pauses.
        person: the performer.
        generator: of random variations.
        viewpoint: by default the person faces a camera 2.5 m away.
        sensor: by default one with the errors of a Kinect v2.
        person_id: in the list of actions.
        start_ns: stamp of the first frame.

    Raises:
        UnknownActionError: the actor does not know an action.
        SkeletonDmlError: the script is empty or has no duration.
    """
    viewpoint = viewpoint or Viewpoint()
    sensor = sensor or Sensor()
    rest = person.rest.vector()
    knots, values, actions = [0.0], [rest], []
    for step in script:
        if isinstance(step, Idle):
            if step.seconds < 0:
                raise SkeletonDmlError(f"pause is {step.seconds} s; give 0 or more")
            if step.seconds > 0:
                knots.append(knots[-1] + step.seconds)
                values.append(rest)
            continue
        begin = knots[-1]
        for seconds, pose in _played(step, person, generator):
            knots.append(knots[-1] + seconds)
            values.append(pose)
        actions.append(
            PerformedAction(
                step.label, _stamp(start_ns, begin), _stamp(start_ns, knots[-1]), person_id
            )
        )
    if len(knots) < 2:
        raise SkeletonDmlError("the script is empty; give at least one action or pause")

    times = sensor.stamps(knots[-1], generator)
    poses = trajectory(np.asarray(knots), np.asarray(values), times)
    poses = poses + person.restlessness * _idling(times, generator)
    joints = viewpoint.from_body(joint_positions(person.body, poses, person.stance))
    positions = sensor.observe(joints, generator)[:, None].astype(np.float32)
    return Performance(
        SkeletonSequence(positions, times, NTU_25, start_ns=start_ns), tuple(actions)
    )


def _stamp(start_ns: int, seconds: float) -> int:
    return start_ns + round(seconds * NANOSECONDS_PER_SECOND)


def _played(act: Act, person: Person, generator: np.random.Generator) -> list[tuple[float, Floats]]:
    """The action in this person's style and this repetition: (seconds, pose) for each key."""
    if act.label not in ACTIONS:
        raise UnknownActionError(
            f"the actor does not know {act.label!r}; give one of {', '.join(action_names())}"
        )
    if not act.speed > 0:
        raise SkeletonDmlError(f"speed of {act.label} is {act.speed}; give more than 0")
    # Actions are written for right-handed people; left-handed ones mirror them.
    rest = person.rest.mirrored() if person.left_handed else person.rest
    keys = ACTIONS[act.label](Scene(person.body, rest, generator))

    own = np.random.default_rng([person.style, zlib.crc32(act.label.encode())])
    style = STYLE * own.standard_normal(POSE_SIZE)
    pace = person.pace * act.speed * float(np.exp(STYLE_PACE * own.standard_normal()))
    still = person.rest.vector()
    played = []
    for key in keys:
        row = (key.pose.mirrored() if person.left_handed else key.pose).vector()
        moved = row - still
        variation = REPEAT * generator.standard_normal(POSE_SIZE)
        row = still + person.amplitude * moved + np.where(moved != 0.0, style + variation, 0.0)
        hurry = float(np.exp(REPEAT_PACE * generator.standard_normal()))
        played.append((key.seconds / (pace * hurry), row))
    return played


def _idling(times: Floats, generator: np.random.Generator) -> Floats:
    """Idle movement relative to the rest pose, (frames, POSE_SIZE).

    Breathing, swaying, shifting the weight and looking around move joints by a few centimetres per
    second, as in people who stand still.
    """
    idle = np.zeros((len(times), POSE_SIZE))

    def swaying(size: float, min_frequency: float, max_frequency: float) -> Floats:
        waves = np.zeros(len(times))
        for frequency in generator.uniform(min_frequency, max_frequency, 3):
            phase = generator.uniform(0, 2 * np.pi)
            waves += np.sin(2 * np.pi * frequency * times + phase)
        return np.asarray(size / np.sqrt(1.5) * waves)

    breath = np.sin(
        2 * np.pi * generator.uniform(0.2, 0.3) * times + generator.uniform(0, 2 * np.pi)
    )
    idle[:, SPINE.start] = -0.008 * breath + swaying(0.006, 0.1, 0.4)
    idle[:, HEAD.start] = 0.006 * breath + swaying(0.015, 0.1, 0.5)
    idle[:, SPINE.start + 1] = swaying(0.006, 0.1, 0.4)
    idle[:, SPINE.start + 2] = swaying(0.012, 0.1, 0.3)
    idle[:, SHIFT.start + 2] = swaying(0.004, 0.15, 0.5)
    for column in range(ARMS.start, ARMS.stop):
        idle[:, column] = swaying(0.010, 0.15, 0.6)

    weight = _now_and_then(times, generator, pause=5.0, seconds=1.4, spread=0.025)
    idle[:, SHIFT.start] = weight
    idle[:, PELVIS.start + 1] = 0.8 * weight
    idle[:, SPINE.start + 1] -= 0.9 * weight
    turn = _now_and_then(times, generator, pause=4.0, seconds=0.8, spread=0.22)
    idle[:, HEAD.start + 2] = turn
    idle[:, SPINE.start + 2] += 0.06 * turn
    return idle


def _now_and_then(
    times: Floats, generator: np.random.Generator, pause: float, seconds: float, spread: float
) -> Floats:
    """(frames,) a value that is constant and now and then moves smoothly to another.

    Args:
        times: (frames,) seconds.
        generator: chooses times and values.
        pause: mean seconds between two moves.
        seconds: mean seconds of a move.
        spread: standard deviation of the values, which are limited to twice as much.
    """

    def anywhere() -> float:
        return spread * float(np.clip(generator.standard_normal(), -2.0, 2.0))

    knots, values = [float(times[0]) - 1.0], [anywhere()]
    while knots[-1] < times[-1]:
        knots += [knots[-1] + 0.2 + generator.exponential(pause)]
        knots += [knots[-1] + seconds * generator.uniform(0.8, 1.3)]
        values += [values[-1], anywhere()]
    moves = trajectory(np.asarray(knots), np.asarray(values)[:, None], times)
    return np.asarray(moves[:, 0])
