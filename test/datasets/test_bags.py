# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import builtins
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace as Plain
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.bag_file import BagError, is_bag
from skeleton_dml_ros.datasets.bags import BagStream, read_bag
from skeleton_dml_ros.datasets.recording_file import open_stream
from skeleton_dml_ros.datasets.synthetic_actor import Act, Idle, Person, perform_stream
from skeleton_dml_ros.messages.input_format import InputError, InputOptions
from skeleton_dml_ros.messages.make import header as header_message
from skeleton_dml_ros.messages.skeleton_array import SkeletonArrayInput, skeleton_array_message
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes, to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import (
    AZURE_KINECT_32,
    COCO_17,
    HRI_18_3D,
    NITE_15,
    NTU_25,
    REP_155,
    ZED_18,
    Layout,
)
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

Bags = Any
"""The fixture that writes bags."""

SECOND = NANOSECONDS_PER_SECOND
FRAME = SECOND // 30
START = 1_700_000_000 * SECOND
ARRAY = "skeleton_dml_ros/msg/SkeletonArray"
MARKERS = "visualization_msgs/msg/MarkerArray"
TF = "tf2_msgs/msg/TFMessage"
IDS = "hri_msgs/msg/IdsList"
LATER = 7_000_000
"""Nanoseconds between a stamp and its recording."""


@pytest.fixture(scope="module")
def performance() -> SkeletonSequence:
    """A synthetic person who waves."""
    generator = np.random.default_rng(0)
    person = Person.sample(generator, left_handed=False)
    return perform_stream([Idle(0.5), Act("wave"), Idle(0.5)], person, generator).sequence


def header(bags: Bags, stamp_ns: int, frame_id: str = "camera") -> Any:
    return header_message(bags.make, stamp_ns, frame_id)


def array(
    bags: Bags,
    stamp_ns: int,
    people: dict[str, NDArray[np.float32]],
    layout: Layout = NTU_25,
    confidences: NDArray[np.float32] | None = None,
) -> Any:
    """A SkeletonArray of people in the Kinect's axes, sent in optical ones."""
    positions = np.array([*people.values()], np.float32).reshape(
        len(people), len(layout.joint_names), 3
    )
    seen = SkeletonFrame(
        stamp_ns,
        tuple(people),
        from_kinect_axes(positions, Axes.CAMERA_OPTICAL),
        layout,
        confidences,
        frame_id="camera",
    )

    def make(type_name: str, **fields: Any) -> Any:
        for name in ("positions", "confidences"):
            if name in fields:
                fields[name] = np.array(fields[name], dtype=np.float32)
        return bags.make(type_name, **fields)

    return skeleton_array_message(seen, make)


def arrays(bags: Bags, sequence: SkeletonSequence) -> Iterator[tuple[str, str, int, Any]]:
    """A sequence's frames as messages."""
    stamps = START + np.rint(sequence.timestamps * SECOND).astype(np.int64)
    for stamp, positions in zip(stamps, sequence.positions, strict=True):
        people = {str(body): joints for body, joints in enumerate(positions)}
        yield "/skeletons", ARRAY, int(stamp) + LATER, array(bags, int(stamp), people)


def still(layout: Layout = NTU_25, seed: int = 0) -> NDArray[np.float32]:
    """(joints, 3) somebody."""
    joints = np.random.default_rng(seed).uniform(0.5, 2, (len(layout.joint_names), 3))
    return joints.astype(np.float32)


def people_of(stream: BagStream) -> list[tuple[str, ...]]:
    return [frame.person_ids for frame in stream]


@pytest.mark.parametrize(
    ("storage", "compression"),
    [
        ("sqlite3", ""),
        ("sqlite3", "message"),
        ("sqlite3", "file"),
        ("mcap", ""),
        ("mcap", "message"),
        ("mcap", "file"),
        ("mcap", "storage"),
    ],
)
def test_recorded_frames_are_read_from_every_kind_of_bag(
    storage: Literal["sqlite3", "mcap"],
    compression: Literal["", "message", "file", "storage"],
    bags: Bags,
    performance: SkeletonSequence,
    tmp_path: Path,
) -> None:
    bags.write(tmp_path / "bag", arrays(bags, performance), storage, compression)
    stream = read_bag(tmp_path / "bag")
    frames = list(stream)
    assert stream.layout is NTU_25
    assert len(frames) == stream.expected == len(performance)
    assert (frames[-1].stamp_ns - frames[0].stamp_ns) / SECOND == pytest.approx(
        performance.duration, abs=1e-6
    )
    for frame, positions in zip(frames, performance.positions, strict=True):
        np.testing.assert_array_equal(frame.positions, positions)
        assert frame.confidences is None
    assert [frame.stamp_ns for frame in stream] == [frame.stamp_ns for frame in frames]


@pytest.mark.parametrize("storage", ["sqlite3", "mcap"])
def test_a_file_of_a_bag_is_a_bag(storage: Any, bags: Bags, tmp_path: Path) -> None:
    message = array(bags, START, {"7": still()})
    folder = bags.write(tmp_path / "bag", [("/skeletons", ARRAY, START, message)], storage)
    (file,) = (path for path in folder.iterdir() if path.suffix != ".yaml")
    assert is_bag(folder)
    assert is_bag(file)
    assert not is_bag(tmp_path)
    assert people_of(read_bag(file)) == [("7",)]


def test_people_come_and_go(bags: Bags, tmp_path: Path) -> None:
    coming: list[dict[str, NDArray[np.float32]]] = [{}, {"a": still()}, {"a": still(), "b": still()}, {"b": still()}, {}]  # fmt: skip
    messages = [
        ("/skeletons", ARRAY, START + n * FRAME, array(bags, START + n * FRAME, people))
        for n, people in enumerate(coming)
    ]
    stream = read_bag(bags.write(tmp_path / "bag", messages))
    assert people_of(stream) == [tuple(people) for people in coming]
    assert [frame.positions.shape for frame in stream] == [(len(p), 25, 3) for p in coming]


def test_confidences_are_kept(bags: Bags, tmp_path: Path) -> None:
    sure = np.linspace(0, 1, 25, dtype=np.float32)[None]
    message = array(bags, START, {"a": still()}, confidences=sure)
    (frame,) = read_bag(bags.write(tmp_path / "bag", [("/skeletons", ARRAY, START, message)]))
    assert frame.confidences is not None
    np.testing.assert_array_equal(frame.confidences, sure)


def test_other_axes_can_be_given(bags: Bags, tmp_path: Path) -> None:
    message = array(bags, START, {"a": still()})
    folder = bags.write(tmp_path / "bag", [("/skeletons", ARRAY, START, message)])
    sent = from_kinect_axes(still(), Axes.CAMERA_OPTICAL)
    for axes in Axes:
        (frame,) = read_bag(folder, axes=axes)
        np.testing.assert_array_equal(frame.positions[0], to_kinect_axes(sent, axes))


def test_frames_keep_recorded_order_and_stamps(bags: Bags, tmp_path: Path) -> None:
    stamps = [5 * SECOND, 6 * SECOND, 5 * SECOND, 5 * SECOND + FRAME]
    messages = [
        ("/skeletons", ARRAY, START + n, array(bags, stamp, {"a": still()}))
        for n, stamp in enumerate(stamps)
    ]
    looped = [*messages, ("/skeletons", ARRAY, START + 9, array(bags, SECOND, {"b": still()}))]
    stream = read_bag(bags.write(tmp_path / "bag", reversed(looped)))
    assert [frame.stamp_ns for frame in stream] == [*stamps, SECOND]
    assert people_of(stream) == [("a",)] * 4 + [("b",)]


def markers(bags: Bags, stamp_ns: int, joints: NDArray[np.float32]) -> Any:
    made = [
        bags.make(
            "visualization_msgs/msg/Marker",
            header=header(bags, stamp_ns),
            id=300 + number,
            pose=bags.make(
                "geometry_msgs/msg/Pose",
                position=bags.make(
                    "geometry_msgs/msg/Point", **dict(zip("xyz", map(float, place), strict=True))
                ),
            ),
        )
        for number, place in enumerate(joints)
    ]
    return bags.make(MARKERS, markers=made)


def test_markers_of_the_azure_kinect_are_found_by_their_type(bags: Bags, tmp_path: Path) -> None:
    joints = still(AZURE_KINECT_32)
    messages = [
        ("/k4a/bodies", MARKERS, START + n, markers(bags, START + n * FRAME, joints))
        for n in range(3)
    ]
    other = ("/chatter", "std_msgs/msg/String", START, bags.make("std_msgs/msg/String", data="x"))
    folder = bags.write(tmp_path / "bag", [*messages, other])
    for humble in (False, True):
        stream = read_bag(bags.forget_definitions(folder) if humble else folder)
        frames = list(stream)
        assert (stream.layout, len(frames), stream.expected) == (AZURE_KINECT_32, 3, 3)
        assert frames[0].person_ids == ("3",)
        np.testing.assert_array_equal(
            frames[0].positions[0], to_kinect_axes(joints, Axes.CAMERA_OPTICAL)
        )


def link(
    bags: Bags, child: str, parent: str, place: Sequence[float] | NDArray[Any], stamp_ns: int
) -> Any:
    turn = bags.make("geometry_msgs/msg/Quaternion", x=0.0, y=0.0, z=0.0, w=1.0)
    where = dict(zip("xyz", map(float, place), strict=True))
    return bags.make(
        "geometry_msgs/msg/TransformStamped",
        header=header(bags, stamp_ns, parent),
        child_frame_id=child,
        transform=bags.make(
            "geometry_msgs/msg/Transform",
            translation=bags.make("geometry_msgs/msg/Vector3", **where),
            rotation=turn,
        ),
    )


def test_frames_of_openni_are_found_where_a_bag_holds_nothing_but_tf(
    bags: Bags, tmp_path: Path
) -> None:
    names = ["_".join(reversed(joint.split("_"))) for joint in NITE_15.joint_names]
    joints = still(NITE_15)
    messages = []
    for cycle in range(4):
        stamp_ns = START + cycle * FRAME
        links = [
            link(bags, f"{name}_2", "openni_depth_frame", place, stamp_ns)
            for name, place in zip(names, joints, strict=True)
        ]
        messages += [
            ("/tf", TF, stamp_ns + number, bags.make(TF, transforms=[one]))
            for number, one in enumerate(links)
        ]
    folder = bags.write(tmp_path / "bag", messages, topics={"/tf_static": TF})
    stream = read_bag(folder)
    assert stream.layout is NITE_15
    frames = list(stream)
    assert [frame.stamp_ns for frame in frames] == [START + n * FRAME for n in range(4)]
    assert people_of(stream) == [("2",)] * 4
    np.testing.assert_allclose(
        frames[0].positions[0], to_kinect_axes(joints, Axes.ROS_BODY), atol=1e-6
    )


def hri_tf(bags: Bags, static_at: int) -> Iterator[tuple[str, str, int, Any]]:
    """A body of ROS4HRI: hips and knees move with it, in chains of ``/tf`` and ``/tf_static``."""
    held = [link(bags, "l_hip_x", "body_x", (0.1, 0, 0), START)]
    yield "/tf_static", TF, START + static_at, bags.make(TF, transforms=held)
    for n in range(5):
        stamp_ns = START + n * FRAME
        ids = bags.make(IDS, header=header(bags, stamp_ns), ids=["x"])
        moving = [
            link(bags, "body_x", "camera", (0, 0, 2), stamp_ns),
            link(bags, "l_knee_x", "l_hip_x", (0, 0.4, 0), stamp_ns),
        ]
        yield "/humans/bodies/tracked", IDS, stamp_ns, ids
        yield "/tf", TF, stamp_ns + 1, bags.make(TF, transforms=moving)


@pytest.mark.parametrize("static_at", [-SECOND, 10 * SECOND], ids=["before", "at the end"])
def test_static_transforms_hold_from_the_start(static_at: int, bags: Bags, tmp_path: Path) -> None:
    folder = bags.write(tmp_path / "bag", hri_tf(bags, static_at), "mcap")
    stream = read_bag(folder, "hri_tf")
    first = next(iter(stream))
    assert stream.layout is REP_155
    knee = first.positions[0, REP_155.index("knee_left")]
    np.testing.assert_allclose(knee, [-0.1, -0.4, 2], atol=1e-6)


def test_points_of_ros4hri_are_lifted_with_the_depth_image(bags: Bags, tmp_path: Path) -> None:
    width, height, focal = 64, 48, 50.0
    depth = np.full(height * width, 2000, dtype="<u2")
    info = bags.make(
        "sensor_msgs/msg/CameraInfo",
        header=header(bags, START),
        width=width,
        height=height,
        k=np.array([focal, 0, width / 2, 0, focal, height / 2, 0, 0, 1]),
    )
    messages = [("/depth/info", "sensor_msgs/msg/CameraInfo", START, info)]
    point = "hri_msgs/msg/NormalizedPointOfInterest2D"
    for n in range(4):
        stamp_ns = START + n * FRAME
        image = bags.make(
            "sensor_msgs/msg/Image",
            header=header(bags, stamp_ns),
            height=height,
            width=width,
            encoding="16UC1",
            step=2 * width,
            data=depth.view(np.uint8),
        )
        body = bags.make(
            "hri_msgs/msg/Skeleton2D",
            header=header(bags, stamp_ns),
            skeleton=[bags.make(point, x=0.5, y=0.5, c=1.0) for _ in range(18)],
        )
        ids = bags.make(IDS, header=header(bags, stamp_ns), ids=["ab"])
        messages += [
            ("/depth/image", "sensor_msgs/msg/Image", stamp_ns + 1, image),
            ("/humans/bodies/tracked", IDS, stamp_ns + 2, ids),
            ("/humans/bodies/ab/skeleton2d", "hri_msgs/msg/Skeleton2D", stamp_ns + 3, body),
        ]
    folder = bags.write(tmp_path / "bag", messages)
    with pytest.raises(BagError, match=r"no topic /camera/.*set depth_topic to one of: /depth/im"):
        read_bag(folder, "hri_2d")
    topics = {"depth_topic": "/depth/image", "camera_info_topic": "depth/info"}
    stream = read_bag(folder, "hri_2d", InputOptions(topics=topics))
    frames = list(stream)
    assert stream.layout is HRI_18_3D
    assert {frame.person_ids for frame in frames} == {("ab",)}
    np.testing.assert_allclose(frames[0].positions[0, 0], [0, 0, 2], atol=0.1)


def zed(bags: Bags, stamp_ns: int, *people: int) -> Any:
    keypoints = [
        bags.make("zed_msgs/msg/Keypoint3D", kp=np.full(3, 1 + number, dtype=np.float32))
        for number in range(70)
    ]
    return bags.make(
        "zed_msgs/msg/ObjectsStamped",
        header=header(bags, stamp_ns),
        objects=[
            bags.make(
                "zed_msgs/msg/Object",
                label_id=person,
                skeleton_available=True,
                tracking_available=True,
                tracking_state=1,
                skeleton_3d=bags.make("zed_msgs/msg/Skeleton3D", keypoints=keypoints),
            )
            for person in people
        ],
    )


def test_the_layout_is_that_of_the_first_person(bags: Bags, tmp_path: Path) -> None:
    kind = "zed_msgs/msg/ObjectsStamped"
    messages = [
        ("/zed/skeletons", kind, START + n, zed(bags, START + n * FRAME, *([4] if n > 1 else [])))
        for n in range(4)
    ]
    folder = bags.write(tmp_path / "bag", messages)
    stream = read_bag(folder)
    assert stream.layout is ZED_18
    assert people_of(stream) == [(), (), ("4",), ("4",)]
    with pytest.raises(BagError, match=r"no definition of zed_msgs/msg/ObjectsStamped, so"):
        read_bag(bags.forget_definitions(folder))


def test_a_bag_without_people_has_frames(bags: Bags, tmp_path: Path) -> None:
    messages = [
        ("/skeletons", ARRAY, START + n, array(bags, START + n, {}, COCO_17)) for n in range(3)
    ]
    stream = read_bag(bags.write(tmp_path / "bag", messages))
    assert stream.layout is COCO_17
    assert people_of(stream) == [()] * 3


def test_this_package_s_messages_need_no_definition(
    bags: Bags, performance: SkeletonSequence, tmp_path: Path
) -> None:
    folder = bags.write(tmp_path / "bag", arrays(bags, performance))
    assert len(list(read_bag(bags.forget_definitions(folder)))) == len(performance)


def test_a_change_of_layout_is_refused(bags: Bags, tmp_path: Path) -> None:
    messages = [
        ("/skeletons", ARRAY, START, array(bags, START, {"a": still()})),
        ("/skeletons", ARRAY, START + 1, array(bags, START + 1, {"a": still(COCO_17)}, COCO_17)),
    ]
    frames = iter(read_bag(bags.write(tmp_path / "bag", messages)))
    assert next(frames).person_ids == ("a",)
    with pytest.raises(BagError, match=r"frame 2, at stamp \d+1, has layout coco_17, .* ntu_25"):
        next(frames)


def test_bad_messages_are_skipped_with_one_warning(
    bags: Bags, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = array(bags, START + 1, {"a": still()})
    wrong.layout = "dance"
    content = bytes(bags.store.serialize_cdr(array(bags, START + 3, {"a": still()}), ARRAY))
    messages = [
        ("/skeletons", ARRAY, START, array(bags, START, {"a": still()})),
        ("/skeletons", ARRAY, START + 1, wrong),
        ("/skeletons", ARRAY, START + 2, array(bags, START + 2, {"a": still()})),
        ("/skeletons", ARRAY, START + 3, content[:90]),
        ("/skeletons", ARRAY, START + 4, b""),
    ]
    stream = read_bag(bags.write(tmp_path / "bag", messages))
    assert caplog.text == ""
    assert people_of(stream) == [("a",)] * 2
    (record,) = caplog.records
    assert "bag: skipped 3 of 5 messages, the last one because: " in record.getMessage()
    assert "cannot be decoded as skeleton_dml_ros/msg/SkeletonArray" in record.getMessage()


def test_the_frames_are_those_that_a_live_node_makes(
    bags: Bags, performance: SkeletonSequence, tmp_path: Path
) -> None:
    messages = list(arrays(bags, performance))
    live = SkeletonArrayInput(InputOptions())
    made = [seen for *_, message in messages for seen in live.take("skeletons", message)]
    frames: list[SkeletonFrame] = list(read_bag(bags.write(tmp_path / "bag", messages, "mcap")))
    for frame, seen in zip(frames, made, strict=True):
        assert (frame.stamp_ns, frame.person_ids) == (seen.stamp_ns, seen.person_ids)
        np.testing.assert_array_equal(
            frame.positions, to_kinect_axes(seen.positions, Axes.CAMERA_OPTICAL)
        )


def test_missing_topics_are_named_with_the_existing_ones(bags: Bags, tmp_path: Path) -> None:
    said = bags.make("std_msgs/msg/String", data="x")
    message = array(bags, START, {"a": still()})
    string = "std_msgs/msg/String"
    speech = bags.write(tmp_path / "speech", [("/speech", string, START, said)])
    with pytest.raises(
        BagError, match=r"matches no input format .*topics: /speech \(std_msgs/msg/Str"
    ):
        read_bag(speech)
    with pytest.raises(
        BagError, match=r"no topic /skeletons, but skeleton_array needs .*: /speech"
    ):
        read_bag(speech, "skeleton_array")
    with pytest.raises(BagError, match=r"has /speech \(std_msgs/msg/String\), but skeleton_array"):
        read_bag(speech, "skeleton_array", InputOptions(topics={"topic": "/speech"}))
    with pytest.raises(BagError, match=r"/speech of .* matches no input format"):
        read_bag(speech, options=InputOptions(topics={"topic": "speech"}))
    with pytest.raises(InputError, match="there is no input format 'dance'"):
        read_bag(speech, "dance")
    two = bags.write(
        tmp_path / "two",
        [(topic, ARRAY, START, message) for topic in ("/left", "/right")],
    )
    with pytest.raises(BagError, match=r"holds several kinds .*/left .*: skeleton_array; /right"):
        read_bag(two)
    with pytest.raises(BagError, match=r"no topic /skeletons.*one of: /left .*, /right"):
        read_bag(two, "skeleton_array")
    assert len(people_of(read_bag(two, options=InputOptions(topics={"topic": "right"})))) == 1
    tracked = bags.write(tmp_path / "hri", hri_tf(bags, 0))
    with pytest.raises(BagError, match=r"holds several kinds .*: hri_tf or hri_2d"):
        read_bag(tracked)


def test_an_empty_bag_is_refused(bags: Bags, tmp_path: Path) -> None:
    with pytest.raises(BagError, match=r"holds no message on /skeletons"):
        read_bag(bags.write(tmp_path / "silent", [], topics={"/skeletons": ARRAY}))
    with pytest.raises(BagError, match=r"matches no input format .*the bag's topics: none"):
        read_bag(bags.write(tmp_path / "empty", []))
    nothing = bags.make(TF, transforms=[link(bags, "wheel", "base", (0, 0, 0), START)])
    with pytest.raises(
        BagError, match=r"no skeleton that openni_tf can read in 1 messages on /tf$"
    ):
        read_bag(bags.write(tmp_path / "tf", [("/tf", TF, START, nothing)]))
    wrong = array(bags, START, {"a": still()})
    wrong.layout = "dance"
    with pytest.raises(BagError, match=r"the last one was refused: .*dance"):
        read_bag(bags.write(tmp_path / "wrong", [("/skeletons", ARRAY, START, wrong)]))


@pytest.mark.parametrize("storage", ["sqlite3", "mcap"])
def test_a_damaged_bag_is_refused(
    storage: Any, bags: Bags, performance: SkeletonSequence, tmp_path: Path
) -> None:
    folder = bags.write(tmp_path / "bag", arrays(bags, performance), storage)
    (file,) = (path for path in folder.iterdir() if path.suffix != ".yaml")
    whole = file.read_bytes()
    for content in (b"", b"nonsense" * 100, whole[: len(whole) // 2]):
        file.write_bytes(content)
        remedy = "mcap recover" if storage == "mcap" else r"sqlite3 .*\.recover"
        with pytest.raises(BagError, match=rf"bag (cannot be read|is damaged): .*{remedy}"):
            list(read_bag(folder))
    file.write_bytes(whole[:9000] + b"\xff" * 20000 + whole[29000:])
    with pytest.raises(BagError):
        list(read_bag(folder))
    file.unlink()
    with pytest.raises(BagError, match="cannot be read: Some database files are missing"):
        read_bag(folder)


def killed(folder: Path, committed: int) -> None:
    """Leave all but the first messages in the log of sqlite3, as a killed recorder does."""
    file = folder / f"{folder.name}.db3"
    copy = folder / "copy"
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT * FROM messages WHERE id > ?", (committed,)).fetchall()
        database.execute("DELETE FROM messages WHERE id > ?", (committed,))
        database.commit()
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA wal_autocheckpoint=0")
        places = ", ".join("?" * len(rows[0]))
        database.executemany(f"INSERT INTO messages VALUES ({places})", rows)
        database.commit()
        copy.mkdir()
        for one in (file, file.with_name(f"{file.name}-wal")):
            shutil.copy(one, copy)
    for one in copy.iterdir():
        shutil.move(one, folder / one.name)
    copy.rmdir()


@pytest.mark.parametrize("part", ["", "bag.db3"], ids=["folder", "file"])
def test_what_a_killed_recorder_left_in_the_log_is_read(
    part: str, bags: Bags, performance: SkeletonSequence, tmp_path: Path
) -> None:
    folder = bags.write(tmp_path / "bag", arrays(bags, performance))
    expected = [frame.stamp_ns for frame in read_bag(folder)]
    killed(folder, committed=20)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert [frame.stamp_ns for frame in read_bag(folder / part)] == expected
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("storage", ["sqlite3", "mcap"])
def test_files_that_the_metadata_do_not_name_are_read_in_order(
    storage: Any,
    bags: Bags,
    performance: SkeletonSequence,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    messages = list(arrays(bags, performance))
    third = len(messages) // 3
    folder = bags.write(tmp_path / "bag", messages[:third], storage)
    ending = "db3" if storage == "sqlite3" else "mcap"
    for name, part in (("b", messages[2 * third :]), ("c", messages[third : 2 * third])):
        other = bags.write(tmp_path / name, part, storage)
        shutil.copy(other / f"{name}.{ending}", folder)
    assert [frame.stamp_ns for frame in read_bag(folder)] == [
        stamp - LATER for _, _, stamp, _ in messages
    ]
    (record,) = caplog.records
    said = f"names {third} messages in 1 files; read {len(messages)} in 3"
    assert said in record.getMessage()


def test_metadata_from_the_start_of_a_recording_do_not_hide_its_messages(
    bags: Bags, performance: SkeletonSequence, tmp_path: Path
) -> None:
    messages = list(arrays(bags, performance))
    folder = bags.write(tmp_path / "bag", messages)
    empty = bags.write(tmp_path / "empty", [])
    text = (empty / "metadata.yaml").read_text().replace("empty.db3", "bag.db3")
    (folder / "metadata.yaml").write_text(text)
    assert len(list(read_bag(folder))) == len(messages)


def test_compressed_files_that_the_metadata_do_not_name_are_counted(
    bags: Bags,
    performance: SkeletonSequence,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    messages = list(arrays(bags, performance))
    folder = bags.write(tmp_path / "bag", messages[:9], compression="file")
    other = bags.write(tmp_path / "other", messages[9:], compression="file")
    shutil.copy(other / "other.db3.zstd", folder)
    assert len(list(read_bag(folder))) == 9
    assert "names 1 of 2 files; only these were read; repair it with ros2 bag" in caplog.text


@pytest.mark.parametrize("size", ["3000000", "9" * 5000])
def test_a_definition_that_unfolds_to_gigabytes_is_refused(
    size: str, bags: Bags, tmp_path: Path
) -> None:
    message = array(bags, START, {"a": still()})
    folder = bags.write(tmp_path / "bag", [("/skeletons", ARRAY, START, message)])
    with closing(sqlite3.connect(folder / "bag.db3")) as database:
        database.execute(
            "UPDATE message_definitions SET encoded_message_definition = "
            "replace(encoded_message_definition, 'string layout', ?)",
            (f"string layout\nstring[{size}] more",),
        )
        database.commit()
    with pytest.raises(BagError, match="has fixed arrays of more than 100000 elements"):
        read_bag(folder)


def test_bags_of_other_kinds_are_named_with_a_remedy(bags: Bags, tmp_path: Path) -> None:
    (tmp_path / "old.bag").write_bytes(b"#ROSBAG V2.0\n")
    with pytest.raises(BagError, match="is a ROS 1 bag; convert it with rosbags-convert --src"):
        open_stream(tmp_path / "old.bag")
    message = array(bags, START, {"a": still()})
    folder = bags.write(
        tmp_path / "bag", [("/skeletons", ARRAY, START, message)], compression="file"
    )
    with pytest.raises(BagError, match=r"is a compressed file of a bag; give its folder, .*bag$"):
        open_stream(folder / "bag.db3.zstd")


def test_missing_or_unknown_metadata_are_refused(bags: Bags, tmp_path: Path) -> None:
    message = array(bags, START, {"a": still()})
    folder = bags.write(tmp_path / "bag", [("/skeletons", ARRAY, START, message)])
    metadata = folder / "metadata.yaml"
    text = metadata.read_text()
    for changed, complaint in (
        (text.replace("storage_identifier: sqlite3", "storage_identifier: tape"), "plugin 'tape'"),
        (text.replace("version: 9", "version: 99"), "version 99 not supported"),
        ("rosbag2_bagfile_information: {", "Could not load YAML"),
        ("", "cannot be read"),
        (
            text.replace("storage_identifier: sqlite3", "storage_identifier: ''"),
            r"or give .*bag\.db3",
        ),
    ):
        metadata.write_text(changed)
        with pytest.raises(BagError, match=complaint) as caught:
            read_bag(folder)
        assert "please report" not in str(caught.value)
    metadata.unlink()
    with pytest.raises(BagError, match=r"has no metadata.yaml; create it with .*bag\.db3"):
        read_bag(folder)
    shutil.rmtree(folder)
    with pytest.raises(BagError, match="there is no bag at"):
        read_bag(folder)
    with pytest.raises(BagError, match="is not a ROS 2 bag"):
        read_bag(tmp_path)


def test_without_rosbags_the_extra_to_install_is_named(
    bags: Bags, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = array(bags, START, {"a": still()})
    folder = bags.write(tmp_path / "bag", [("/skeletons", ARRAY, START, message)])
    imported = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.startswith("rosbags"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return imported(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BagError, match=r"reading bags needs rosbags.*skeleton_dml_ros\[bags\]"):
        read_bag(folder)


def test_a_bug_of_the_package_is_logged_with_its_traceback(
    bags: Bags,
    performance: SkeletonSequence,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream = read_bag(bags.write(tmp_path / "bag", arrays(bags, performance)))
    taken = SkeletonArrayInput.take
    calls = Plain(count=0)

    def take(self: SkeletonArrayInput, role: str, message: Any) -> list[SkeletonFrame]:
        calls.count += 1
        if calls.count == 3:
            raise ZeroDivisionError
        return taken(self, role, message)

    monkeypatch.setattr(SkeletonArrayInput, "take", take)
    assert len(people_of(stream)) == len(performance) - 1
    (record,) = caplog.records
    assert "bug in this package: ZeroDivisionError()" in record.getMessage()
    assert record.exc_info
