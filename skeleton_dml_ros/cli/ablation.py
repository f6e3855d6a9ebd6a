# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml ablation``: train and compare the variants of an ablation."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli.options import JsonOption
from skeleton_dml_ros.cli.terminal import print_json, progress, say

if TYPE_CHECKING:
    from skeleton_dml_ros.training.loop import Progress


def ablation(
    path: Annotated[
        Path,
        typer.Argument(metavar="ABLATION.yaml", help="The variants, such as config/ablation.yaml."),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Output folder of the results and the runs."),
    ],
    data_folder: Annotated[
        Path, typer.Option("--data-folder", metavar="DIR", help="Folder of the archives.")
    ] = Path(),
    variants: Annotated[
        list[str] | None,
        typer.Option(
            "--variant",
            metavar="NAME",
            help="Variant to run. Can be repeated. Default: all.",
        ),
    ] = None,
    seeds: Annotated[
        list[int] | None,
        typer.Option(
            "--seed",
            metavar="N",
            help="Seed to run. Can be repeated. Default: all.",
            min=0,
            show_default=False,
        ),
    ] = None,
    fold: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Fold to print the table of. Default: all folds together."
        ),
    ] = None,
    table_only: Annotated[
        bool,
        typer.Option("--table", help="Print the table of the present results without training."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Train and evaluate the variants of an ablation, and print a Markdown table.

    Runs with a result in DIR are skipped. To use many cores, start the command several times with the
    same DIR; the processes share the runs. To repeat an interrupted run, delete its folder.

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
    say(*markdown(summaries).splitlines())
