# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Optimisers, the schedule of the learning rate, and the moving average of the weights."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from skeleton_dml_ros.training.configuration import Optimisation


def make_optimiser(
    network: nn.Module, objective: nn.Module, settings: Optimisation
) -> torch.optim.Optimizer:
    """AdamW or RMSProp over the weights of both modules.

    Biases and normalisation layers (one-dimensional parameters) do not decay.  Each group's
    ``rate`` is its learning rate as a multiple of the schedule's.
    """
    groups: list[dict[str, Any]] = []
    for module, rate in ((network, 1.0), (objective, settings.objective_rate)):
        for matrices in (True, False):
            parameters = [one for one in module.parameters() if (one.ndim > 1) == matrices]
            decay = settings.weight_decay if matrices else 0.0
            if parameters:
                groups.append({"params": parameters, "weight_decay": decay, "rate": rate})
    if settings.optimiser == "rmsprop":
        return torch.optim.RMSprop(
            groups,
            lr=settings.learning_rate,
            alpha=settings.smoothing,
            eps=settings.epsilon,
            momentum=settings.momentum,
        )
    return torch.optim.AdamW(groups, lr=settings.learning_rate, eps=settings.epsilon)


def set_learning_rate(
    optimiser: torch.optim.Optimizer, settings: Optimisation, epochs_done: float
) -> None:
    """Give each group its learning rate for the next step."""
    rate = learning_rate(settings, epochs_done)
    for group in optimiser.param_groups:
        group["lr"] = rate * group["rate"]


def learning_rate(settings: Optimisation, epochs_done: float) -> float:
    """Linear warm-up, then half a cosine down to zero, or constant."""
    if epochs_done < settings.warm_up_epochs:
        return settings.learning_rate * epochs_done / settings.warm_up_epochs
    if settings.schedule == "constant":
        return settings.learning_rate
    share = (epochs_done - settings.warm_up_epochs) / (settings.epochs - settings.warm_up_epochs)
    return settings.learning_rate * (1 + math.cos(math.pi * share)) / 2


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float, steps_done: int) -> None:
    """One step of the exponential moving average of weights and running statistics.

    The first steps decay faster, (1 + steps) / (10 + steps), so that the initial random weights
    soon vanish.

    Args:
        average: changed in place.
        network: after its step.
        decay: weight of the old average.
        steps_done: steps before this one.
    """
    share = 1 - min(decay, (1 + steps_done) / (10 + steps_done))
    state = network.state_dict()
    for name, value in average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(state[name], share)
        else:
            value.copy_(state[name])


def freeze_normalisation(network: nn.Module) -> None:
    """Freeze the running statistics of batch normalisation."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def computes_in_bfloat16(settings: Optimisation, device: torch.device) -> bool:
    """Whether the network runs in bfloat16; see :class:`Optimisation`."""
    if settings.precision != "auto":
        return settings.precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return _cpu_multiplies_bfloat16()


@lru_cache(maxsize=1)
def _cpu_multiplies_bfloat16() -> bool:
    """Whether the processor has bfloat16 instructions; without them it is slower than float32."""
    try:
        return "avx512_bf16" in Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return False
