# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml reproduce``: reproduce the paper's tables and figures."""

from __future__ import annotations

from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skeleton_dml_ros.cli.options import DeviceOption, JsonOption
from skeleton_dml_ros.cli.terminal import Bar, literal, output, print_json, progress, say
from skeleton_dml_ros.cli.terminal import table as empty_table
from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.evaluation.reproduction.pages import Page

MAX_ROWS = 40
"""Maximum number of printed rows; the files contain all."""


class What(str, Enum):
    """A table or figure of the paper."""

    table1 = "table1"
    table2 = "table2"
    table3 = "table3"
    table4 = "table4"
    figure6 = "figure6"
    figure7 = "figure7"
    figure8 = "figure8"


class Pretrained(str, Enum):
    """Initial weights of the network's trunk."""

    imagenet = "imagenet"
    none = "none"


def _shrinking(metavar: str, meaning: str) -> Any:
    """An option for quick trials; 0 keeps the recipe's value."""
    return typer.Option(
        metavar=metavar, min=0, help=f"{meaning} (for trials only).", show_default=False
    )


def reproduce(
    what: Annotated[
        list[What],
        typer.Argument(
            metavar="WHAT...", help="Any of " + ", ".join(one.value for one in What) + "."
        ),
    ],
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            metavar="ARCHIVE",
            help="Skeleton archive, for example from `skeleton-dml prepare ntu120`.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Output folder of tables, plots and runs; finished runs are reused.",
        ),
    ],
    split: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Class split, by name or YAML file. Default: the known split of the archive's classes, "
            "or evaluation on every sixth class.",
        ),
    ] = "",
    seeds: Annotated[
        str, typer.Option(metavar="LIST", help="Seeds of the runs, such as 1,2,3.")
    ] = "42",
    epochs: Annotated[int, _shrinking("N", "Epochs of every run")] = 0,
    image_size: Annotated[int, _shrinking("PIXELS", "Image size instead of 256")] = 0,
    clips_a_class: Annotated[int, _shrinking("N", "Train on N clips of each class")] = 0,
    pretrained: Annotated[
        Pretrained, typer.Option(help="Initial weights; `none` (random) is for trials only.")
    ] = Pretrained.imagenet,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Reproduce the paper's tables and figures.

    Trains the missing runs, and writes each table as Markdown, CSV and JSON, and each figure as a plot,
    with the paper's values beside the measured ones.

    Example: `skeleton-dml reproduce table1 --data data/ntu120 --out reproduction`
    """
    from skeleton_dml_ros.evaluation.reproduction import REPRODUCTIONS
    from skeleton_dml_ros.evaluation.reproduction.material import open_material
    from skeleton_dml_ros.evaluation.reproduction.pages import reproduce as reproduce_one
    from skeleton_dml_ros.evaluation.reproduction.recipe import Recipe, Shrinking

    numbers = parse_seeds(seeds)
    chosen = [REPRODUCTIONS[one.value] for one in dict.fromkeys(what)]
    for reproduction in chosen:
        reproduction.require()
    shrinking = Shrinking(epochs, image_size, clips_a_class, pretrained.value)
    recipe = Recipe(open_material(data, split), shrinking)
    pages = []
    for reproduction in chosen:
        with progress(reproduction.name) as bar:
            report = partial(_report, bar, reproduction.name)
            pages.append(reproduce_one(reproduction, recipe, out, numbers, device, report))
    if as_json:
        print_json([_as_json(page) for page in pages])
        return
    for page in pages:
        _show(page)


def parse_seeds(text: str) -> list[int]:
    """Parse seeds such as ``1,2,3``.

    Raises:
        SkeletonDmlError: the text is not a list of whole numbers.
    """
    seeds = [part.strip() for part in text.split(",")]
    if not all(seed.isdecimal() for seed in seeds):
        raise SkeletonDmlError(f"--seeds is {text!r}; give whole numbers from 0, such as 1,2,3")
    return list(dict.fromkeys(int(seed) for seed in seeds))


def _report(bar: Bar, name: str, done: int, total: int, line: str) -> None:
    bar.advance(done, total)
    if line:
        bar.say(f"{name} {done + 1} of {total}: {line}")


def _show(page: Page) -> None:
    from skeleton_dml_ros.evaluation.reproduction.pages import NO_RESULT

    columns = list(page.table.rows[0])
    shown = empty_table(*columns, right=[name for name in columns if name.endswith("(%)")])
    for row in page.table.rows[:MAX_ROWS]:
        shown.add_row(*(literal("" if row[name] is None else str(row[name])) for name in columns))
    output().print(f"[bold]{page.name}[/bold]")
    output().print(shown)
    if len(page.table.rows) > MAX_ROWS:
        say(f"and {len(page.table.rows) - MAX_ROWS} more rows in the files")
    if page.caveats:
        say(f"{NO_RESULT}: {'; '.join(page.caveats)}")
    say("wrote " + ", ".join(str(file) for file in page.files))


def _as_json(page: Page) -> dict[str, object]:
    return {
        "name": page.name,
        "no_result_because": list(page.caveats),
        "rows": [dict(row) for row in page.table.rows],
        "files": [str(file) for file in page.files],
    }
