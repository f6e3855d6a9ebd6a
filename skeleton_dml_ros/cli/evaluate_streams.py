# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml evaluate stream``: evaluate recognition in continuous streams."""

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
from skeleton_dml_ros.cli.terminal import output, print_json, progress, say, table
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
    streams: Annotated[
        int, typer.Option(metavar="N", help="Number of streams to build.", min=1)
    ] = 3,
    clips: Annotated[
        int, typer.Option(metavar="N", help="Clips of each class per person.", min=1)
    ] = 2,
    walking: Annotated[
        str | None,
        typer.Option(
            metavar="ARCHIVE:CLASSES",
            help="Recordings of people walking on the spot; people then walk like this between actions. "
            "Default: nobody walks.",
        ),
    ] = None,
    seed: SeedOption = 0,
    engine: EngineOption = "torch",
    matcher: MatcherOption = Matcher.FUSED,
    as_json: JsonOption = False,
) -> None:
    """Measure how well actions are recognised in continuous streams.

    The streams are built from the archive's clips: each person (or pair) in turn shows actions in random
    order and idles between them. K random classes are enrolled with one clip each that is not in the
    stream; the others are unknown. A recognition is correct if its label is right and its intersection
    over union with the action is at least 0.3 (or 0.5).

    Example: `skeleton-dml evaluate stream --data recordings.npz --walking recordings.npz:walk`
    """
    from skeleton_dml_ros.evaluation.streams.evaluating import StreamProtocol, evaluate_streams
    from skeleton_dml_ros.references.fusion import decision_of

    archive, chosen = chosen_clips(data, classes, subjects)
    protocol = StreamProtocol(
        known, chosen, clips, streams, seed, () if walking is None else _gaits(walking)
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
    """The gaits in ``ARCHIVE:CLASSES``; recordings without one are skipped."""
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
        raise SkeletonDmlError(
            f"{argument} contains no walking: {refused or 'there is no such clip'}"
        )
    return gaits


def _show(result: StreamEvaluation) -> None:
    lines = table("", *(f"IoU {one.pooled.iou:g}" for one in result.figures))
    counted = [one.pooled for one in result.figures]

    row = lines.add_row
    row("F1", *(f"{one.pooled.f1:.3f} ± {one.f1.std:.3f}" for one in result.figures))
    row("precision", *(f"{one.precision:.3f}" for one in counted))
    row("recall", *(f"{one.recall:.3f}" for one in counted))
    row("recognised", *(f"{one.recognised} of {one.enrolled}" for one in counted))
    row("wrong label", *(str(one.mislabelled) for one in counted))
    row("unknown accepted", *(f"{one.accepted} of {one.unknown}" for one in counted))
    row("false alarms per hour", *(f"{one.false_alarms_per_hour:.1f}" for one in counted))
    row("mean delay", *(_seconds(one.delay) for one in counted))
    row("median delay", *(_seconds(one.delay_quantile(0.5)) for one in counted))
    row("95th percentile of delay", *(_seconds(one.delay_quantile(0.95)) for one in counted))
    output().print(lines)
    say(
        f"{result.streams} streams of {len(result.classes)} classes, {result.known} of them known, "
        f"{60 * counted[0].hours:.0f} person-minutes, "
        f"{60 * counted[0].idle_hours:.0f} of them idle"
        + (" or walking" if result.walking else "")
        + f"; threshold {result.threshold:.2f}"
    )


def _seconds(delay: float | None) -> str:
    return "–" if delay is None else f"{delay:.2f} s"
