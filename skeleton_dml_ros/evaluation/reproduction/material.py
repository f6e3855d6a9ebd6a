# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Archive and split that a reproduction trains and evaluates on.

The paper's figures are of NTU RGB+D 120 with its authors' split.  On another archive the same runs
only compare the variants there; every page says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from skeleton_dml_ros.datasets import ntu120, utd_mhad
from skeleton_dml_ros.datasets.recordings import read_recordings
from skeleton_dml_ros.datasets.splits import OneShotSplit, clips_of_part, get_split
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.training.provenance import archive_digest

NTU_SPLIT = "ntu120_one_shot"
NTU_CLIPS = (95_001, 18_944)
"""Clips of the auxiliary and of the evaluation classes in the whole release, the latter with the 20
references."""

STRIDE = 6
"""NTU RGB+D 120 evaluates every sixth class from the first and validates on every sixth from the
second. Archives without a split follow this rule."""

MIN_CLASSES = 4
"""Two to train on and two to evaluate."""


@dataclass(frozen=True)
class Material:
    """An archive and its split.

    Attributes:
        path: of the archive.
        split: auxiliary and evaluation classes; without references, they are drawn.
        digest: SHA-256 of the archive.
        caveats: why results do not reproduce the paper; empty if they may.
    """

    path: Path
    split: OneShotSplit
    digest: str
    caveats: tuple[str, ...] = ()


def open_material(path: str | Path, split: str = "") -> Material:
    """Open an archive and choose its split.

    Args:
        path: of the archive.
        split: name or file of a split; empty takes the known split of the archive's classes, or
            makes one by NTU RGB+D 120's rule.

    Raises:
        SkeletonDmlError: no such archive or split, or too few classes.
    """
    archive = read_recordings(path)
    if split:
        chosen = get_split(split, archive.class_names)
    elif set(archive.class_names) == set(ntu120.CLASS_NAMES):
        chosen = get_split(NTU_SPLIT)
    elif set(archive.class_names) == set(utd_mhad.CLASS_NAMES):
        chosen = get_split("utd_mhad_23")
    else:
        chosen = every_sixth_class(archive.class_names)
    counts = tuple(
        len(clips_of_part(archive, chosen, part)) for part in ("auxiliary", "evaluation")
    )
    return Material(Path(path), chosen, archive_digest(Path(path)), _caveats(chosen, counts))


def every_sixth_class(class_names: Sequence[str]) -> OneShotSplit:
    """A split for an archive without a known one; references are drawn.

    Raises:
        SkeletonDmlError: there are too few classes.
    """
    if len(class_names) < MIN_CLASSES:
        raise SkeletonDmlError(
            f"the archive has {len(class_names)} classes; give at least {MIN_CLASSES}, two of them "
            "to evaluate"
        )
    # A small archive keeps two classes to evaluate.
    stride = min(STRIDE, len(class_names) // 2)
    evaluation = tuple(class_names[::stride])
    return OneShotSplit(
        name=f"every_{stride}th_class",
        auxiliary=tuple(name for name in class_names if name not in evaluation),
        validation=tuple(class_names[1::stride]) if stride > 2 else (),
        evaluation=evaluation,
    )


def _caveats(split: OneShotSplit, counts: tuple[int, ...]) -> tuple[str, ...]:
    if split.name != NTU_SPLIT:
        return (
            f"measured on another data set, with the split {split.name} "
            f"({len(split.auxiliary)} auxiliary and {len(split.evaluation)} evaluation classes)",
        )
    if counts != NTU_CLIPS:
        return (
            f"the archive holds {counts[0]} of the protocol's {NTU_CLIPS[0]} auxiliary and "
            f"{counts[1]} of its {NTU_CLIPS[1]} evaluation clips",
        )
    return ()
