# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Plain objects with the fields of ROS messages."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from types import SimpleNamespace as Plain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.messages.make import header as header_message
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

SECOND = NANOSECONDS_PER_SECOND
FRAME = SECOND // 30

START = 1_700_000_000 * SECOND
"""Stamp of the first message."""


def header(stamp_ns: int = START, frame_id: str = "camera_optical_frame") -> Any:
    return header_message(make, stamp_ns, frame_id)


def vector(values: Sequence[float] | NDArray[Any]) -> Any:
    return Plain(**dict(zip("xyz", map(float, values), strict=False)))


def make(type_name: str, **fields: Any) -> Any:
    """A message of the named type."""
    return Plain(_type=type_name, **fields)


def skeleton(person_id: str, positions: ArrayLike, confidences: ArrayLike = ()) -> Any:
    return Plain(
        person_id=person_id,
        positions=array("f", np.ravel(positions).tolist()),
        confidences=array("f", np.ravel(confidences).tolist()),
    )


def skeleton_array(*skeletons: Any, layout: str = "ntu_25", stamp_ns: int = START) -> Any:
    return Plain(header=header(stamp_ns), layout=layout, skeletons=list(skeletons))


def transform(
    child: str,
    parent: str,
    translation: Sequence[float] | NDArray[Any] = (0, 0, 0),
    rotation: Sequence[float] = (0, 0, 0, 1),
    stamp_ns: int = START,
) -> Any:
    return Plain(
        header=header(stamp_ns, parent),
        child_frame_id=child,
        transform=Plain(
            translation=vector(translation),
            rotation=Plain(**dict(zip("xyzw", rotation, strict=True))),
        ),
    )


def transforms(*links: Any) -> Any:
    return Plain(transforms=list(links))


def ids(*person_ids: str, stamp_ns: int = START) -> Any:
    return Plain(header=header(stamp_ns), ids=list(person_ids))


def keypoints_3d(
    points: Mapping[int, Sequence[float]], score: float = 0.9, frame_id: str = "base_link"
) -> Any:
    return Plain(
        data=[Plain(id=k, point=vector(point), score=score) for k, point in points.items()],
        frame_id=frame_id,
    )


def keypoints_2d(points: Mapping[int, Sequence[float]], score: float = 0.9) -> Any:
    return Plain(
        data=[Plain(id=k, point=vector(point), score=score) for k, point in points.items()]
    )


def detection(person_id: str, in_image: Any = None, in_space: Any = None) -> Any:
    return Plain(
        class_id=0,
        class_name="person",
        score=0.9,
        id=person_id,
        keypoints=in_image or keypoints_2d({}),
        keypoints3d=in_space or Plain(data=[], frame_id=""),
    )


def detections(*people: Any, stamp_ns: int = START) -> Any:
    return Plain(header=header(stamp_ns), detections=list(people))


WIDTH, HEIGHT, FOCAL = 160, 120, 100.0


def camera_info(width: int = WIDTH, height: int = HEIGHT, focal: float = FOCAL) -> Any:
    return Plain(
        header=header(),
        width=width,
        height=height,
        k=np.array([focal, 0, width / 2, 0, focal, height / 2, 0, 0, 1]),
    )


def depth_image(
    metres: NDArray[np.float32],
    encoding: str = "16UC1",
    is_bigendian: int = 0,
    padding: int = 0,
    stamp_ns: int = START,
) -> Any:
    """A depth image whose rows are ``padding`` bytes longer than their pixels."""
    kind, unit = {"16UC1": ("u2", 1000), "32FC1": ("f4", 1)}[encoding]
    pixels = (metres * unit).astype((">" if is_bigendian else "<") + kind)
    height, width = pixels.shape
    rows = pixels.view(np.uint8).reshape(height, -1)
    rows = np.hstack([rows, np.full((height, padding), 255, dtype=np.uint8)])
    return Plain(
        header=header(stamp_ns),
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=is_bigendian,
        step=rows.shape[1],
        data=array("B", rows.tobytes()),
    )


def pixel_of(point: Sequence[float] | NDArray[Any]) -> tuple[float, float]:
    """Where the camera of :func:`camera_info` sees a point of its optical frame."""
    x, y, z = (float(value) for value in point)
    return FOCAL * x / z + WIDTH / 2, FOCAL * y / z + HEIGHT / 2
