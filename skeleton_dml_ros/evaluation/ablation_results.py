# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the runs of a ladder gave, kept as JSON lines, and the table of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from skeleton_dml_ros.errors import SkeletonDmlError

VALIDATION = "validation"
"""Name of the validation classes among what a run is tested on; the others are sets."""


class ResultsError(SkeletonDmlError):
    """The results of a ladder cannot be read."""


@dataclass(frozen=True)
class VariantResult:
    """One run of a rung.

    Attributes:
        variant: its name.
        fold: name of the fold.
        seed: of everything random.
        clips_seen: clips that were trained on, repetitions counted.
        seconds: wall time of the training.
        accuracy: one-shot accuracy in percent, by ``validation`` and the sets tested on.
        auroc: area under the curve of known against unknown by the normalised score, half of the
            classes taught, likewise.
    """

    variant: str
    fold: str
    seed: int
    clips_seen: int
    seconds: float
    accuracy: Mapping[str, float]
    auroc: Mapping[str, float]


@dataclass(frozen=True)
class Spread:
    """A mean over folds and seeds, and the standard deviation over the seeds' means."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class VariantSummary:
    """All runs of a rung.

    Attributes:
        variant: its name.
        seeds: how many.
        accuracy: by what was tested on.
        across_sets: mean over the sets that were not trained on; None without one.
        auroc: mean over validation classes and sets.
        clips_seen: mean over the runs.
        seconds: mean over the runs.
    """

    variant: str
    seeds: int
    accuracy: Mapping[str, Spread]
    across_sets: Spread | None
    auroc: Spread
    clips_seen: float
    seconds: float


def append_result(path: Path, result: VariantResult) -> None:
    """Add a line in one write, so that processes side by side leave each other's lines whole."""
    line = json.dumps(asdict(result)) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def read_results(path: Path) -> list[VariantResult]:
    """The results in the order in which they came; none where there is no file.

    Raises:
        ResultsError: a line is no result.
    """
    if not path.exists():
        return []
    results = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            results.append(VariantResult(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise ResultsError(
                f"line {number} of {path} is no result of a ladder: {error}; remove it, and the "
                "folder of its run, and run the rung again"
            ) from None
    return results


def summarize(results: Sequence[VariantResult]) -> list[VariantSummary]:
    """One summary for each rung, in the order of their first results."""
    variants = dict.fromkeys(result.variant for result in results)
    return [
        _summary([result for result in results if result.variant == variant])
        for variant in variants
    ]


def _summary(runs: Sequence[VariantResult]) -> VariantSummary:
    tests = list(dict.fromkeys(test for run in runs for test in run.accuracy))
    accuracy = {
        test: _spread([(run.seed, run.accuracy[test]) for run in runs if test in run.accuracy])
        for test in tests
    }
    sets = [
        (run.seed, test, value)
        for run in runs
        for test, value in run.accuracy.items()
        if test != VALIDATION
    ]
    return VariantSummary(
        variant=runs[0].variant,
        seeds=len({run.seed for run in runs}),
        accuracy=accuracy,
        across_sets=_spread(_mean_of_tests(sets)) if sets else None,
        auroc=_spread(
            _mean_of_tests(
                [(run.seed, test, value) for run in runs for test, value in run.auroc.items()]
            )
        ),
        clips_seen=float(np.mean([run.clips_seen for run in runs])),
        seconds=float(np.mean([run.seconds for run in runs])),
    )


def _mean_of_tests(values: Sequence[tuple[int, str, float]]) -> list[tuple[int, float]]:
    """(seed, mean over tests): a set that several folds are tested on counts once."""
    seeds = dict.fromkeys(seed for seed, _, _ in values)
    means = []
    for seed in seeds:
        tests: dict[str, list[float]] = {}
        for its_seed, test, value in values:
            if its_seed == seed:
                tests.setdefault(test, []).append(value)
        means.append((seed, float(np.mean([np.mean(one) for one in tests.values()]))))
    return means


def _spread(values: Sequence[tuple[int, float]]) -> Spread:
    """Mean of (seed, value) over all, and deviation of the seeds' means."""
    seeds = dict.fromkeys(seed for seed, _ in values)
    means = [float(np.mean([value for its, value in values if its == seed])) for seed in seeds]
    deviation = float(np.std(means, ddof=1)) if len(means) > 1 else float("nan")
    return Spread(float(np.mean(means)), deviation)


def markdown(summaries: Sequence[VariantSummary]) -> str:
    """The summaries as a table in Markdown, one line a rung."""
    tests = list(dict.fromkeys(test for summary in summaries for test in summary.accuracy))
    header = ["rung", *tests, "across sets", "AUROC", "clips seen", "seconds", "seeds"]
    rows = [header, ["---", *["---:"] * (len(header) - 1)]]
    for summary in summaries:
        cells = [_cell(summary.accuracy.get(test)) for test in tests]
        rows.append(
            [
                summary.variant,
                *cells,
                _cell(summary.across_sets),
                _cell(summary.auroc, 3),
                f"{summary.clips_seen:,.0f}",
                f"{summary.seconds:.0f}",
                str(summary.seeds),
            ]
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cell(spread: Spread | None, digits: int = 1) -> str:
    if spread is None:
        return "–"
    if np.isnan(spread.deviation):
        return f"{spread.mean:.{digits}f}"
    return f"{spread.mean:.{digits}f} ± {spread.deviation:.{digits}f}"
