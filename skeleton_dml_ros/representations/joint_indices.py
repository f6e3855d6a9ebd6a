# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Indices of joints on a device."""

from __future__ import annotations

import functools

import torch
from torch import Tensor


def on_device(device: torch.device, joints: tuple[int, ...]) -> Tensor:
    """The indices as a tensor, made once a device: a recorded CUDA graph brings nothing there."""
    if torch.compiler.is_compiling():
        return torch.tensor(joints, device=device)
    return _kept(device, joints)


@functools.cache
def _kept(device: torch.device, joints: tuple[int, ...]) -> Tensor:
    return torch.tensor(joints, device=device)
