# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from skeleton_dml_ros.training.configuration import Optimisation
from skeleton_dml_ros.training.optimisation import (
    _cpu_multiplies_bfloat16,
    computes_in_bfloat16,
    freeze_normalisation,
    learning_rate,
    make_optimiser,
    set_learning_rate,
    update_average,
)


class SmallNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.Conv2d(3, 4, 3)
        self.normalisation = nn.BatchNorm2d(4)

    def forward(self, images: Tensor) -> Tensor:
        normalised: Tensor = self.normalisation(self.filters(images))
        return normalised


def running_mean(network: SmallNetwork) -> Tensor:
    mean = network.normalisation.running_mean
    assert mean is not None
    return mean


def test_the_rate_warms_up_and_follows_half_a_cosine_to_zero() -> None:
    settings = Optimisation(epochs=10, learning_rate=1.0, warm_up_epochs=2)
    assert learning_rate(settings, 1) == 0.5
    assert learning_rate(settings, 2) == 1.0
    assert learning_rate(settings, 6) == pytest.approx(0.5)
    assert learning_rate(settings, 10) == pytest.approx(0.0)


def test_a_constant_rate_stays() -> None:
    settings = Optimisation(epochs=10, learning_rate=0.3, warm_up_epochs=0, schedule="constant")
    assert {learning_rate(settings, epoch) for epoch in (0, 4.5, 9.9)} == {0.3}


def test_only_matrices_decay_and_the_objective_has_its_own_rate() -> None:
    settings = Optimisation(weight_decay=0.1, objective_rate=10, learning_rate=1.0)
    optimiser = make_optimiser(SmallNetwork(), nn.Linear(4, 5), settings)
    set_learning_rate(optimiser, settings, settings.warm_up_epochs)
    found = [(one["lr"], one["weight_decay"], len(one["params"])) for one in optimiser.param_groups]
    assert found == [(1.0, 0.1, 1), (1.0, 0.0, 3), (10.0, 0.1, 1), (10.0, 0.0, 1)]


def test_rmsprop_takes_its_settings() -> None:
    settings = Optimisation(
        optimiser="rmsprop", learning_rate=0.1, weight_decay=0, smoothing=0.9, epsilon=1e-3
    )
    network = nn.Linear(1, 1, bias=False)
    before = network.weight.detach().clone()
    optimiser = make_optimiser(network, nn.Module(), settings)
    network(torch.full((1, 1), 2.0)).sum().backward()
    optimiser.step()
    # The first mean square is a tenth of the gradient's square.
    step = 0.1 * 2 / ((0.1 * 4) ** 0.5 + 1e-3)
    torch.testing.assert_close(before - network.weight.detach(), torch.full((1, 1), step))


def test_the_average_follows_weights_and_running_statistics() -> None:
    network = SmallNetwork()
    average = copy.deepcopy(network)
    with torch.no_grad():
        network.filters.weight += 1
        running_mean(network).add_(1)
    update_average(average, network, decay=0.75, steps_done=1000)
    behind = network.filters.weight - average.filters.weight
    torch.testing.assert_close(behind, torch.full((4, 3, 3, 3), 0.75))
    torch.testing.assert_close(running_mean(average), torch.full((4,), 0.25))


def test_frozen_statistics_stay() -> None:
    network = SmallNetwork()
    before = running_mean(network).clone()
    freeze_normalisation(network)
    network(torch.randn(2, 3, 8, 8))
    assert torch.equal(running_mean(network), before)


@pytest.mark.parametrize(
    ("flags", "half"), [("fpu avx512f avx512_bf16 amx", True), ("fpu avx2 avx512f", False)]
)
def test_a_processor_computes_in_bfloat16_where_it_has_instructions_for_it(
    flags: str, half: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cpu = torch.device("cpu")
    monkeypatch.setattr(Path, "read_text", lambda *given, **named: f"flags\t: {flags}\n")
    _cpu_multiplies_bfloat16.cache_clear()
    assert computes_in_bfloat16(Optimisation(), cpu) == half
    assert not computes_in_bfloat16(Optimisation(precision="float32"), cpu)
    assert computes_in_bfloat16(Optimisation(precision="bfloat16"), cpu)
    _cpu_multiplies_bfloat16.cache_clear()
