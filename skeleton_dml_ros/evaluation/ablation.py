# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ablation: variants of a recipe, trained and measured alike.

A variant is a change to a base configuration.  It is trained once per fold, which leaves one data
set out, and seed, always on the same number of clips, and measured on the validation classes and
on sets that it was not trained on.  Compare means over folds and seeds, with their spread over the
seeds, not single runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.one_shot import measured
from skeleton_dml_ros.evaluation.open_set import area_under_roc, decided_episodes
from skeleton_dml_ros.evaluation.spread import Spread
from skeleton_dml_ros.references.episodes import (
    episode_scores,
    one_shot_accuracies,
    one_shot_episodes,
    open_set_episodes,
    pooled,
)
from skeleton_dml_ros.references.fusion import (
    COHORT_SPREAD,
    DEFAULT_DECISIONS,
    Decision,
    Matcher,
    distance_spread,
)
from skeleton_dml_ros.references.open_set import Cohort
from skeleton_dml_ros.references.pair_scores import ComparedClips
from skeleton_dml_ros.shared_files import YamlError, parse_yaml
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import (
    Configuration,
    DataSource,
    Mirroring,
    read_configuration,
)
from skeleton_dml_ros.training.data import read_clips, used_classes
from skeleton_dml_ros.training.decision import compared_set
from skeleton_dml_ros.training.embeddings import embed_clips
from skeleton_dml_ros.training.loop import Progress, TrainingRun, train_network
from skeleton_dml_ros.training.reading import read_fields

RESULTS = "results.jsonl"

VALIDATION = "validation"
"""Name of the validation classes among what a run is tested on; other names are sets."""

EPISODES = 100
"""Episodes of each protocol; their mean is stable to 0.2 %."""

COHORT_CLIPS = 1000

SEPARATOR = ", "
"""Between a variant and a matcher in the name of a table's row."""


class AblationError(SkeletonDmlError):
    """An ablation's file or results cannot be used."""


@dataclass(frozen=True)
class Fold:
    """A data set that runs leave out.

    Attributes:
        leave_out: archive that is not trained on; empty trains on all.
        test: tested on instead.
    """

    leave_out: str = ""
    test: tuple[DataSource, ...] = ()


@dataclass(frozen=True)
class Ablation:
    """The variants to compare, and the protocol.

    Attributes:
        base: configuration that every variant starts from, as the keys and values of its file. In
            an ablation's file, ``file`` holds its path.
        clips_seen: clips that each run trains on, repetitions counted.
        seeds: runs of a variant in each fold; the seeds are 0, 1, ...
        folds: by name.
        test: tested on by each variant that trains on none of its classes.
        alignment: also measure untrained alignment, and its fusion with the embedding.
        variants: change by name, in the form of a configuration. ``from`` names the variant that
            is changed; without it, the base is.
    """

    base: dict[str, Any]
    clips_seen: int
    seeds: int
    folds: dict[str, Fold]
    variants: dict[str, dict[str, Any]]
    test: tuple[DataSource, ...] = ()
    alignment: bool = False


def read_ablation(path: str | Path) -> Ablation:
    """Read an ablation's file.

    Raises:
        ConfigurationError: names the file, and the wrong key or value.
        AblationError: a file cannot be read, or a variant precedes the one it starts from.
    """
    path = Path(path)
    ablation = read_fields(Ablation, _read_yaml(path), str(path))
    base = _read_yaml(path.parent / str(ablation.base.get("file", "")))
    if not isinstance(base, dict):
        raise AblationError(f"{path}: base.file is not a configuration")
    known: list[str] = []
    for name, change in ablation.variants.items():
        origin = change.get("from")
        if origin is not None and origin not in known:
            raise AblationError(
                f"{path}: variant {name} starts from {origin!r}, which is not a variant above it"
            )
        known.append(name)
    base.pop("data_folder", None)
    return replace(ablation, base=base)


def _read_yaml(path: Path) -> Any:
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AblationError(f"{path} cannot be read: {error.strerror}") from None
    except (YamlError, UnicodeDecodeError) as error:
        raise AblationError(f"{path} is not YAML: {str(error).splitlines()[0]}") from None


def variant_configuration(ablation: Ablation, variant: str, fold: str, seed: int) -> dict[str, Any]:
    """The configuration of one run, as the keys and values of its file.

    Validation is that of the base.
    """
    change: dict[str, Any] = {}
    name = variant
    while name:
        own = dict(ablation.variants[name])
        name = own.pop("from", "")
        change = _merged(own, change)
    left_out = ablation.folds[fold].leave_out
    content = _merged(ablation.base, change)
    content["data"] = [source for source in content["data"] if source["archive"] != left_out]
    return content | {"name": f"{variant}-{fold}", "seed": seed}


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both mappings; the second's values win, and nested mappings merge likewise.

    A list whose key ends in ``+``, such as ``data+``, extends the other's list. None deletes the
    key.
    """
    merged = dict(first)
    for key, value in second.items():
        joined = next((other for other in (key, key[:-1]) if other in merged), key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merged(merged[key], value)
        elif key.endswith("+") and joined in merged:
            merged[joined] = [*merged[joined], *value]
        else:
            merged[key] = value
    return merged


def run_ablation(
    ablation: Ablation,
    out: str | Path,
    data_folder: str | Path,
    variants: tuple[str, ...] = (),
    seeds: tuple[int, ...] = (),
    report: Callable[[str, Progress], None] = lambda name, progress: None,
) -> Iterator[VariantResult]:
    """Train and measure the runs that have no result yet.

    Several processes may share one ``out``: the one that creates a run's folder does the run.

    Args:
        ablation: the variants.
        out: folder of the results; created.
        data_folder: folder of the archives.
        variants: names of those to run; all if empty.
        seeds: those to run, such as only the first for a quick look; all if empty.
        report: called after each epoch with the run's name.

    Yields:
        Each run's result, which has been appended to the results' file.

    Raises:
        AblationError: a variant does not exist.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for variant in variants:
        if variant not in ablation.variants:
            raise AblationError(
                f"there is no variant {variant!r}; give one of {', '.join(ablation.variants)}"
            )
    for fold in ablation.folds:
        for variant in variants or ablation.variants:
            for seed in seeds or range(ablation.seeds):
                folder = out / f"{variant}-{fold}-{seed}"
                try:
                    folder.mkdir()
                except FileExistsError:
                    continue
                result = _run(ablation, variant, fold, seed, folder, Path(data_folder), report)
                append_result(out / RESULTS, result)
                yield result


def _run(
    ablation: Ablation,
    variant: str,
    fold: str,
    seed: int,
    folder: Path,
    data_folder: Path,
    report: Callable[[str, Progress], None],
) -> VariantResult:
    path = folder / "configuration.yaml"
    content = variant_configuration(ablation, variant, fold, seed)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    configuration = read_configuration(path, data_folder)
    frames = configuration.preparation.frames
    clips = read_clips(configuration.data, data_folder, configuration.preparation, frames)
    epochs = max(1, round(ablation.clips_seen / len(clips)))
    configuration = replace(
        configuration,
        mirroring=_limited(configuration.mirroring, clips.class_names),
        optimisation=replace(configuration.optimisation, epochs=epochs),
    )
    run = train_network(
        configuration, folder, device="cpu", report=lambda progress: report(folder.name, progress)
    )
    accuracy, auroc = {}, {}
    matchers: dict[str, dict[str, dict[str, float]]] = {}
    decisions = _decisions(run, configuration) if ablation.alignment else ()
    for name, sources, tested in _tests(ablation, fold, configuration, run):
        accuracy[name], auroc[name] = _measure(run, configuration, tested)
        if decisions:
            compared = compared_set(sources, run.network, configuration)
        for decision in decisions:
            figures = matchers.setdefault(decision.matcher.value, {"accuracy": {}, "auroc": {}})
            figures["accuracy"][name], figures["auroc"][name] = _measure_decision(
                compared, decision
            )
    return VariantResult(
        variant=variant,
        fold=fold,
        seed=seed,
        clips_seen=run.reached.clips_seen,
        seconds=round(run.reached.seconds, 1),
        accuracy=accuracy,
        auroc=auroc,
        matchers=matchers,
    )


def _limited(mirroring: Mirroring, class_names: Sequence[str]) -> Mirroring:
    """Mirroring without the classes that are not trained on."""
    return replace(
        mirroring,
        symmetric=tuple(name for name in mirroring.symmetric if name in class_names),
        either_side=tuple(name for name in mirroring.either_side if name in class_names),
        backwards=tuple(name for name in mirroring.backwards if name in class_names),
    )


def _tests(
    ablation: Ablation, fold: str, configuration: Configuration, run: TrainingRun
) -> Iterator[tuple[str, Sequence[DataSource], LabelledClips]]:
    """The sets that a run is measured on: name, sources and clips."""
    if run.validation is not None:
        yield VALIDATION, configuration.validation, run.validation
    preparation, data_folder = configuration.preparation, configuration.data_folder
    trained_on = used_classes(configuration.data, data_folder)
    for source in (*ablation.folds[fold].test, *ablation.test):
        if trained_on.isdisjoint(used_classes([source], data_folder)):
            clips = read_clips([source], data_folder, preparation, preparation.frames)
            yield Path(source.archive).stem, [source], clips


def _measure(
    run: TrainingRun, configuration: Configuration, clips: LabelledClips
) -> tuple[float, float]:
    """One-shot accuracy in percent, and AUROC of known against unknown."""
    representation = representation_of(configuration.representation)
    embeddings = embed_clips(run.network, representation, clips)
    random = np.random.default_rng(0)
    accuracies = one_shot_accuracies(embeddings, clips.labels, EPISODES, random)
    members = random.permutation(len(run.clips))[:COHORT_CLIPS]
    cohort = Cohort(embed_clips(run.network, representation, run.clips.select(members)))
    enrolled = len(np.unique(clips.labels)) // 2
    scores = pooled(episode_scores(embeddings, clips.labels, cohort, enrolled, EPISODES))
    area = area_under_roc(scores.genuine, scores.impostor)
    return round(100 * float(accuracies.mean()), 2), round(area, 4)


def _decisions(run: TrainingRun, configuration: Configuration) -> list[Decision]:
    """Untrained alignment, and its fusion with the network's distances at their own scale."""
    representation = representation_of(configuration.representation)
    members = np.random.default_rng(0).permutation(len(run.clips))[:COHORT_CLIPS]
    cohort = embed_clips(run.network, representation, run.clips.select(members))
    scale = COHORT_SPREAD / distance_spread(cohort)
    return [
        replace(decision, distance_weight=scale * decision.distance_weight)
        for decision in (DEFAULT_DECISIONS[Matcher.ALIGNMENT], DEFAULT_DECISIONS[Matcher.FUSED])
    ]


def _measure_decision(clips: ComparedClips, decision: Decision) -> tuple[float, float]:
    """One-shot accuracy in percent, and AUROC of the confidence, in the embedding's episodes."""
    enrolled = len(np.unique(clips.labels)) // 2
    drawn = {1: list(one_shot_episodes(clips.labels, EPISODES, np.random.default_rng(0)))}
    [figures] = measured(clips, drawn, [decision])
    episodes = list(open_set_episodes(clips.labels, enrolled, EPISODES, np.random.default_rng(0)))
    terms = clips.against(np.unique(np.concatenate([references for references, _ in episodes])))
    scores = pooled(decided_episodes(clips.labels, terms, episodes, decision))
    area = area_under_roc(scores.genuine, scores.impostor)
    return round(figures.accuracy_mean, 2), round(area, 4)


@dataclass(frozen=True)
class VariantResult:
    """Result of one run of a variant.

    Attributes:
        variant: its name.
        fold: its name.
        seed: of the run.
        clips_seen: clips trained on, repetitions counted.
        seconds: wall time of the training.
        accuracy: one-shot accuracy in percent, by set, ``validation`` included.
        auroc: area under the ROC of known against unknown with half of the classes enrolled, by set.
        matchers: ``accuracy`` and ``auroc`` of further matchers, by their name.
    """

    variant: str
    fold: str
    seed: int
    clips_seen: int
    seconds: float
    accuracy: Mapping[str, float]
    auroc: Mapping[str, float]
    matchers: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class VariantSummary:
    """Summary of all runs of a variant.

    Attributes:
        variant: its name.
        seeds: number of seeds.
        accuracy: by set.
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
    """Append a line in a single write, so that parallel processes do not mix their lines."""
    line = json.dumps(asdict(result)) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def read_results(path: Path) -> list[VariantResult]:
    """The results in the order of the file; empty without a file.

    Raises:
        AblationError: a line is not a result.
    """
    if not path.exists():
        return []
    results = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            results.append(VariantResult(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise AblationError(
                f"line {number} of {path} is not an ablation's result: {error}; delete it and the "
                "folder of its run, and run the variant again"
            ) from None
    return results


def summarize(results: Sequence[VariantResult]) -> list[VariantSummary]:
    """One summary for each variant and each further matcher, in the order of their first results."""
    rows = [row for result in results for row in (result, *_of_matchers(result))]
    variants = dict.fromkeys(result.variant for result in results)
    names = dict.fromkeys(
        row.variant for variant in variants for row in rows if _origin(row.variant) == variant
    )
    return [_summary([row for row in rows if row.variant == name]) for name in names]


def _of_matchers(result: VariantResult) -> list[VariantResult]:
    """The same run with the figures of each further matcher, under a name of its own."""
    titles = {"alignment": "alignment (untrained)"}
    return [
        replace(
            result,
            variant=f"{result.variant}{SEPARATOR}{titles.get(matcher, matcher)}",
            accuracy=figures["accuracy"],
            auroc=figures["auroc"],
        )
        for matcher, figures in result.matchers.items()
    ]


def _origin(name: str) -> str:
    return name.split(SEPARATOR)[0]


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
    """(seed, mean over sets); a set tested in several folds counts once."""
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
    """Mean over all (seed, value), and sample deviation of the seeds' means."""
    seeds = dict.fromkeys(seed for seed, _ in values)
    means = [float(np.mean([value for its, value in values if its == seed])) for seed in seeds]
    deviation = float(np.std(means, ddof=1)) if len(means) > 1 else float("nan")
    return Spread(float(np.mean(means)), deviation)


def markdown(summaries: Sequence[VariantSummary]) -> str:
    """The summaries as a Markdown table with one line per variant."""
    tests = list(dict.fromkeys(test for summary in summaries for test in summary.accuracy))
    header = ["variant", *tests, "across sets", "AUROC", "clips seen", "seconds", "seeds"]
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
    if np.isnan(spread.std):
        return f"{spread.mean:.{digits}f}"
    return f"{spread.mean:.{digits}f} ± {spread.std:.{digits}f}"
