# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml report``: write a page about a model's results and failures."""

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
from skeleton_dml_ros.cli.terminal import print_json, progress, say
from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.archive import SkeletonArchive
    from skeleton_dml_ros.evaluation.report.run_folder import Run

PAGE = "report.html"


def report(
    run_folder: Annotated[
        Path, typer.Argument(metavar="RUN_DIR", help="Training run or model folder.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="ARCHIVE",
            help="Skeleton archive to evaluate on. Default: the run's validation data, if any.",
        ),
    ] = None,
    data_folder: Annotated[
        Path | None,
        typer.Option(
            "--data-folder",
            metavar="DIR",
            help="Folder of the run's validation data, if it has moved.",
        ),
    ] = None,
    classes: ClassesOption = None,
    subjects: SubjectsOption = None,
    split: SplitOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.html", help=f"Page to write. Default: RUN_DIR/{PAGE}."),
    ] = None,
    known: KnownOption = 5,
    episodes: EpisodesOption = 50,
    seed: SeedOption = 0,
    failures: Annotated[
        int, typer.Option(metavar="N", help="Maximum number of failures to show.", min=0)
    ] = 12,
    projection: Annotated[
        str,
        typer.Option(
            "--projection",
            metavar="NAME",
            help="Projection of the embeddings to a plane: pca or umap.",
        ),
    ] = "pca",
    as_json: JsonOption = False,
) -> None:
    """Write a page about a model's results and failures.

    The page is one self-contained HTML file with the figures, training curves, failures drawn as
    skeletons and images, the confusion matrix, a map of the embeddings, and the open-set scores.

    Example: `skeleton-dml report runs/mine --data recordings.npz --out mine.html`
    """
    page_path = check_output(run_folder / PAGE if out is None else out)
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
    page_path.write_bytes(page)
    if as_json:
        measured = {} if examined is None else examined.findings.to_dict()
        print_json({"page": str(page_path), "bytes": len(page), **measured})
        return
    say(f"wrote {page_path} ({len(page) / 1e6:.1f} MB)")


def _shown(
    data: Path | None,
    run: Run,
    data_folder: Path | None,
    classes: str | None,
    subjects: str | None,
    split: str | None,
) -> tuple[SkeletonArchive, str, list[int] | None, list[int] | None] | None:
    """The archive to evaluate on, its title, its classes and its references."""
    if data is None:
        for option, value in (("classes", classes), ("subjects", subjects), ("split", split)):
            if value is not None:
                raise SkeletonDmlError(
                    f"--{option} requires --data ARCHIVE; the run's validation data is used as a whole"
                )
        from skeleton_dml_ros.evaluation.report.validation_clips import validation_clips

        found = validation_clips(run.record, data_folder)
        if found is None:
            return None
        return found[0], f"{found[1]} (the run's validation classes)", None, None
    if split is not None and classes is not None:
        raise SkeletonDmlError("--split selects the classes; leave out --classes")
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
