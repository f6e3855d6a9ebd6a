# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Keypoints meet the depth image of their moment.

A network needs time, so keypoints mostly come after the depth image of their stamp, and sometimes
before.  Depth images are kept for a while, keypoints wait, and each is lifted with the image of the
nearest stamp as soon as it is known which one that is.  What comes out is in order of stamps.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.fields import BACKWARDS_NS, MessageError, reading
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
"""Depth images kept: one second of most cameras, 18 MB at 640 x 480 and 16 bits."""

MAX_WAITING = 30
"""Frames of keypoints that wait for a depth image."""

DEPTH = "depth"
CAMERA_INFO = "camera_info"


@dataclass(frozen=True, eq=False)
class Keypoints:
    """People's joints in one image.

    Attributes:
        stamp_ns: when the image was taken.
        frame_id: its frame, used while no camera is known.
        person_ids: one a person.
        points: (people, joints, 2) float32, in pixels or in parts of the image's size; NaN = not
            seen.
        confidences: (people, joints) float32.
        relative: the points are parts of the image's width and height, in [0, 1].
    """

    stamp_ns: int
    frame_id: str
    person_ids: tuple[str, ...]
    points: NDArray[np.float32]
    confidences: NDArray[np.float32]
    relative: bool


class DepthPairing:
    """Lifts keypoints with the depth images that belong to them.

    Args:
        options: topics and tolerance.
        layout: of the joints, in three dimensions.

    Attributes:
        sources: the depth image's topic and its camera's.
    """

    def __init__(self, options: InputOptions, layout: Layout) -> None:
        self._layout = layout
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
        """Forget images and keypoints; the camera stays what it is."""
        self._images.clear()
        self._waiting.clear()

    def take_camera_info(self, message: Any) -> list[SkeletonFrame]:
        """What can be lifted now that the camera is known."""
        with reading(CAMERA_INFO_TYPE):
            self._camera = read_camera(message)
        return self._lift_waiting()

    def take_depth(self, message: Any) -> list[SkeletonFrame]:
        """What can be lifted with this depth image."""
        with reading(DEPTH_TYPE):
            image = read_depth_image(message)
        if self._images and image.stamp_ns < self._images[-1].stamp_ns - BACKWARDS_NS:
            self.reset()
        self._images.append(image)
        return self._lift_waiting()

    def take_keypoints(self, *frames: Keypoints) -> list[SkeletonFrame]:
        """What can be lifted of these keypoints, given oldest first, and of those before.

        Raises:
            MessageError: what they need has not come for long, or no image is near enough.
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
                    f"{MAX_WAITING} frames of keypoints wait for {self._missing()}; is it "
                    "published?"
                )
        return lifted

    def _missing(self) -> str:
        if self._camera is None:
            return f"the camera on {self._camera_info_topic}"
        return f"depth images on {self._depth_topic}"

    def _lift_waiting(self) -> list[SkeletonFrame]:
        """Lift from the oldest on, up to the first that must wait.

        Raises:
            MessageError: no depth image is near enough, and nothing else could be lifted.
        """
        lifted: list[SkeletonFrame] = []
        refusal: SkeletonDmlError | None = None
        while self._waiting and self._can_be_decided(self._waiting[0]):
            keypoints = self._waiting.popleft()
            try:
                lifted.append(self._lifted(keypoints))
            except SkeletonDmlError as error:
                refusal = error
        if refusal is not None and not lifted:
            raise refusal
        return lifted

    def _can_be_decided(self, keypoints: Keypoints) -> bool:
        if not keypoints.person_ids:
            return True
        if self._camera is None or not self._images:
            return False
        # Only an image that is not older rules out that a nearer one comes.
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
                f"{self._tolerance_ns / NANOSECONDS_PER_SECOND:.3f} s; give the depth image of the "
                "same camera, or a larger depth_tolerance"
            )
        return SkeletonFrame(
            stamp_ns=keypoints.stamp_ns,
            frame_id=self._camera.frame_id,
            layout=self._layout,
            person_ids=keypoints.person_ids,
            positions=lift(_pixels(keypoints, image), image, self._camera),
            confidences=keypoints.confidences,
        )


def _pixels(keypoints: Keypoints, image: DepthImage) -> NDArray[np.float32]:
    """The keypoints in pixels of the depth image.

    Raises:
        MessageError: one lies outside, where no detector puts it in an image of this size.
    """
    height, width = image.pixels.shape
    size = np.array([width, height], dtype=np.float32)
    if keypoints.relative:
        return keypoints.points * size
    outside = (keypoints.points > size).any(axis=-1)
    if outside.any():
        x, y = keypoints.points[outside][0]
        raise MessageError(
            f"a keypoint at pixel ({x:.0f}, {y:.0f}) lies outside the depth image of {width} x "
            f"{height} pixels; give the topic of the depth image that is aligned with the colour "
            "image, such as aligned_depth_to_color/image_raw"
        )
    return keypoints.points
