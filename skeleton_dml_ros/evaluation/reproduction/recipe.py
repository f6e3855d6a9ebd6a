# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The paper's recipe and its variants, in full or shrunk for trials."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.reproduction.material import Material
from skeleton_dml_ros.shared_files import shared_file
from skeleton_dml_ros.training.configuration import Configuration, DataSource, read_configuration

MULTI_SIMILARITY = "multi_similarity"
TRIPLET_MARGIN = "triplet_margin"

TRIPLET: Mapping[str, Any] = {"name": TRIPLET_MARGIN, "margin": 0.1}
"""The other loss of Table III; the authors' code uses a margin of 0.2."""

ROTATION = 5.0
"""Degrees of the image transform of Table III."""


@dataclass(frozen=True)
class Shrinking:
    """Reductions for quick trials, whose figures are not results.

    Attributes:
        epochs: of each run; 0 keeps the recipe's.
        image_size: height and width of the images in pixels; 0 keeps the recipe's.
        clips_a_class: maximum training clips of each auxiliary class, the first by name; 0 for all.
        pretrained: ``imagenet`` or ``none``; empty keeps the recipe's.
    """

    epochs: int = 0
    image_size: int = 0
    clips_a_class: int = 0
    pretrained: Literal["", "imagenet", "none"] = ""

    def __post_init__(self) -> None:
        for name in ("epochs", "image_size", "clips_a_class"):
            if getattr(self, name) < 0:
                raise SkeletonDmlError(f"{name} is {getattr(self, name)}; give 1 or more")
        if self.image_size and self.image_size < 32:
            raise SkeletonDmlError(
                f"image_size is {self.image_size}; the network needs at least 32 pixels"
            )
        if self.pretrained not in ("", "imagenet", "none"):
            raise SkeletonDmlError(f"pretrained is {self.pretrained!r}; give imagenet or none")

    def caveats(self) -> tuple[str, ...]:
        """What was reduced, one line each."""
        lines = []
        if self.epochs:
            lines.append(f"epochs set to {self.epochs}")
        if self.image_size:
            lines.append(f"images set to {self.image_size} pixels")
        if self.clips_a_class:
            lines.append(f"at most {self.clips_a_class} training clips of each class")
        if self.pretrained == "none":
            lines.append("random weights at the start instead of ImageNet's")
        return tuple(lines)


@dataclass(frozen=True)
class Recipe:
    """Makes the configurations of runs.

    Attributes:
        material: trained and evaluated on.
        shrinking: reductions for quick trials.
    """

    material: Material
    shrinking: Shrinking = dataclasses.field(default_factory=Shrinking)

    def paper(self) -> Configuration:
        """The recipe of config/training/ntu120_paper.yaml."""
        return self._on_material("ntu120_paper")

    def best(self) -> Configuration:
        """The recipe of config/training/ntu120_paper_best.yaml."""
        return self._on_material("ntu120_paper_best")

    def variant(
        self,
        representation: str = "skeleton_dml_faithful",
        loss: str = MULTI_SIMILARITY,
        rotation: float = 0.0,
        embedding_dimension: int = 128,
        classes: int = 0,
    ) -> Configuration:
        """The paper's recipe with some settings changed.

        Args:
            representation: name in :mod:`skeleton_dml_ros.representations`.
            loss: ``multi_similarity`` or ``triplet_margin``.
            rotation: maximum rotation of images, degrees.
            embedding_dimension: length of an embedding.
            classes: number of auxiliary classes to train on, the first ones; 0 for all.
        """
        paper = self.paper()
        source = paper.data[0]
        return dataclasses.replace(
            paper,
            data=(dataclasses.replace(source, only=source.only[: classes or None]),),
            representation={**paper.representation, "name": representation},
            architecture=dataclasses.replace(
                paper.architecture, embedding_dimension=embedding_dimension
            ),
            augmentation=dataclasses.replace(paper.augmentation, image_rotation=rotation),
            objective=paper.objective
            if loss == MULTI_SIMILARITY
            else dataclasses.replace(paper.objective, loss=dict(TRIPLET)),
        )

    def caveats(self) -> tuple[str, ...]:
        """Why results do not reproduce the paper; empty if they may."""
        return self.material.caveats + self.shrinking.caveats()

    def _on_material(self, name: str) -> Configuration:
        recipe = read_configuration(shared_file(f"config/training/{name}.yaml"))
        small = self.shrinking
        source = DataSource(
            archive=self.material.path.name,
            only=self.material.split.auxiliary,
            clips_a_class=small.clips_a_class,
        )
        optimisation = recipe.optimisation
        if small.epochs:
            optimisation = dataclasses.replace(optimisation, epochs=small.epochs)
        representation = dict(recipe.representation)
        if small.image_size:
            representation["size"] = small.image_size
        return dataclasses.replace(
            recipe,
            name="reproduction",
            data=(source,),
            data_folder=str(self.material.path.parent),
            optimisation=optimisation,
            representation=representation,
            pretrained=small.pretrained or recipe.pretrained,
        )
