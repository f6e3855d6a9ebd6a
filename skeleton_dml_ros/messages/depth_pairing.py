# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pair keypoints with depth images by their stamps, and lift them to 3-D.

Depth images are buffered, because keypoints usually arrive later than the depth image of their
stamp.  Keypoints wait until it is certain which image is nearest in time.  The frames come out in
the order of their stamps.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.fields import (
    BACKWARDS_NS,
    LeftOut,
    MessageError,
    read_people,
    reading,
)
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.messages.lifting import (
    CAMERA_INFO_TYPE,
    DEPTH_TYPE,
    Camera,
    DepthImage,
    lift,
    read_camera,
    read_depth_image,
)
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

MAX_IMAGES = 30
"""Depth images buffered: a second of most cameras, 18 MB at 640 x 480 and 16 bits."""

MAX_WAITING = 30
"""Maximum number of frames of keypoints that wait for a depth image."""

DEPTH = "depth"
CAMERA_INFO = "camera_info"


@dataclass(frozen=True, eq=False)
class Keypoints:
    """People's joints in one image.

    Attributes:
        stamp_ns: time of the image.
        frame_id: coordinate frame of the image, used until the camera is known.
        person_ids: one for each person.
        points: (people, joints, 2) float32; NaN = not seen.
        confidences: (people, joints) float32.
        relative: whether points are fractions of the image's width and height rather than pixels.
    """

    stamp_ns: int
    frame_id: str
    person_ids: tuple[str, ...]
    points: NDArray[np.float32]
    confidences: NDArray[np.float32]
    relative: bool


class DepthPairing:
    """Lifts keypoints to 3-D with the nearest depth image.

    Args:
        options: topics and tolerance.
        layout: of the joints, 3-D.
        left_out: counts the people who cannot be lifted.

    Attributes:
        sources: topics of the depth image and of the camera info.
    """

    def __init__(self, options: InputOptions, layout: Layout, left_out: LeftOut) -> None:
        self._layout = layout
        self._left_out = left_out
        self._tolerance_ns = nanoseconds(options.depth_tolerance)
        self._depth_topic = options.topic(
            "depth_topic", "/camera/camera/aligned_depth_to_color/image_raw"
        )
        self._camera_info_topic = options.topic(
            "camera_info_topic", "/camera/camera/aligned_depth_to_color/camera_info"
        )
        self.sources = (
            Source(DEPTH, "depth_topic", DEPTH_TYPE, self._depth_topic),
            Source(CAMERA_INFO, "camera_info_topic", CAMERA_INFO_TYPE, self._camera_info_topic),
        )
        self._images: deque[DepthImage] = deque(maxlen=MAX_IMAGES)
        self._waiting: deque[Keypoints] = deque()
        self._camera: Camera | None = None

    def reset(self) -> None:
        """Forget images and keypoints, but keep the camera."""
        self._images.clear()
        self._waiting.clear()

    def take_camera_info(self, message: Any) -> list[SkeletonFrame]:
        """Take the camera info; returns the frames that are now complete."""
        with reading(CAMERA_INFO_TYPE):
            self._camera = read_camera(message)
        return self._lift_waiting()

    def take_depth(self, message: Any) -> list[SkeletonFrame]:
        """Take a depth image; returns the frames that are now complete."""
        with reading(DEPTH_TYPE):
            image = read_depth_image(message)
        if self._images and image.stamp_ns < self._images[-1].stamp_ns - BACKWARDS_NS:
            self.reset()
        self._images.append(image)
        return self._lift_waiting()

    def take_keypoints(self, *frames: Keypoints) -> list[SkeletonFrame]:
        """Take keypoints, oldest first; returns the frames that are now complete.

        Raises:
            MessageError: no camera info or no depth image arrives, or none is near enough in time.
        """
        for keypoints in frames:
            if self._waiting and keypoints.stamp_ns < self._waiting[-1].stamp_ns - BACKWARDS_NS:
                self.reset()
            self._waiting.append(keypoints)
        lifted = self._lift_waiting()
        if len(self._waiting) > MAX_WAITING:
            while len(self._waiting) > MAX_WAITING:
                self._waiting.popleft()
            if not lifted:
                raise MessageError(
                    f"{MAX_WAITING} frames of keypoints wait for {self._missing()}; check that "
                    "it is published"
                )
        return lifted

    def _missing(self) -> str:
        if self._camera is None:
            return f"the camera info on {self._camera_info_topic}"
        return f"depth images on {self._depth_topic}"

    def _lift_waiting(self) -> list[SkeletonFrame]:
        """Lift keypoints, oldest first, up to the first that must wait.

        Raises:
            SkeletonDmlError: nothing could be lifted.
        """
        lifted: list[SkeletonFrame] = []
        refusal: SkeletonDmlError | None = None
        while self._waiting and self._is_decidable(self._waiting[0]):
            keypoints = self._waiting.popleft()
            try:
                lifted.append(self._lifted(keypoints))
            except SkeletonDmlError as error:
                refusal = error
        if refusal is not None and not lifted:
            raise refusal
        return lifted

    def _is_decidable(self, keypoints: Keypoints) -> bool:
        if not keypoints.person_ids:
            return True
        if self._camera is None or not self._images:
            return False
        # Until an image arrives that is not older, the next one may be nearer.
        return any(image.stamp_ns >= keypoints.stamp_ns for image in self._images)

    def _lifted(self, keypoints: Keypoints) -> SkeletonFrame:
        if self._camera is None or not keypoints.person_ids:
            frame_id = keypoints.frame_id if self._camera is None else self._camera.frame_id
            return SkeletonFrame(keypoints.stamp_ns, (), (), self._layout, frame_id=frame_id)
        image = min(self._images, key=lambda image: abs(image.stamp_ns - keypoints.stamp_ns))
        apart = abs(image.stamp_ns - keypoints.stamp_ns)
        if apart > self._tolerance_ns:
            raise MessageError(
                f"the nearest depth image is {apart / NANOSECONDS_PER_SECOND:.3f} s away from the "
                f"keypoints and depth_tolerance is "
                f"{self._tolerance_ns / NANOSECONDS_PER_SECOND:.3f} s; choose the depth image of the "
                "same camera, or increase depth_tolerance"
            )
        points = read_people(
            range(len(keypoints.person_ids)),
            keypoints.person_ids.__getitem__,
            lambda index: _pixels(keypoints, index, image),
            self._left_out,
        )
        rows = [keypoints.person_ids.index(person) for person in points]
        return SkeletonFrame(
            stamp_ns=keypoints.stamp_ns,
            frame_id=self._camera.frame_id,
            layout=self._layout,
            person_ids=tuple(points),
            positions=lift(np.array(list(points.values())), image, self._camera),
            confidences=keypoints.confidences[rows],
        )


def _pixels(keypoints: Keypoints, index: int, image: DepthImage) -> NDArray[np.float32]:
    """(joints, 2): a person's keypoints in pixels of the depth image.

    Raises:
        MessageError: a keypoint is outside, so the depth image has another size.
    """
    height, width = image.pixels.shape
    size = np.array([width, height], dtype=np.float32)
    points: NDArray[np.float32] = keypoints.points[index]
    if keypoints.relative:
        return np.asarray(points * size)
    outside = (points > size).any(axis=-1)
    if outside.any():
        x, y = points[outside][0]
        raise MessageError(
            f"a keypoint at pixel ({x:.0f}, {y:.0f}) is outside the depth image of {width} x "
            f"{height} pixels; choose the topic of the depth image that is aligned with the colour "
            "image, such as aligned_depth_to_color/image_raw"
        )
    return points
