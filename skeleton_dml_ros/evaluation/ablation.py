# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A ladder: recipes that differ in one thing each, trained alike and measured alike.

A rung is a change to a base configuration.  It is trained once for each fold, which leaves one
data set out, and each seed, always for the same number of clips, and measured by the one-shot
protocol on the validation classes and on sets that it was not trained on.  One figure of one
run says little: what counts is the mean over folds and seeds, and its spread over the seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.ablation_results import VALIDATION, VariantResult, append_result
from skeleton_dml_ros.evaluation.operating_curves import area_under_roc
from skeleton_dml_ros.references.episodes import episode_scores, one_shot_accuracies, pooled
from skeleton_dml_ros.references.open_set import Cohort
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import (
    Configuration,
    DataSource,
    Mirroring,
    read_configuration,
)
from skeleton_dml_ros.training.data import read_clips, used_classes
from skeleton_dml_ros.training.embeddings import embed_clips
from skeleton_dml_ros.training.loop import Progress, TrainingRun, train_network
from skeleton_dml_ros.training.reading import read_fields

RESULTS = "results.jsonl"

EPISODES = 100
"""Draws of each protocol; the mean over them is stable to 0.2 %."""

COHORT_CLIPS = 1000


class AblationError(SkeletonDmlError):
    """A ladder's file or results cannot be used."""


@dataclass(frozen=True)
class Fold:
    """What a run is trained without.

    Attributes:
        leave_out: the archive that is not trained on; empty trains on all.
        test: what is tested on in its stead.
    """

    leave_out: str = ""
    test: tuple[DataSource, ...] = ()


@dataclass(frozen=True)
class Ablation:
    """What is compared, and how.

    Attributes:
        base: the configuration that every rung starts from, as the keys and values of its file;
            in a ladder's file, under ``file``, the path of that file.
        clips_seen: clips that each run trains on, repetitions counted.
        seeds: runs of a rung in each fold; the seeds are 0, 1, ...
        folds: by name.
        test: what is tested on wherever the rung does not train on a class of it.
        variants: name to the change, in the form of a configuration.  ``from`` in it names the rung
            to which the change is made; without it, that is the base.
    """

    base: dict[str, Any]
    clips_seen: int
    seeds: int
    folds: dict[str, Fold]
    variants: dict[str, dict[str, Any]]
    test: tuple[DataSource, ...] = ()


def read_ablation(path: str | Path) -> Ablation:
    """Read a ladder's file.

    Raises:
        ConfigurationError: names the file, and the key or value that is wrong.
        AblationError: a file cannot be read, or a rung is made from one that comes after it.
    """
    path = Path(path)
    ablation = read_fields(Ablation, _read_yaml(path), str(path))
    base = _read_yaml(path.parent / str(ablation.base.get("file", "")))
    if not isinstance(base, dict):
        raise AblationError(f"{path}: base.file names no configuration")
    known: list[str] = []
    for name, change in ablation.variants.items():
        origin = change.get("from")
        if origin is not None and origin not in known:
            raise AblationError(f"{path}: rung {name} is made from {origin!r}, which is none above")
        known.append(name)
    base.pop("data_folder", None)
    return replace(ablation, base=base)


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AblationError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AblationError(f"{path} is no YAML: {str(error).splitlines()[0]}") from None


def variant_configuration(ablation: Ablation, variant: str, fold: str, seed: int) -> dict[str, Any]:
    """The configuration of one run, as the keys and values of its file.

    Mirroring keeps the classes that the fold still trains on; what is validated on is the base's.
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
    """Both, the second's values going first; under one key, mappings merge likewise.

    A list with a ``+`` after its key, such as ``data+``, is joined to the other's; None takes a
    key away, such as a setting that another representation does not have.
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
    """Train and measure what has no result yet.

    Several processes may climb side by side with one ``out``: each run belongs to who creates
    its folder first.

    Args:
        ablation: what is compared.
        out: folder of the results; created.
        data_folder: where the archives are.
        variants: names of those to run; all if empty.
        seeds: those to run, such as the first alone of rungs that are only tried; all if empty.
        report: called after each epoch with the run's name.

    Yields:
        Each run's result, which has been added to the results' file.

    Raises:
        AblationError: a rung does not exist.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for variant in variants:
        if variant not in ablation.variants:
            raise AblationError(
                f"there is no rung {variant!r}; there are {', '.join(ablation.variants)}"
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
    for name, tested in _tests(ablation, fold, configuration, run):
        accuracy[name], auroc[name] = _measure(run, configuration, tested)
    return VariantResult(
        variant=variant,
        fold=fold,
        seed=seed,
        clips_seen=run.reached.clips_seen,
        seconds=round(run.reached.seconds, 1),
        accuracy=accuracy,
        auroc=auroc,
    )


def _limited(mirroring: Mirroring, class_names: Sequence[str]) -> Mirroring:
    """The same without the classes that are not among these."""
    return replace(
        mirroring,
        symmetric=tuple(name for name in mirroring.symmetric if name in class_names),
        either_side=tuple(name for name in mirroring.either_side if name in class_names),
        backwards=tuple(name for name in mirroring.backwards if name in class_names),
    )


def _tests(
    ablation: Ablation, fold: str, configuration: Configuration, run: TrainingRun
) -> Iterator[tuple[str, LabelledClips]]:
    """What a run is measured on, by name."""
    if run.validation is not None:
        yield VALIDATION, run.validation
    preparation, data_folder = configuration.preparation, configuration.data_folder
    trained_on = used_classes(configuration.data, data_folder)
    for source in (*ablation.folds[fold].test, *ablation.test):
        if trained_on.isdisjoint(used_classes([source], data_folder)):
            clips = read_clips([source], data_folder, preparation, preparation.frames)
            yield Path(source.archive).stem, clips


def _measure(
    run: TrainingRun, configuration: Configuration, clips: LabelledClips
) -> tuple[float, float]:
    """One-shot accuracy in percent, and AUROC of known against unknown, on some clips."""
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
