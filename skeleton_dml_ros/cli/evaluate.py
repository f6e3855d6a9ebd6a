# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml evaluate``: evaluate a model on labelled recordings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    open_engine,
    open_model,
)
from skeleton_dml_ros.cli.terminal import output, print_json, progress, say, table
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.fusion import Matcher

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.archive import SkeletonArchive
    from skeleton_dml_ros.embedding.model import Model
    from skeleton_dml_ros.evaluation.one_shot import OneShotFigures
    from skeleton_dml_ros.evaluation.open_set import OpenSetFigures
    from skeleton_dml_ros.evaluation.spread import Spread
    from skeleton_dml_ros.references.fusion import Decision

MAX_LISTED_CLASSES = 30
"""Maximum number of classes that an error lists."""

evaluate = typer.Typer(
    help="Evaluate a model on labelled recordings.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


MatchersOption = Annotated[
    Matcher | None,
    typer.Option(
        "--matcher",
        metavar="NAME",
        help="Evaluate only this matcher: embedding, alignment (untrained), or fused (both).",
    ),
]
MirroredOption = Annotated[
    bool | None,
    typer.Option(
        "--mirror/--no-mirror",
        help="Also match the mirror image of each reference, as the robot does. Default: yes, "
        "except with --split.",
        show_default=False,
    ),
]


@evaluate.command("one-shot")
def one_shot(
    data: DataOption,
    model: ModelOption = "default",
    classes: ClassesOption = None,
    subjects: SubjectsOption = None,
    split: SplitOption = None,
    matcher: MatchersOption = None,
    match_mirrored: MirroredOption = None,
    shots: Annotated[
        str,
        typer.Option(
            metavar="LIST", help="References per class, such as 1,2,3,5; the best one counts."
        ),
    ] = "1",
    episodes: EpisodesOption = 50,
    seed: SeedOption = 0,
    engine: EngineOption = "torch",
    as_json: JsonOption = False,
) -> None:
    """Measure the one-shot accuracy.

    In each episode a random clip of each class is its reference, and all other clips are queries. A query
    is correct if the best reference is of its class. Without --matcher, the embedding, the untrained
    alignment and both fused are evaluated on the same episodes.

    A split selects the classes and may fix the references; with --matcher embedding this is the paper's
    protocol.

    Example: `skeleton-dml evaluate one-shot --data recordings.npz --classes 0,3,6 --shots 1,2,3,5`
    """
    from skeleton_dml_ros.datasets.splits import get_split
    from skeleton_dml_ros.evaluation.one_shot import evaluate_matchers, evaluate_split

    if split is not None and classes is not None:
        raise SkeletonDmlError("--split selects the classes; leave out --classes")
    counts = _shots(shots)
    if split is not None and counts != [1]:
        raise SkeletonDmlError("--split requires one reference per class; leave out --shots")
    if match_mirrored is None:
        match_mirrored = split is None
    archive, chosen = chosen_clips(data, classes, subjects)
    named = None if split is None else get_split(split, archive.class_names)
    opened = open_model(model)
    decisions = _decisions(opened, matcher, match_mirrored)
    computing = open_engine(opened, engine)
    with progress("Embedding clips") as bar:
        if named is None:
            figures = evaluate_matchers(
                computing, archive, decisions, counts, chosen, episodes, seed, bar.advance
            )
        else:
            figures = evaluate_split(
                computing, archive, named, decisions, episodes, seed, bar.advance
            )
    if as_json:
        # The decision in use comes last.
        in_use = next(one for one in figures if one.matcher == figures[-1].matcher)
        rows = [one.to_dict() for one in figures]
        print_json({**in_use.to_dict(), "match_mirrored": match_mirrored, "figures": rows})
        return
    _print_accuracies(figures)


def _print_accuracies(figures: Sequence[OneShotFigures]) -> None:
    """Print a table with a row per matcher and a column per number of references."""
    counts = list(dict.fromkeys(one.shots for one in figures))
    columns = [f"{count} per class" for count in counts]
    lines = table("accuracy (%), references:", *columns, right=columns)
    for name in dict.fromkeys(one.matcher for one in figures):
        of_matcher = [one for one in figures if one.matcher == name]
        lines.add_row(
            "alignment (untrained)" if name == "alignment" else name,
            *(f"{one.accuracy_mean:.1f} ± {one.accuracy_std:.1f}" for one in of_matcher),
        )
    output().print(lines)
    first = figures[0]
    episodes = (
        "the split's references"
        if first.split is not None and first.episodes == 1
        else f"mean ± standard deviation over {first.episodes} episodes"
    )
    queries = ", ".join(str(figures[index].queries) for index in range(len(counts)))
    say(
        f"{first.classes} classes, {queries} queries, {episodes}, chance {100 / first.classes:.1f} %"
    )
    if first.left_out:
        say(f"left out {first.left_out} clips with too few visible joints")


@evaluate.command("open-set")
def open_set(
    data: DataOption,
    model: ModelOption = "default",
    classes: ClassesOption = None,
    subjects: SubjectsOption = None,
    known: KnownOption = 5,
    matcher: MatchersOption = None,
    match_mirrored: MirroredOption = None,
    shots: Annotated[int, typer.Option(metavar="N", help="References per known class.", min=1)] = 1,
    false_accept_rate: Annotated[
        float,
        typer.Option(
            metavar="RATE",
            help="Also evaluate at the model's threshold for this share of accepted unknown actions.",
        ),
    ] = 0.05,
    episodes: EpisodesOption = 50,
    seed: SeedOption = 0,
    engine: EngineOption = "torch",
    as_json: JsonOption = False,
) -> None:
    """Measure how well unknown actions are rejected.

    In each episode K random classes are enrolled with random clips; all other clips are queries, those
    of the other classes unknown ones. As on the robot, an action is known if the confidence of the best
    reference reaches the threshold. Without --matcher, the embedding, the untrained alignment and both
    fused are evaluated on the same episodes. Rates are shares from 0 to 1.

    Example: `skeleton-dml evaluate open-set --data recordings.npz --known 5`
    """
    from skeleton_dml_ros.evaluation.open_set import evaluate_open_set

    archive, chosen = chosen_clips(data, classes, subjects)
    opened = open_model(model)
    mirrored = match_mirrored is None or match_mirrored
    with progress("Embedding clips") as bar:
        figures = evaluate_open_set(
            open_engine(opened, engine),
            archive,
            _decisions(opened, matcher, mirrored),
            opened.threshold,
            known,
            chosen,
            episodes,
            seed,
            bar.advance,
            false_accept_rate,
            shots,
        )
    if as_json:
        rows = [one.to_dict() for one in figures]
        print_json({**rows[-1], "match_mirrored": mirrored, "figures": rows})
        return
    _print_open_set(figures)


def _print_open_set(figures: Sequence[OpenSetFigures]) -> None:
    """Print a table with a column per matcher."""
    first = figures[0]
    names = {
        "closed_set_accuracy": "closed-set accuracy of the known",
        "auroc": "area under the ROC curve (AUROC)",
        "fpr_at_95_tpr": "false-positive rate at 95 % recall",
        "equal_error_rate": "equal error rate",
        "oscr": "open-set classification rate (OSCR)",
        "correct_accept_rate": f"known, correct at confidence {first.threshold:.2f}",
        "false_accept_rate": f"unknown, accepted at confidence {first.threshold:.2f}",
    }
    columns = [one.matcher for one in figures]
    lines = table("", *columns, right=columns)
    for field, name in names.items():
        lines.add_row(name, *(_spread(getattr(one, field)) for one in figures))
    rates = [one.at_rate for one in figures if one.at_rate is not None]
    if rates:
        at_rate = f"for {100 * rates[0].asked_rate:g} %"
        lines.add_row(f"confidence {at_rate}", *(f"{one.threshold:.2f}" for one in rates))
        lines.add_row(
            f"known, correct {at_rate}", *(_spread(one.correct_accept_rate) for one in rates)
        )
        lines.add_row(
            f"unknown, accepted {at_rate}", *(_spread(one.false_accept_rate) for one in rates)
        )
    output().print(lines)
    say(
        f"{first.known} classes known and {first.unknown} unknown, {first.queries} queries, "
        f"mean ± standard deviation over {first.episodes} episodes"
    )
    if first.left_out:
        say(f"left out {first.left_out} clips with too few visible joints")


def _spread(figure: Spread) -> str:
    return f"{figure.mean:.3f} ± {figure.std:.3f}"


def _decisions(model: Model, matcher: Matcher | None, match_mirrored: bool) -> list[Decision]:
    """The model's decision for a matcher; None: for each matcher, the default last."""
    from skeleton_dml_ros.references.fusion import decision_of

    every = [Matcher.EMBEDDING, Matcher.ALIGNMENT, Matcher.FUSED]
    wanted = every if matcher is None else [matcher]
    return [decision_of(model, one, match_mirrored) for one in wanted]


def _shots(text: str) -> list[int]:
    """Parse numbers of references such as ``1,2,3,5``.

    Raises:
        SkeletonDmlError: a part is not a number of at least 1.
    """
    counts = []
    for part in (part.strip() for part in text.split(",")):
        if not part.isdecimal() or int(part) < 1:
            raise SkeletonDmlError(
                f"--shots has {part!r}; give numbers of at least 1, such as 1,2,3,5"
            )
        counts.append(int(part))
    return list(dict.fromkeys(counts))


def chosen_clips(
    data: Path, classes: str | None, subjects: str | None
) -> tuple[SkeletonArchive, list[int] | None]:
    """The archive, limited to the chosen people, and the chosen classes; None for all.

    Raises:
        SkeletonDmlError: a class or a person does not exist.
    """
    import numpy as np

    from skeleton_dml_ros.datasets.recordings import read_recordings

    archive = read_recordings(data)
    chosen = None if classes is None else parse_classes(classes, archive.class_names)
    if subjects is not None:
        wanted = parse_subjects(subjects, sorted({int(one) for one in archive.subjects}))
        archive = archive.select(np.flatnonzero(np.isin(archive.subjects, wanted)))
    return archive, chosen


def parse_subjects(text: str, present: Sequence[int]) -> list[int]:
    """Parse numbers of people such as ``1,3,5-8``; a range selects those that are present.

    Raises:
        SkeletonDmlError: a number is not present.
    """
    chosen: list[int] = []
    for part in (part.strip() for part in text.split(",")):
        span = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (0, -1)
        found = [number for number in present if first <= number <= last]
        if not found:
            raise SkeletonDmlError(
                f"there is no person {part!r}; there are "
                + ", ".join(str(number) for number in present)
            )
        chosen += found
    return chosen


def parse_classes(text: str, class_names: Sequence[str]) -> list[int]:
    """Parse classes, by name or index, such as ``0,3-5,wave``.

    Returns:
        Their indices.

    Raises:
        SkeletonDmlError: a class does not exist.
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
            raise SkeletonDmlError(f"there is no class {part!r}; {_suggestion(part, class_names)}")
    return list(dict.fromkeys(chosen))


def _suggestion(missing: str, class_names: Sequence[str]) -> str:
    near = difflib.get_close_matches(missing, class_names, n=3)
    if near:
        return "did you mean " + " or ".join(f"{name} ({class_names.index(name)})" for name in near)
    named = ", ".join(
        f"{index} {name}" for index, name in enumerate(class_names[:MAX_LISTED_CLASSES])
    )
    more = len(class_names) - MAX_LISTED_CLASSES
    return f"there are {named}" + (f" and {more} more" if more > 0 else "")
