# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Train and evaluate one run, and keep its results so that no run is repeated.

The name of a run's folder is a fingerprint of configuration, split and archive, so tables share
runs.  An interrupted run resumes from its checkpoint; a finished one keeps its record, float16
weights, embeddings of the evaluation clips, and result.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file as save_tensors

from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.reproduction.material import Material
from skeleton_dml_ros.references.episodes import one_shot_episodes
from skeleton_dml_ros.training import checkpoint, loop
from skeleton_dml_ros.training.configuration import Configuration, DataSource
from skeleton_dml_ros.training.data import read_clips
from skeleton_dml_ros.training.distributed import training_device
from skeleton_dml_ros.training.embeddings import embed_clips

RESULT = "result.json"
EMBEDDINGS = "embeddings.safetensors"
WEIGHTS = "weights.safetensors"
CLIPS = "clips"
"""Folder of normalised clips, shared by runs on the same classes."""

EPISODES = 50
"""Episodes if the split fixes no references."""

FINGERPRINT_DIGITS = 16


@dataclass(frozen=True)
class Result:
    """Result of a run.

    Attributes:
        accuracy: one-shot accuracy on the evaluation classes, percent; mean over the episodes.
        episodes: number of episodes; 0 if the split fixes the references.
        class_names: evaluation classes.
        confusion: counts over all episodes; rows are the queries' classes, columns the nearest
            references'.
        queries: per episode.
        left_out: evaluation clips in which too little was seen.
        training_clips: number of training clips.
        epochs: of the training.
        clips_seen: over all epochs, repetitions counted.
        seconds: wall time of the epochs.
        folder: of the run.
    """

    accuracy: float
    episodes: int
    class_names: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    queries: int
    left_out: int
    training_clips: int
    epochs: int
    clips_seen: int
    seconds: float
    folder: Path

    def class_accuracies(self) -> NDArray[np.float64]:
        """(classes,) percent of each class's queries classified correctly; NaN without queries."""
        counts = np.array(self.confusion, dtype=np.float64)
        totals = counts.sum(axis=1)
        shares = np.full(len(totals), np.nan)
        np.divide(100 * counts.diagonal(), totals, out=shares, where=totals > 0)
        return shares


@dataclass(frozen=True)
class Embedded:
    """The evaluation clips, embedded by a run's network.

    Attributes:
        embeddings: (clips, dimension) unit vectors.
        labels: (clips,) index into the result's ``class_names``.
        references: (clips,) whether the clip is a reference of the split.
    """

    embeddings: NDArray[np.float32]
    labels: NDArray[np.int64]
    references: NDArray[np.bool_]


def measure(
    configuration: Configuration,
    material: Material,
    out: Path,
    device: str = "auto",
    report: Callable[[loop.Progress], None] = lambda progress: None,
) -> Result:
    """Result of a run, read from its folder in ``out`` or trained now.

    Args:
        configuration: of the training.
        material: evaluated on.
        out: folder of the runs.
        device: ``cpu``, ``cuda`` or ``auto``.
        report: called after each epoch.

    Raises:
        SkeletonDmlError: the data does not fit the configuration.
    """
    folder = out / fingerprint(configuration, material)
    if (folder / RESULT).is_file():
        return _read(folder)
    unfinished = folder / checkpoint.FILE_NAME
    run = loop.train_network(
        configuration,
        folder,
        resume=unfinished.is_file(),
        device=device,
        cache=out / CLIPS,
        report=report,
    )
    embedded, class_names, left_out = _embed(
        run.network.to(training_device(device)), configuration, material, out / CLIPS
    )
    confusion = confusion_of(embedded, len(class_names), configuration.seed)
    episodes = 0 if material.split.references else EPISODES
    result = Result(
        accuracy=float(100 * confusion.diagonal().sum() / confusion.sum()),
        episodes=episodes,
        class_names=class_names,
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        queries=int(confusion.sum()) // max(episodes, 1),
        left_out=left_out,
        training_clips=len(run.clips),
        epochs=run.reached.epochs,
        clips_seen=run.reached.clips_seen,
        seconds=run.reached.seconds,
        folder=folder,
    )
    save_arrays(vars(embedded), folder / EMBEDDINGS)
    weights = run.network.state_dict()
    save_tensors(
        {name: value.half().cpu().contiguous() for name, value in weights.items()}, folder / WEIGHTS
    )
    _write(result, {"run": _identity(configuration, material)})
    unfinished.unlink()
    return result


def _embed(
    network: ActionEmbedder, configuration: Configuration, material: Material, cache: Path
) -> tuple[Embedded, tuple[str, ...], int]:
    """The embedded evaluation clips, their classes, and the number of clips left out.

    Pairs are embedded in the recorded order of people, as in training and in the paper.
    """
    clips = read_clips(
        (DataSource(archive=material.path.name, only=material.split.evaluation),),
        configuration.data_folder,
        configuration.preparation,
        configuration.preparation.frames,
        cache,
    )
    representation = representation_of(configuration.representation)
    embeddings = embed_clips(network, representation, clips, both_orders=False)
    references = np.isin(clips.names, material.split.references)
    # In the split's order, by class number, instead of alphabetical.
    class_names = tuple(name for name in material.split.evaluation if name in clips.class_names)
    number = np.array([class_names.index(name) for name in clips.class_names])
    return Embedded(embeddings, number[clips.labels], references), class_names, len(clips.left_out)


def embeddings_of(result: Result) -> Embedded:
    """The embedded evaluation clips of a finished run."""
    return Embedded(**load_arrays(result.folder / EMBEDDINGS))


def confusion_of(embedded: Embedded, classes: int, seed: int) -> NDArray[np.int64]:
    """Confusion matrix, (classes, classes) counts; rows are the queries' true classes.

    Without fixed references, the counts are summed over `EPISODES` episodes.

    Raises:
        SkeletonDmlError: a class has no reference, or there is no query.
    """
    labels = embedded.labels
    if embedded.references.any():
        references = np.flatnonzero(embedded.references)
        if len(np.unique(labels[references])) < classes:
            raise SkeletonDmlError(
                f"only {len(references)} references of {classes} evaluation classes could be "
                "embedded; give a split with one for each class"
            )
        episodes = iter([(references, np.flatnonzero(~embedded.references))])
    else:
        episodes = one_shot_episodes(labels, EPISODES, np.random.default_rng(seed))
    confusion = np.zeros((classes, classes), dtype=np.int64)
    for references, queries in episodes:
        # The nearest of unit vectors has the largest inner product.
        similarity = embedded.embeddings[queries] @ embedded.embeddings[references].T
        nearest = references[similarity.argmax(axis=1)]
        np.add.at(confusion, (labels[queries], labels[nearest]), 1)
    if confusion.sum() == 0:
        raise SkeletonDmlError("the archive holds only the references; no query is left")
    return confusion


def fingerprint(configuration: Configuration, material: Material) -> str:
    """Name of a run's folder: the same for the same training on the same data."""
    content = json.dumps(_identity(configuration, material), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:FINGERPRINT_DIGITS]


def _identity(configuration: Configuration, material: Material) -> dict[str, Any]:
    fields = asdict(configuration)
    # Path and name of the archive do not matter, only its content.
    del fields["data_folder"]
    fields["data"] = [
        asdict(dataclasses.replace(source, archive="")) for source in configuration.data
    ]
    return {
        "configuration": fields,
        "split": asdict(material.split),
        "archive_digest": material.digest,
    }


def _write(result: Result, described: dict[str, Any]) -> None:
    """Write the result file atomically; it marks the run as finished."""
    content = {**asdict(result), "folder": result.folder.name, **described}
    unfinished = result.folder / (RESULT + ".new")
    unfinished.write_text(json.dumps(content, indent=1), encoding="utf-8")
    unfinished.replace(result.folder / RESULT)


def _read(folder: Path) -> Result:
    content = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    del content["run"]
    content["class_names"] = tuple(content["class_names"])
    content["confusion"] = tuple(tuple(row) for row in content["confusion"])
    return Result(**{**content, "folder": folder})
