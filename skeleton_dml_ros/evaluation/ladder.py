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

from skeleton_dml_ros.datasets.protocols import one_shot_accuracies
from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.ladder_results import VALIDATION, RungResult, append_result
from skeleton_dml_ros.evaluation.operating_curves import area_under_roc
from skeleton_dml_ros.references.open_set import Cohort, scores_of_draws, together
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import (
    Configuration,
    DataSource,
    Mirroring,
    read_configuration,
)
from skeleton_dml_ros.training.data import read_clips, used_classes
from skeleton_dml_ros.training.embeddings import embed_clips
from skeleton_dml_ros.training.loop import Progress, TrainingRun, train
from skeleton_dml_ros.training.reading import read_fields

RESULTS = "results.jsonl"

DRAWS = 100
"""Draws of each protocol; the mean over them is stable to 0.2 %."""

COHORT_CLIPS = 1000


class LadderError(SkeletonDmlError):
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
class Ladder:
    """What is compared, and how.

    Attributes:
        base: the configuration that every rung starts from, as the keys and values of its file;
            in a ladder's file, under ``file``, the path of that file.
        clips_seen: clips that each run trains on, repetitions counted.
        seeds: runs of a rung in each fold; the seeds are 0, 1, ...
        folds: by name.
        test: what is tested on wherever the rung does not train on a class of it.
        rungs: name to the change, in the form of a configuration.  ``from`` in it names the rung
            to which the change is made; without it, that is the base.
    """

    base: dict[str, Any]
    clips_seen: int
    seeds: int
    folds: dict[str, Fold]
    rungs: dict[str, dict[str, Any]]
    test: tuple[DataSource, ...] = ()


def read_ladder(path: str | Path) -> Ladder:
    """Read a ladder's file.

    Raises:
        ConfigurationError: names the file, and the key or value that is wrong.
        LadderError: a file cannot be read, or a rung is made from one that comes after it.
    """
    path = Path(path)
    ladder = read_fields(Ladder, _read_yaml(path), str(path))
    base = _read_yaml(path.parent / str(ladder.base.get("file", "")))
    if not isinstance(base, dict):
        raise LadderError(f"{path}: base.file names no configuration")
    known: list[str] = []
    for name, change in ladder.rungs.items():
        origin = change.get("from")
        if origin is not None and origin not in known:
            raise LadderError(f"{path}: rung {name} is made from {origin!r}, which is none above")
        known.append(name)
    base.pop("data_folder", None)
    return replace(ladder, base=base)


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LadderError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LadderError(f"{path} is no YAML: {str(error).splitlines()[0]}") from None


def rung_configuration(ladder: Ladder, rung: str, fold: str, seed: int) -> dict[str, Any]:
    """The configuration of one run, as the keys and values of its file.

    Mirroring keeps the classes that the fold still trains on; what is validated on is the base's.
    """
    change: dict[str, Any] = {}
    name = rung
    while name:
        own = dict(ladder.rungs[name])
        name = own.pop("from", "")
        change = _merged(own, change)
    left_out = ladder.folds[fold].leave_out
    content = _merged(ladder.base, change)
    content["data"] = [source for source in content["data"] if source["archive"] != left_out]
    return content | {"name": f"{rung}-{fold}", "seed": seed}


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


def climb(
    ladder: Ladder,
    out: str | Path,
    data_folder: str | Path,
    rungs: tuple[str, ...] = (),
    seeds: tuple[int, ...] = (),
    report: Callable[[str, Progress], None] = lambda name, progress: None,
) -> Iterator[RungResult]:
    """Train and measure what has no result yet.

    Several processes may climb side by side with one ``out``: each run belongs to who creates
    its folder first.

    Args:
        ladder: what is compared.
        out: folder of the results; created.
        data_folder: where the archives are.
        rungs: names of those to run; all if empty.
        seeds: those to run, such as the first alone of rungs that are only tried; all if empty.
        report: called after each epoch with the run's name.

    Yields:
        Each run's result, which has been added to the results' file.

    Raises:
        LadderError: a rung does not exist.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for rung in rungs:
        if rung not in ladder.rungs:
            raise LadderError(f"there is no rung {rung!r}; there are {', '.join(ladder.rungs)}")
    for fold in ladder.folds:
        for rung in rungs or ladder.rungs:
            for seed in seeds or range(ladder.seeds):
                folder = out / f"{rung}-{fold}-{seed}"
                try:
                    folder.mkdir()
                except FileExistsError:
                    continue
                result = _run(ladder, rung, fold, seed, folder, Path(data_folder), report)
                append_result(out / RESULTS, result)
                yield result


def _run(
    ladder: Ladder,
    rung: str,
    fold: str,
    seed: int,
    folder: Path,
    data_folder: Path,
    report: Callable[[str, Progress], None],
) -> RungResult:
    path = folder / "configuration.yaml"
    content = rung_configuration(ladder, rung, fold, seed)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    configuration = read_configuration(path, data_folder)
    frames = configuration.preparation.frames
    clips = read_clips(configuration.data, data_folder, configuration.preparation, frames)
    epochs = max(1, round(ladder.clips_seen / len(clips)))
    configuration = replace(
        configuration,
        mirroring=_limited(configuration.mirroring, clips.class_names),
        optimisation=replace(configuration.optimisation, epochs=epochs),
    )
    run = train(
        configuration, folder, device="cpu", report=lambda progress: report(folder.name, progress)
    )
    accuracy, auroc = {}, {}
    for name, tested in _tests(ladder, fold, configuration, run):
        accuracy[name], auroc[name] = _measure(run, configuration, tested)
    return RungResult(
        rung=rung,
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
    ladder: Ladder, fold: str, configuration: Configuration, run: TrainingRun
) -> Iterator[tuple[str, LabelledClips]]:
    """What a run is measured on, by name."""
    if run.validation is not None:
        yield VALIDATION, run.validation
    preparation, data_folder = configuration.preparation, configuration.data_folder
    trained_on = used_classes(configuration.data, data_folder)
    for source in (*ladder.folds[fold].test, *ladder.test):
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
    accuracies = one_shot_accuracies(embeddings, clips.labels, DRAWS, random)
    members = random.permutation(len(run.clips))[:COHORT_CLIPS]
    cohort = Cohort(embed_clips(run.network, representation, run.clips.select(members)))
    taught = len(np.unique(clips.labels)) // 2
    scores = together(scores_of_draws(embeddings, clips.labels, cohort, taught, DRAWS))
    area = area_under_roc(scores.genuine, scores.impostor)
    return round(100 * float(accuracies.mean()), 2), round(area, 4)
