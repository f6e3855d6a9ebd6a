# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml report``: a page that shows what a model does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli.evaluate import chosen_clips
from skeleton_dml_ros.cli.options import (
    ClassesOption,
    EpisodesOption,
    JsonOption,
    KnownOption,
    SeedOption,
    SplitOption,
    SubjectsOption,
    check_output,
    open_engine,
    open_model,
)
from skeleton_dml_ros.cli.terminal import output, print_json, progress
from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.archive import SkeletonArchive
    from skeleton_dml_ros.evaluation.report.run_folder import Run

PAGE = "report.html"


def report(
    run_folder: Annotated[
        Path, typer.Argument(metavar="RUN_DIR", help="Folder of a training run, or of a model.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="ARCHIVE",
            help="Skeleton archive on which the model is shown; left out, the validation data of "
            "the run, if it has some.",
        ),
    ] = None,
    data_folder: Annotated[
        Path | None,
        typer.Option(
            "--data-folder",
            metavar="DIR",
            help="Where the run's validation data is, if it is not where it was in training.",
        ),
    ] = None,
    classes: ClassesOption = None,
    subjects: SubjectsOption = None,
    split: SplitOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE.html", help=f"Where the page goes; RUN_DIR/{PAGE} if left out."
        ),
    ] = None,
    known: KnownOption = 5,
    episodes: EpisodesOption = 50,
    seed: SeedOption = 0,
    failures: Annotated[
        int, typer.Option(metavar="N", help="How many failures are shown at most.", min=0)
    ] = 12,
    projection: Annotated[
        str,
        typer.Option(
            "--map", metavar="NAME", help="How the embeddings are brought to a plane: pca or umap."
        ),
    ] = "pca",
    as_json: JsonOption = False,
) -> None:
    """Write a page that shows what a model does, its failures first.

    One HTML file that needs nothing beside it: figures with their spread, the training's curves,
    failures drawn as skeletons and as images, the confusion matrix, a map of the embeddings, and
    how known actions are told from unknown ones.

    Example: `skeleton-dml report runs/mine --data recordings.npz --out mine.html`
    """
    place = check_output(run_folder / PAGE if out is None else out)
    model = open_model(run_folder)

    from skeleton_dml_ros.evaluation.plane_projection import require_umap
    from skeleton_dml_ros.evaluation.report.clip_pictures import require_pillow
    from skeleton_dml_ros.evaluation.report.findings import Protocol, examine
    from skeleton_dml_ros.evaluation.report.page import Examined, report_page
    from skeleton_dml_ros.evaluation.report.run_folder import read_run
    from skeleton_dml_ros.references.open_set import Cohort

    require_pillow()
    if projection == "umap":
        require_umap()
    run = read_run(run_folder)
    shown = _shown(data, run, data_folder, classes, subjects, split)
    examined: Examined | None = None
    if shown is not None:
        archive, source, chosen, references = shown
        protocol = Protocol(
            classes=chosen,
            references=references,
            episodes=episodes,
            seed=seed,
            known=known,
            failures=failures,
            projection=projection,
        )
        with progress("Embedding clips") as bar:
            found = examine(
                open_engine(model, "torch"),
                archive,
                Cohort(model.cohort) if len(model.cohort) else None,
                model.score_threshold,
                protocol,
                bar.advance,
                model.pair_offset,
            )
        examined = Examined(archive, source, found)
    page = report_page(model, run, examined).encode()
    place.write_bytes(page)
    if as_json:
        measured = {} if examined is None else examined.findings.to_dict()
        print_json({"page": str(place), "bytes": len(page), **measured})
        return
    output().print(f"page written to {place} ({len(page) / 1e6:.1f} MB)", markup=False)


def _shown(
    data: Path | None,
    run: Run,
    data_folder: Path | None,
    classes: str | None,
    subjects: str | None,
    split: str | None,
) -> tuple[SkeletonArchive, str, list[int] | None, list[int] | None] | None:
    """What the model is shown on: recordings, what to call them, their classes and references."""
    if data is None:
        for option, value in (("classes", classes), ("subjects", subjects), ("split", split)):
            if value is not None:
                raise SkeletonDmlError(
                    f"--{option} says what takes part of other recordings than the run's own; "
                    "give --data ARCHIVE as well"
                )
        from skeleton_dml_ros.evaluation.report.validation_clips import validation_clips

        found = validation_clips(run.record, data_folder)
        if found is None:
            return None
        return found[0], f"{found[1]} (the run's validation classes)", None, None
    if split is not None and classes is not None:
        raise SkeletonDmlError("--split says which classes take part; leave --classes out")
    archive, chosen = chosen_clips(data, classes, subjects)
    if split is None:
        return archive, data.name, chosen, None

    from skeleton_dml_ros.datasets.splits import clips_of_part, get_split, references_of

    named = get_split(split, archive.class_names)
    used = clips_of_part(archive, named, "evaluation")
    return (
        archive,
        f"{data.name} (split {named.name})",
        sorted({int(label) for label in archive.labels[used]}),
        references_of(archive, named).tolist() if named.references else None,
    )
