# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the drivers of cameras publish of an actor, in the real messages.

Each driver's own joints are made of the actor's NTU-25, its own axes of the Kinect's.  The messages
are those of the driver's package, on the topics on which it publishes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.hri_tf import link_name
from skeleton_dml_ros.messages.make import header
from skeleton_dml_ros.messages.openni_tf import frame_name
from skeleton_dml_ros.ros.messages import make
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.layouts import (
    AZURE_KINECT_32,
    COCO_17,
    HRI_18_3D,
    NITE_15,
    NTU_25,
    REP_155,
    ZED_38,
    Layout,
)

Joints = NDArray[np.float32]

Sent = tuple[str, Any]
"""A topic and a message on it."""

PLACES = {
    "body": ("spine_base",),
    "waist": ("spine_base",),
    "pelvis": ("spine_base",),
    "spine_1": ("spine_base", "spine_mid"),
    "spine_2": ("spine_mid",),
    "spine_navel": ("spine_mid",),
    "spine_chest": ("spine_mid", "spine_shoulder"),
    "spine_3": ("spine_shoulder",),
    "clavicle": ("spine_shoulder", "shoulder"),
    "hand_index": ("hand",),
    "hand_pinky": ("hand",),
    "hand_middle": ("hand_tip",),
    "hand_thumb": ("thumb",),
    "big_toe": ("foot",),
    "small_toe": ("foot",),
    "heel": ("ankle",),
}
"""NTU-25 joints whose mean is a joint's position; other joints have the same name there."""

PLACES_IN = {
    "hri_18_3d": {"neck": ("spine_shoulder",)},
    "nite_15": {"neck": ("spine_shoulder",), "torso": ("spine_mid",)},
    "rep_155": {"torso": ("spine_shoulder",)},
}
"""The same for joints whose name has another meaning in a layout."""

FACE = {"nose": (0.0, -0.03, -0.11), "eye": (0.03, 0.02, -0.09), "ear": (0.08, 0.0, 0.0)}
"""Offsets from the head's centre in metres (outwards, up, away from the camera), for a person who faces
the camera."""


@cache
def mapping(layout: Layout) -> tuple[Joints, Joints]:
    """(joints, 25) weights and (joints, 3) offsets of a layout's joints relative to the actor's."""
    weights = np.zeros((len(layout.joint_names), len(NTU_25.joint_names)), dtype=np.float32)
    offsets = np.zeros((len(layout.joint_names), 3), dtype=np.float32)
    for row, joint in enumerate(layout.joint_names):
        name, side = joint, ""
        if joint.endswith(("_left", "_right")):
            name, _, side = joint.rpartition("_")
        if name in FACE:
            out, up, away = FACE[name]
            # For a person who faces the camera, the right side is on the sensor's left.
            offsets[row] = out if side == "right" else -out, up, away
            places: tuple[str, ...] = ("head",)
        else:
            places = PLACES_IN.get(layout.name, {}).get(name) or PLACES.get(name, (name,))
        for place in places:
            sided = f"{place}_{side}" if f"{place}_{side}" in NTU_25.joint_names else place
            weights[row, NTU_25.index(sided)] = 1 / len(places)
    return weights, offsets


def seen_in(layout: Layout, actor: Joints, axes: Axes) -> Joints:
    """The actor's (25, 3) as (joints, 3) of a layout in a driver's axes."""
    weights, offsets = mapping(layout)
    return from_kinect_axes(weights @ actor + offsets, axes)


def triple(type_name: str, values: Joints) -> Any:
    """A message with x, y and z."""
    return make(f"geometry_msgs/msg/{type_name}", **dict(zip("xyz", values.tolist(), strict=True)))


def azure_kinect(stamp_ns: int, actor: Joints) -> Iterator[Sent]:
    body, shared = 1, header(make, stamp_ns, "depth_camera_link")
    markers = [
        make(
            "visualization_msgs/msg/Marker",
            header=shared,
            id=100 * body + number,
            type=2,
            pose=make("geometry_msgs/msg/Pose", position=triple("Point", joint)),
        )
        for number, joint in enumerate(seen_in(AZURE_KINECT_32, actor, Axes.CAMERA_OPTICAL))
    ]
    yield "/body_tracking_data", make("visualization_msgs/msg/MarkerArray", markers=markers)


def zed(stamp_ns: int, actor: Joints) -> Iterator[Sent]:
    person = make(
        "zed_msgs/msg/Object",
        label="Person",
        label_id=1,
        confidence=90.0,
        tracking_available=True,
        tracking_state=1,
        skeleton_available=True,
        body_format=2,
    )
    joints = seen_in(ZED_38, actor, Axes.ROS_BODY)
    for keypoint, joint in zip(person.skeleton_3d.keypoints, joints, strict=False):
        keypoint.kp = joint
    stamped = make(
        "zed_msgs/msg/ObjectsStamped",
        header=header(make, stamp_ns, "zed_left_camera_frame"),
        objects=[person],
    )
    yield "/zed/zed_node/body_trk/skeletons", stamped


WIDTH, HEIGHT, FOCAL = 160, 120, 100.0
"""Pinhole camera that sees the whole actor, in pixels."""

WALL = 5.0
"""Distance of the background in metres."""

LIMB = 2
"""Radius in pixels of the disc drawn for a joint."""

IMAGE_FRAME = "camera_color_optical_frame"

DEPTH_TOPICS = "/camera/camera/aligned_depth_to_color"


def pixels_of(optical: Joints) -> Joints:
    """(joints, 2) column and row of (joints, 3) positions."""
    centre = np.array([WIDTH / 2, HEIGHT / 2], dtype=np.float32)
    return np.asarray(FOCAL * optical[:, :2] / optical[:, 2:] + centre, dtype=np.float32)


def depth_camera(stamp_ns: int, optical: Joints) -> Iterator[Sent]:
    """A depth image with a disc for each joint; nearer discs occlude farther ones."""
    image = np.full((HEIGHT, WIDTH), WALL, dtype=np.float32)
    offsets = np.arange(-LIMB, LIMB + 1)
    disc = np.hypot(offsets[:, None], offsets[None, :]) <= LIMB + 0.5
    for joint in np.argsort(-optical[:, 2]):
        column, row = pixels_of(optical)[joint].astype(int)
        rows, columns = (offset[disc] for offset in np.meshgrid(row + offsets, column + offsets))
        inside = (rows >= 0) & (rows < HEIGHT) & (columns >= 0) & (columns < WIDTH)
        image[rows[inside], columns[inside]] = optical[joint, 2]
    shared = {"header": header(make, stamp_ns, IMAGE_FRAME), "width": WIDTH, "height": HEIGHT}
    k = np.array([FOCAL, 0, WIDTH / 2, 0, FOCAL, HEIGHT / 2, 0, 0, 1])
    yield f"{DEPTH_TOPICS}/camera_info", make("sensor_msgs/msg/CameraInfo", k=k, **shared)
    depth = make(
        "sensor_msgs/msg/Image",
        encoding="16UC1",
        step=2 * WIDTH,
        data=(1000 * image).astype("<u2").tobytes(),
        **shared,
    )
    yield f"{DEPTH_TOPICS}/image_raw", depth


def yolo_keypoints(optical: Joints) -> Any:
    """Key points of one person."""
    points = [
        make(
            "yolo_msgs/msg/KeyPoint2D",
            id=number,
            point=make("yolo_msgs/msg/Point2D", x=column, y=row),
            score=0.9,
        )
        for number, (column, row) in enumerate(pixels_of(optical).tolist(), start=1)
    ]
    return make("yolo_msgs/msg/KeyPoint2DArray", data=points)


def yolo_detections(stamp_ns: int, **keypoints: Any) -> Any:
    """One person, with an id."""
    person = make(
        "yolo_msgs/msg/Detection", class_id=0, class_name="person", score=0.9, id="1", **keypoints
    )
    return make(
        "yolo_msgs/msg/DetectionArray",
        header=header(make, stamp_ns, IMAGE_FRAME),
        detections=[person],
    )


def yolo_3d(stamp_ns: int, actor: Joints) -> Iterator[Sent]:
    points = [
        make("yolo_msgs/msg/KeyPoint3D", id=number, point=triple("Point", joint), score=0.9)
        for number, joint in enumerate(seen_in(COCO_17, actor, Axes.ROS_BODY), start=1)
    ]
    detections = yolo_detections(
        stamp_ns,
        keypoints=yolo_keypoints(seen_in(COCO_17, actor, Axes.CAMERA_OPTICAL)),
        keypoints3d=make("yolo_msgs/msg/KeyPoint3DArray", data=points, frame_id="base_link"),
    )
    yield "/yolo/detections_3d", detections


def yolo_2d(stamp_ns: int, actor: Joints) -> Iterator[Sent]:
    optical = seen_in(COCO_17, actor, Axes.CAMERA_OPTICAL)
    yield from depth_camera(stamp_ns, optical)
    yield "/yolo/tracking", yolo_detections(stamp_ns, keypoints=yolo_keypoints(optical))


HRI_BODY = "abcde"


def hri_ids(stamp_ns: int) -> Sent:
    ids = make("hri_msgs/msg/IdsList", header=header(make, stamp_ns, IMAGE_FRAME), ids=[HRI_BODY])
    return "/humans/bodies/tracked", ids


def hri_2d(stamp_ns: int, actor: Joints) -> Iterator[Sent]:
    optical = seen_in(HRI_18_3D, actor, Axes.CAMERA_OPTICAL)
    yield from depth_camera(stamp_ns, optical)
    yield hri_ids(stamp_ns)
    parts = pixels_of(optical) / np.array([WIDTH, HEIGHT], dtype=np.float32)
    points = [
        make("hri_msgs/msg/NormalizedPointOfInterest2D", x=x, y=y, c=0.9) for x, y in parts.tolist()
    ]
    skeleton = make(
        "hri_msgs/msg/Skeleton2D", header=header(make, stamp_ns, IMAGE_FRAME), skeleton=points
    )
    yield f"/humans/bodies/{HRI_BODY}/skeleton2d", skeleton


def transform(
    stamp_ns: int,
    parent: str,
    child: str,
    place: Joints,
    turn: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0),
) -> Any:
    rotation = make("geometry_msgs/msg/Quaternion", **dict(zip("xyzw", turn, strict=True)))
    return make(
        "geometry_msgs/msg/TransformStamped",
        header=header(make, stamp_ns, parent),
        child_frame_id=child,
        transform=make(
            "geometry_msgs/msg/Transform", translation=triple("Vector3", place), rotation=rotation
        ),
    )


def tf(*transforms: Any) -> Any:
    return make("tf2_msgs/msg/TFMessage", transforms=list(transforms))


FACING = (0.5, 0.5, -0.5, 0.5)
"""The frame of a body (x forward, y left, z up) that faces a camera, in its optical frame."""

TORSO_ABOVE_WAIST = np.array([0.0, 0.0, 0.4], dtype=np.float32)
"""The torso in the waist's frame, where it never moves: all of the trunk's movement is the
waist's."""


def hri_link(joint: str) -> str:
    return f"{link_name(joint)}_{HRI_BODY}"


def hri_tf(stamp_ns: int, actor: Joints) -> Iterator[Sent]:
    """The body's transform as from its tracker, then its limbs' as from robot_state_publisher."""
    optical = seen_in(REP_155, actor, Axes.CAMERA_OPTICAL)
    own = np.stack([-optical[:, 2], optical[:, 0], -optical[:, 1]], axis=-1)
    own[REP_155.index("waist")] = own[REP_155.index("torso")] - TORSO_ABOVE_WAIST
    links = [hri_link(joint) for joint in REP_155.joint_names]
    limbs = [
        transform(stamp_ns, links[parent], links[joint], own[joint] - own[parent])
        for joint, parent in enumerate(REP_155.parents)
        if REP_155.joint_names[joint] not in ("body", "torso")
    ]
    body = REP_155.index("body")
    yield hri_ids(stamp_ns)
    yield "/tf", tf(transform(stamp_ns, IMAGE_FRAME, links[body], optical[body], FACING))
    yield "/tf", tf(*limbs)


def hri_tf_static() -> Iterator[Sent]:
    torso = transform(0, hri_link("waist"), hri_link("torso"), TORSO_ABOVE_WAIST)
    yield "/tf_static", tf(torso)


def openni_tf(stamp_ns: int, actor: Joints) -> Iterator[Sent]:
    """One transform per joint, each with its own stamp."""
    for number, joint in enumerate(seen_in(NITE_15, actor, Axes.ROS_BODY)):
        name = f"{frame_name(NITE_15.joint_names[number])}_1"
        sent_ns = stamp_ns + number * 100_000
        yield "/tf", tf(transform(sent_ns, "openni_depth_frame", name, joint))


DRIVERS: dict[str, Callable[[int, Joints], Iterator[Sent]]] = {
    "azure_kinect": azure_kinect,
    "zed": zed,
    "yolo_3d": yolo_3d,
    "yolo_2d": yolo_2d,
    "hri_tf": hri_tf,
    "hri_2d": hri_2d,
    "openni_tf": openni_tf,
}
"""By input format: the messages for the actor's (25, 3) at a stamp, in order."""

LATCHED: dict[str, Callable[[], Iterator[Sent]]] = {"hri_tf": hri_tf_static}
"""Latched messages, sent once."""
