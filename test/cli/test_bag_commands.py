# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of the commands on ROS 2 bags."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import archive_of, read_archive, write_archive
from skeleton_dml_ros.messages.make import header
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

Bags = Any
Command = Callable[..., tuple[str, str]]

START = 1_700_000_000 * NANOSECONDS_PER_SECOND
ARRAY = "skeleton_dml_ros/msg/SkeletonArray"


def movements(folder: Path) -> list[SkeletonSequence]:
    """Raises of the left and the right arm, in whole millimetres."""
    archive = read_archive(folder / "motions.npz")
    return [archive.clip(index) for index in range(len(archive))]


@pytest.fixture
def enrolled(run: Command, folder: Path, untrained_model: Path) -> Path:
    """A store with the action ``raise left``."""
    run("enroll", "taught.db", "raise left", "one.npz", "--model", untrained_model)
    return folder / "taught.db"


def write(
    bags: Bags, path: Path, sequence: SkeletonSequence, person: str = "0", topic: str = "/skeletons"
) -> Path:
    """Write the recording as a bag that arrived one second after its stamps."""
    steps = np.rint(sequence.timestamps * NANOSECONDS_PER_SECOND).astype(np.int64)
    return write_stamped(bags, path, sequence, sequence.start_ns + steps, person, topic)


def write_stamped(
    bags: Bags,
    path: Path,
    sequence: SkeletonSequence,
    stamps: NDArray[np.int64],
    person: str = "0",
    topic: str = "/skeletons",
) -> Path:
    """Write the recording as a bag with these stamps."""
    messages = []
    for number, (joints,) in enumerate(sequence.positions):
        stamp_ns = int(stamps[number])
        skeleton = bags.make(
            "skeleton_dml_ros/msg/Skeleton",
            person_id=person,
            positions=from_kinect_axes(joints, Axes.CAMERA_OPTICAL).ravel(),
        )
        message = bags.make(
            ARRAY,
            header=header(bags.make, stamp_ns, ""),
            layout=sequence.layout.name,
            skeletons=[skeleton],
        )
        recorded_ns = sequence.start_ns + NANOSECONDS_PER_SECOND + number
        messages.append((topic, ARRAY, recorded_ns, message))
    bags.write(path, messages)
    return path


@pytest.fixture
def evening(bags: Bags, folder: Path) -> SkeletonSequence:
    """The content of ``evening``, a bag, and of ``archive/evening.npz``."""
    first, second = movements(folder)[0], movements(folder)[3]
    recorded = SkeletonSequence(
        np.concatenate([first.positions, second.positions]),
        np.arange(len(first) + len(second)) / 30,
        first.layout,
        START,
    )
    (folder / "archive").mkdir()
    write_archive(folder / "archive" / "evening.npz", archive_of([recorded], [0], ["x"]))
    write(bags, folder / "evening", recorded)
    return recorded


def events(run: Command, *arguments: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("recognize", *arguments, "--json")[0].splitlines()]


def test_a_bag_gives_the_events_of_the_same_frames_in_an_archive(
    run: Command, enrolled: Path, evening: SkeletonSequence, untrained_model: Path
) -> None:
    model = ("--model", untrained_model)
    from_archive = events(run, enrolled, "archive/evening.npz", *model)
    from_bag = events(run, enrolled, "evening", *model)
    assert len(from_bag) == len(from_archive) == 2
    for one, other in zip(from_bag, from_archive, strict=True):
        for name in ("score", "distance", "visibility"):
            if name in one:
                assert one.pop(name) == pytest.approx(other.pop(name), abs=1e-6)
        one.pop("candidates"), other.pop("candidates")
        one.pop("position", None), other.pop("position", None)
        assert one == other
    assert from_bag[0]["clip_id"] == f"evening/0/{from_bag[0]['start_ns']}"
    assert from_bag[0]["start_ns"] > START


def test_the_table_counts_from_the_first_frame(
    run: Command, enrolled: Path, evening: SkeletonSequence, untrained_model: Path
) -> None:
    shown, said = run("recognize", enrolled, "evening", "--model", untrained_model)
    lines = shown.splitlines()
    assert lines[1].split()[2:6] == ["0", "known", "raise", "left"]
    assert lines[1].split()[0].startswith("0:0")
    assert lines[-1].startswith("2 movements: ")
    assert said == ""


def test_format_topic_and_axes_can_be_chosen(
    run: Command, bags: Bags, enrolled: Path, untrained_model: Path
) -> None:
    write(
        bags,
        enrolled.parent / "bag",
        movements(enrolled.parent)[0].replace(start_ns=START),
        topic="/tracker/people",
    )
    arguments = (enrolled, "bag", "--model", untrained_model)
    (event,) = events(run, *arguments)
    chosen = ("--input", "skeleton_array", "--topic", "/tracker/people", "--axes", "optical")
    assert events(run, *arguments, *chosen) == [event]
    assert events(run, *arguments, "--axes", "kinect") != [event]
    for choice, complaint in (
        (("--input", "dance"), "there is no input format 'dance'; choose one of skeleton_array"),
        (("--input", "zed"), "needs zed_msgs/msg/ObjectsStamped"),
        (("--topic", "/skeletons"), "/skeletons of bag matches no input format"),
        (("--axes", "sideways"), "there are no axes 'sideways'; give optical or body or kinect"),
    ):
        out, said = run("recognize", *arguments, *choice, status=2)
        assert complaint in said
        assert out == ""


def test_further_topics_are_set_by_their_parameters(run: Command, bags: Bags, folder: Path) -> None:
    topics = {"/humans/bodies/tracked": "hri_msgs/msg/IdsList", "/z": "sensor_msgs/msg/Image"}
    bags.write(folder / "bag", [], topics=topics)
    _, said = run("convert", "bag", "x.npz", "--input", "hri_2d", status=2)
    assert "no topic /camera/camera/aligned_depth_to_color/image_raw" in said
    depth = ("--topic", "depth_topic=/z")
    _, said = run("convert", "bag", "x.npz", "--input", "hri_2d", *depth, status=2)
    assert "set camera_info_topic to one of" in said


def test_options_of_bags_are_refused_for_other_files(
    run: Command, enrolled: Path, folder: Path
) -> None:
    for arguments in (
        ("recognize", enrolled, "one.npz", "--input", "zed"),
        ("recognize", enrolled, "one.npz", "--topic", "/skeletons"),
        ("enroll", enrolled, "wave", "one.npz", "--axes", "body"),
    ):
        _, said = run(*arguments, status=2)
        assert "one.npz is not a ROS 2 bag; leave out the input format, topics and axes" in said


def test_a_converted_bag_keeps_positions_and_stamps(
    run: Command, evening: SkeletonSequence, folder: Path
) -> None:
    shown, said = run("convert", "evening", "made.npz")
    assert shown == f"wrote made.npz: 1 clip in layout ntu_25, {evening.duration:.1f} s in total\n"
    assert said == ""
    archive = read_archive(folder / "made.npz")
    assert archive.names == (f"0/{START}",)
    assert archive.class_names == ("unlabelled",)
    clip = archive.clip(0)
    assert (clip.start_ns, clip.end_ns) == (evening.start_ns, evening.end_ns)
    np.testing.assert_allclose(clip.positions, evening.positions, atol=1e-6)
    np.testing.assert_allclose(clip.timestamps, evening.timestamps, atol=1e-9)


def test_a_converted_bag_gives_the_same_events(
    run: Command, enrolled: Path, evening: SkeletonSequence, untrained_model: Path
) -> None:
    run("convert", "evening", "archive/made.npz")
    first = events(run, enrolled, "evening", "--model", untrained_model)
    second = events(run, enrolled, "archive/made.npz", "--model", untrained_model)
    assert [one["score"] for one in first] == pytest.approx(
        [one["score"] for one in second], abs=1e-6
    )


def test_what_was_converted_is_told_as_json(
    run_json: Callable[..., Any], evening: SkeletonSequence
) -> None:
    told = run_json("convert", "evening", "made.npz")
    assert told == {
        "archive": "made.npz",
        "layout": "ntu_25",
        "clips": [
            {
                "name": f"0/{START}",
                "start_ns": START,
                "end_ns": evening.end_ns,
                "frames": len(evening),
                "bodies": 1,
            }
        ],
    }


def test_an_ntu_file_becomes_one_clip(run: Command, folder: Path) -> None:
    joint = "0.1 0.2 2.5 0 0 0 0 0 0 0 0 2\n"
    bodies = "".join(f"{body} 0 1 0 1 1 0 0 0 2\n25\n" + joint * 25 for body in (8, 9))
    (folder / "S001C001P001R001A050.skeleton").write_text("2\n" + ("2\n" + bodies) * 2)
    run("convert", "S001C001P001R001A050.skeleton", "pair.npz")
    archive = read_archive(folder / "pair.npz")
    assert (archive.names, archive.bodies) == (("S001C001P001R001A050",), 2)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere", "x.npz"), "there is no bag at nowhere"),
        (("one.npz", "x.npz"), "one.npz is not a ROS 2 bag"),
        (("evening", "nowhere/x.npz"), "there is no folder"),
        (("evening", "x.csv"), "ends in .csv; give a file ending in .npz"),
        (("evening", "x.npz", "--input", "zed"), "evening has no topic /zed/zed_node/body_trk"),
        (("x.skeleton", "x.npz"), "x.skeleton cannot be read"),
        (("x.skeleton", "x.npz", "--axes", "body"), "x.skeleton is not a ROS 2 bag"),
    ],
)
def test_a_recording_that_cannot_be_converted_is_refused(
    arguments: tuple[str, ...],
    complaint: str,
    run: Command,
    evening: SkeletonSequence,
    folder: Path,
) -> None:
    out, said = run("convert", *arguments, status=2)
    assert complaint in said
    assert out == ""
    assert not (folder / arguments[1]).exists()


def test_a_person_in_a_bag_can_be_taught(
    run: Command, bags: Bags, folder: Path, untrained_model: Path
) -> None:
    write(bags, folder / "wave", movements(folder)[0].replace(start_ns=START), person="7")
    model = ("--model", untrained_model)
    shown, _ = run("enroll", "bag.db", "raise", "wave", *model)
    assert shown.startswith("taught 'raise' as ")
    run("enroll", "bag.db", "raise", f"wave:7/{START}", "--input", "skeleton_array", *model)
    _, said = run("enroll", "bag.db", "raise", "wave:8/0", *model, status=2)
    assert "no clip '8/0'" in said


def test_a_bag_without_a_usable_message_is_refused_in_one_line(
    run: Command,
    bags: Bags,
    enrolled: Path,
    untrained_model: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = bags.make(ARRAY, layout="ntu_25")
    bags.write(enrolled.parent / "bag", [("/skeletons", ARRAY, START + n, message) for n in (1, 2)])
    _, said = run("recognize", enrolled, "bag", "--model", untrained_model, status=2)
    assert "the last one was refused: header.stamp is zero" in said
    assert caplog.text == ""


def scaled(sequence: SkeletonSequence, **fields: Any) -> SkeletonSequence:
    return sequence.replace(start_ns=START, **fields)


def test_convert_counts_frames_whose_stamps_stand_still(
    run: Command, folder: Path, bags: Bags, caplog: pytest.LogCaptureFixture
) -> None:
    first = movements(folder)[0]
    stamps = START + np.arange(len(first)) * NANOSECONDS_PER_SECOND // 30
    for name, unit, left in (("equal", 10**12, 104), ("seconds", NANOSECONDS_PER_SECOND, 101)):
        caplog.clear()
        write_stamped(bags, folder / name, first, stamps // unit * unit)
        run("convert", name, f"{name}.npz")
        said = f"{left} of 105 frames left out: stamp not later than the one before"
        assert said in caplog.text


def test_recognize_and_enroll_say_what_is_wrong_with_stamps_and_units(
    run: Command,
    folder: Path,
    bags: Bags,
    enrolled: Path,
    untrained_model: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = movements(folder)[0]
    stamps = START + np.arange(len(first)) * NANOSECONDS_PER_SECOND // 30
    model = ("--model", untrained_model)
    write_stamped(bags, folder / "equal", first, stamps * 0 + START)
    run("recognize", "taught.db", "equal", *model)
    assert "104 of 105 frames left out: stamp not later than the one before" in caplog.text
    caplog.clear()
    write_stamped(bags, folder / "slow", first, START + np.arange(len(first)) * 400_000_000)
    run("recognize", "taught.db", "slow", *model)
    assert "2.5 frames a second are too few" in caplog.text
    caplog.clear()
    write(bags, folder / "small", scaled(first, positions=first.positions / 1000))
    run("recognize", "taught.db", "small", *model)
    assert "positions are 1/1000 of metres" in caplog.text
    caplog.clear()
    turned = first.positions * np.array([-1, -1, 1], dtype=np.float32)
    write(bags, folder / "turned", scaled(first, positions=turned))
    run("convert", "turned", "turned.npz")
    assert "heads are below hips in 105 of 105" in caplog.text


def test_people_far_from_the_origin_are_converted_and_enrolled(
    run: Command, folder: Path, bags: Bags, untrained_model: Path
) -> None:
    first = movements(folder)[0]
    far = first.positions + np.array([100, 20, -300], dtype=np.float32)
    write(bags, folder / "far", scaled(first, positions=far))
    run("convert", "far", "far.npz")
    clip = read_archive(folder / "far.npz").clip(0)
    np.testing.assert_allclose(
        np.diff(clip.positions, axis=0), np.diff(first.positions, axis=0), atol=1.1e-3
    )
    assert np.abs(clip.positions).max() < 2
    run("enroll", "far.db", "raise", "far", "--model", untrained_model)
