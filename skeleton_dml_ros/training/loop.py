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

"""The training loop: batches, augmentation, loss, checkpoints, and a model in the end."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skeleton_dml_ros.datasets.protocols import one_shot_accuracies
from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.representations import Representation
from skeleton_dml_ros.training.augmentation import augment
from skeleton_dml_ros.training.checkpoint import load_checkpoint, save_checkpoint
from skeleton_dml_ros.training.configuration import Configuration
from skeleton_dml_ros.training.data import OVERSAMPLING, LabelledClips, read_clips, with_mirrored
from skeleton_dml_ros.training.image_rotation import rotate_images
from skeleton_dml_ros.training.objective import TrainingObjective
from skeleton_dml_ros.training.optimisation import (
    computes_in_bfloat16,
    freeze_normalisation,
    make_optimiser,
    set_learning_rate,
    update_average,
)
from skeleton_dml_ros.training.pretraining import start_from_imagenet
from skeleton_dml_ros.training.sampling import batches

VALIDATION_DRAWS = 20
"""Draws of the one-shot protocol after each epoch; their mean is stable to half a percent."""

LARGEST_BATCH = 128
"""Clips embedded at once where no gradient is needed."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands after an epoch.

    Attributes:
        epoch: epochs done.
        epochs: epochs in all.
        scalars: loss, its parts, learning rate, seconds, one-shot accuracy on the validation
            classes in percent.
    """

    epoch: int
    epochs: int
    scalars: Mapping[str, float]


@dataclass(frozen=True)
class TrainingRun:
    """What a finished run gives.

    Attributes:
        network: the trained embedder, on the CPU, in evaluation mode.
        clips: the clips that it was trained on, without mirror images, at the model's frames.
        validation: the clips of the validation classes, likewise; None if there are none.
        history: one entry an epoch.
        seconds: wall time of the epochs of this process.
    """

    network: ActionEmbedder
    clips: LabelledClips
    validation: LabelledClips | None
    history: list[Progress] = field(default_factory=list)
    seconds: float = 0.0


def train(
    configuration: Configuration,
    out: str | Path,
    *,
    resume: bool = False,
    device: str = "auto",
    report: Callable[[Progress], None] = lambda progress: None,
) -> TrainingRun:
    """Train an embedder.

    Args:
        configuration: what and how.
        out: folder for checkpoint and TensorBoard scalars; created.
        resume: go on from the checkpoint in ``out``.
        device: ``cpu``, ``cuda`` or ``auto``.
        report: called after each epoch.

    Raises:
        SkeletonDmlError: configuration, data or checkpoint cannot be used.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    target = torch.device(
        ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    )
    torch.manual_seed(configuration.seed)
    clips, validation = read_data(configuration)
    training_set = with_mirrored(clips, configuration.mirroring)
    positions = training_set.positions.to(target)
    labels = torch.from_numpy(training_set.labels).to(target)
    network = ActionEmbedder(configuration.architecture)
    if configuration.pretrained == "imagenet" and not resume:
        start_from_imagenet(network)
    network.to(target).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    objective = TrainingObjective(
        configuration.objective,
        configuration.architecture.embedding_dimension,
        len(training_set.class_names),
    ).to(target)
    settings = configuration.optimisation
    optimizer = make_optimiser(network, objective, settings)
    modules = {"network": network, "objective": objective}
    # What is validated and becomes the model.
    result = network
    if settings.average:
        result = modules["average"] = copy.deepcopy(network).requires_grad_(False)
    half = computes_in_bfloat16(settings, target)
    done = load_checkpoint(out, configuration, modules, optimizer) if resume else 0

    representation = representation_of(configuration.representation)
    epochs = settings.epochs
    history: list[Progress] = []
    started = time.monotonic()
    writer = _summary_writer(out)
    for epoch in range(done, epochs):
        epoch_started = time.monotonic()
        plan = list(
            batches(
                training_set.labels,
                configuration.sampling,
                np.random.default_rng((configuration.seed, epoch)),
                len(clips),
            )
        )
        generator = torch.Generator(target).manual_seed(_epoch_seed(configuration.seed, epoch))
        sums: dict[str, Tensor] = {}
        plan = plan[: settings.steps or None]
        network.train()
        if settings.freeze_normalisation:
            freeze_normalisation(network)
        for step, indices in enumerate(plan):
            rate = set_learning_rate(optimizer, settings, epoch + step / len(plan))
            chosen = torch.from_numpy(indices).to(target)
            varied = augment(
                positions[chosen],
                configuration.preparation.frames,
                configuration.augmentation,
                generator,
            )
            images = rotate_images(
                representation(varied), configuration.augmentation.image_rotation, generator
            ).contiguous(memory_format=torch.channels_last)
            with torch.autocast(target.type, torch.bfloat16, enabled=half):
                embeddings = network.raw(images)
            loss, parts = objective(embeddings, labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            if settings.average:
                update_average(result, network, settings.average, epoch * len(plan) + step)
            for name, value in {"loss": loss.detach(), **parts}.items():
                sums[name] = sums.get(name, torch.zeros_like(value)) + value
        scalars = {name: float(value) / len(plan) for name, value in sums.items()}
        scalars["learning_rate"] = rate
        if validation is not None:
            scalars["validation_accuracy"] = 100 * float(
                one_shot_accuracies(
                    embed_clips(result, representation, validation.positions),
                    validation.labels,
                    VALIDATION_DRAWS,
                    np.random.default_rng(configuration.seed),
                ).mean()
            )
        scalars["seconds"] = time.monotonic() - epoch_started
        save_checkpoint(out, configuration, epoch + 1, modules, optimizer)
        for name, number in scalars.items():
            writer.add_scalar(name, number, epoch + 1)
        history.append(Progress(epoch + 1, epochs, scalars))
        report(history[-1])
    writer.close()
    result.eval().cpu()
    seconds = time.monotonic() - started
    return TrainingRun(result, _thinned(clips), validation, history, seconds)


def read_data(configuration: Configuration) -> tuple[LabelledClips, LabelledClips | None]:
    """The training clips at a multiple of the model's frames, and the validation clips at them."""
    frames = configuration.preparation.frames
    clips = read_clips(
        configuration.data,
        configuration.data_folder,
        configuration.preparation,
        OVERSAMPLING * frames,
    )
    if not configuration.validation:
        return clips, None
    validation = read_clips(
        configuration.validation, configuration.data_folder, configuration.preparation, frames
    )
    return clips, validation


@torch.inference_mode()
def embed_clips(
    network: ActionEmbedder, representation: Representation, positions: Tensor
) -> NDArray[np.float32]:
    """Embeddings of normalised clips (clips, frames, bodies, 25, 3), on the network's device."""
    network.eval()
    device = next(network.parameters()).device
    embeddings = [
        network(representation(batch.to(device))).cpu().numpy()
        for batch in torch.split(positions, LARGEST_BATCH)
    ]
    return np.concatenate(embeddings)


def _thinned(clips: LabelledClips) -> LabelledClips:
    return LabelledClips(
        clips.positions[:, ::OVERSAMPLING], clips.labels, clips.class_names, clips.left_out
    )


def _epoch_seed(seed: int, epoch: int) -> int:
    return int(np.random.SeedSequence((seed, epoch)).generate_state(1)[0])


def _summary_writer(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise SkeletonDmlError(
            "training writes TensorBoard scalars and needs tensorboard; "
            "pip install 'skeleton_dml_ros[training]'"
        ) from None
    return SummaryWriter(str(folder))
