# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Splits of a set's classes for one-shot recognition, into auxiliary and evaluation classes.

A split names classes, not clips, so it fits the whole release, a part of it, or a synthetic set.  Built
in are the splits of NTU RGB+D 120, and those that SL-DML defined for UTD-MHAD (R. Memmesheimer,
N. Theisen, D. Paulus, "SL-DML: Signal level deep metric learning for multimodal one-shot action
recognition", ICPR 2020).  Others are YAML files:

.. code-block:: yaml

    auxiliary: [bow, clap, wave]        # default: all classes except the evaluation classes
    validation: [wave]                  # some of the auxiliary classes; optional
    evaluation: [jump, kick]
    references: [jump_07, kick_02]      # a clip for each evaluation class; default: random
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets import ntu120, utd_mhad
from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.shared_files import YamlError, parse_yaml

PARTS = ("auxiliary", "training", "validation", "evaluation")
"""Parts of a split; ``training`` is ``auxiliary`` without ``validation``."""

UTD_MHAD_AUXILIARY = (23, 19, 15, 11, 7, 3)
"""Numbers of auxiliary classes in the splits of UTD-MHAD."""


class SplitError(SkeletonDmlError):
    """A split is invalid, or does not fit an archive."""


@dataclass(frozen=True)
class OneShotSplit:
    """Roles of classes; a class has one role only.

    Attributes:
        name: of the split.
        auxiliary: classes for training, including those for validation.
        validation: auxiliary classes for choosing settings.
        evaluation: classes recognised by one reference each.
        references: names of the reference clips, one for each evaluation class; empty for random
            ones.

    Raises:
        SplitError: names the wrong class or clip.
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
                    f"split {self.name} has class {name!r} in both auxiliary and evaluation; remove "
                    "it from one"
                )
        for name in self.validation:
            if name not in self.auxiliary:
                raise SplitError(
                    f"split {self.name} validates on class {name!r}; add it to auxiliary, too"
                )
        if self.references and len(self.references) != len(self.evaluation):
            raise SplitError(
                f"split {self.name} names {len(self.references)} references for "
                f"{len(self.evaluation)} evaluation classes; name one for each, or none"
            )

    def part(self, name: str) -> tuple[str, ...]:
        """Classes of one of `PARTS`; ``validation`` may be empty.

        Raises:
            SplitError: there is no such part.
        """
        if name not in PARTS:
            raise SplitError(f"there is no part {name!r}; give one of {', '.join(PARTS)}")
        if name == "training":
            return tuple(one for one in self.auxiliary if one not in self.validation)
        classes: tuple[str, ...] = getattr(self, name)
        return classes


def split_names() -> tuple[str, ...]:
    """Names of the built-in splits."""
    return ("ntu120_one_shot", *(f"utd_mhad_{classes}" for classes in UTD_MHAD_AUXILIARY))


def get_split(name: str | Path, class_names: Sequence[str] | None = None) -> OneShotSplit:
    """A built-in split, or one from a YAML file.

    Args:
        name: one of `split_names`, or the path of a file ending in .yaml or .yml.
        class_names: of the archive; default auxiliary classes of a file are those of them that it
            does not evaluate.

    Raises:
        SplitError: there is no such split, or the file is invalid.
    """
    if str(name) == "ntu120_one_shot":
        return _ntu120_one_shot()
    for auxiliary in UTD_MHAD_AUXILIARY:
        if str(name) == f"utd_mhad_{auxiliary}":
            return _utd_mhad(auxiliary)
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        raise SplitError(
            f"there is no split {str(name)!r}; give one of {', '.join(split_names())}, or the path "
            "of a .yaml file"
        )
    return _read_split(path, class_names)


def clips_of_part(archive: SkeletonArchive, split: OneShotSplit, part: str) -> NDArray[np.intp]:
    """Indices of the archive's clips of one part's classes, in ascending order.

    Raises:
        SplitError: the archive lacks a class, or there is no such part.
    """
    classes = split.part(part)
    for name in classes:
        if name not in archive.class_names:
            raise SplitError(
                f"split {split.name} needs class {name!r}, which the archive lacks; it has "
                f"{len(archive.class_names)} classes, the first is {archive.class_names[0]!r}"
            )
    labels = [archive.class_names.index(name) for name in classes]
    return np.flatnonzero(np.isin(archive.labels, labels))


def references_of(archive: SkeletonArchive, split: OneShotSplit) -> NDArray[np.intp]:
    """Indices of the split's reference clips, in the order of the evaluation classes.

    Raises:
        SplitError: the split has no references, or one is missing or of another class.
    """
    if not split.references:
        raise SplitError(f"split {split.name} has no references; use random ones")
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
    """SL-DML's split: the first classes are auxiliary, references are subject 1's first clips."""
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
        content: Any = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SplitError(f"{path} cannot be read: {error.strerror or error}") from error
    except (YamlError, UnicodeDecodeError) as error:
        raise SplitError(f"{path} is not YAML: {str(error).splitlines()[0]}") from error
    keys = ("auxiliary", "validation", "evaluation", "references")
    if not isinstance(content, dict) or not set(content) <= set(keys):
        wrong = [key for key in content if key not in keys] if isinstance(content, dict) else []
        found = f"has a key {wrong[0]!r}" if wrong else "is not a mapping"
        raise SplitError(f"{path} {found}; give a mapping with keys {', '.join(keys)}")
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
