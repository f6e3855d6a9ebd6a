# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml evaluate``: figures on recordings with labels."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from skeleton_dml_ros.cli.loading import open_engine, open_model
from skeleton_dml_ros.cli.options import (
    ClassesOption,
    DataOption,
    EngineOption,
    EpisodesOption,
    JsonOption,
    KnownOption,
    ModelOption,
    SeedOption,
    SplitOption,
    SubjectsOption,
)
from skeleton_dml_ros.cli.terminal import output, print_json, progress, table
from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.archive import SkeletonArchive

NAMED_CLASSES = 30
"""How many classes an error lists; a screen holds no more."""

evaluate = typer.Typer(
    help="Measure a model on recordings with labels.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


@evaluate.command("one-shot")
def one_shot(
    data: DataOption,
    model: ModelOption = "default",
    classes: ClassesOption = None,
    subjects: SubjectsOption = None,
    split: SplitOption = None,
    episodes: EpisodesOption = 50,
    seed: SeedOption = 0,
    engine: EngineOption = "torch",
    as_json: JsonOption = False,
) -> None:
    """Measure how often one reference a class is enough.

    In each draw one random clip of each class is its reference, and all other clips are queries.
    A query is right if the nearest reference is of its class.  A split may fix the references.

    Example: `skeleton-dml evaluate one-shot --data recordings.npz --classes 0,3,6`
    """
    from skeleton_dml_ros.evaluation.one_shot import evaluate_one_shot, evaluate_split

    if split is not None and classes is not None:
        raise SkeletonDmlError("--split says which classes take part; leave --classes out")
    archive, chosen = chosen_clips(data, classes, subjects)
    if split is None:
        computing = open_engine(open_model(model), engine)
        with progress("Embedding clips") as bar:
            figures = evaluate_one_shot(computing, archive, chosen, episodes, seed, bar.advance)
    else:
        from skeleton_dml_ros.datasets.splits import get_split

        named = get_split(split, archive.class_names)
        computing = open_engine(open_model(model), engine)
        with progress("Embedding clips") as bar:
            figures = evaluate_split(computing, archive, named, episodes, seed, bar.advance)
    if as_json:
        print_json(figures.to_dict())
        return
    fixed = figures.split is not None and figures.episodes == 1
    output().print(
        f"[bold]{figures.accuracy_mean:.1f} %[/bold] of queries right, "
        + (
            "with the split's references"
            if fixed
            else f"± {figures.accuracy_std:.1f} over {figures.episodes} draws"
        )
        + f" ({figures.classes} classes, {figures.queries} queries a draw, "
        f"chance {100 / figures.classes:.1f} %)"
    )
    if figures.left_out:
        output().print(f"{figures.left_out} clips left out: too little was seen in them")


@evaluate.command("open-set")
def open_set(
    data: DataOption,
    model: ModelOption = "default",
    classes: ClassesOption = None,
    subjects: SubjectsOption = None,
    known: KnownOption = 5,
    episodes: EpisodesOption = 50,
    seed: SeedOption = 0,
    engine: EngineOption = "torch",
    as_json: JsonOption = False,
) -> None:
    """Measure how well known actions are told from unknown ones.

    In each draw K of the classes are taught, by one random clip each; all other clips are queries,
    and those of the other classes unknown.  The decision is the robot's: the nearest reference is
    judged by its score.  Rates are shares from 0 to 1, mean and spread over the draws.

    Example: `skeleton-dml evaluate open-set --data recordings.npz --known 5`
    """
    from skeleton_dml_ros.evaluation.open_set import evaluate_open_set
    from skeleton_dml_ros.evaluation.spread import Spread
    from skeleton_dml_ros.references.open_set import Cohort

    archive, chosen = chosen_clips(data, classes, subjects)
    opened = open_model(model)
    with progress("Embedding clips") as bar:
        figures = evaluate_open_set(
            open_engine(opened, engine),
            Cohort(opened.cohort),
            opened.score_threshold,
            archive,
            known,
            chosen,
            episodes,
            seed,
            bar.advance,
            opened.pair_offset,
        )
    if as_json:
        print_json(figures.to_dict())
        return
    rows: list[tuple[str, Spread]] = [
        ("right among the known (closed set)", figures.closed_set_accuracy),
        ("area under ROC (AUROC)", figures.auroc),
        ("false positives at 95 % true positives", figures.fpr_at_95_tpr),
        ("equal error rate", figures.equal_error_rate),
        ("open-set classification rate (OSCR)", figures.oscr),
        ("known, accepted and right at the threshold", figures.correct_accept_rate),
        ("unknown, accepted at the threshold", figures.false_accept_rate),
    ]
    lines = table("", "mean", "±", right=("mean", "±"))
    for name, spread in rows:
        lines.add_row(name, f"{spread.mean:.3f}", f"{spread.std:.3f}")
    output().print(lines)
    output().print(
        f"{figures.known} classes known and {figures.unknown} unknown, {figures.queries} queries "
        f"in each of {figures.episodes} draws; threshold {figures.threshold:.3f}"
    )
    if figures.left_out:
        output().print(f"{figures.left_out} clips left out: too little was seen in them")


def chosen_clips(
    data: Path, classes: str | None, subjects: str | None
) -> tuple[SkeletonArchive, list[int] | None]:
    """The archive, as far as people were chosen, and the chosen classes; None for all.

    Raises:
        SkeletonDmlError: a class or a person does not exist.
    """
    import numpy as np

    from skeleton_dml_ros.datasets.recordings import read_recordings

    archive = read_recordings(data)
    chosen = None if classes is None else parse_classes(classes, archive.class_names)
    if subjects is not None:
        wanted = parse_numbers(subjects, sorted({int(one) for one in archive.subjects}))
        archive = archive.select(np.flatnonzero(np.isin(archive.subjects, wanted)))
    return archive, chosen


def parse_numbers(text: str, there: Sequence[int]) -> list[int]:
    """People's numbers out of ``1,3``, ``5-8``, or a mixture; of a span, those that are there.

    Raises:
        SkeletonDmlError: names the number that is not there.
    """
    chosen: list[int] = []
    for part in (part.strip() for part in text.split(",")):
        span = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (0, -1)
        found = [number for number in there if first <= number <= last]
        if not found:
            raise SkeletonDmlError(
                f"there is nobody of number {part!r}; there are "
                + ", ".join(str(number) for number in there)
            )
        chosen += found
    return chosen


def parse_classes(text: str, class_names: Sequence[str]) -> list[int]:
    """Indices of classes out of ``0,3,6``, ``0-5``, names, or a mixture of them.

    Raises:
        SkeletonDmlError: names the class that does not exist, and those that do.
    """
    chosen: list[int] = []
    for part in (part.strip() for part in text.split(",")):
        span = re.fullmatch(r"(\d+)-(\d+)", part)
        if part in class_names:
            chosen.append(class_names.index(part))
        elif span and int(span[1]) <= int(span[2]) < len(class_names):
            chosen += range(int(span[1]), int(span[2]) + 1)
        elif part.isdecimal() and int(part) < len(class_names):
            chosen.append(int(part))
        else:
            raise SkeletonDmlError(
                f"there is no class {part!r}; {_what_there_is(part, class_names)}"
            )
    return list(dict.fromkeys(chosen))


def _what_there_is(missing: str, class_names: Sequence[str]) -> str:
    near = difflib.get_close_matches(missing, class_names, n=3)
    if near:
        return "did you mean " + " or ".join(f"{name} ({class_names.index(name)})" for name in near)
    named = ", ".join(f"{index} {name}" for index, name in enumerate(class_names[:NAMED_CLASSES]))
    more = len(class_names) - NAMED_CLASSES
    return f"there are {named}" + (f" and {more} more" if more > 0 else "")
