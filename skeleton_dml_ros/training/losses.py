# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Metric losses with their miners, from pytorch-metric-learning.

A configuration names a loss and its settings, such as ``{name: multi_similarity, beta: 40}``.  Each
data class below is one loss; its fields are the settings, and :meth:`~Loss.build` makes the module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from torch import Tensor, nn

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.training.reading import ConfigurationError, read_fields


class Loss(Protocol):
    """Settings of a metric loss."""

    def build(self, classes: int, dimension: int) -> nn.Module:
        """The loss as a module, from (batch, dimension) embeddings and (batch,) labels to a scalar.

        Args:
            classes: number of training classes.
            dimension: length of an embedding.
        """
        ...


class MinedLoss(nn.Module):
    """A loss on the pairs or triplets that a miner selects from the batch, or on all without a miner."""

    def __init__(self, loss: nn.Module, miner: nn.Module | None = None) -> None:
        super().__init__()
        self.loss = loss
        self.miner = miner

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """The loss of (batch, dimension) unit vectors with their (batch,) classes."""
        mined = None if self.miner is None else self.miner(embeddings, labels)
        loss: Tensor = self.loss(embeddings, labels, mined)
        return loss


@dataclass(frozen=True)
class MultiSimilarity:
    """Multi-Similarity loss with its miner (Wang et al., CVPR 2019); Skeleton-DML, section 3.3.

    Attributes:
        alpha: weight of positive pairs' similarities.
        beta: weight of negative pairs' similarities.
        base: similarity at which a pair has half its weight.
        epsilon: margin of the miner.
    """

    alpha: float = 2.0
    beta: float = 40.0
    base: float = 0.5
    epsilon: float = 0.1

    def build(self, classes: int, dimension: int) -> nn.Module:
        library = metric_learning()
        return MinedLoss(
            library.losses.MultiSimilarityLoss(alpha=self.alpha, beta=self.beta, base=self.base),
            library.miners.MultiSimilarityMiner(epsilon=self.epsilon),
        )


@dataclass(frozen=True)
class TripletMargin:
    """Triplet margin loss on the triplets of its miner; the other loss of Table III.

    Attributes:
        margin: minimum difference between the distances to a negative and to a positive (Euclidean,
            unit vectors); of the loss and of the miner.
        triplets: triplets that are used: ``all`` that violate the margin, of these the ``semihard``
            (the negative is farther than the positive) or ``hard`` (it is nearer) ones, or the
            ``easy`` ones that do not violate it.
    """

    margin: float = 0.1
    triplets: Literal["all", "semihard", "hard", "easy"] = "all"

    def build(self, classes: int, dimension: int) -> nn.Module:
        library = metric_learning()
        return MinedLoss(
            library.losses.TripletMarginLoss(margin=self.margin),
            library.miners.TripletMarginMiner(margin=self.margin, type_of_triplets=self.triplets),
        )


@dataclass(frozen=True)
class SupervisedContrastive:
    """Supervised contrastive loss (Khosla et al., NeurIPS 2020) on all pairs.

    Attributes:
        temperature: divides the similarities.
    """

    temperature: float = 0.1

    def build(self, classes: int, dimension: int) -> nn.Module:
        return MinedLoss(metric_learning().losses.SupConLoss(temperature=self.temperature))


@dataclass(frozen=True)
class ProxyAnchor:
    """Proxy-Anchor loss (Kim et al., CVPR 2020): one learned proxy per class.

    Attributes:
        margin: between similarities of positive and negative pairs.
        alpha: scale of the similarities.
    """

    margin: float = 0.1
    alpha: float = 32.0

    def build(self, classes: int, dimension: int) -> nn.Module:
        return MinedLoss(
            metric_learning().losses.ProxyAnchorLoss(
                classes, dimension, margin=self.margin, alpha=self.alpha
            )
        )


@dataclass(frozen=True)
class ProxyNCA:
    """Neighbourhood component analysis with proxies (Movshovitz-Attias et al., ICCV 2017).

    Attributes:
        scale: of the similarities in the softmax (Teh et al., ECCV 2020).
    """

    scale: float = 9.0

    def build(self, classes: int, dimension: int) -> nn.Module:
        return MinedLoss(
            metric_learning().losses.ProxyNCALoss(classes, dimension, softmax_scale=self.scale)
        )


@dataclass(frozen=True)
class CosFace:
    """Softmax over cosines to class centres with a margin (Wang et al., CVPR 2018).

    Attributes:
        margin: subtracted from the cosine to the own class.
        scale: of the cosines.
    """

    margin: float = 0.35
    scale: float = 16.0

    def build(self, classes: int, dimension: int) -> nn.Module:
        return MinedLoss(
            metric_learning().losses.CosFaceLoss(
                classes, dimension, margin=self.margin, scale=self.scale
            )
        )


LOSSES: dict[str, type[Loss]] = {
    "multi_similarity": MultiSimilarity,
    "triplet_margin": TripletMargin,
    "supervised_contrastive": SupervisedContrastive,
    "proxy_anchor": ProxyAnchor,
    "proxy_nca": ProxyNCA,
    "cosface": CosFace,
}
"""The losses by name."""


def loss_of(description: Mapping[str, Any]) -> Loss:
    """The loss that a configuration describes: its ``name`` and settings.

    Raises:
        ConfigurationError: there is no loss of this name, or it lacks one of the settings.
    """
    settings = dict(description)
    name = settings.pop("name", None)
    if name not in LOSSES:
        raise ConfigurationError(f"no loss is called {name!r}; there are {', '.join(LOSSES)}")
    return read_fields(LOSSES[name], settings, f"loss {name}")


def metric_learning() -> Any:
    """The package pytorch-metric-learning, with its losses and miners.

    Raises:
        SkeletonDmlError: it is not installed.
    """
    try:
        import pytorch_metric_learning.losses
        import pytorch_metric_learning.miners
    except ImportError:
        raise SkeletonDmlError(
            "training needs pytorch-metric-learning; pip install 'skeleton_dml_ros[training]'"
        ) from None
    return pytorch_metric_learning
