# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The synthetic actor has rigid segments, moves as people do, and repeats itself on request."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.synthetic_actor import (
    Act,
    Idle,
    Person,
    Sensor,
    UnknownActionError,
    Viewpoint,
    action_names,
    perform,
    perform_stream,
)
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

JOINT = {name: index for index, name in enumerate(NTU_25.joint_names)}
RIGID = [
    ("spine_base", "spine_mid"),
    ("spine_mid", "spine_shoulder"),
    ("shoulder_left", "elbow_left"),
    ("elbow_right", "wrist_right"),
    ("hip_left", "knee_left"),
    ("knee_right", "ankle_right"),
]


def joints(sequence: SkeletonSequence, name: str) -> NDArray[np.float64]:
    return sequence.positions[:, 0, JOINT[name]].astype(np.float64)


def speeds(sequence: SkeletonSequence) -> NDArray[np.float64]:
    """(frames - 1, joints) metres a second."""
    steps = np.diff(sequence.positions[:, 0].astype(np.float64), axis=0)
    return np.asarray(np.linalg.norm(steps, axis=2) / np.diff(sequence.timestamps)[:, None])


def seen_perfectly(action: str) -> SkeletonSequence:
    generator = np.random.default_rng(0)
    person = Person.sample(generator, left_handed=False)
    return perform(action, person, generator, sensor=Sensor.perfect())


def test_there_are_many_actions() -> None:
    assert len(action_names()) >= 16
    assert len(set(action_names())) == len(action_names())


@pytest.mark.parametrize("action", action_names())
def test_no_segment_stretches(action: str) -> None:
    sequence = seen_perfectly(action)
    for first, second in RIGID:
        length = np.linalg.norm(joints(sequence, first) - joints(sequence, second), axis=1)
        assert np.ptp(length) < 1e-4, (first, second)


@pytest.mark.parametrize("action", action_names())
def test_an_action_begins_and_ends_in_the_rest_pose(action: str) -> None:
    sequence = seen_perfectly(action)
    first, last = sequence.positions[0, 0], sequence.positions[-1, 0]
    # Idling goes on during the action, so that the person comes back a little elsewhere.
    assert np.linalg.norm(first - last, axis=1).max() < 0.12


@pytest.mark.parametrize("action", action_names())
def test_an_action_moves_at_the_speed_of_people(action: str) -> None:
    fastest = np.percentile(speeds(seen_perfectly(action)), 95, axis=0).max()
    # What Kinect recordings of everyday actions show: 0.6 (tapping with a foot) to 7.3 m/s
    # (swinging a racket).
    assert 0.6 < fastest < 8.0


@pytest.mark.parametrize("action", action_names())
def test_an_action_has_no_jumps(action: str) -> None:
    velocity = np.diff(seen_perfectly(action).positions[:, 0].astype(np.float64), axis=0) * 30
    acceleration = np.linalg.norm(np.diff(velocity, axis=0), axis=2) * 30
    assert acceleration.max() < 240  # 197: the hand of someone throwing


@pytest.mark.parametrize("action", action_names())
def test_feet_stay_above_the_floor(action: str) -> None:
    sequence = seen_perfectly(action)
    floor = -Viewpoint().camera_height
    assert sequence.positions[..., 1].min() > floor - 0.06


def test_the_same_seed_gives_the_same_stream_bit_for_bit() -> None:
    def played(seed: int) -> SkeletonSequence:
        generator = np.random.default_rng(seed)
        person = Person.sample(generator)
        script: list[Act | Idle] = [Idle(1.0), Act("wave"), Idle(0.7), Act("kick", speed=1.3)]
        return perform_stream(script, person, generator, Viewpoint.sample(generator)).sequence

    assert played(5).positions.tobytes() == played(5).positions.tobytes()
    assert played(5).timestamps.tobytes() == played(5).timestamps.tobytes()
    assert played(5).positions.tobytes() != played(6).positions.tobytes()


def test_two_performances_of_one_person_differ_less_than_those_of_two_people() -> None:
    def highest_hand(person: Person, seed: int) -> float:
        generator = np.random.default_rng(seed)
        clip = perform("point", person, generator, sensor=Sensor.perfect())
        return float(joints(clip, "hand_right")[:, 1].max())

    people = [Person.sample(np.random.default_rng(seed), left_handed=False) for seed in range(8)]
    heights = np.array([[highest_hand(person, take) for take in range(4)] for person in people])
    assert heights.std(axis=1).mean() > 0
    assert heights.std(axis=1).mean() < 0.5 * heights.mean(axis=1).std()


def test_a_left_handed_person_waves_with_the_left_hand() -> None:
    for left_handed, moving, still in ((True, "left", "right"), (False, "right", "left")):
        generator = np.random.default_rng(2)
        person = Person.sample(generator, left_handed=left_handed)
        clip = perform("wave", person, generator, sensor=Sensor.perfect())
        assert joints(clip, f"hand_{moving}")[:, 1].max() > joints(clip, "spine_shoulder")[0, 1]
        assert joints(clip, f"hand_{still}")[:, 1].max() < joints(clip, "spine_mid")[0, 1]


def test_a_person_facing_the_camera_has_the_left_shoulder_at_smaller_x() -> None:
    clip = perform("bow", Person.average(), np.random.default_rng(0), sensor=Sensor.perfect())
    assert (joints(clip, "shoulder_left")[:, 0] < joints(clip, "shoulder_right")[:, 0]).all()
    # Up is up, and who bows towards the camera brings the head nearer.
    assert (joints(clip, "spine_shoulder")[:, 1] > joints(clip, "spine_base")[:, 1]).all()
    assert joints(clip, "head")[:, 2].min() < joints(clip, "spine_base")[:, 2].min() - 0.3


def test_turning_to_the_left_brings_the_right_shoulder_nearer_to_the_camera() -> None:
    clip = perform(
        "point",
        Person.average(),
        np.random.default_rng(0),
        viewpoint=Viewpoint(yaw=0.7),
        sensor=Sensor.perfect(),
    )
    assert joints(clip, "shoulder_right")[0, 2] < joints(clip, "shoulder_left")[0, 2] - 0.1


def test_a_camera_that_looks_down_sees_the_person_tilted_towards_it() -> None:
    def leaning(pitch: float) -> float:
        view = Viewpoint(camera_pitch=pitch)
        clip = perform(
            "point",
            Person.average(),
            np.random.default_rng(0),
            viewpoint=view,
            sensor=Sensor.perfect(),
        )
        return float(joints(clip, "head")[0, 2] - joints(clip, "ankle_left")[0, 2])

    assert leaning(0.3) < leaning(0.0) - 0.2


def test_double_speed_halves_the_duration() -> None:
    slow = perform("bow", Person.average(), np.random.default_rng(4), speed=1.0, margin=0.0)
    fast = perform("bow", Person.average(), np.random.default_rng(4), speed=2.0, margin=0.0)
    assert fast.duration == pytest.approx(slow.duration / 2, abs=0.05)


def test_people_who_idle_move_slowly_but_are_never_frozen() -> None:
    for seed in range(4):
        generator = np.random.default_rng(seed)
        person = Person.sample(generator)
        clip = perform_stream([Idle(20)], person, generator, sensor=Sensor.perfect()).sequence
        speed = speeds(clip)
        assert speed.max() < 0.35
        assert speed[:, JOINT["hand_right"]].min() >= 0
        assert 0.002 < np.median(speed[:, JOINT["hand_right"]]) < 0.1
        assert np.ptp(joints(clip, "head"), axis=0).max() > 0.01


def test_the_list_of_actions_has_their_times() -> None:
    generator = np.random.default_rng(1)
    second = 1_000_000_000
    performance = perform_stream(
        [Idle(2.0), Act("raise_both_arms"), Idle(2.0), Act("squat")],
        Person.average(),
        generator,
        sensor=Sensor.perfect(),
        person_id="anna",
        start_ns=70 * second,
    )
    raised, squat = performance.actions
    assert (raised.label, squat.label) == ("raise_both_arms", "squat")
    assert raised.person_id == "anna"
    assert raised.start_ns == 72 * second
    assert squat.start_ns == raised.end_ns + 2 * second
    assert performance.sequence.start_ns == 70 * second
    assert abs(performance.sequence.end_ns - squat.end_ns) < 0.05 * second
    up = performance.sequence.between(raised.start_ns, raised.end_ns)
    assert joints(up, "hand_left")[:, 1].max() > joints(up, "head")[:, 1].max() + 0.2
    before = performance.sequence.between(70 * second, raised.start_ns)
    assert joints(before, "hand_left")[:, 1].max() < joints(before, "spine_mid")[:, 1].min()


def test_the_sensor_loses_joints_in_bursts_and_sees_extremities_worse() -> None:
    sensor = Sensor(lost_per_second=1.0, spikes_per_second=0.0)
    person = Person.average()
    noisy = perform_stream([Idle(60)], person, np.random.default_rng(0), sensor=sensor).sequence
    lost = ~noisy.observed[:, 0]
    assert 0.02 < lost.mean() < 0.2
    begins = (np.diff(lost.astype(int), axis=0) > 0).sum()
    assert lost.sum() / begins > 2
    assert lost[:, JOINT["hand_left"]].mean() > lost[:, JOINT["spine_base"]].mean()

    steps = np.diff(noisy.positions[:, 0], n=2, axis=0)
    shaking = np.nanstd(steps, axis=(0, 2))
    assert shaking[JOINT["hand_tip_right"]] > 3 * shaking[JOINT["spine_base"]]
    assert 0.0003 < shaking[JOINT["spine_base"]] < 0.005


def test_spikes_last_for_one_frame() -> None:
    sensor = Sensor(jitter=0.0, wander=0.0, lost_per_second=0.0, spikes_per_second=2.0)
    person = Person.average()
    clip = perform_stream([Idle(20)], person, np.random.default_rng(3), sensor=sensor).sequence
    path = clip.positions[:, 0].astype(np.float64)
    away = np.linalg.norm(path[1:-1] - (path[:-2] + path[2:]) / 2, axis=2) > 0.12
    assert 20 < away.sum() < 80


def test_a_person_farther_away_is_seen_with_more_noise() -> None:
    def shaking(distance: float) -> float:
        clip = perform_stream(
            [Idle(10)],
            Person.average(),
            np.random.default_rng(0),
            Viewpoint(distance=distance),
            Sensor(spikes_per_second=0, lost_per_second=0),
        ).sequence
        return float(np.diff(clip.positions, n=2, axis=0).std())

    assert shaking(4.0) > 2 * shaking(2.0)


def test_viewpoints_are_those_of_a_robot() -> None:
    generator = np.random.default_rng(0)
    for _ in range(100):
        view = Viewpoint.sample(generator)
        assert abs(view.yaw) <= np.pi / 4
        assert 1.5 <= view.distance <= 4.0
        clip = perform("point", Person.sample(generator), generator, viewpoint=view)
        assert np.nanmin(clip.positions[..., 2]) > 0.3


def test_an_unknown_action_is_refused_by_name() -> None:
    with pytest.raises(UnknownActionError, match=r"does not know 'fly'; give one of arm_circles"):
        perform("fly", Person.average(), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([], "empty"),
        ([Idle(-1.0)], "-1.0 s"),
        ([Act("wave", speed=0.0)], "speed of wave is 0.0"),
    ],
)
def test_an_invalid_script_is_refused(script: list[Act | Idle], words: str) -> None:
    with pytest.raises(SkeletonDmlError, match=words):
        perform_stream(script, Person.average(), np.random.default_rng(0))


def test_bodies_have_the_proportions_that_a_kinect_sees(shared_data: Path) -> None:
    archive = dict(np.load(shared_data / "irds.npz"))
    real = archive["positions_mm"][::20, 0] / 1000.0
    clips = [
        perform("point", Person.sample(np.random.default_rng(seed)), np.random.default_rng(seed))
        for seed in range(12)
    ]

    def ratios(positions: NDArray[np.float64]) -> NDArray[np.float64]:
        lengths = [
            np.nanmedian(np.linalg.norm(positions[:, JOINT[a]] - positions[:, JOINT[b]], axis=1))
            for a, b in [*RIGID, ("shoulder_left", "shoulder_right"), ("hip_left", "hip_right")]
        ]
        return np.asarray(np.asarray(lengths) / np.sum(lengths))

    actor = np.mean([ratios(clip.positions[:, 0].astype(np.float64)) for clip in clips], axis=0)
    assert np.abs(actor / ratios(real) - 1).max() < 0.25
    assert np.abs(actor / ratios(real) - 1).mean() < 0.12


def test_idling_is_as_quiet_as_people_between_two_actions(shared_data: Path) -> None:
    archive = dict(np.load(shared_data / "irds.npz"))
    positions, ends = archive["positions_mm"][:, 0] / 1000.0, np.cumsum(archive["lengths"])
    quietest = []
    for begin, end in zip(ends - archive["lengths"], ends, strict=True):
        moving = np.linalg.norm(np.diff(positions[begin:end], axis=0), axis=2).mean(axis=1) * 30
        quietest.append(np.convolve(moving, np.full(10, 0.1), "valid").min())

    generator = np.random.default_rng(0)
    idle = perform_stream([Idle(30)], Person.sample(generator), generator).sequence
    actor = float(np.nanmedian(np.nanmean(speeds(idle), axis=1)))
    assert np.percentile(quietest, 5) < actor < np.percentile(quietest, 95)
