# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""``skeleton-dml report``: a page that shows what a model does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skeleton_dml_ros.cli.evaluate import (
    ClassesOption,
    DrawsOption,
    KnownOption,
    SeedOption,
    parse_classes,
)
from skeleton_dml_ros.cli.opening import check_place, open_model
from skeleton_dml_ros.cli.options import JsonOption
from skeleton_dml_ros.cli.terminal import output, print_json, progress
from skeleton_dml_ros.errors import SkeletonDmlError

PAGE = "report.html"


def report(
    run_folder: Annotated[
        Path,
        typer.Argument(
            metavar="RUN_DIR",
            help="Folder of a training run, or of a model.",
            show_default=False,
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="ARCHIVE",
            help="Skeleton archive on which the model is shown; without it, the page shows what "
            "the folder holds.",
            show_default=False,
        ),
    ] = None,
    classes: ClassesOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE.html",
            help=f"Where the page goes; RUN_DIR/{PAGE} if left out.",
            show_default=False,
        ),
    ] = None,
    known: KnownOption = 5,
    draws: DrawsOption = 50,
    seed: SeedOption = 0,
    failures: Annotated[
        int, typer.Option(metavar="N", help="How many failures are shown at most.", min=0)
    ] = 12,
    as_json: JsonOption = False,
) -> None:
    """Write a page that shows what a model does, its failures first.

    One HTML file that needs nothing beside it: figures with their spread, the training's curves,
    failures drawn as skeletons and as images, the confusion matrix, a map of the embeddings, and
    how known actions are told from unknown ones.

    Example: `skeleton-dml report runs/mine --data recordings.npz --out mine.html`
    """
    if data is None and classes is not None:
        raise SkeletonDmlError("--classes are those of recordings; give --data ARCHIVE as well")
    place = check_place(run_folder / PAGE if out is None else out)
    model = open_model(run_folder)

    from skeleton_dml_ros.evaluation.report.page import Examined, report_page
    from skeleton_dml_ros.evaluation.report.run_folder import read_run

    run = read_run(run_folder)
    examined: Examined | None = None
    if data is not None:
        from skeleton_dml_ros.datasets.archive import read_archive
        from skeleton_dml_ros.embedding.torch_engine import TorchEngine
        from skeleton_dml_ros.evaluation.report.clip_pictures import require_pillow
        from skeleton_dml_ros.evaluation.report.findings import Protocol, examine
        from skeleton_dml_ros.references.open_set import Cohort

        require_pillow()
        archive = read_archive(data)
        protocol = Protocol(
            classes=None if classes is None else parse_classes(classes, archive.class_names),
            draws=draws,
            seed=seed,
            known=known,
            failures=failures,
        )
        with progress("Embedding clips") as bar:
            found = examine(
                TorchEngine(model),
                archive,
                Cohort(model.cohort) if len(model.cohort) else None,
                model.threshold,
                protocol,
                bar.advance,
            )
        examined = Examined(archive, data.name, found)
    page = report_page(model, run, examined).encode()
    place.write_bytes(page)
    if as_json:
        measured = {} if examined is None else examined.findings.to_dict()
        print_json({"page": str(place), "bytes": len(page), **measured})
        return
    output().print(f"page written to {place} ({len(page) / 1e6:.1f} MB)", markup=False)
