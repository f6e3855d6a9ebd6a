# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a reproduction is measured on: an archive, a split of its classes, and what that is worth.

The paper's figures are of NTU RGB+D 120 with the split of its authors.  On any other archive the
same runs show that everything works and how the variants compare there; they reproduce nothing, and
every page says so.
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
"""Clips of the auxiliary and of the evaluation classes in the whole release, the 20 references
among the latter."""

STRIDE = 6
"""NTU RGB+D 120 evaluates every sixth class from the first and validates on every sixth from the
second; the split of an archive that has none follows this rule."""

MIN_CLASSES = 4
"""Two to learn from and two to tell apart."""


@dataclass(frozen=True)
class Material:
    """What is trained and evaluated on.

    Attributes:
        path: of the archive.
        split: which classes are for what; its references may be empty, then they are drawn.
        digest: SHA-256 of the archive.
        caveats: why what is measured on it does not reproduce the paper; empty if it may.
    """

    path: Path
    split: OneShotSplit
    digest: str
    caveats: tuple[str, ...] = ()


def open_material(path: str | Path, split: str = "") -> Material:
    """Look at an archive and settle its split.

    Args:
        path: of the archive.
        split: name or file of a split; empty takes the one that is known for the archive's
            classes, or makes one by NTU RGB+D 120's rule.

    Raises:
        SkeletonDmlError: no archive, no such split, or too few classes.
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
    """The split of an archive for which none is known; references are drawn.

    Raises:
        SkeletonDmlError: there are too few classes.
    """
    if len(class_names) < MIN_CLASSES:
        raise SkeletonDmlError(
            f"the archive has {len(class_names)} classes; a split needs at least "
            f"{MIN_CLASSES}, two of them to be evaluated"
        )
    # A small archive keeps two classes to tell apart.
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
