# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml webcam``: publish skeletons that MediaPipe estimates from a webcam."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from skeleton_dml_ros.cli.options import FrameOption, SkeletonsOption, join
from skeleton_dml_ros.cli.terminal import say
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.skeleton_array import CAMERA_FRAME, TOPIC

LOG_INTERVAL = 10.0
"""Seconds between two status lines."""


def webcam(
    pose: Annotated[
        Path,
        typer.Argument(
            metavar="POSE",
            help="Pose model of MediaPipe, such as pose_landmarker_full.task (see MediaPipe's "
            "documentation of the pose landmarker).",
        ),
    ],
    camera: Annotated[
        str, typer.Option(metavar="CAMERA", help="Camera number, video file or URL.")
    ] = "0",
    topic: SkeletonsOption = TOPIC,
    frame_id: FrameOption = CAMERA_FRAME,
) -> None:
    """Publish one person's skeleton from a webcam to a running node, until interrupted.

    For first trials only: MediaPipe estimates depth from one image, tracks one person, and does not
    tell where that person stands.

    Example: `skeleton-dml webcam pose_landmarker_full.task --camera 0`
    """
    if not pose.is_file():
        raise SkeletonDmlError(
            f"there is no pose model {pose}; download pose_landmarker_full.task, which MediaPipe's "
            "documentation of the pose landmarker links"
        )
    with _landmarker(pose) as landmarks, closing(_images(camera)) as images, join("webcam") as here:
        from skeleton_dml_ros.cli.play import Player
        from skeleton_dml_ros.messages.mediapipe_pose import read_landmarks

        player = Player(here, f"/{topic.lstrip('/')}")
        say(f"publishing skeletons on {player.topic}; press Ctrl-C to stop")
        logged, frames, seen = time.monotonic(), 0, 0
        for stamp_ns, image in images:
            skeletons = read_landmarks(landmarks(stamp_ns, image), stamp_ns, frame_id)
            player.publish(skeletons)
            frames += 1
            seen += bool(skeletons.person_ids)
            if (passed := time.monotonic() - logged) > LOG_INTERVAL:
                say(
                    f"{frames / passed:.0f} frames/s, a person in {seen} of {frames}, "
                    f"subscribers: {player.subscribers()}"
                )
                logged, frames, seen = time.monotonic(), 0, 0
        say("end of the video")


def _images(camera: str) -> Generator[tuple[int, Any], None, None]:
    """Yield stamps and RGB images (height, width, 3) until the video ends.

    Raises:
        SkeletonDmlError: OpenCV is missing, or the camera cannot be opened.
    """
    try:
        import cv2
    except ModuleNotFoundError as error:
        raise _missing(error.name or "cv2") from None

    capture = cv2.VideoCapture(int(camera) if camera.isdecimal() else camera)
    if not capture.isOpened():
        raise SkeletonDmlError(f"camera {camera} cannot be opened; give another --camera")
    begin_ns = time.time_ns() if Path(camera).is_file() else None

    def images() -> Generator[tuple[int, Any], None, None]:
        try:
            while True:
                there, image = capture.read()
                if not there:
                    return
                # A video file has its own time and is read as fast as possible.
                passed_ns = round(capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6)
                stamp_ns = time.time_ns() if begin_ns is None else begin_ns + passed_ns
                yield stamp_ns, cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        finally:
            capture.release()

    return images()


@contextmanager
def _landmarker(pose: Path) -> Iterator[Callable[[int, Any], Any]]:
    """A function that finds people's world landmarks in an image, given the stamp and the image.

    Raises:
        SkeletonDmlError: MediaPipe is missing, or the file is not one of its pose models.
    """
    try:
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision
    except ModuleNotFoundError as error:
        raise _missing(error.name or "mediapipe") from None

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(pose)),
        running_mode=vision.RunningMode.VIDEO,
    )
    try:
        landmarker = vision.PoseLandmarker.create_from_options(options)
    except (RuntimeError, ValueError, OSError) as error:
        raise SkeletonDmlError(
            f"{pose} is not a pose model: {' '.join(str(error).split())[:200]}; download "
            "pose_landmarker_full.task"
        ) from None
    begin_ns = time.time_ns()
    latest = -1

    def landmarks(stamp_ns: int, image: Any) -> Any:
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)
        # MediaPipe requires increasing milliseconds; two images may come within one.
        nonlocal latest
        latest = max(latest + 1, (stamp_ns - begin_ns) // 1_000_000)
        return landmarker.detect_for_video(picture, latest).pose_world_landmarks

    with landmarker:
        yield landmarks


def _missing(name: str) -> SkeletonDmlError:
    package = {"cv2": "opencv-python"}.get(name, name)
    return SkeletonDmlError(
        f"{package} is not installed, but a webcam requires it; "
        "pip install 'skeleton_dml_ros[webcam,dds]'"
    )
