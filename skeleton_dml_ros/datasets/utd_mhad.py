# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read UTD-MHAD's release, one MATLAB file per clip.

27 actions of 8 people, four times each, seen by a Kinect v1 (C. Chen, R. Jafari, N. Kehtarnavaz,
"UTD-MHAD: A multimodal dataset for human action recognition", ICIP 2015).  The release lacks three
clips.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.datasets.mat_file import MatFileError, read_mat_array
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import UTD_MHAD_20
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

FRAMES_PER_SECOND = 30.0

CLASS_NAMES = (
    "swipe_left",
    "swipe_right",
    "wave",
    "clap",
    "throw",
    "arm_cross",
    "basketball_shoot",
    "draw_x",
    "draw_circle_cw",
    "draw_circle_ccw",
    "draw_triangle",
    "bowling",
    "boxing",
    "baseball_swing",
    "tennis_swing",
    "arm_curl",
    "tennis_serve",
    "push",
    "knock",
    "catch",
    "pick_up_and_throw",
    "jog",
    "walk",
    "sit_to_stand",
    "stand_to_sit",
    "lunge",
    "squat",
)
"""Actions a1 to a27."""

_NAME = re.compile(r"a(?P<action>\d+)_s(?P<subject>\d+)_t(?P<trial>\d+)_skeleton")
_SKELETON = "d_skel"


class UtdMhadError(SkeletonDmlError):
    """A file does not have UTD-MHAD's format."""


def read_utd_mhad(folder: str | Path) -> SkeletonArchive:
    """All clips of the release in order of their names.

    Args:
        folder: of the ``a*_s*_t*_skeleton.mat`` files, or the folder above.

    Raises:
        UtdMhadError: there is no file, or one is damaged.
    """
    files = sorted(Path(folder).glob("a*_s*_t*_skeleton.mat"))
    files = files or sorted(Path(folder).glob("*/a*_s*_t*_skeleton.mat"))
    if not files:
        raise UtdMhadError(
            f"{folder} holds no UTD-MHAD skeletons; give the folder of a*_s*_t*_skeleton.mat"
        )
    labels, subjects = [], []
    for file in files:
        match = _NAME.fullmatch(file.stem)
        if match is None or not 1 <= int(match["action"]) <= len(CLASS_NAMES):
            raise UtdMhadError(
                f"{file} is not named like a clip of UTD-MHAD (a1 to a{len(CLASS_NAMES)})"
            )
        labels.append(int(match["action"]) - 1)
        subjects.append(int(match["subject"]))
    return archive_of(
        [read_clip(file) for file in files],
        labels,
        CLASS_NAMES,
        subjects=subjects,
        names=[file.stem for file in files],
        fps=FRAMES_PER_SECOND,
    )


def read_clip(path: str | Path) -> SkeletonSequence:
    """One clip: one body, metres, Kinect axes, 30 frames per second.

    Raises:
        UtdMhadError: the file is missing or damaged.
    """
    try:
        skeleton = read_mat_array(Path(path).read_bytes(), _SKELETON)
    except FileNotFoundError as error:
        raise UtdMhadError(f"there is no file {path}") from error
    except OSError as error:
        raise UtdMhadError(f"{path} cannot be read: {error.strerror}") from error
    except MatFileError as error:
        raise UtdMhadError(f"{path} is not a MATLAB file, or is damaged: {error}") from error
    joints = len(UTD_MHAD_20.joint_names)
    shape = () if skeleton is None else skeleton.shape
    if skeleton is None or len(shape) != 3 or shape[:2] != (joints, 3):
        raise UtdMhadError(
            f"{path} holds {_SKELETON} of shape {shape}; give a clip of UTD-MHAD with "
            f"shape ({joints}, 3, frames)"
        )
    positions = np.moveaxis(skeleton, 2, 0)[:, None]
    return SkeletonSequence(positions, np.arange(len(positions)) / FRAMES_PER_SECOND, UTD_MHAD_20)
