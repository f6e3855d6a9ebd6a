# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""People, and what they do in front of a camera.

A performance is a script (actions and pauses) played by one person and seen by one sensor.  The
person stands idle throughout: breathes, sways, shifts the weight, looks around; an action comes
on top of that, begins and ends in the person's own rest pose, and so a continuous stream has no
jumps.  Two people differ in body, handedness, rest pose, pace, amplitude, and in how they go
about each action; one person differs a little from performance to performance.
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
"""How much people's poses differ in an action: standard deviation of an arm's direction (as a
unit vector) and of the trunk's angles (radians)."""

WHIM_ARM, WHIM_TRUNK = 0.035, 0.02
"""How much one person's poses differ from time to time, in the same units."""

STYLE, WHIM = np.zeros(POSE_SIZE), np.zeros(POSE_SIZE)
STYLE[ARMS], WHIM[ARMS] = STYLE_ARM, WHIM_ARM
for _columns in (SPINE, HEAD):
    STYLE[_columns], WHIM[_columns] = STYLE_TRUNK, WHIM_TRUNK

STYLE_PACE, WHIM_PACE = 0.08, 0.06
"""How much the seconds of an action differ between people, and from movement to movement."""


class UnknownActionError(SkeletonDmlError):
    """The actor cannot do this."""


def action_names() -> tuple[str, ...]:
    """All actions that the actor can do, in alphabetical order."""
    return tuple(sorted(ACTIONS))


@dataclass(frozen=True)
class Person:
    """Someone with a body and ways of their own.

    Attributes:
        body: the lengths of the segments.
        rest: the pose between two actions.
        stance: distance between the ankles at rest, metres.
        left_handed: does with the left hand and foot what others do with the right ones.
        pace: speed of all movements against the average.
        amplitude: size of all movements against the average.
        restlessness: size of the idle movements against the average.
        style: seeds what is this person's own in each action.
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
        """1.70 m, right-handed, and nothing out of the ordinary."""
        arm = Arm((0.16, -0.98, 0.02), (0.06, -0.98, 0.18))
        return cls(Body.of_height(1.70), Pose(right_arm=arm, left_arm=arm))

    @classmethod
    def sample(cls, generator: np.random.Generator, left_handed: bool | None = None) -> Person:
        """Someone out of the population.

        Args:
            generator: decides who.
            left_handed: fixes the hand; left out, one in ten is left-handed.
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
    """One action in a script; ``speed`` 2 takes half of the time."""

    label: str
    speed: float = 1.0


@dataclass(frozen=True)
class Idle:
    """So many seconds without an action."""

    seconds: float


@dataclass(frozen=True)
class PerformedAction:
    """What a person did, and when by the clock of the messages."""

    label: str
    start_ns: int
    end_ns: int
    person_id: str


@dataclass(frozen=True)
class Performance:
    """What the camera saw, and what was really done.

    Attributes:
        sequence: one body in NTU-25, in the camera's axes.
        actions: in the order of time.
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
        person: who acts.
        generator: decides what differs from time to time.
        speed: 2 takes half of the time.
        viewpoint: left out, the person faces a camera 2.5 m away.
        sensor: left out, one that errs as a Kinect v2 does.
        margin: seconds of rest before and after.

    Raises:
        UnknownActionError: the actor cannot do this.
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
        script: what to do, one after the other.
        person: who acts.
        generator: decides what differs from time to time.
        viewpoint: left out, the person faces a camera 2.5 m away.
        sensor: left out, one that errs as a Kinect v2 does.
        person_id: goes into the list of what was done.
        start_ns: time of the first frame.

    Raises:
        UnknownActionError: the actor cannot do something in the script.
        SkeletonDmlError: the script is empty or lasts no time.
    """
    viewpoint = viewpoint or Viewpoint()
    sensor = sensor or Sensor()
    rest = person.rest.vector()
    knots, values, actions = [0.0], [rest], []
    for step in script:
        if isinstance(step, Idle):
            if step.seconds < 0:
                raise SkeletonDmlError(
                    f"idling for {step.seconds} s is not possible; give 0 or more"
                )
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
    """The action as this person does it this time: (seconds, pose) one after the other."""
    if act.label not in ACTIONS:
        raise UnknownActionError(
            f"the actor cannot do {act.label!r}; it can do {', '.join(action_names())}"
        )
    if not act.speed > 0:
        raise SkeletonDmlError(
            f"speed {act.speed} of {act.label} is not possible; give more than 0"
        )
    # Actions are written for right-handed people; left-handed ones do them in the mirror.
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
        whim = WHIM * generator.standard_normal(POSE_SIZE)
        row = still + person.amplitude * moved + np.where(moved != 0.0, style + whim, 0.0)
        hurry = float(np.exp(WHIM_PACE * generator.standard_normal()))
        played.append((key.seconds / (pace * hurry), row))
    return played


def _idling(times: Floats, generator: np.random.Generator) -> Floats:
    """What a standing person's pose differs by from the rest pose, (frames, POSE_SIZE).

    Breathing, swaying, shifting the weight from foot to foot and looking around: joint speeds of
    a few centimetres a second, not zero, as people who stand still have.
    """
    idle = np.zeros((len(times), POSE_SIZE))

    def swaying(size: float, slowest: float, fastest: float) -> Floats:
        waves = np.zeros(len(times))
        for frequency in generator.uniform(slowest, fastest, 3):
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
    """(frames,) a number that stays, and now and then moves smoothly to another value.

    Args:
        times: (frames,) seconds.
        generator: decides when and where to.
        pause: mean seconds between two moves.
        seconds: seconds of one move.
        spread: standard deviation of the values, of which none is over twice as large.
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
