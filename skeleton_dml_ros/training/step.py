# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One step of training: clips to images, images to embeddings, loss, gradients, new weights."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.representations import Representation
from skeleton_dml_ros.training.augmentation import augment
from skeleton_dml_ros.training.clips import LabelledClips, swap_people
from skeleton_dml_ros.training.composition import compose
from skeleton_dml_ros.training.configuration import Configuration, Sampling
from skeleton_dml_ros.training.distributed import Workers
from skeleton_dml_ros.training.image_rotation import random_angles, rotated
from skeleton_dml_ros.training.objective import make_objective
from skeleton_dml_ros.training.optimisation import (
    computes_in_bfloat16,
    freeze_normalisation,
    make_optimiser,
    set_learning_rate,
    update_average,
)
from skeleton_dml_ros.training.teachers import Teachers


@dataclass(frozen=True, eq=False)
class TrainingState:
    """State of a training run: what a step changes and what it needs.

    Attributes:
        configuration: of the run.
        network: the embedder that is trained.
        objective: the loss, with classifier and proxies.
        optimiser: of both.
        average: moving average of the network; None without one.
        best: network of the best epoch with early stopping; else None.
        representation: draws the images.
        device: of all of these.
        workers: the processes that share each batch.
        teachers: for distillation, or None.
    """

    configuration: Configuration
    network: ActionEmbedder
    objective: nn.Module
    optimiser: torch.optim.Optimizer
    average: ActionEmbedder | None
    best: ActionEmbedder | None
    representation: Representation
    device: torch.device
    workers: Workers
    teachers: Teachers | None

    @property
    def result(self) -> ActionEmbedder:
        """The network that is validated after an epoch."""
        return self.network if self.average is None else self.average

    def modules(self) -> dict[str, nn.Module]:
        """The modules of a checkpoint, by name."""
        named: dict[str, nn.Module | None] = {
            "network": self.network,
            "objective": self.objective,
            "average": self.average,
            "best": self.best,
        }
        return {name: module for name, module in named.items() if module is not None}


def make_state(
    configuration: Configuration,
    network: ActionEmbedder,
    classes: int,
    device: torch.device,
    workers: Workers,
) -> TrainingState:
    """The state before the first step.

    Args:
        configuration: of the run.
        network: with the weights to start from.
        classes: number of training classes.
        device: to train on.
        workers: the processes that share each batch.
    """
    settings = configuration.optimisation
    network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    architecture = configuration.architecture
    objective = make_objective(configuration.objective, architecture, classes).to(device)
    return TrainingState(
        configuration=configuration,
        network=network,
        objective=objective,
        optimiser=make_optimiser(network, objective, settings),
        average=_copy(network) if settings.average else None,
        best=_copy(network) if settings.early_stopping else None,
        representation=representation_of(configuration.representation),
        device=device,
        workers=workers,
        teachers=Teachers(configuration, device) if configuration.teachers else None,
    )


def training_mode(state: TrainingState) -> None:
    """Set training mode, for normalisation layers too unless they are frozen."""
    state.network.train()
    if state.configuration.optimisation.freeze_normalisation:
        freeze_normalisation(state.network)


def step(
    state: TrainingState,
    clips: LabelledClips,
    indices: NDArray[np.integer],
    generator: torch.Generator,
    epochs_done: float,
    steps_done: int,
) -> dict[str, Tensor]:
    """Train on one batch.

    Args:
        state: changed in place.
        clips: training clips.
        indices: (batch,) of the clips in the batch, the same in all processes.
        generator: on the state's device, the same in all processes.
        epochs_done: for the schedule.
        steps_done: for the moving average.

    Returns:
        Loss and its parts.
    """
    settings = state.configuration.optimisation
    set_learning_rate(state.optimiser, settings, epochs_done)
    parts = compute_gradients(state, clips, indices, generator)
    state.optimiser.step()
    if state.average is not None:
        update_average(state.average, state.network, settings.average, steps_done)
    return parts


def compute_gradients(
    state: TrainingState,
    clips: LabelledClips,
    indices: NDArray[np.integer],
    generator: torch.Generator,
) -> dict[str, Tensor]:
    """Compute the gradients of the whole batch; returns the loss and its parts."""
    images = draw_images(state, clips, indices, generator)
    labels = torch.from_numpy(labels_of_batch(clips, indices, state.configuration.sampling))
    labels = labels.to(state.device)
    half = computes_in_bfloat16(state.configuration.optimisation, state.device)
    with torch.autocast(state.device.type, torch.bfloat16, enabled=half):
        embeddings = state.network.raw(images)
        teacher_embeddings = None
        if state.teachers is not None and int(clips.bodies[indices].max()) == 1:
            teacher_embeddings = state.workers.gather(state.teachers.embed(images))
    loss, parts = state.objective(state.workers.gather(embeddings), labels, teacher_embeddings)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    state.workers.sum_gradients(state.network, state.objective)
    return {"loss": loss.detach(), **parts}


def draw_images(
    state: TrainingState,
    clips: LabelledClips,
    indices: NDArray[np.integer],
    generator: torch.Generator,
) -> Tensor:
    """Images of this process's share of a batch, each of a random variant of its clip.

    All processes generate the variants of the whole batch, so that their number makes no difference.

    Returns:
        (share, 3, height, width) in [0, 1].
    """
    settings = state.configuration
    workers = state.workers
    sources = sources_of_composed(clips, indices, settings.sampling)
    composed = None
    if sources:
        indices, of_composed = np.split(indices, [-sources])
        composed = compose(
            clips.positions(of_composed, state.device),
            settings.sampling.composed_classes,
            generator,
        )
    rotation = settings.augmentation.image_rotation
    angles = random_angles(len(indices) + sources // 2, rotation, generator, state.device)
    drawn: list[Tensor] = []
    places_drawn: list[NDArray[Any]] = []
    for places in clips.by_shape(indices):
        positions = clips.positions(indices[places], state.device)
        if composed is not None:  # all clips have one shape then
            positions = torch.cat([positions, composed])
            places = np.arange(len(positions))
        if positions.shape[2] == 2:
            positions = _name_people_at_random(positions, settings, generator)
        frames = settings.preparation.frames or positions.shape[1]
        if settings.augmentation.varies_skeletons or frames != positions.shape[1]:
            positions = augment(positions, frames, settings.augmentation, generator)
        if workers.count > 1:
            own = np.flatnonzero(places % workers.count == workers.rank)
            positions, places = positions[torch.from_numpy(own)], places[own]
        if len(places):
            drawn.append(state.representation(positions))
            places_drawn.append(places)
    images = torch.cat(drawn)
    order = np.concatenate(places_drawn)
    if len(drawn) > 1:
        images = images[torch.from_numpy(np.argsort(order))]
    if rotation:
        images = rotated(images, angles[torch.from_numpy(np.sort(order))])
    return images.contiguous(memory_format=torch.channels_last)


def sources_of_composed(
    clips: LabelledClips, indices: NDArray[np.integer], sampling: Sampling
) -> int:
    """Number of clips at the end of a batch that are composed in pairs.

    None in batches of two people, since it is unclear whose limbs to exchange.
    """
    if not sampling.composed_classes or int(clips.bodies[indices].max()) > 1:
        return 0
    return 2 * sampling.composed_classes * sampling.clips


def labels_of_batch(
    clips: LabelledClips, indices: NDArray[np.integer], sampling: Sampling
) -> NDArray[np.int64]:
    """Classes of a batch's clips; composed classes are numbered after the recorded ones."""
    sources = sources_of_composed(clips, indices, sampling)
    recorded = clips.labels[indices[: len(indices) - sources]]
    composed = np.arange(sources // 2) // sampling.clips + len(clips.class_names)
    return np.concatenate([recorded, composed])


def _name_people_at_random(
    positions: Tensor, settings: Configuration, generator: torch.Generator
) -> Tensor:
    """Swap the two people in half of the pairs (batch, frames, 2, 25, 3)."""
    swap = torch.rand(len(positions), generator=generator, device=positions.device) < 0.5
    swapped = swap_people(positions, settings.preparation)
    return torch.where(swap.view(-1, 1, 1, 1, 1), swapped, positions)


def _copy(network: ActionEmbedder) -> ActionEmbedder:
    return copy.deepcopy(network).requires_grad_(False)
