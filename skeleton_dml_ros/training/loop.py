# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The training loop: data, epochs, validation and checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.episodes import one_shot_accuracies
from skeleton_dml_ros.representations import Representation
from skeleton_dml_ros.training.checkpoint import Reached, load_checkpoint, save_checkpoint
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import Configuration, DataSource, Sampling
from skeleton_dml_ros.training.data import (
    LARGEST_IN_MEMORY,
    OVERSAMPLING,
    bytes_of_clips,
    read_clips,
)
from skeleton_dml_ros.training.distributed import (
    Workers,
    joined_workers,
    training_device,
)
from skeleton_dml_ros.training.embeddings import embed_clips
from skeleton_dml_ros.training.mirroring import with_mirrored
from skeleton_dml_ros.training.optimisation import learning_rate
from skeleton_dml_ros.training.pretraining import start_from_imagenet
from skeleton_dml_ros.training.reading import ConfigurationError
from skeleton_dml_ros.training.record import RunRecord
from skeleton_dml_ros.training.sampling import epoch_plan, with_sources
from skeleton_dml_ros.training.step import TrainingState, make_state, step, training_mode
from skeleton_dml_ros.training.whitening import whiten

VALIDATION_EPISODES = 20
"""Episodes of the one-shot protocol after each epoch; their mean is stable to half a percent."""

CLIPS = "clips"
"""Subfolder of a run for normalised clips that do not fit in memory."""


CHECKED_STEPS = 50
"""Steps after which a process that trains alone looks whether the loss is finite."""


class TrainingError(SkeletonDmlError):
    """A training has failed."""


@dataclass(frozen=True)
class Progress:
    """Progress of a run after an epoch.

    Attributes:
        epoch: epochs done.
        epochs: total number of epochs.
        clips_seen: clips that were trained on so far, repetitions counted.
        seconds: wall time of the epoch.
        scalars: loss, its parts, learning rate, one-shot accuracy on the validation classes in
            percent.
    """

    epoch: int
    epochs: int
    clips_seen: int
    seconds: float
    scalars: Mapping[str, float]


@dataclass(frozen=True)
class TrainingRun:
    """Result of a finished run.

    Attributes:
        network: the trained embedder, on the CPU, in evaluation mode.
        clips: the clips that it was trained on, without mirror images.
        validation: the clips of the validation classes, or None.
        reached: epochs, clips seen and seconds, including those before an interruption.
        history: one entry per epoch of this process.
    """

    network: ActionEmbedder
    clips: LabelledClips
    validation: LabelledClips | None
    reached: Reached
    history: list[Progress] = field(default_factory=list)


def train_network(
    configuration: Configuration,
    out: str | Path,
    *,
    resume: bool = False,
    device: str = "auto",
    cache: str | Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> TrainingRun:
    """Train a network; :func:`skeleton_dml_ros.training.train.train` makes a model of it.

    Under torchrun all processes call this alike and return the same; only the first writes files
    and reports.

    Args:
        configuration: of the run.
        out: folder of the run, for checkpoint, record and TensorBoard scalars; created.
        resume: continue from the checkpoint in ``out``.
        device: ``cpu``, ``cuda`` or ``auto``.
        cache: folder that keeps normalised clips for later runs.  None keeps them in memory, or in
            ``out`` if they are large or several processes train.
        report: called after each epoch.

    Raises:
        SkeletonDmlError: configuration, data or checkpoint cannot be used.
        TrainingError: the loss is not finite; the last finite checkpoint is kept.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    target = training_device(device)
    with joined_workers(target) as workers:
        return _train(configuration, out, resume, target, workers, cache, report)


def _train(
    configuration: Configuration,
    out: Path,
    resume: bool,
    device: torch.device,
    workers: Workers,
    cache: str | Path | None,
    report: Callable[[Progress], None],
) -> TrainingRun:
    torch.manual_seed(configuration.seed)
    # The first process may have to write the files that the others read.
    if not workers.first:
        workers.wait()
    clips, validation = read_data(configuration, _cache(configuration, out, workers, cache))
    _check_trainable(configuration, clips, validation)
    network = ActionEmbedder(configuration.architecture)
    if configuration.pretrained == "imagenet" and not resume:
        start_from_imagenet(network)
    if workers.first:
        workers.wait()

    training_set = with_mirrored(clips, configuration.mirroring)
    state = make_state(configuration, network, len(training_set.class_names), device, workers)
    kinds = image_kinds(training_set, state.representation)
    training_set = training_set.on(device)
    reached = Reached()
    if resume:
        reached = load_checkpoint(out, configuration, state.modules(), state.optimiser)
    record = None
    if workers.first:
        record = RunRecord(out, configuration, training_set, device, workers.count, reached)
    history: list[Progress] = []
    while not _finished(configuration, reached):
        started = time.monotonic()
        plan = _plan(configuration, training_set, kinds, reached.epochs, len(clips), workers)
        scalars = _train_epoch(state, training_set, plan, reached)
        _check_finite(state, scalars, reached)
        reached = replace(
            reached,
            epochs=reached.epochs + 1,
            steps=reached.steps + len(plan),
            clips_seen=reached.clips_seen + sum(len(batch) for batch in plan),
        )
        if validation is not None:
            accuracy = workers.agree(_accuracy(state, validation) if workers.first else 0.0)
            scalars["validation_accuracy"] = accuracy
            if state.best is not None and accuracy > reached.best_accuracy:
                state.best.load_state_dict(state.result.state_dict())
                reached = replace(reached, best_epoch=reached.epochs, best_accuracy=accuracy)
        seconds = time.monotonic() - started
        reached = replace(reached, seconds=reached.seconds + seconds)
        if record is not None:
            record.add_epoch(reached, scalars)
            save_checkpoint(out, configuration, reached, state.modules(), state.optimiser)
            history.append(
                Progress(
                    reached.epochs,
                    configuration.optimisation.epochs,
                    reached.clips_seen,
                    seconds,
                    scalars,
                )
            )
            report(history[-1])
    if record is not None:
        record.close(reached)
    result = state.result if state.best is None else state.best
    return _ended(configuration, result, clips, validation, reached, history)


def _check_trainable(
    configuration: Configuration, clips: LabelledClips, validation: LabelledClips | None
) -> None:
    """Refuse before the first epoch what no training can succeed with.

    Raises:
        ConfigurationError: there are too few classes, or too few clips of them.
    """
    if configuration.sampling.clips < 2 and configuration.objective.metric_weight > 0:
        raise ConfigurationError(
            f"sampling.clips is {configuration.sampling.clips}, so the metric loss has no two clips of a "
            "class to compare; give 2 or more"
        )
    for name, used in (("data", clips), ("validation", validation)):
        if used is None:
            continue
        counts = np.unique(used.labels, return_counts=True)[1]
        if len(counts) < 2:
            raise ConfigurationError(f"{name} has only one class of clips; give two or more")
        if (counts > 1).sum() < 2:
            raise ConfigurationError(
                f"{name} has one clip of almost every class; give two or more clips of two or more "
                "classes"
            )


def _check_finite(state: TrainingState, scalars: Mapping[str, float], reached: Reached) -> None:
    """Stop before a checkpoint is overwritten with a network that is not finite.

    Raises:
        TrainingError: loss or weights are not finite.
    """
    weights = all(bool(torch.isfinite(one).all()) for one in state.network.parameters())
    if state.workers.agree(float(weights and np.isfinite(list(scalars.values())).all())):
        return
    kept = f"; the checkpoint of epoch {reached.epochs} is kept" if reached.epochs else ""
    raise TrainingError(
        f"the loss or the weights are not finite in epoch {reached.epochs + 1}{kept}; give a smaller "
        "optimisation.learning_rate"
    )


def refit_network(configuration: Configuration, network: ActionEmbedder) -> TrainingRun:
    """The result of a run that ends with this network.

    Args:
        configuration: whose clips the network was trained on.
        network: trained; its last layer is replaced if the configuration whitens.

    Raises:
        SkeletonDmlError: the configuration's data cannot be used.
    """
    clips, validation = read_data(configuration)
    return _ended(configuration, network, clips, validation, Reached(), [])


def _ended(
    configuration: Configuration,
    network: ActionEmbedder,
    clips: LabelledClips,
    validation: LabelledClips | None,
    reached: Reached,
    history: list[Progress],
) -> TrainingRun:
    if configuration.whitening:
        representation = representation_of(configuration.representation)
        whiten(network, representation, clips, configuration.whitening, configuration.seed)
    return TrainingRun(network.eval().cpu(), clips, validation, reached, history)


def read_data(
    configuration: Configuration, cache: Path | None = None
) -> tuple[LabelledClips, LabelledClips | None]:
    """Training clips at a multiple of the model's frames, and validation clips at the model's frames.

    Args:
        configuration: of the run.
        cache: as :func:`skeleton_dml_ros.training.data.read_clips` takes it.
    """
    frames = configuration.preparation.frames

    def read(sources: tuple[DataSource, ...], frames: int) -> LabelledClips:
        folder, preparation = configuration.data_folder, configuration.preparation
        return read_clips(sources, folder, preparation, frames, cache)

    clips = read(configuration.data, OVERSAMPLING * frames)
    return clips, read(configuration.validation, frames) if configuration.validation else None


def image_kinds(clips: LabelledClips, representation: Representation) -> NDArray[np.int64]:
    """(clips,) group of each clip; clips of one group have images of one size and may share a batch.

    Raises:
        ConfigurationError: images of the same number of people differ in size.
    """
    sizes: dict[int, tuple[int, ...]] = {}
    for people in np.unique(clips.bodies):
        fixed, own = clips.preparation.frames, clips.frames[clips.bodies == people]
        probed = {fixed} if fixed else {int(own.min()), int(own.max())}
        found = {_image_size(representation, length, int(people)) for length in probed}
        if len(found) > 1:
            raise ConfigurationError(
                "preparation.frames is 0, so clips have frames of their own number, but the "
                "representation's images have no fixed size; give it a size, or frames"
            )
        sizes[int(people)] = found.pop()
    kinds = sorted(set(sizes.values()))
    return np.array([kinds.index(sizes[int(people)]) for people in clips.bodies], dtype=np.int64)


def composable_kinds(
    clips: LabelledClips, kinds: NDArray[np.int64], sampling: Sampling
) -> tuple[int, ...]:
    """Groups of clips that classes are composed of: those of one person.

    Raises:
        ConfigurationError: there are too few classes to compose others from.
    """
    if not sampling.composed_classes:
        return ()
    alone = clips.bodies == 1
    needed, present = with_sources(sampling).classes, len(np.unique(clips.labels[alone]))
    if present < needed:
        raise ConfigurationError(
            f"sampling.composed is {sampling.composed}, for which a batch takes {needed} classes "
            f"of one person, and there are {present}; give a smaller share, or fewer classes"
        )
    return tuple(int(kind) for kind in np.unique(kinds[alone]))


def _image_size(representation: Representation, frames: int, people: int) -> tuple[int, ...]:
    generator = torch.Generator().manual_seed(0)
    shape = (1, frames, people, 25, 3)
    return tuple(representation(torch.rand(shape, generator=generator)).shape[2:])


def _cache(
    configuration: Configuration, out: Path, workers: Workers, cache: str | Path | None
) -> Path | None:
    """Folder for normalised clips, or None to keep them in memory."""
    if cache is not None:
        return Path(cache)
    frames = OVERSAMPLING * configuration.preparation.frames
    needed = bytes_of_clips(configuration.data, configuration.data_folder, frames)
    return out / CLIPS if workers.count > 1 or needed > LARGEST_IN_MEMORY else None


def _finished(configuration: Configuration, reached: Reached) -> bool:
    patience = configuration.optimisation.early_stopping
    stale = reached.epochs - reached.best_epoch
    return reached.epochs >= configuration.optimisation.epochs or 0 < patience <= stale


def _plan(
    configuration: Configuration,
    clips: LabelledClips,
    kinds: NDArray[np.int64],
    epoch: int,
    epoch_clips: int,
    workers: Workers,
) -> list[NDArray[np.intp]]:
    """The batches of an epoch, the same in all processes."""
    generator = np.random.default_rng((configuration.seed, epoch))
    sampling = configuration.sampling
    composable = composable_kinds(clips, kinds, sampling)
    plan = epoch_plan(clips.labels, kinds, sampling, generator, epoch_clips, composable)
    plan = plan[: configuration.optimisation.steps or None]
    for batch in plan:
        if len(batch) % workers.count:
            raise ConfigurationError(
                f"a batch of {len(batch)} clips cannot be shared evenly by {workers.count} "
                "processes; give sampling.classes and sampling.clips whose product they divide"
            )
    return plan


def _train_epoch(
    state: TrainingState,
    clips: LabelledClips,
    plan: list[NDArray[np.intp]],
    reached: Reached,
) -> dict[str, float]:
    """Train one epoch; returns the mean loss and parts over its batches, and the last learning rate."""
    seed = np.random.SeedSequence((state.configuration.seed, reached.epochs)).generate_state(1)[0]
    generator = torch.Generator(state.device).manual_seed(int(seed))
    sums: dict[str, Tensor] = {}
    training_mode(state)
    for number, indices in enumerate(plan):
        epochs_done = reached.epochs + number / len(plan)
        parts = step(state, clips, indices, generator, epochs_done, reached.steps + number)
        for name, value in parts.items():
            sums[name] = sums.get(name, torch.zeros_like(value)) + value
        # Several processes must stop together, after the epoch.
        if (
            state.workers.count == 1
            and number % CHECKED_STEPS == 0
            and not all(bool(torch.isfinite(value)) for value in sums.values())
        ):
            break
    state.workers.average_statistics(state.network, state.average)
    means = {name: float(value) / len(plan) for name, value in sums.items()}
    return means | {"learning_rate": learning_rate(state.configuration.optimisation, epochs_done)}


def _accuracy(state: TrainingState, validation: LabelledClips) -> float:
    """One-shot accuracy on the validation classes, percent."""
    embeddings = embed_clips(state.result, state.representation, validation)
    generator = np.random.default_rng(state.configuration.seed)
    accuracies = one_shot_accuracies(embeddings, validation.labels, VALIDATION_EPISODES, generator)
    return 100 * float(accuracies.mean())
