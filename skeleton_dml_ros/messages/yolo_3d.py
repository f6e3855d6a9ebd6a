# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``yolo_3d``: YOLO's keypoints, lifted to 3-D by yolo_ros.

Published by mgonzs13/yolo_ros, launched with a pose model, ``use_tracking:=True`` and
``use_3d:=True``, on ``/yolo/detections_3d``.

Message: ``yolo_msgs/msg/DetectionArray``, from yolo_ros' repository.  A keypoint's id is its number
in COCO, counted from 1; those below yolo_ros' ``threshold`` are missing.

Axes: REP-103 body.  yolo_ros transforms the keypoints to its ``target_frame``, by default
``base_link``, named in ``keypoints3d.frame_id``; if ``target_frame`` is an optical frame, set the
input's axes accordingly.

Confidence: the network's score of the keypoint; below ``min_confidence`` it is unseen.

yolo_ros reads the depth of one pixel per keypoint, and puts a keypoint in a hole of the depth image
at the camera.  The camera's position in ``target_frame`` is not in the message, but inferred:
keypoints of different pixels at exactly one point are at the camera, and so is every later keypoint
at this point.  A single hole before that, or while the camera moves in ``target_frame``, gives a
wrong joint.  yolo_2d does not have this problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.messages.fields import LeftOut, frame_of, only_frame, reading, stamp_of
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.messages.yolo_detections import JOINTS, TYPE, joint_indices, read_detections
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import COCO_17


@dataclass(frozen=True, eq=False)
class _Person:
    """Keypoints of one person: (joints, 3) points, (joints, 2) pixels, (joints,) scores."""

    frame_id: str
    points: NDArray[np.float64]
    pixels: NDArray[np.float64]
    scores: NDArray[np.float64]


class Yolo3dInput:
    """Reads skeletons from yolo_ros' 3-D keypoints."""

    axes: ClassVar[Axes] = Axes.ROS_BODY
    person_type: ClassVar[str] = ""

    def __init__(self, options: InputOptions) -> None:
        topic = options.topic("topic", "/yolo/detections_3d")
        self._sources = (Source("detections", "topic", TYPE, topic),)
        self.left_out = LeftOut()
        self._min_confidence = options.min_confidence
        self._frame_id = ""
        self._camera: NDArray[np.float64] | None = None

    def sources(self) -> tuple[Source, ...]:
        return self._sources

    def take(self, role: str, message: Any) -> list[SkeletonFrame]:
        with reading(TYPE):
            return [self._read(message)]

    def _read(self, message: Any) -> SkeletonFrame:
        stamp_ns = stamp_of(message.header)
        people = read_detections(message.detections, "keypoints3d", _read_person, self.left_out)
        frame_id = self._frame_of([one.frame_id for one in people.values()], message.header)
        people = {person: one for person, one in people.items() if one.frame_id == frame_id}
        # float64 as in the message, because keypoints at the camera are found by equality.
        points = np.array([one.points for one in people.values()]).reshape(-1, JOINTS, 3)
        pixels = np.array([one.pixels for one in people.values()]).reshape(-1, JOINTS, 2)
        scores = np.array([one.scores for one in people.values()]).reshape(-1, JOINTS)
        points[self._at_camera(points, pixels)] = np.nan
        points[scores < self._min_confidence] = np.nan
        return SkeletonFrame(
            stamp_ns=stamp_ns,
            frame_id=frame_id,
            layout=COCO_17,
            person_ids=tuple(people),
            positions=points.astype(np.float32),
            confidences=scores.astype(np.float32),
        )

    def _frame_of(self, frames: list[str], header: Any) -> str:
        if frames:
            self._frame_id = only_frame(
                frames,
                "people of one message",
                "let one detect_3d_node publish on the topic",
                self.left_out,
            )
        return self._frame_id or frame_of(header.frame_id)

    def _at_camera(
        self, points: NDArray[np.float64], pixels: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """(people, joints) which points are at the camera; also updates the camera's position."""
        seen = np.isfinite(points).all(axis=-1)
        places, place, count = np.unique(
            points[seen], axis=0, return_inverse=True, return_counts=True
        )
        # yolo_ros truncates pixels, so two keypoints in one pixel may share a point.
        pixel = np.trunc(pixels[seen])
        unknown = np.isnan(pixel).any(axis=-1)
        pixel[unknown] = -1 - np.flatnonzero(unknown)[:, None]
        rows = np.unique(np.column_stack([place.reshape(-1), pixel]), axis=0)
        different = np.bincount(rows[:, 0].astype(np.int64), minlength=len(places))
        if (different > 1).any():
            self._camera = places[different > 1][count[different > 1].argmax()]
        if self._camera is None:
            return np.zeros(points.shape[:-1], dtype=np.bool_)
        return np.asarray((points == self._camera).all(axis=-1))


def _read_person(person: Any) -> _Person:
    points = np.full((JOINTS, 3), np.nan)
    pixels = np.full((JOINTS, 2), np.nan)
    scores = np.zeros(JOINTS)
    keypoints = person.keypoints3d.data
    joints = joint_indices(person, keypoints)
    points[joints] = [(k.point.x, k.point.y, k.point.z) for k in keypoints]
    scores[joints] = [k.score for k in keypoints]
    if len(person.keypoints.data):
        in_image = joint_indices(person, person.keypoints.data)
        pixels[in_image] = [(k.point.x, k.point.y) for k in person.keypoints.data]
    return _Person(frame_of(person.keypoints3d.frame_id), points, pixels, scores)
