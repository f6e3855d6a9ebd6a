# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pages of results, with the paper's figures beside them, as Markdown, CSV and JSON.

Columns of the paper's figures name the paper.  Caveats, if any, stand above the table, and in the CSV
in a column.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skeleton_dml_ros.evaluation.reproduction.paper import NOT_AVAILABLE, PAPER, PaperFigure
from skeleton_dml_ros.evaluation.reproduction.recipe import Recipe
from skeleton_dml_ros.evaluation.reproduction.running import Result, measure
from skeleton_dml_ros.training.configuration import Configuration
from skeleton_dml_ros.training.loop import Progress

NO_RESULT = "No result of the paper's protocol"
"""Stands on every page and plot that deviates from the paper's protocol."""


PAPERS_COLUMNS = (
    f'Columns named "paper\'s" hold what {PAPER} states, or what follows from it as explained '
    "below; they were not measured here."
)


@dataclass(frozen=True)
class Row:
    """A row of a table before its runs.

    Attributes:
        labels: tell the row from others, by column.
        configuration: of the run; None for a method that is not run.
        paper: the paper's figure, if known.
    """

    labels: Mapping[str, str | int]
    configuration: Configuration | None
    paper: PaperFigure | None = None


@dataclass(frozen=True)
class Measured:
    """A row with the results of its run, one per seed."""

    row: Row
    results: tuple[Result, ...]

    @property
    def accuracies(self) -> list[float]:
        """One-shot accuracies in percent, one per seed."""
        return [result.accuracy for result in self.results]


@dataclass(frozen=True)
class Table:
    """Rows of plain values, and remarks.

    Attributes:
        rows: value by column name; None for a missing value.
        remarks: lines below the table.
        picture: file name of the plot; empty without one.
    """

    rows: tuple[Mapping[str, Any], ...]
    remarks: tuple[str, ...] = ()
    picture: str = ""


@dataclass(frozen=True)
class Reproduction:
    """A table or figure of the paper.

    Attributes:
        name: on the command line, such as ``table1``.
        title: of the page.
        rows: makes the rows with their runs.
        present: makes the table of the results, and draws into the folder; its last argument is a
            mark for the plot, or empty.
        require: fails before the runs if a package is missing.
    """

    name: str
    title: str
    rows: Callable[[Recipe], list[Row]]
    present: Callable[[Sequence[Measured], Path, str], Table]
    require: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Page:
    """A written page.

    Attributes:
        name: of the table or figure.
        table: its content.
        caveats: deviations from the paper's protocol; empty if there are none.
        files: what was written.
    """

    name: str
    table: Table
    caveats: tuple[str, ...]
    files: tuple[Path, ...]


def reproduce(
    reproduction: Reproduction,
    recipe: Recipe,
    out: str | Path,
    seeds: Sequence[int],
    device: str = "auto",
    report: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> Page:
    """Do the missing runs and write the page.

    Args:
        reproduction: one of :data:`skeleton_dml_ros.evaluation.reproduction.REPRODUCTIONS`.
        recipe: makes the configurations.
        out: folder of the pages; its subfolder ``runs`` keeps the runs.
        seeds: of each run.
        device: ``cpu``, ``cuda`` or ``auto``.
        report: called with runs done, number of runs, and the current run.

    Raises:
        SkeletonDmlError: a package is missing, or data and recipe do not fit.
    """
    reproduction.require()
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    rows = reproduction.rows(recipe)
    total = len(seeds) * sum(row.configuration is not None for row in rows)
    measured: list[Measured] = []
    done = 0
    for row in rows:
        results = []
        for configuration in _seeded(row, seeds):
            label = (
                f"{', '.join(str(one) for one in row.labels.values())}, seed {configuration.seed}"
            )
            report(done, total, label)
            results.append(
                measure(
                    configuration,
                    recipe.material,
                    out / "runs",
                    device,
                    _epochs(report, done, total, label),
                )
            )
            done += 1
        measured.append(Measured(row, tuple(results)))
    report(total, total, "")
    caveats = recipe.caveats()
    table = reproduction.present(measured, out, NO_RESULT if caveats else "")
    contents = {
        "md": markdown(reproduction.title, table, caveats),
        "csv": comma_separated(table, caveats),
        "json": as_json(reproduction, table, caveats),
    }
    files = []
    for ending, content in contents.items():
        files.append(out / f"{reproduction.name}.{ending}")
        files[-1].write_text(content, encoding="utf-8")
    if table.picture:
        files.append(out / table.picture)
    return Page(reproduction.name, table, caveats, tuple(files))


def _seeded(row: Row, seeds: Sequence[int]) -> list[Configuration]:
    if row.configuration is None:
        return []
    return [dataclasses.replace(row.configuration, seed=seed) for seed in seeds]


def _epochs(
    report: Callable[[int, int, str], None], done: int, total: int, label: str
) -> Callable[[Progress], None]:
    def tell(progress: Progress) -> None:
        report(done, total, f"{label}, epoch {progress.epoch} of {progress.epochs}")

    return tell


def accuracy_table(measured: Sequence[Measured], remarks: Sequence[str] = ()) -> Table:
    """Labels, the paper's figure and the measured one, one row per method."""
    rows = []
    sources = []
    for one in measured:
        paper = one.row.paper
        rows.append(
            {
                **one.row.labels,
                "paper's accuracy (%)": None if paper is None else paper.accuracy,
                "measured here (%)": _mean(one.accuracies),
                "± over seeds": _spread(one.accuracies),
                "seeds": len(one.results) or None,
                "training clips": one.results[0].training_clips if one.results else None,
                "epochs": one.results[0].epochs if one.results else None,
                "seconds a run": _mean([result.seconds for result in one.results]),
            }
        )
        if paper is not None:
            sources.append(f"The paper's {paper.accuracy} %: {paper.source}.")
    return Table(tuple(rows), (*remarks, *dict.fromkeys(sources)))


def markdown(title: str, table: Table, caveats: Sequence[str]) -> str:
    """The page as Markdown."""
    lines = [f"# {title}", ""]
    if caveats:
        lines += [f"**{NO_RESULT}:** {'; '.join(caveats)}.", ""]
    if table.picture:
        lines += [f"![{title}]({table.picture})", ""]
    columns = list(table.rows[0])
    numeric = [
        all(row[column] is None or isinstance(row[column], (int, float)) for row in table.rows)
        for column in columns
    ]
    lines.append("| " + " | ".join(columns) + " |")
    lines.append("|" + "|".join("---:" if right else "---" for right in numeric) + "|")
    for row in table.rows:
        lines.append("| " + " | ".join(_for_people(name, row[name]) for name in columns) + " |")
    lines += ["", PAPERS_COLUMNS, ""]
    lines += [f"- {remark}" for remark in table.remarks]
    return "\n".join(lines) + "\n"


def comma_separated(table: Table, caveats: Sequence[str]) -> str:
    """The table as CSV; missing values are empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [*table.rows[0], "no result because"], lineterminator="\n")
    writer.writeheader()
    for row in table.rows:
        writer.writerow({**row, "no result because": "; ".join(caveats)})
    return text.getvalue()


def as_json(reproduction: Reproduction, table: Table, caveats: Sequence[str]) -> str:
    """The page as JSON."""
    content = {
        "name": reproduction.name,
        "title": reproduction.title,
        "paper": PAPER,
        "no_result_because": list(caveats),
        "rows": [dict(row) for row in table.rows],
        "remarks": list(table.remarks),
        "picture": table.picture,
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _for_people(column: str, value: Any) -> str:
    if value is None:
        return NOT_AVAILABLE if column.startswith("paper's") else "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 2) if values else None


def _spread(values: Sequence[float]) -> float | None:
    """Standard deviation over the seeds, as a sample."""
    return round(float(np.std(values, ddof=1)), 2) if len(values) > 1 else None
