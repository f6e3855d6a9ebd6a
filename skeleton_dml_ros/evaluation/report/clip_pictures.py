# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures of a clip: a strip of poses for people, and the image that the network gets."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.report.markup import Markup, element, number
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.projection import HEAD_RADIUS, project_skeleton
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

POSES = {1: 8, 2: 5}
"""Poses in a strip of one person, and of two, who need twice the width."""

POSE_HEIGHT, CAPTION_HEIGHT = 100.0, 14.0
POSE_GAPS = {1: 9.0, 2: 26.0}
"""Gaps between poses; wider for two people, to show who belongs together."""

MIN_POSE_WIDTH = 34.0
"""Width of the time below a pose."""

MAX_IMAGE_SIDE = 96
"""Maximum pixels of an image's longer side on the page; larger images are averaged down."""


def require_pillow() -> None:
    """Fail before a long computation if Pillow is missing.

    Raises:
        SkeletonDmlError: Pillow is not installed.
    """
    try:
        import PIL.Image  # noqa: F401
    except ModuleNotFoundError:
        raise SkeletonDmlError(
            "the report's images need Pillow; pip install 'skeleton_dml_ros[plots]'"
        ) from None


def pose_strip(clip: SkeletonSequence, name: str) -> Markup:
    """Poses at even intervals, as the camera saw them, with left and right limbs in two colours.

    All poses share scale and height, so that a jump shows.  Each takes its own width, so that a
    walking person stays in the picture.

    Args:
        clip: one body or two.
        name: of the clip, for the text alternative.
    """
    people = min(clip.bodies, 2)
    frames = np.unique(np.linspace(0, len(clip) - 1, POSES[people]).round().astype(int))
    frames = frames[np.isfinite(clip.positions[frames]).any(axis=(1, 2, 3))]
    if len(frames) == 0:
        return element("p", "Nothing was seen in this clip.", class_="note")
    heights = clip.positions[frames][..., 1]
    low, high = float(np.nanmin(heights)) - 0.05, float(np.nanmax(heights)) + 0.15
    scale = POSE_HEIGHT / (high - low)
    width = 0.0
    drawn = []
    for frame in frames:
        across = -scale * clip.positions[frame, ..., 0]
        left, right = float(np.nanmin(across)), float(np.nanmax(across))
        room = max(MIN_POSE_WIDTH, right - left + POSE_GAPS[people])
        middle = width + room / 2
        origin = np.array([middle - (left + right) / 2, high * scale])
        for body in range(clip.bodies):
            drawn += _pose(clip.positions[frame, body], clip.layout, origin, scale, body)
        drawn.append(
            element(
                "text",
                f"{clip.timestamps[frame]:.1f} s",
                x=middle,
                y=POSE_HEIGHT + CAPTION_HEIGHT - 3,
                class_="tick middle",
            )
        )
        width += room
    return element(
        "svg",
        *drawn,
        viewBox=f"0 0 {number(width)} {number(POSE_HEIGHT + CAPTION_HEIGHT)}",
        class_="poses",
        role="img",
        aria_label=f"{len(frames)} poses of {name}, over {clip.duration:.1f} seconds",
    )


def _pose(
    joints: NDArray[np.float32],
    layout: Layout,
    origin: NDArray[np.float64],
    scale: float,
    body: int,
) -> list[Markup]:
    """One skeleton, its bones in three paths: trunk, left limbs, right limbs."""
    drawing = project_skeleton(joints, layout)
    bones = drawing.bones * [scale, -scale] + origin
    paths: dict[str, str] = {}
    for (start, end), joint in zip(bones, drawing.joints, strict=True):
        side = layout.joint_names[joint].rpartition("_")[2]
        kind = side if side in ("left", "right") else "trunk"
        paths[kind] = paths.get(kind, "") + (
            f"M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"
        )
    drawn = [
        element("path", d=path, class_=f"bone {kind}" + (" second" if body else ""))
        for kind, path in paths.items()
    ]
    if drawing.head is not None:
        across, down = drawing.head * [scale, -scale] + origin
        drawn.append(
            element("circle", cx=across, cy=down, r=HEAD_RADIUS * scale, class_="bone trunk head")
        )
    return drawn


def clip_pictures(
    model: Model, clips: Sequence[SkeletonSequence], names: Sequence[str]
) -> list[Markup]:
    """Poses and image of each clip, side by side.

    The images are the network's input, enlarged.  A normalised skeleton uses little of their range,
    so the contrast is stretched by the same amount for all clips.

    Args:
        model: draws the images.
        clips: that are compared with one another.
        names: of the clips, for the text alternatives.
    """
    images = [_image(model, clip) for clip in clips]
    low = min(float(image.min()) for image in images)
    span = max(max(float(image.max()) for image in images) - low, 1 / 255)
    return [
        element(
            "div",
            pose_strip(clip, name),
            _picture((image - low) / span, name),
            class_="clip",
        )
        for clip, image, name in zip(clips, images, names, strict=True)
    ]


def _image(model: Model, clip: SkeletonSequence) -> Tensor:
    """(3, height, width) input of the network, averaged down if it is large."""
    prepared = torch.from_numpy(model.card.preparation(clip).copy())[None]
    image = model.representation(prepared)
    shrink = MAX_IMAGE_SIDE / max(image.shape[2:])
    if shrink < 1:
        size = [round(length * shrink) for length in image.shape[2:]]
        image = functional.interpolate(image, size=size, mode="area")
    return image[0]


def _picture(image: Tensor, name: str) -> Markup:
    from PIL import Image

    pixels = (image.permute(1, 2, 0) * 255).round().clamp(0, 255).to(torch.uint8).numpy()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    content = base64.b64encode(file.getvalue()).decode("ascii")
    return element(
        "img",
        src=f"data:image/png;base64,{content}",
        alt=f"image of {name} as the network gets it",
        width=pixels.shape[1],
        height=pixels.shape[0],
        class_="pixels",
    )
