# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml ablation``: train and compare variants of a recipe."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli.options import JsonOption
from skeleton_dml_ros.cli.terminal import output, print_json, progress

if TYPE_CHECKING:
    from skeleton_dml_ros.training.loop import Progress


def ablation(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="ABLATION.yaml", help="Variants to compare, such as config/ablation.yaml."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="Where the results are, and a folder for each run."
        ),
    ],
    data_folder: Annotated[
        Path, typer.Option("--data-folder", metavar="DIR", help="Where the archives are.")
    ] = Path(),
    variants: Annotated[
        list[str] | None,
        typer.Option(
            "--variant",
            metavar="NAME",
            help="A variant to run; may be given several times. All if left out.",
        ),
    ] = None,
    seeds: Annotated[
        list[int] | None,
        typer.Option(
            "--seed",
            metavar="N",
            help="A seed to run; may be given several times. All if left out.",
            min=0,
            show_default=False,
        ),
    ] = None,
    fold: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The fold that the table is of; all together if left out."
        ),
    ] = None,
    table_only: Annotated[
        bool, typer.Option("--table", help="Run nothing; print the table of the results there.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Train and measure the variants of an ablation, and print the table in Markdown.

    What has a result in DIR is not run again. On a machine of many cores, start the command
    several times with the same DIR: each takes runs that no other has taken. A run that was cut
    off is taken anew when its folder has been removed.

    Example: `skeleton-dml ablation config/ablation.yaml --out ablation --data-folder ../shared/data`
    """
    from skeleton_dml_ros.evaluation.ablation import (
        RESULTS,
        markdown,
        read_ablation,
        read_results,
        run_ablation,
        summarize,
    )

    settings = read_ablation(path)
    if not table_only:
        with progress("Training") as bar:

            def report(name: str, reached: Progress) -> None:
                bar.advance(reached.epoch, reached.epochs)

            chosen = tuple(variants or ()), tuple(seeds or ())
            for result in run_ablation(settings, out, data_folder, *chosen, report):
                figures = ", ".join(
                    f"{test} {value:.1f} %" for test, value in result.accuracy.items()
                )
                bar.say(f"{result.variant} {result.fold} seed {result.seed}: {figures}")
    results = [
        result
        for result in read_results(out / RESULTS)
        if result.variant in (variants or settings.variants) and fold in (None, result.fold)
    ]
    order = list(settings.variants)
    summaries = summarize(sorted(results, key=lambda result: order.index(result.variant)))
    if as_json:
        print_json([asdict(summary) for summary in summaries])
        return
    output().print(markdown(summaries), markup=False, soft_wrap=True)
