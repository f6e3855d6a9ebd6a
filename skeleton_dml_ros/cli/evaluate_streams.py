# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml evaluate stream``: how much of a stream is recognised, and how well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli.evaluate import chosen_clips, parse_classes
from skeleton_dml_ros.cli.options import (
    ClassesOption,
    DataOption,
    EngineOption,
    JsonOption,
    KnownOption,
    MatcherOption,
    ModelOption,
    SeedOption,
    SubjectsOption,
    open_engine,
    open_model,
)
from skeleton_dml_ros.cli.terminal import output, print_json, progress, table
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.fusion import Matcher

if TYPE_CHECKING:
    from skeleton_dml_ros.evaluation.streams.evaluating import StreamEvaluation
    from skeleton_dml_ros.evaluation.streams.idle_motion import Gait


def stream(
    data: DataOption,
    model: ModelOption = "default",
    classes: ClassesOption = None,
    subjects: SubjectsOption = None,
    known: KnownOption = 5,
    labelled_streams: Annotated[
        int, typer.Option(metavar="N", help="How many streams are built.", min=1)
    ] = 3,
    clips: Annotated[
        int, typer.Option(metavar="N", help="Clips of each class that each person does.", min=1)
    ] = 2,
    walking: Annotated[
        str | None,
        typer.Option(
            metavar="ARCHIVE:CLASSES",
            help="Recordings of people who walk on the spot; as they do, people walk about between "
            "actions.  Left out, nobody walks.",
        ),
    ] = None,
    seed: SeedOption = 0,
    engine: EngineOption = "torch",
    matcher: MatcherOption = Matcher.FUSED,
    as_json: JsonOption = False,
) -> None:
    """Measure how well actions are found in continuous streams.

    The streams are built from the archive's clips: person after person, or pair after pair, does
    actions in random order and idles between them.  In each stream K of the classes are taught
    before, by one clip that is not in the stream; the others are unknown.  An event counts where it
    has the right label and overlaps what was done by an intersection over union of 0.3, or 0.5.

    Example: `skeleton-dml evaluate stream --data recordings.npz --walking recordings.npz:walk`
    """
    from skeleton_dml_ros.evaluation.streams.evaluating import StreamProtocol, evaluate_streams
    from skeleton_dml_ros.references.fusion import decision_of

    archive, chosen = chosen_clips(data, classes, subjects)
    protocol = StreamProtocol(
        known, chosen, clips, labelled_streams, seed, () if walking is None else _gaits(walking)
    )
    opened = open_model(model)
    with progress("Recognising streams") as bar:
        result = evaluate_streams(
            open_engine(opened, engine),
            decision_of(opened, matcher),
            opened.threshold,
            archive,
            protocol,
            progress=bar.advance,
        )
    if as_json:
        print_json(result.to_dict())
    else:
        _show(result)


def _gaits(argument: str) -> list[Gait]:
    """Gaits of the recordings that an argument names, without those that hold none."""
    import numpy as np

    from skeleton_dml_ros.datasets.recording_file import split_clip_name
    from skeleton_dml_ros.datasets.recordings import read_recordings
    from skeleton_dml_ros.evaluation.streams.idle_motion import gait_of

    path, which = split_clip_name(argument)
    archive = read_recordings(path)
    labels = list(range(len(archive.class_names)))
    if which is not None:
        labels = parse_classes(which, archive.class_names)
    gaits, refused = [], ""
    for index in np.flatnonzero(np.isin(archive.labels, labels)):
        try:
            gaits.append(gait_of(archive.clip(int(index))))
        except SkeletonDmlError as error:
            refused = str(error)
    if not gaits:
        raise SkeletonDmlError(f"{argument} holds no walking: {refused or 'it has no such clip'}")
    return gaits


def _show(result: StreamEvaluation) -> None:
    lines = table("", *(f"IoU {one.pooled.iou:g}" for one in result.figures))
    counted = [one.pooled for one in result.figures]

    def row(name: str, *values: str) -> None:
        lines.add_row(name, *values)

    row("F1", *(f"{one.pooled.f1:.3f} ± {one.f1.std:.3f}" for one in result.figures))
    row("precision", *(f"{one.precision:.3f}" for one in counted))
    row("recall", *(f"{one.recall:.3f}" for one in counted))
    row("recognised", *(f"{one.recognised} of {one.enrolled}" for one in counted))
    row("taken for another", *(str(one.mislabelled) for one in counted))
    row("unknown, accepted", *(f"{one.accepted} of {one.unknown}" for one in counted))
    row("false alarms an hour", *(f"{one.false_alarms_per_hour:.1f}" for one in counted))
    row("delay, mean", *(_seconds(one.delay) for one in counted))
    row("delay, 95 of 100", *(_seconds(one.delay_quantile(0.95)) for one in counted))
    output().print(lines)
    output().print(
        f"{result.labelled_streams} streams of {len(result.classes)} classes, {result.known} of them known, "
        f"{60 * counted[0].hours:.0f} person-minutes in all, in "
        f"{60 * counted[0].idle_hours:.0f} of which people idle"
        + (" or walk about" if result.walking else "")
        + f"; threshold {result.threshold:.2f}"
    )


def _seconds(delay: float | None) -> str:
    return "–" if delay is None else f"{delay:.2f} s"
