# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Models: folders with weights, a card that describes them, and a cohort.

``weights.safetensors``
    the network's parameters.
``model.yaml``
    the card: architecture, preparation, representation, training sets, measured figures, the
    decision, and the digests of the other two files.
``cohort.safetensors``
    embeddings of many actions, against which distances are normalised.

A folder whose files do not belong together is refused, since an embedder with wrong weights fails
silently.

Nothing here needs torch, which takes seconds to import; exported graphs run without it.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from skeleton_dml_ros.embedding.architecture import Architecture
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.errors import SkeletonDmlError, one_line
from skeleton_dml_ros.shared_files import YamlError, expanded, parse_yaml, shared_file

if TYPE_CHECKING:
    from skeleton_dml_ros.embedding.network import ActionEmbedder
    from skeleton_dml_ros.representations import Representation

FORMAT_VERSION = 1
WEIGHTS, CARD, COHORT = "weights.safetensors", "model.yaml", "cohort.safetensors"

DEFAULT_MODEL = "default"
"""Name of the model that comes with the package."""

COPY_AGAIN = "copy the whole model folder again"


class ModelError(SkeletonDmlError):
    """A model folder is incomplete, altered, or of another version."""


@dataclass(frozen=True)
class DecisionCard:
    """The model's open-set decision.

    Attributes:
        threshold: minimum confidence of a known action.
        matchers: for each matcher the fields of its
            :class:`skeleton_dml_ros.references.fusion.Decision`; empty in cards of earlier versions.
        score_threshold: maximum cohort-normalised score of a known action.
        false_accept_rate: share of unknown actions that ``score_threshold`` was fitted to accept.
        measured_false_accept_rate: share that it accepted on the clips that it was fitted to.
        references: actions enrolled in that protocol.
        pair_offset: added to the cohort-normalised score of two people.
    """

    threshold: float = 0.5
    matchers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    score_threshold: float = 0.0
    false_accept_rate: float = 0.0
    measured_false_accept_rate: float = 0.0
    references: int = 0
    pair_offset: float = 0.0


@dataclass(frozen=True)
class ModelCard:
    """Description and origin of a model.

    Attributes:
        name: of the model, for people.
        architecture: settings of the network.
        preparation: how a sequence is prepared for its image.
        representation: name and settings of the image.
        decision: the open-set decision.
        trained_on: the data sets and their classes that were used.
        figures: measured figures by name.
    """

    name: str
    architecture: Architecture
    preparation: Preparation
    representation: Mapping[str, Any]
    decision: DecisionCard
    trained_on: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """A model in memory.

    Attributes:
        card: its description.
        weights: the network's parameters by name, float16; see
            :func:`skeleton_dml_ros.embedding.network.network_of`.
        cohort: (clips, dimension) float32 unit vectors.
        digest: SHA-256 of the weights and of everything that prepares a clip.
        folder: that it was read from.
    """

    card: ModelCard
    weights: Mapping[str, NDArray[Any]]
    cohort: NDArray[np.float32]
    digest: str
    folder: Path

    @property
    def threshold(self) -> float:
        """Minimum confidence of a known action."""
        return self.card.decision.threshold

    @property
    def score_threshold(self) -> float:
        """Maximum cohort-normalised score of a known action."""
        return self.card.decision.score_threshold

    @property
    def pair_offset(self) -> float:
        """Added to the cohort-normalised score of actions of two people."""
        return self.card.decision.pair_offset

    @property
    def representation(self) -> Representation:
        """Computes the image, with torch.

        Raises:
            ModelError: the card names an unknown representation or setting.
        """
        try:
            return representation_of(self.card.representation)
        except SkeletonDmlError as error:
            raise ModelError(f"{self.folder / CARD}: {error}") from None


def representation_of(description: Mapping[str, Any]) -> Representation:
    """The representation that a card or a configuration describes: its ``name`` and settings."""
    from skeleton_dml_ros.representations import get_representation

    settings = dict(description)
    return get_representation(settings.pop("name", ""), **settings)


def save_model(
    folder: str | Path, card: ModelCard, network: ActionEmbedder, cohort: NDArray[np.float32]
) -> None:
    """Write a model folder, weights and cohort as float16.

    Args:
        folder: created if missing; a model already there is replaced.
        card: describes the model.
        network: the trained embedder.
        cohort: (clips, dimension) unit vectors.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = save_arrays(
        {name: _half(value.detach().cpu().numpy()) for name, value in network.state_dict().items()}
    )
    cohort_bytes = save_arrays({"embeddings": np.ascontiguousarray(cohort, dtype=np.float16)})
    _write(folder, card, {WEIGHTS: weights, COHORT: cohort_bytes})


def copy_model(model: Model, folder: str | Path, card: ModelCard) -> None:
    """Copy a model folder, exported graphs included, with another card.

    Args:
        model: read from its folder.
        folder: created if missing; a model already there is replaced.
        card: describes the same network.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for graph in model.folder.glob("*.onnx"):
        shutil.copyfile(graph, folder / graph.name)
    _write(folder, card, {name: _read(model.folder, name) for name in (WEIGHTS, COHORT)})


def _write(folder: Path, card: ModelCard, files: Mapping[str, bytes]) -> None:
    """Write weights and cohort, and the card with their digests."""
    content = {"format_version": FORMAT_VERSION, **_plain(asdict(card))}
    content["digests"] = {name: _sha256(data) for name, data in files.items()}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    (folder / CARD).write_text(text, encoding="utf-8")


def load_model(folder: str | Path = DEFAULT_MODEL) -> Model:
    """Read a model folder and check that its files belong together.

    Args:
        folder: its path, or ``"default"`` for the model that comes with the package
            (``./default`` for a folder of this name).

    Raises:
        ModelError: a file is missing, was altered or damaged, or does not fit the card.
    """
    if folder == DEFAULT_MODEL:
        folder = shared_file("models/default")
    folder = expanded(folder)
    if not folder.is_dir():
        raise ModelError(f"{folder} is not a model folder; give the folder that holds {CARD}")
    contents = {name: _read(folder, name) for name in (CARD, WEIGHTS, COHORT)}
    card, digests = _parse_card(folder, contents[CARD])
    for name in (WEIGHTS, COHORT):
        if digests.get(name) != _sha256(contents[name]):
            raise ModelError(
                f"{folder / name} is not the file that {CARD} names (its digest differs); "
                f"{COPY_AGAIN}"
            )
    weights = _arrays(folder / WEIGHTS, contents[WEIGHTS])
    cohort = _arrays(folder / COHORT, contents[COHORT]).get("embeddings")
    dimension = card.architecture.embedding_dimension
    if cohort is None or cohort.ndim != 2 or cohort.shape[1] != dimension:
        raise ModelError(
            f"{folder / COHORT} holds no embeddings of dimension {dimension}, which {CARD} states; "
            f"{COPY_AGAIN}"
        )
    embeddings = cohort.astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    return Model(card, weights, embeddings, _model_digest(card, contents[WEIGHTS]), folder)


def _model_digest(card: ModelCard, weights: bytes) -> str:
    # Later fields count only if set, so that the digests of older models stay as they are.
    architecture = asdict(card.architecture)
    for name in ("width", "views"):
        if architecture[name] == getattr(Architecture, name):
            del architecture[name]
    recipe = _plain(
        {
            "architecture": architecture,
            "preparation": asdict(card.preparation),
            "representation": dict(card.representation),
        }
    )
    return _sha256(weights + json.dumps(recipe, sort_keys=True).encode())


def _parse_card(folder: Path, content: bytes) -> tuple[ModelCard, dict[str, str]]:
    path = folder / CARD
    try:
        fields = parse_yaml(content)
    except (YamlError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path} is not valid YAML: {reason}; {COPY_AGAIN}") from None
    if not isinstance(fields, dict):
        raise ModelError(f"{path} is no model card, it holds no fields; {COPY_AGAIN}")
    version = fields.pop("format_version", None)
    if version != FORMAT_VERSION:
        raise ModelError(
            f"{path} has format version {version}; this version of the package reads "
            f"{FORMAT_VERSION}: install another one, or train the model again"
        )
    digests = fields.pop("digests", None) or {}
    try:
        if not isinstance(digests, dict):
            raise ModelError("digests is not a mapping")
        card = ModelCard(
            name=str(fields.pop("name")),
            architecture=Architecture(**_checked(Architecture, fields.pop("architecture"))),
            preparation=Preparation(**_checked(Preparation, fields.pop("preparation"))),
            representation=dict(fields.pop("representation")),
            decision=_decision(fields.pop("decision")),
            **fields,
        )
    except KeyError as error:
        raise ModelError(f"{path} lacks the field {error}; {COPY_AGAIN}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise ModelError(one_line(f"{path}: {error}; {COPY_AGAIN}")) from None
    return card, digests


def _decision(fields: Mapping[str, Any]) -> DecisionCard:
    """The decision of a card; in cards without matchers the threshold is that of a score."""
    if "matchers" in fields:
        return DecisionCard(**_checked(DecisionCard, fields))
    fields = _checked(DecisionCard, fields)
    return DecisionCard(**{**fields, "threshold": 0.5, "score_threshold": fields["threshold"]})


def _checked(kind: type[Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a part of a card; checks that numbers are finite.

    Raises:
        ModelError: names the field and its value.
    """
    if not isinstance(values, Mapping):
        raise ModelError(f"{kind.__name__} is {values!r:.40}; give its fields")
    for one in dataclass_fields(kind):
        value = values.get(one.name, one.default)
        whole = isinstance(one.default, int)
        if not isinstance(one.default, (int, float)) or isinstance(one.default, bool):
            continue
        if (
            isinstance(value, bool)
            or not isinstance(value, int if whole else (int, float))
            or not math.isfinite(value)
        ):
            wanted = "a whole number" if whole else "a number, with a point: 0.48"
            raise ModelError(f"{one.name} is {value!r:.40}; give {wanted}")
    return values


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        raise ModelError(
            f"{folder} lacks {name}; a model folder holds {CARD}, {WEIGHTS} and {COHORT}"
        ) from None
    except OSError as error:
        raise ModelError(f"{folder / name} cannot be read: {error.strerror}") from None


def _arrays(path: Path, content: bytes) -> dict[str, NDArray[Any]]:
    try:
        return load_arrays(content)
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged: {error}; {COPY_AGAIN}") from None


def _half(array: NDArray[Any]) -> NDArray[Any]:
    floating = np.issubdtype(array.dtype, np.floating)
    return np.ascontiguousarray(array.astype(np.float16) if floating else array)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plain(value: Any) -> Any:
    """The value with types that YAML and JSON have."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value
