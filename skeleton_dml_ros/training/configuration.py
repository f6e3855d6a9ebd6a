# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a training run is: one YAML file, read into data classes, nothing beside it.

Every key has a default here, and a key that is not here is an error, so that a misspelt setting
never runs unnoticed.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from skeleton_dml_ros.embedding.architecture import FULL_WIDTH, Architecture
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.shared_files import YamlError, parse_yaml
from skeleton_dml_ros.training.losses import loss_of
from skeleton_dml_ros.training.reading import ConfigurationError, read_fields


@dataclass(frozen=True)
class DataSource:
    """A skeleton archive and what of it is used.

    Attributes:
        archive: path of the archive, relative to ``data_folder``.
        leave_out: classes that are not used at all.
        only: classes that are used; empty means all that are not left out.
        split: a class split of :mod:`skeleton_dml_ros.datasets.splits`, or the path of its file
            relative to ``data_folder``; classes outside the part are not used.
        part: what of the split is used; ``training`` is ``auxiliary`` without ``validation``.
        subjects: people, or pairs, whose clips are used; empty means all.
        leave_out_subjects: people, or pairs, whose clips are not used.
        people: of clips of two people, ``all``, or only the ``mover``, who moves more.
        clips_a_class: how many clips of each class are used, the first ones by name; 0 means all.
        same_as: class name to the name under which it is trained.  Classes of one name are one
            class, within a set and across sets.
    """

    archive: str
    leave_out: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    split: str = ""
    part: Literal["auxiliary", "training", "validation", "evaluation"] = "auxiliary"
    subjects: tuple[int, ...] = ()
    leave_out_subjects: tuple[int, ...] = ()
    people: Literal["all", "mover"] = "all"
    clips_a_class: int = 0
    same_as: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(self.clips_a_class >= 0, "clips_a_class", self.clips_a_class, "0 for all, or more")


@dataclass(frozen=True)
class Mirroring:
    """What an action becomes when left and right change places.

    A mirrored clip is a real movement.  It keeps its class where the class is symmetric, and is
    of a new class otherwise: waving with the left hand is not waving with the right.

    Attributes:
        enabled: whether mirrored clips are trained on beside the recorded ones.
        symmetric: classes that look the same in a mirror.
        either_side: classes that some people do with the left and others with the right.  Clips
            in which the left hand and foot move more are mirrored before anything else.
        backwards: classes that are another movement when played backwards, which is trained on as
            a class of its own.
    """

    enabled: bool = True
    symmetric: tuple[str, ...] = ()
    either_side: tuple[str, ...] = ()
    backwards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Augmentation:
    """How clips are varied, on the normalised skeleton.  Zeros switch a variation off.

    Attributes:
        yaw: standard deviation of the turn about the vertical, degrees.
        tilt: standard deviation of the turns about the two horizontal axes, degrees.
        scale: standard deviation of the logarithm of the body's size.
        bone: standard deviation of the logarithm of each bone's length.
        crop: largest share of the clip that is cut off at either end, or added by holding the
            first or last pose.
        warp: largest shift of an instant inside the clip, as a share of the clip.
        noise: standard deviation of each joint's error in each frame, trunk lengths.
        travel: standard deviation of how far a person goes evenly in a clip, along each of the two
            horizontal axes, trunk lengths; in a third of the clips.
        offset: standard deviation of each joint's error in a whole clip, trunk lengths: trackers
            disagree on where hips, shoulders and hands are.
        wobble: standard deviation of each joint's slowly changing error, trunk lengths: what a
            tracker does with joints that it sees badly.
        hidden_legs: share of clips whose legs are as if never seen.
        hidden_limb: share of clips one of whose limbs is as if not seen for a while, or never.
        few_joints: share of clips as from a tracker of 15 joints.
        image_rotation: largest angle by which an image is rotated either way, degrees; the
            transform of the paper's Table III.
    """

    yaw: float = 15.0
    tilt: float = 7.0
    scale: float = 0.08
    bone: float = 0.08
    crop: float = 0.12
    warp: float = 0.08
    noise: float = 0.02
    travel: float = 0.0
    offset: float = 0.0
    wobble: float = 0.0
    hidden_legs: float = 0.0
    hidden_limb: float = 0.0
    few_joints: float = 0.0
    image_rotation: float = 0.0

    @property
    def varies_skeletons(self) -> bool:
        """Whether any variation of skeletons is switched on."""
        variations = (one.name for one in dataclasses.fields(self) if one.name != "image_rotation")
        return any(getattr(self, name) for name in variations)


@dataclass(frozen=True)
class Sampling:
    """What a batch holds.

    Attributes:
        classes: classes in a batch; if there are fewer, all of them.
        clips: clips of each of them.
        composed: share of the classes that are composed of two others, see
            :mod:`skeleton_dml_ros.training.composition`; only the metric loss sees them.
    """

    classes: int = 16
    clips: int = 4
    composed: float = 0.0

    def __post_init__(self) -> None:
        _check(0 <= self.composed < 1, "sampling.composed", self.composed, "0 or more, below 1")

    @property
    def composed_classes(self) -> int:
        """Composed classes in a batch."""
        return round(self.composed * self.classes)


@dataclass(frozen=True)
class Objective:
    """The loss: a metric loss on the embeddings, and the cross-entropy of a classifier on them.

    Attributes:
        loss: the metric loss's name and settings, see :mod:`skeleton_dml_ros.training.losses`.
        metric_weight: share of the metric loss.
        classifier_weight: share of the cross-entropy.
        classifier_input: what the classifier sees: the ``unit_embedding``, or the ``embedding``
            as the embedder gives it, before it is brought to unit length.
        classifier_scale: length given to the unit embedding before the classifier.
        label_smoothing: of the cross-entropy.
        threshold_weight: share of the threshold-consistent margin (Zhang et al., ICLR 2024),
            which asks of all classes to be as tight, so that one threshold serves them.
        threshold_positive: similarity that pairs of a class are asked to have.
        threshold_negative: similarity that pairs of two classes are asked not to exceed.
        distillation_weight: share, where there are teachers, of the mean squared difference between
            the similarities of a batch's clips and what the teachers find.
    """

    loss: dict[str, Any] = field(default_factory=lambda: {"name": "multi_similarity"})
    metric_weight: float = 0.5
    classifier_weight: float = 0.5
    classifier_input: Literal["unit_embedding", "embedding"] = "unit_embedding"
    classifier_scale: float = 16.0
    label_smoothing: float = 0.1
    threshold_weight: float = 0.0
    threshold_positive: float = 0.9
    threshold_negative: float = 0.5
    distillation_weight: float = 20.0

    def __post_init__(self) -> None:
        loss_of(self.loss)
        for name in (
            "metric_weight",
            "classifier_weight",
            "threshold_weight",
            "distillation_weight",
        ):
            _check(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        total = self.metric_weight + self.classifier_weight + self.threshold_weight
        _check(total > 0, "the sum of the weights", total, "one of the parts a weight")


@dataclass(frozen=True)
class Optimisation:
    """How the weights are changed, and how long.

    Attributes:
        epochs: passes over as many clips as the training set has.
        steps: largest number of batches in an epoch; 0 sets no limit.
        optimiser: ``adamw`` or ``rmsprop``.
        learning_rate: at the end of the warm-up.
        objective_rate: the learning rate of classifier and proxies, as a multiple of it.
        schedule: after the warm-up, half a ``cosine`` down to zero, or ``constant``.
        warm_up_epochs: epochs of the linear warm-up.
        weight_decay: of all weights but biases and normalisation layers.
        smoothing: RMSProp's, of the mean square.
        momentum: RMSProp's.
        epsilon: added to the denominator.
        average: decay of the exponential moving average of the weights, which is the model in
            the end; 0 takes the weights as the last step leaves them.
        freeze_normalisation: keep the statistics of the batch normalisation as they are at the
            start.
        precision: of the network; losses stay float32.  ``auto`` is bfloat16 where it is faster:
            on CUDA devices from Ampere on, and on processors with AVX-512 instructions for it
            (there a step takes half of the time); float32 elsewhere.
        early_stopping: epochs without a better one-shot accuracy on the validation classes after
            which a run ends, with the weights of its best epoch; 0 trains all epochs and takes
            the last.
    """

    epochs: int = 24
    steps: int = 0
    optimiser: Literal["adamw", "rmsprop"] = "adamw"
    learning_rate: float = 1e-3
    objective_rate: float = 1.0
    schedule: Literal["cosine", "constant"] = "cosine"
    warm_up_epochs: float = 2.0
    weight_decay: float = 0.05
    smoothing: float = 0.99
    momentum: float = 0.0
    epsilon: float = 1e-8
    average: float = 0.0
    freeze_normalisation: bool = False
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    early_stopping: int = 0

    def __post_init__(self) -> None:
        _check(self.epochs >= 1, "epochs", self.epochs, "1 or more")
        _check(self.steps >= 0, "steps", self.steps, "0 for no limit, or more")
        _check(self.learning_rate > 0, "learning_rate", self.learning_rate, "more than 0")
        _check(self.warm_up_epochs >= 0, "warm_up_epochs", self.warm_up_epochs, "0 or more")
        _check(0 <= self.average < 1, "average", self.average, "0, or a decay below 1")
        _check(self.early_stopping >= 0, "early_stopping", self.early_stopping, "0, or epochs")


@dataclass(frozen=True)
class OpenSet:
    """How cohort and threshold of the model are made.

    Attributes:
        cohort_clips: largest number of training clips whose embeddings become the cohort.
        false_accept_rate: share of unknown actions that may be accepted.
        references: how many actions are taught in the protocol that fits the threshold.
    """

    cohort_clips: int = 1000
    false_accept_rate: float = 0.05
    references: int = 5


@dataclass(frozen=True)
class DecisionFitting:
    """Which sets the confidence of a match is fitted to when training is over.

    Attributes:
        sets: data sets, one per entry, with classes that are not trained on.  Without any, the
            model has the package's default coefficients.
        look_alikes: further sets whose actions differ less than people do, such as rehabilitation
            exercises; they count for the coefficients, and not for the thresholds.
        cost_weight: weight of the alignment's cost in the fused score.
        mirror_penalty: added to the fused score of a reference's mirror image.
    """

    sets: tuple[DataSource, ...] = ()
    look_alikes: tuple[DataSource, ...] = ()
    cost_weight: float = 0.35
    mirror_penalty: float = 0.7

    def __post_init__(self) -> None:
        for name in ("cost_weight", "mirror_penalty"):
            value = getattr(self, name)
            _check(value >= 0, name, value, "a number of at least 0")


@dataclass(frozen=True)
class Configuration:
    """One training run.

    Attributes:
        name: of the model.
        data: what is trained on.
        validation: what choices are made on, and the threshold is fitted on; its classes are in
            no batch.  May be empty.
        data_folder: where the archives are, relative to the configuration's file.
        seed: of everything random.
        pretrained: what the trunk starts from: ``imagenet``, torchvision's weights, which are
            downloaded once, or ``none``, random ones.
        teachers: folders of trained models, relative to the configuration's file, whose
            similarities of clips are learnt too; they have the same preparation and
            representation.  They teach clips of one person.
        whitening: how much the variances of the embedding are evened out when training is over,
            between 0 and 1, see :mod:`skeleton_dml_ros.training.whitening`; 0 keeps the last layer
            as it was trained.
    """

    name: str
    data: tuple[DataSource, ...]
    validation: tuple[DataSource, ...] = ()
    data_folder: str = "."
    seed: int = 0
    architecture: Architecture = field(default_factory=Architecture)
    preparation: Preparation = field(default_factory=Preparation)
    representation: dict[str, Any] = field(default_factory=lambda: {"name": "skeleton_dml"})
    pretrained: Literal["none", "imagenet"] = "none"
    teachers: tuple[str, ...] = ()
    mirroring: Mirroring = field(default_factory=Mirroring)
    augmentation: Augmentation = field(default_factory=Augmentation)
    sampling: Sampling = field(default_factory=Sampling)
    objective: Objective = field(default_factory=Objective)
    optimisation: Optimisation = field(default_factory=Optimisation)
    whitening: float = 0.5
    open_set: OpenSet = field(default_factory=OpenSet)
    decision: DecisionFitting = field(default_factory=DecisionFitting)

    def __post_init__(self) -> None:
        _check(0 <= self.whitening <= 1, "whitening", self.whitening, "between 0 and 1")
        architecture = self.architecture
        if self.whitening and architecture.view_dimension > architecture.trunk_features:
            raise ConfigurationError(
                f"architecture.embedding_dimension is {architecture.embedding_dimension}, and "
                f"the trunk's {architecture.trunk_features} features have no more components; give "
                "whitening: 0, or a smaller dimension"
            )
        if self.pretrained != "none" and (architecture.width, architecture.views) != (
            FULL_WIDTH,
            1,
        ):
            raise ConfigurationError(
                f"pretrained is {self.pretrained}, whose weights are those of one whole ResNet18; "
                f"give architecture.width: {FULL_WIDTH} and views: 1, or pretrained: none"
            )
        if self.preparation.frames == 0:
            composed = self.sampling.composed
            _check(composed == 0, "sampling.composed", composed, "0 where preparation.frames is 0")
            for name in ("crop", "warp"):
                share = getattr(self.augmentation, name)
                _check(share == 0, f"augmentation.{name}", share, "0 where preparation.frames is 0")
        if self.optimisation.early_stopping and not self.validation:
            raise ConfigurationError(
                "optimisation.early_stopping is chosen on validation classes; give validation"
            )


def read_configuration(path: str | Path, data_folder: str | Path | None = None) -> Configuration:
    """Read a configuration; ``data_folder`` overrides the file's own.

    Raises:
        ConfigurationError: names the key that is wrong and what would be right.
    """
    path = Path(path)
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except (YamlError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is no YAML: {str(error).splitlines()[0]}") from None
    configuration = read_fields(Configuration, content, str(path))
    folder = Path(data_folder) if data_folder else path.parent / configuration.data_folder
    teachers = tuple(str((path.parent / teacher).resolve()) for teacher in configuration.teachers)
    return dataclasses.replace(configuration, data_folder=str(folder), teachers=teachers)


def _check(right: bool, name: str, value: object, remedy: str) -> None:
    if not right:
        raise ConfigurationError(f"{name} is {value}; give {remedy}")
