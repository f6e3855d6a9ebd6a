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

"""What a training run is: one YAML file, read into data classes, nothing beside it.

Every key has a default here, and a key that is not here is an error, so that a misspelt setting
never runs unnoticed.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from skeleton_dml_ros.embedding.network import Architecture
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.errors import SkeletonDmlError


class ConfigurationError(SkeletonDmlError):
    """A training configuration has a key or a value that is not understood."""


@dataclass(frozen=True)
class DataSource:
    """A skeleton archive and what of it is used.

    Attributes:
        archive: path of the archive, relative to ``data_folder``.
        leave_out: classes that are not used at all.
        only: classes that are used; empty means all that are not left out.
        same_as: class name to the name under which it is trained.  Classes of one name are one
            class, within a set and across sets.
    """

    archive: str
    leave_out: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    same_as: dict[str, str] = field(default_factory=dict)


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
    """

    enabled: bool = True
    symmetric: tuple[str, ...] = ()
    either_side: tuple[str, ...] = ()


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
        noise: standard deviation of each joint's error, trunk lengths.
        hidden_legs: share of clips whose legs are as if never seen.
    """

    yaw: float = 15.0
    tilt: float = 7.0
    scale: float = 0.08
    bone: float = 0.08
    crop: float = 0.12
    warp: float = 0.08
    noise: float = 0.02
    hidden_legs: float = 0.0


@dataclass(frozen=True)
class Sampling:
    """What a batch holds: ``classes`` classes with ``clips`` clips each."""

    classes: int = 16
    clips: int = 4


@dataclass(frozen=True)
class Objective:
    """The loss: Multi-Similarity with its miner, and cross-entropy of the classifier.

    Attributes:
        alpha: weight of positive pairs' similarities.
        beta: weight of negative pairs' similarities.
        base: similarity at which a pair counts half.
        epsilon: margin of the miner.
        metric_weight: share of the Multi-Similarity loss.
        classifier_weight: share of the cross-entropy.
        classifier_scale: length given to the unit embedding before the classifier.
        label_smoothing: of the cross-entropy.
    """

    alpha: float = 2.0
    beta: float = 40.0
    base: float = 0.5
    epsilon: float = 0.1
    metric_weight: float = 0.5
    classifier_weight: float = 0.5
    classifier_scale: float = 16.0
    label_smoothing: float = 0.1


@dataclass(frozen=True)
class Optimisation:
    """AdamW with a linear warm-up and a cosine decay to zero.

    Attributes:
        epochs: passes over as many clips as the training set has.
        learning_rate: at the end of the warm-up.
        warm_up_epochs: epochs of the warm-up.
        weight_decay: of all weights but biases and normalisation layers.
        half_precision: bfloat16 in the network; losses stay float32.
    """

    epochs: int = 24
    learning_rate: float = 1e-3
    warm_up_epochs: float = 2.0
    weight_decay: float = 0.05
    half_precision: bool = False


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
class Configuration:
    """One training run.

    Attributes:
        name: of the model.
        data: what is trained on.
        validation: what choices are made on, and the threshold is fitted on; its classes are in
            no batch.  May be empty.
        data_folder: where the archives are, relative to the configuration's file.
        seed: of everything random.
    """

    name: str
    data: tuple[DataSource, ...]
    validation: tuple[DataSource, ...] = ()
    data_folder: str = "."
    seed: int = 0
    architecture: Architecture = field(default_factory=Architecture)
    preparation: Preparation = field(default_factory=Preparation)
    representation: dict[str, Any] = field(default_factory=lambda: {"name": "skeleton_dml"})
    imagenet: bool = False
    mirroring: Mirroring = field(default_factory=Mirroring)
    augmentation: Augmentation = field(default_factory=Augmentation)
    sampling: Sampling = field(default_factory=Sampling)
    objective: Objective = field(default_factory=Objective)
    optimisation: Optimisation = field(default_factory=Optimisation)
    open_set: OpenSet = field(default_factory=OpenSet)


def read_configuration(path: str | Path, data_folder: str | Path | None = None) -> Configuration:
    """Read a configuration; ``data_folder`` overrides the file's own.

    Raises:
        ConfigurationError: names the key that is wrong and what would be right.
    """
    path = Path(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is no YAML: {str(error).splitlines()[0]}") from None
    configuration = _build(Configuration, content, str(path))
    folder = Path(data_folder) if data_folder else path.parent / configuration.data_folder
    return dataclasses.replace(configuration, data_folder=str(folder))


T = TypeVar("T")


def _build(kind: type[T], content: Any, where: str) -> T:
    """An instance of the data class ``kind`` out of a mapping, checked key by key."""
    if not isinstance(content, Mapping):
        raise ConfigurationError(f"{where} holds {content!r}; give keys and values")
    hints = typing.get_type_hints(kind)
    fields = {item.name: item for item in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {}
    for key, value in content.items():
        if key not in fields:
            raise ConfigurationError(f"{where}: no key {key!r}; there are {', '.join(fields)}")
        values[key] = _convert(hints[key], value, f"{where}: {key}")
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigurationError(f"{where}: {error}") from None
    except SkeletonDmlError as error:
        raise ConfigurationError(f"{where}: {error}") from None


def _convert(hint: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value, where)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise ConfigurationError(f"{where} is {value!r}; give a list")
        return tuple(_convert(arguments[0], item, where) for item in value)
    if origin is dict:
        if not isinstance(value, Mapping):
            raise ConfigurationError(f"{where} is {value!r}; give keys and values")
        return {str(key): _convert(arguments[1], item, where) for key, item in value.items()}
    if hint is Any:
        return value
    if hint is float and isinstance(value, (int, str)) and not isinstance(value, bool):
        try:
            # YAML reads 1e-3 as text.
            return float(value)
        except ValueError:
            pass
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigurationError(f"{where} is {value!r}; give a value of type {hint.__name__}")
    return value
