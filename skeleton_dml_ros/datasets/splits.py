# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Splits of a set's classes for one-shot recognition: some to learn from, others to be shown once.

A split names classes, not clips, so that it fits every archive that holds them: the whole release,
a part of it, or a synthetic stand-in.  Two are known by name: that of NTU RGB+D 120, and those that
SL-DML defined for UTD-MHAD (R. Memmesheimer, N. Theisen, D. Paulus, "SL-DML: Signal level deep
metric learning for multimodal one-shot action recognition", ICPR 2020).  Any other is a YAML file:

.. code-block:: yaml

    auxiliary: [bow, clap, wave]        # left out: all classes that are not evaluated
    validation: [wave]                  # some of the auxiliary classes; may be left out
    evaluation: [jump, kick]
    references: [jump_07, kick_02]      # a clip for each evaluation class; left out: drawn
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from skeleton_dml_ros.datasets import ntu120, utd_mhad
from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.errors import SkeletonDmlError

PARTS = ("auxiliary", "training", "validation", "evaluation")
"""Parts of a split: ``training`` is what is auxiliary and not for validation."""

UTD_MHAD_AUXILIARY = (23, 19, 15, 11, 7, 3)
"""How many classes are auxiliary in the splits of UTD-MHAD."""


class SplitError(SkeletonDmlError):
    """A split is not one, or does not fit an archive."""


@dataclass(frozen=True)
class OneShotSplit:
    """Which classes are for what; the constructor refuses classes that are in two places.

    Attributes:
        name: how the split is called.
        auxiliary: classes to learn from, those for validation among them.
        validation: auxiliary classes on which choices are made.
        evaluation: classes that are unknown until one reference of each is shown.
        references: names of these clips, one for each evaluation class; empty where they are drawn.

    Raises:
        SplitError: names the class or the clip that is wrong.
    """

    name: str
    auxiliary: tuple[str, ...]
    validation: tuple[str, ...]
    evaluation: tuple[str, ...]
    references: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for part in ("auxiliary", "validation", "evaluation", "references"):
            names = getattr(self, part)
            if len(set(names)) < len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise SplitError(f"split {self.name} names {twice!r} twice under {part}")
        for part in ("auxiliary", "evaluation"):
            if not getattr(self, part):
                raise SplitError(f"split {self.name} has no class under {part}; name at least one")
        for name in self.evaluation:
            if name in self.auxiliary:
                raise SplitError(
                    f"split {self.name} learns from class {name!r}, which it evaluates; take it "
                    "out of auxiliary or of evaluation"
                )
        for name in self.validation:
            if name not in self.auxiliary:
                raise SplitError(
                    f"split {self.name} validates on class {name!r}, which is not auxiliary"
                )
        if self.references and len(self.references) != len(self.evaluation):
            raise SplitError(
                f"split {self.name} names {len(self.references)} references for "
                f"{len(self.evaluation)} evaluation classes; name one for each, or none"
            )

    def part(self, name: str) -> tuple[str, ...]:
        """The classes of one of `PARTS`; a split may have none for validation.

        Raises:
            SplitError: there is no such part.
        """
        if name not in PARTS:
            raise SplitError(f"a split has no part {name!r}; it has {', '.join(PARTS)}")
        if name == "training":
            return tuple(one for one in self.auxiliary if one not in self.validation)
        classes: tuple[str, ...] = getattr(self, name)
        return classes


def split_names() -> tuple[str, ...]:
    """The splits that are known by name."""
    return ("ntu120_one_shot", *(f"utd_mhad_{classes}" for classes in UTD_MHAD_AUXILIARY))


def get_split(name: str | Path, class_names: Sequence[str] | None = None) -> OneShotSplit:
    """The split of this name, or in this YAML file.

    Args:
        name: one of `split_names`, or the path of a file ending in .yaml or .yml.
        class_names: of the archive that the split is for.  A file that names no auxiliary classes
            takes all of them that it does not evaluate.

    Raises:
        SplitError: there is no such split, or the file does not hold one.
    """
    if str(name) == "ntu120_one_shot":
        return _ntu120_one_shot()
    for auxiliary in UTD_MHAD_AUXILIARY:
        if str(name) == f"utd_mhad_{auxiliary}":
            return _utd_mhad(auxiliary)
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        raise SplitError(
            f"there is no split {str(name)!r}; there are {', '.join(split_names())}, or give the "
            "path of a .yaml file"
        )
    return _read_split(path, class_names)


def clips_of_part(archive: SkeletonArchive, split: OneShotSplit, part: str) -> NDArray[np.intp]:
    """Indices of the archive's clips of the classes of one part, in ascending order.

    Raises:
        SplitError: the archive lacks a class, or there is no such part.
    """
    classes = split.part(part)
    for name in classes:
        if name not in archive.class_names:
            raise SplitError(
                f"split {split.name} needs class {name!r}, which the archive does not have; it "
                f"has {len(archive.class_names)} classes: {archive.class_names[0]!r} and so on"
            )
    labels = [archive.class_names.index(name) for name in classes]
    return np.flatnonzero(np.isin(archive.labels, labels))


def references_of(archive: SkeletonArchive, split: OneShotSplit) -> NDArray[np.intp]:
    """Indices of the split's reference clips, one for each evaluation class, in that order.

    Raises:
        SplitError: the split has no fixed references, or one is not in the archive or of another
            class.
    """
    if not split.references:
        raise SplitError(f"split {split.name} has no fixed references; draw them")
    places = {name: index for index, name in enumerate(archive.names)}
    indices = []
    for clip, class_name in zip(split.references, split.evaluation, strict=True):
        if clip not in places:
            raise SplitError(
                f"split {split.name} needs the reference {clip!r}, which is not in the archive"
            )
        found = archive.class_names[int(archive.labels[places[clip]])]
        if found != class_name:
            raise SplitError(
                f"the reference {clip!r} of split {split.name} is of class {found!r}, not "
                f"{class_name!r}"
            )
        indices.append(places[clip])
    return np.array(indices, dtype=np.intp)


def _ntu120_one_shot() -> OneShotSplit:
    evaluation = [ntu120.CLASS_NAMES[action - 1] for action in ntu120.EVALUATION_ACTIONS]
    return OneShotSplit(
        name="ntu120_one_shot",
        auxiliary=tuple(name for name in ntu120.CLASS_NAMES if name not in evaluation),
        validation=tuple(ntu120.CLASS_NAMES[action - 1] for action in ntu120.VALIDATION_ACTIONS),
        evaluation=tuple(evaluation),
        references=tuple(str(sample) for sample in ntu120.REFERENCES),
    )


def _utd_mhad(auxiliary: int) -> OneShotSplit:
    """SL-DML's: the first classes are auxiliary, and subject 1's first clips the references."""
    actions = range(auxiliary + 1, len(utd_mhad.CLASS_NAMES) + 1)
    return OneShotSplit(
        name=f"utd_mhad_{auxiliary}",
        auxiliary=utd_mhad.CLASS_NAMES[:auxiliary],
        validation=(),
        evaluation=utd_mhad.CLASS_NAMES[auxiliary:],
        references=tuple(f"a{action}_s1_t1_skeleton" for action in actions),
    )


def _read_split(path: Path, class_names: Sequence[str] | None) -> OneShotSplit:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SplitError(f"{path} cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SplitError(f"{path} is no YAML: {str(error).splitlines()[0]}") from error
    keys = ("auxiliary", "validation", "evaluation", "references")
    if not isinstance(content, dict) or not set(content) <= set(keys):
        wrong = [key for key in content if key not in keys] if isinstance(content, dict) else []
        found = f"has a key {wrong[0]!r}" if wrong else "is no mapping"
        raise SplitError(f"{path} is no split: it {found}; give {', '.join(keys)}")
    for key, value in content.items():
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise SplitError(f"{path}: {key} is {value!r}; give a list of names")
    evaluation = tuple(content.get("evaluation", ()))
    auxiliary = tuple(content.get("auxiliary", ()))
    if not auxiliary and class_names is not None:
        auxiliary = tuple(str(name) for name in class_names if name not in evaluation)
    return OneShotSplit(
        name=path.stem,
        auxiliary=auxiliary,
        validation=tuple(content.get("validation", ())),
        evaluation=evaluation,
        references=tuple(content.get("references", ())),
    )
