# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Configuration of a training run: one YAML file, read into data classes.

Every key has a default here.  An unknown key is an error, so a misspelt setting is never ignored.
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
    """A skeleton archive and the part of it that is used.

    Attributes:
        archive: path of the archive, relative to ``data_folder``.
        leave_out: classes that are not used.
        only: classes that are used; empty means all that are not left out.
        split: a class split of :mod:`skeleton_dml_ros.datasets.splits`, or the path of its file
            relative to ``data_folder``; classes outside the part are not used.
        part: the part of the split that is used; ``training`` is ``auxiliary`` without ``validation``.
        subjects: people, or pairs, whose clips are used; empty means all.
        leave_out_subjects: people, or pairs, whose clips are not used.
        people: in clips of two people, use ``all`` or only the ``mover``, who moves more.
        clips_a_class: number of clips of each class that are used, the first ones by name; 0 means all.
        same_as: class name to the name under which it is trained.  Classes with the same name are
            merged, within a set and across sets.
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
    """The class of an action whose left and right are swapped.

    A mirrored clip keeps its class if the class is symmetric.  Otherwise it belongs to a new class:
    waving with the left hand is not waving with the right.

    Attributes:
        enabled: whether mirrored clips are added to the training clips.
        symmetric: classes that look the same in a mirror.
        either_side: classes that some people do with the left and others with the right.  Clips
            in which the left hand and foot move more are mirrored first.
        backwards: classes that are a different movement when played backwards, which becomes a
            class of its own.
    """

    enabled: bool = True
    symmetric: tuple[str, ...] = ()
    either_side: tuple[str, ...] = ()
    backwards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Augmentation:
    """Augmentation of normalised skeletons.  Zero switches a variation off.

    Attributes:
        yaw: standard deviation of the rotation about the vertical, degrees.
        tilt: standard deviation of the rotations about the two horizontal axes, degrees.
        scale: standard deviation of the logarithm of the body's size.
        bone: standard deviation of the logarithm of each bone's length.
        crop: maximum share of the clip that is cut off at either end, or added by holding the
            first or last pose.
        warp: maximum shift of an instant inside the clip, as a share of the clip.
        noise: standard deviation of each joint's error in each frame, trunk lengths.
        travel: standard deviation of the distance that a person moves during a clip, along each
            horizontal axis, trunk lengths; in a third of the clips.
        offset: standard deviation of each joint's constant error in a clip, trunk lengths: trackers
            disagree on where hips, shoulders and hands are.
        wobble: standard deviation of each joint's slowly changing error, trunk lengths, as for
            joints that a tracker hardly sees.
        hidden_legs: share of clips with hidden legs.
        hidden_limb: share of clips in which one limb is hidden for a while or throughout.
        few_joints: share of clips reduced to the joints of a 15-joint tracker.
        image_rotation: maximum rotation of an image in either direction, degrees; the transform of
            the paper's Table III.
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
        """Whether any augmentation of skeletons is switched on."""
        variations = (one.name for one in dataclasses.fields(self) if one.name != "image_rotation")
        return any(getattr(self, name) for name in variations)


@dataclass(frozen=True)
class Sampling:
    """Composition of a batch.

    Attributes:
        classes: classes in a batch; all if there are fewer.
        clips: clips of each of them.
        composed: share of classes that are composed of two others, see
            :mod:`skeleton_dml_ros.training.composition`; only the metric loss uses them.
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
        metric_weight: weight of the metric loss.
        classifier_weight: weight of the cross-entropy.
        classifier_input: input of the classifier: the ``unit_embedding``, or the ``embedding``
            before it is normalised to unit length.
        classifier_scale: factor applied to the unit embedding before the classifier.
        label_smoothing: of the cross-entropy.
        threshold_weight: weight of the threshold-consistent margin (Zhang et al., ICLR 2024), which
            makes all classes equally compact, so that one threshold suits them all.
        threshold_positive: target minimum similarity of pairs of one class.
        threshold_negative: target maximum similarity of pairs of different classes.
        distillation_weight: with teachers, weight of the mean squared difference between the
            similarities of a batch's clips and the teachers' similarities.
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
    """Optimiser, schedule and length of the training.

    Attributes:
        epochs: number of epochs, each of as many clips as the training set has.
        steps: maximum number of batches in an epoch; 0 sets no limit.
        optimiser: ``adamw`` or ``rmsprop``.
        learning_rate: at the end of the warm-up.
        objective_rate: learning rate of classifier and proxies, as a multiple of ``learning_rate``.
        schedule: after the warm-up, ``cosine`` decay to zero, or ``constant``.
        warm_up_epochs: epochs of the linear warm-up.
        weight_decay: of all weights except biases and normalisation layers.
        smoothing: RMSProp's smoothing constant.
        momentum: RMSProp's.
        epsilon: added to the denominator.
        average: decay of the exponential moving average of the weights, which becomes the model;
            0 uses the weights of the last step.
        freeze_normalisation: keep the initial statistics of the batch normalisation.
        precision: of the network; losses stay float32.  ``auto`` is bfloat16 where it is faster, on
            CUDA devices since Ampere and on processors with AVX-512 BF16 (half the time per step),
            and float32 elsewhere.
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
    """Cohort and threshold of the model.

    Attributes:
        cohort_clips: maximum number of training clips whose embeddings form the cohort.
        false_accept_rate: share of unknown actions that may be accepted.
        references: number of actions enrolled in each episode that fits the threshold.
    """

    cohort_clips: int = 1000
    false_accept_rate: float = 0.05
    references: int = 5


@dataclass(frozen=True)
class DecisionFitting:
    """Data sets that the confidence of a match is fitted to after training.

    Attributes:
        sets: data sets, one per entry, with classes that are not trained on.  If empty, the model
            gets the package's default coefficients.
        look_alikes: further sets whose actions differ less than people do, such as rehabilitation
            exercises; they count for the coefficients but not for the thresholds.
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
        data: training sets.
        validation: sets for choices and for fitting the threshold; their classes are not trained
            on.  May be empty.
        data_folder: where the archives are, relative to the configuration's file.
        seed: of all random numbers.
        pretrained: initial weights of the trunk: ``imagenet``, torchvision's, which are downloaded
            once, or ``none`` for random ones.
        teachers: folders of trained models for distillation, relative to the configuration's file;
            they need the same preparation and representation.  Used for clips of one person.
        whitening: power of the whitening after training, between 0 and 1, see
            :mod:`skeleton_dml_ros.training.whitening`; 0 keeps the last layer as trained.
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
        ConfigurationError: a key is wrong; the error names it and what is expected.
    """
    path = Path(path)
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except (YamlError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} is not valid YAML: {str(error).splitlines()[0]}"
        ) from None
    configuration = read_fields(Configuration, content, str(path))
    folder = Path(data_folder) if data_folder else path.parent / configuration.data_folder
    teachers = tuple(str((path.parent / teacher).resolve()) for teacher in configuration.teachers)
    return dataclasses.replace(configuration, data_folder=str(folder), teachers=teachers)


def _check(right: bool, name: str, value: object, remedy: str) -> None:
    if not right:
        raise ConfigurationError(f"{name} is {value}; give {remedy}")
