# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Actions of the synthetic actor, each as a few key poses.

An action is written like an animation: its key poses and the seconds between them, for a right-handed
person.  `trajectory` joins them by quintic polynomials: at rest at both ends, where they are the
minimum-jerk movement of human reaching (Flash and Hogan, 1985), and without a stop at passing poses.
The number of repetitions is random in each performance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from skeleton_dml_ros.datasets.synthetic_actor.body import (
    DOWN,
    FORWARD,
    IN,
    OUT,
    UP,
    Arm,
    Body,
    Floats,
    Leg,
    Pose,
    Vector,
    reach,
)


@dataclass(frozen=True)
class Key:
    """A key pose, and the seconds to reach it."""

    seconds: float
    pose: Pose


@dataclass(frozen=True)
class Scene:
    """Parameters of an action's performance.

    Attributes:
        body: determines, for instance, where a hand reaches the mouth.
        rest: the pose at start and end.
        generator: chooses repetitions and holding times.
    """

    body: Body
    rest: Pose
    generator: np.random.Generator

    def hand_at(
        self, out: float, up: float, forward: float, elbow: Vector = DOWN, thumb: Vector = UP
    ) -> Arm:
        """An arm whose hand is at a point in the chest's frame.

        Args:
            out: from the midline to the arm's side, in arm lengths.
            up: above the middle of the shoulders, in arm lengths.
            forward: in front of the shoulders, in arm lengths.
            elbow: direction in which the elbow bends.
            thumb: direction of the thumb.
        """
        arm, collar = self.body.arm, self.body.collar
        point = (out * arm - collar, up * arm + 0.18 * collar, forward * arm)
        return reach(self.body, point, elbow, thumb)

    def times(self, minimum: int, maximum: int) -> int:
        """A random number of repetitions, both bounds included."""
        return int(self.generator.integers(minimum, maximum + 1))

    def seconds(self, minimum: float, maximum: float) -> float:
        """A random duration."""
        return float(self.generator.uniform(minimum, maximum))


def _straight(direction: Vector, thumb: Vector = FORWARD) -> Arm:
    return Arm(direction, direction, thumb)


def _hanging(pitch: float, out: float = 0.08) -> Arm:
    """The arm hanging straight down while the trunk leans forward by ``pitch``."""
    return _straight((out, -float(np.cos(pitch)), float(np.sin(pitch))))


def _level(pitch: float, out: float = 0.0) -> Arm:
    """The arm pointing straight ahead while the trunk leans forward by ``pitch``."""
    return _straight((out, float(np.sin(pitch)), float(np.cos(pitch))), UP)


def _wave(scene: Scene) -> list[Key]:
    upper = (0.78, -0.22, 0.50)
    outwards = scene.rest.but(right_arm=Arm(upper, (0.48, 0.86, 0.2), IN))
    inwards = scene.rest.but(right_arm=Arm(upper, (-0.38, 0.9, 0.3), IN))
    keys = [Key(0.65, outwards)]
    for _ in range(scene.times(2, 4)):
        keys += [Key(0.27, inwards), Key(0.27, outwards)]
    return [*keys, Key(0.7, scene.rest)]


def _clap(scene: Scene) -> list[Key]:
    def apart(distance: float) -> Pose:
        arm = scene.hand_at(distance, -0.22, 0.56, elbow=(0.9, -0.8, 0.0))
        return scene.rest.but(right_arm=arm, left_arm=arm)

    keys = [Key(0.6, apart(0.26))]
    for _ in range(scene.times(3, 5)):
        keys += [Key(0.16, apart(0.03)), Key(0.2, apart(0.26))]
    return [*keys, Key(0.65, scene.rest)]


def _raise_both_arms(scene: Scene) -> list[Key]:
    aside = _straight((0.85, 0.05, 0.5), UP)
    above = _straight((0.16, 1.0, 0.05), IN)
    half = scene.rest.but(right_arm=aside, left_arm=aside)
    up = scene.rest.but(right_arm=above, left_arm=above, head=(-0.12, 0.0, 0.0))
    return [
        Key(0.5, half),
        Key(0.5, up),
        Key(scene.seconds(0.3, 0.8), up),
        Key(0.5, half),
        Key(0.55, scene.rest),
    ]


def _bow(scene: Scene) -> list[Key]:
    arm = _hanging(0.75, out=0.12)
    down = scene.rest.but(
        shift=(0.0, -0.01, -0.14),
        pelvis=(0.7, 0.0, 0.0),
        spine=(0.42, 0.0, 0.0),
        head=(0.2, 0.0, 0.0),
        right_arm=arm,
        left_arm=arm,
    )
    return [Key(0.95, down), Key(scene.seconds(0.3, 0.7), down), Key(1.0, scene.rest)]


def _squat(scene: Scene) -> list[Key]:
    arm = _level(0.6, out=0.1)
    leg = Leg(knee_out=0.4)
    down = scene.rest.but(
        shift=(0.0, -0.42, -0.16),
        pelvis=(0.55, 0.0, 0.0),
        spine=(0.08, 0.0, 0.0),
        head=(-0.35, 0.0, 0.0),
        right_arm=arm,
        left_arm=arm,
        right_leg=leg,
        left_leg=leg,
    )
    keys: list[Key] = []
    for _ in range(scene.times(1, 2)):
        keys += [Key(0.85, down), Key(0.2, down), Key(0.85, scene.rest)]
    return keys


def _kick(scene: Scene) -> list[Key]:
    back = scene.rest.but(
        shift=(-0.08, -0.03, 0.0),
        pelvis=(0.18, 0.0, -0.15),
        spine=(0.05, 0.0, 0.25),
        right_arm=_straight((0.45, -0.85, -0.15)),
        left_arm=_straight((0.45, -0.7, 0.5)),
        right_leg=Leg((0.05, 0.2, -0.42), toes_down=0.9),
    )
    through = back.but(pelvis=(0.0, 0.0, 0.05), right_leg=Leg((0.0, 0.1, 0.1), toes_down=0.5))
    high = scene.rest.but(
        shift=(-0.08, -0.02, 0.06),
        pelvis=(-0.2, 0.0, 0.2),
        spine=(0.22, 0.0, -0.15),
        right_arm=_straight((0.4, -0.85, 0.35)),
        left_arm=_straight((0.6, -0.7, -0.15)),
        right_leg=Leg((-0.05, 0.45, 0.72), toes_down=0.4),
    )
    down = scene.rest.but(shift=(-0.07, -0.01, 0.02), right_leg=Leg((0.0, 0.1, 0.12), 0.15, 0.1))
    return [
        Key(0.55, back),
        Key(0.22, through),
        Key(0.24, high),
        Key(0.38, down),
        Key(0.38, scene.rest),
    ]


def _boxing(scene: Scene) -> list[Key]:
    guard = scene.hand_at(0.16, 0.06, 0.36, elbow=(0.3, -1.0, 0.0))
    jab = scene.hand_at(0.06, 0.08, 1.02, elbow=(0.5, -1.0, 0.0), thumb=IN)
    ready = scene.rest.but(
        shift=(0.0, -0.04, 0.0), spine=(0.12, 0.0, 0.0), right_arm=guard, left_arm=guard
    )
    right = ready.but(spine=(0.15, 0.0, 0.4), pelvis=(0.0, 0.0, 0.1), right_arm=jab)
    left = ready.but(spine=(0.15, 0.0, -0.35), pelvis=(0.0, 0.0, -0.1), left_arm=jab)
    keys = [Key(0.5, ready)]
    for _ in range(scene.times(2, 3)):
        keys += [Key(0.21, left), Key(0.24, ready), Key(0.21, right), Key(0.24, ready)]
    return [*keys, Key(0.6, scene.rest)]


def _throw(scene: Scene) -> list[Key]:
    drawn = scene.rest.but(
        shift=(0.03, -0.03, -0.08),
        pelvis=(0.0, 0.0, -0.35),
        spine=(-0.08, 0.0, -0.4),
        head=(0.0, 0.0, 0.5),
        right_arm=Arm((0.85, 0.12, -0.35), (0.25, 0.85, -0.4), IN),
        left_arm=_straight((0.3, -0.35, 0.85), UP),
    )
    release = scene.rest.but(
        shift=(0.0, -0.03, 0.1),
        pelvis=(0.08, 0.0, 0.15),
        spine=(0.15, 0.0, 0.35),
        right_arm=Arm((0.35, 0.35, 0.85), (0.1, 0.55, 0.83), IN),
        left_arm=_straight((0.45, -0.8, 0.1)),
    )
    through = scene.rest.but(
        shift=(0.0, -0.04, 0.12),
        pelvis=(0.12, 0.0, 0.25),
        spine=(0.35, 0.0, 0.45),
        right_arm=Arm((-0.3, -0.55, 0.75), (-0.5, -0.75, 0.45), IN),
        left_arm=_straight((0.45, -0.8, -0.25)),
    )
    return [Key(0.7, drawn), Key(0.34, release), Key(0.3, through), Key(0.75, scene.rest)]


def _drink(scene: Scene) -> list[Key]:
    grasp = scene.rest.but(right_arm=scene.hand_at(0.3, -0.55, 0.55, elbow=(0.5, -1.0, -0.4)))
    mouth = scene.hand_at(0.03, 0.24, 0.30, elbow=(0.75, -0.7, 0.1))
    sip = scene.rest.but(right_arm=mouth, head=(-0.1, 0.0, 0.0))
    deep = scene.rest.but(
        right_arm=scene.hand_at(0.03, 0.30, 0.29, elbow=(0.95, -0.4, 0.1)), head=(-0.42, 0.0, 0.0)
    )
    return [
        Key(0.5, grasp),
        Key(0.55, sip),
        Key(0.4, deep),
        Key(scene.seconds(0.4, 0.9), deep),
        Key(0.6, grasp),
        Key(0.5, scene.rest),
    ]


def _jumping_jack(scene: Scene) -> list[Key]:
    aside = _straight((1.0, 0.0, 0.1), UP)
    above = _straight((0.3, 1.0, 0.0), IN)
    flying = Leg((0.2, 0.1, 0.0), toes_down=0.6)
    wide = Leg((0.36, 0.0, 0.0))
    air = scene.rest.but(
        shift=(0.0, 0.07, 0.0),
        right_arm=aside,
        left_arm=aside,
        right_leg=flying,
        left_leg=flying,
    )
    spread = scene.rest.but(
        shift=(0.0, -0.1, 0.0), right_arm=above, left_arm=above, right_leg=wide, left_leg=wide
    )
    closed = scene.rest.but(shift=(0.0, -0.03, 0.0))
    keys = [Key(0.25, scene.rest.but(shift=(0.0, -0.06, 0.0)))]
    for _ in range(scene.times(2, 3)):
        keys += [Key(0.24, air), Key(0.22, spread), Key(0.24, air), Key(0.22, closed)]
    return [*keys, Key(0.3, scene.rest)]


def _sit_down_and_stand_up(scene: Scene) -> list[Key]:
    on_thighs = Arm((0.12, -0.86, 0.45), (-0.1, -0.3, 0.95), IN)
    lean = scene.rest.but(
        shift=(0.0, -0.2, -0.2),
        pelvis=(0.55, 0.0, 0.0),
        spine=(0.15, 0.0, 0.0),
        head=(-0.2, 0.0, 0.0),
        right_arm=_hanging(0.7),
        left_arm=_hanging(0.7),
    )
    seated = scene.rest.but(
        shift=(0.0, -0.46, -0.46),
        pelvis=(-0.08, 0.0, 0.0),
        spine=(0.1, 0.0, 0.0),
        right_arm=on_thighs,
        left_arm=on_thighs,
    )
    rise = lean.but(shift=(0.0, -0.36, -0.3), pelvis=(0.65, 0.0, 0.0))
    return [
        Key(0.55, lean),
        Key(0.6, seated),
        Key(scene.seconds(0.5, 1.0), seated),
        Key(0.5, rise),
        Key(0.7, scene.rest),
    ]


def _march_in_place(scene: Scene) -> list[Key]:
    ahead = Arm((0.12, -0.9, 0.4), (-0.12, -0.4, 0.9), UP)
    behind = Arm((0.15, -0.9, -0.4), (0.05, -0.9, 0.3), FORWARD)
    lifted = Leg((0.0, 0.33, 0.12), toes_down=0.45)
    right = scene.rest.but(
        shift=(-0.04, 0.0, 0.0), left_arm=ahead, right_arm=behind, right_leg=lifted
    )
    left = scene.rest.but(shift=(0.04, 0.0, 0.0), right_arm=ahead, left_arm=behind, left_leg=lifted)
    keys: list[Key] = []
    for _ in range(scene.times(2, 4)):
        keys += [Key(0.32, right), Key(0.28, scene.rest), Key(0.32, left), Key(0.28, scene.rest)]
    return keys


def _stretch_sideways(scene: Scene) -> list[Key]:
    out = scene.rest.but(right_arm=_straight((1.0, 0.1, 0.1), UP))
    leant = scene.rest.but(
        shift=(0.07, 0.0, 0.0),
        pelvis=(0.0, -0.08, 0.0),
        spine=(0.0, -0.5, 0.0),
        head=(0.0, -0.15, 0.0),
        right_arm=Arm((0.1, 1.0, 0.05), (-0.45, 0.9, 0.05), IN),
        left_arm=_straight((0.5, -0.9, 0.05)),
    )
    return [
        Key(0.6, out),
        Key(0.75, leant),
        Key(scene.seconds(0.5, 1.0), leant),
        Key(0.75, out),
        Key(0.6, scene.rest),
    ]


def _arm_circles(scene: Scene) -> list[Key]:
    steps, tangent = 8, float(np.tan(np.deg2rad(42)))

    def circling(angle: float) -> Pose:
        arm = _straight((1.0, tangent * float(np.sin(angle)), tangent * float(np.cos(angle))), UP)
        return scene.rest.but(right_arm=arm, left_arm=arm)

    start = -0.5 * np.pi
    keys = [Key(0.5, circling(start))]
    for step in range(1, steps * scene.times(2, 3) + 1):
        keys.append(Key(0.11, circling(start - 2 * np.pi * step / steps)))
    return [*keys, Key(0.55, scene.rest)]


def _pick_up(scene: Scene) -> list[Key]:
    down = scene.rest.but(
        shift=(0.0, -0.46, -0.2),
        pelvis=(0.8, 0.0, 0.0),
        spine=(0.4, 0.0, 0.2),
        head=(-0.2, 0.0, 0.0),
        right_arm=_hanging(1.2, out=-0.15),
        left_arm=Arm((0.3, -0.7, 0.5), (-0.25, -0.5, 0.8)),
        right_leg=Leg(knee_out=0.35),
        left_leg=Leg(knee_out=0.3),
    )
    carry = scene.rest.but(right_arm=scene.hand_at(0.25, -0.55, 0.45, elbow=(0.4, -1.0, -0.5)))
    return [
        Key(0.9, down),
        Key(0.25, down),
        Key(0.95, carry),
        Key(0.2, carry),
        Key(0.5, scene.rest),
    ]


def _cross_arms(scene: Scene) -> list[Key]:
    crossed = scene.rest.but(
        right_arm=scene.hand_at(-0.3, -0.28, 0.34, elbow=(0.9, -0.9, 0.2)),
        left_arm=scene.hand_at(-0.26, -0.36, 0.28, elbow=(0.9, -0.9, 0.2)),
    )
    return [Key(0.75, crossed), Key(scene.seconds(0.6, 1.2), crossed), Key(0.75, scene.rest)]


def _point(scene: Scene) -> list[Key]:
    ahead = scene.rest.but(spine=(0.04, 0.0, 0.12), right_arm=_straight((0.12, 0.02, 1.0), UP))
    return [Key(0.7, ahead), Key(scene.seconds(0.5, 1.0), ahead), Key(0.75, scene.rest)]


def _push(scene: Scene) -> list[Key]:
    near = scene.hand_at(0.26, -0.12, 0.26, elbow=(0.7, -1.0, -0.3), thumb=IN)
    far = scene.hand_at(0.24, -0.02, 1.0, elbow=(0.8, -1.0, 0.0), thumb=IN)
    drawn = scene.rest.but(spine=(-0.06, 0.0, 0.0), right_arm=near, left_arm=near)
    pushed = scene.rest.but(
        shift=(0.0, -0.02, 0.05), spine=(0.2, 0.0, 0.0), right_arm=far, left_arm=far
    )
    keys: list[Key] = []
    for repetition in range(scene.times(1, 2)):
        keys += [Key(0.55 if repetition == 0 else 0.4, drawn), Key(0.36, pushed), Key(0.2, pushed)]
    return [*keys, Key(0.7, scene.rest)]


def _twist(scene: Scene) -> list[Key]:
    on_hip = scene.hand_at(0.34, -0.76, 0.06, elbow=(1.0, 0.0, -0.35))
    ready = scene.rest.but(right_arm=on_hip, left_arm=on_hip)
    right = ready.but(pelvis=(0.0, 0.0, -0.2), spine=(0.0, 0.0, -0.6))
    left = ready.but(pelvis=(0.0, 0.0, 0.2), spine=(0.0, 0.0, 0.6))
    keys = [Key(0.6, ready)]
    for _ in range(scene.times(1, 2)):
        keys += [Key(0.5, right), Key(0.75, left)]
    return [*keys, Key(0.5, ready), Key(0.6, scene.rest)]


def _lunge(scene: Scene) -> list[Key]:
    stepping = scene.rest.but(
        shift=(-0.05, -0.03, 0.1), right_leg=Leg((0.0, 0.14, 0.3), toes_down=0.0)
    )
    down = scene.rest.but(
        shift=(0.0, -0.3, 0.36),
        pelvis=(0.05, 0.0, 0.0),
        right_leg=Leg((0.0, 0.0, 0.68)),
        left_leg=Leg((0.0, 0.1, -0.02), toes_down=0.8),
    )
    return [
        Key(0.45, stepping),
        Key(0.55, down),
        Key(scene.seconds(0.2, 0.5), down),
        Key(0.5, stepping),
        Key(0.5, scene.rest),
    ]


def _salute(scene: Scene) -> list[Key]:
    brow = scene.rest.but(
        right_arm=scene.hand_at(0.2, 0.4, 0.2, elbow=(1.0, -0.15, 0.15), thumb=DOWN)
    )
    return [Key(0.75, brow), Key(scene.seconds(0.5, 1.0), brow), Key(0.75, scene.rest)]


def _scratch_head(scene: Scene) -> list[Key]:
    def scratching(out: float, up: float) -> Pose:
        arm = scene.hand_at(out, up, -0.02, elbow=(1.0, 0.3, 0.5), thumb=DOWN)
        return scene.rest.but(right_arm=arm, head=(0.15, -0.12, 0.0))

    keys = [Key(0.9, scratching(0.16, 0.52))]
    for _ in range(scene.times(3, 5)):
        keys += [Key(0.14, scratching(0.2, 0.44)), Key(0.14, scratching(0.16, 0.52))]
    return [*keys, Key(0.9, scene.rest)]


def _beckon(scene: Scene) -> list[Key]:
    upper = (0.12, -0.8, 0.6)
    stretched = scene.rest.but(right_arm=Arm(upper, (0.05, 0.12, 1.0), OUT))
    bent = scene.rest.but(right_arm=Arm(upper, (-0.05, 0.95, 0.12), OUT))
    keys = [Key(0.55, stretched)]
    for _ in range(scene.times(2, 4)):
        keys += [Key(0.3, bent), Key(0.3, stretched)]
    return [*keys, Key(0.6, scene.rest)]


def _swipe(scene: Scene) -> list[Key]:
    start = scene.rest.but(
        spine=(0.0, 0.0, 0.18),
        right_arm=scene.hand_at(-0.42, -0.05, 0.58, elbow=(0.8, -0.8, 0.3), thumb=UP),
    )
    end = scene.rest.but(spine=(0.0, 0.0, -0.22), right_arm=_straight((0.9, -0.1, 0.42), UP))
    return [Key(0.65, start), Key(0.1, start), Key(0.52, end), Key(0.15, end), Key(0.6, scene.rest)]


def _jump(scene: Scene) -> list[Key]:
    back, above = _straight((0.15, -0.9, -0.35)), _straight((0.2, 0.55, 0.85), IN)
    ahead = _straight((0.15, -0.75, 0.65), UP)
    crouch = scene.rest.but(
        shift=(0.0, -0.25, -0.1),
        pelvis=(0.45, 0.0, 0.0),
        spine=(0.15, 0.0, 0.0),
        right_arm=back,
        left_arm=back,
    )
    off = scene.rest.but(shift=(0.0, 0.03, 0.0), right_arm=ahead, left_arm=ahead)
    leg = Leg((0.0, 0.28, -0.03), toes_down=0.8)
    top = scene.rest.but(
        shift=(0.0, 0.25, 0.0), right_arm=above, left_arm=above, right_leg=leg, left_leg=leg
    )
    land = crouch.but(shift=(0.0, -0.2, -0.06), right_arm=_hanging(0.7), left_arm=_hanging(0.7))
    return [
        Key(0.55, crouch),
        Key(0.26, off),
        Key(0.24, top),
        Key(0.24, off),
        Key(0.24, land),
        Key(0.6, scene.rest),
    ]


ACTIONS: dict[str, Callable[[Scene], list[Key]]] = {
    "arm_circles": _arm_circles,
    "beckon": _beckon,
    "bow": _bow,
    "boxing": _boxing,
    "clap": _clap,
    "cross_arms": _cross_arms,
    "drink": _drink,
    "jump": _jump,
    "jumping_jack": _jumping_jack,
    "kick": _kick,
    "lunge": _lunge,
    "march_in_place": _march_in_place,
    "pick_up": _pick_up,
    "point": _point,
    "push": _push,
    "raise_both_arms": _raise_both_arms,
    "salute": _salute,
    "scratch_head": _scratch_head,
    "sit_down_and_stand_up": _sit_down_and_stand_up,
    "squat": _squat,
    "stretch_sideways": _stretch_sideways,
    "swipe": _swipe,
    "throw": _throw,
    "twist": _twist,
    "wave": _wave,
}
"""Key poses of each action, by its name."""


def trajectory(knots: Floats, values: Floats, times: Floats) -> Floats:
    """Interpolate poses smoothly between given times.

    Between two knots, a quintic polynomial has the given speed and no acceleration at both.  The
    speed at a knot is zero where a value turns or is held, else the harmonic mean of the speeds on
    both sides (Fritsch and Butland's rule, without overshoot).

    Args:
        knots: (knots,) seconds, strictly increasing.
        values: (knots, numbers) at the knots.
        times: (frames,) seconds; constant before the first and after the last knot.

    Returns:
        (frames, numbers).
    """
    spans = np.diff(knots)
    slopes = np.diff(values, axis=0) / spans[:, None]
    before, after = slopes[:-1], slopes[1:]
    passing = before * after > 0
    speeds = np.zeros_like(values)
    np.divide(2 * before * after, before + after, out=speeds[1:-1], where=passing)

    times = np.clip(times, knots[0], knots[-1])
    segment = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(spans) - 1)
    span = spans[segment][:, None]
    u = (times[:, None] - knots[segment][:, None]) / span
    start, end = values[segment], values[segment + 1]
    leaving, arriving = speeds[segment] * span, speeds[segment + 1] * span
    rise = end - start
    return np.asarray(
        start
        + leaving * u
        + (10 * rise - 6 * leaving - 4 * arriving) * u**3
        + (-15 * rise + 8 * leaving + 7 * arriving) * u**4
        + (6 * rise - 3 * leaving - 3 * arriving) * u**5
    )
