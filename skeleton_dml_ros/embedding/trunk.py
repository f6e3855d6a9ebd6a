# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ResNet18 of any width, and several of them side by side, one for each view of a clip."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from skeleton_dml_ros.embedding.architecture import FULL_WIDTH
from skeleton_dml_ros.embedding.torchvision_import import torchvision_models


def make_trunk(width: int) -> nn.Module:
    """ResNet18 without its classifier, (batch, 3, height, width) to (batch, 8 * width).

    Args:
        width: channels of the first stage, 64 in ResNet18; each further stage has twice as many as
            the one before.
    """
    resnet = torchvision_models().resnet
    trunk: Any = resnet.resnet18(weights=None)
    trunk.fc = nn.Identity()
    if width == FULL_WIDTH:
        return trunk  # type: ignore[no-any-return]
    trunk.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
    trunk.bn1 = nn.BatchNorm2d(width)
    nn.init.kaiming_normal_(trunk.conv1.weight, mode="fan_out", nonlinearity="relu")
    trunk.inplanes = width
    for stage in range(4):
        layer = trunk._make_layer(resnet.BasicBlock, width * 2**stage, 2, stride=1 + (stage > 0))
        for module in layer.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        setattr(trunk, f"layer{stage + 1}", layer)
    return trunk  # type: ignore[no-any-return]


class SideBySide(nn.Module):
    """Networks of which each sees its own view of a clip.

    Args:
        networks: one a view.
        dim: along which their inputs lie one after the other: 2 for images that stand one below
            the other, 1 for features.
        unit: bring what each gives to unit length, so that all views count as much.
    """

    def __init__(self, networks: list[nn.Module], dim: int, unit: bool = False) -> None:
        super().__init__()
        self.views = nn.ModuleList(networks)
        self.dim = dim
        self.unit = unit

    def forward(self, together: Tensor) -> Tensor:
        """What each network makes of its view, side by side, (batch, sum of their features)."""
        # Not chunk(): of a size that is not known beforehand, it cannot be exported.
        apart = torch.unflatten(together, self.dim, (len(self.views), -1))
        given = [network(apart.select(self.dim, row)) for row, network in enumerate(self.views)]
        if self.unit:
            given = [functional.normalize(one.to(torch.float32), dim=1) for one in given]
        return torch.cat(given, dim=1)
