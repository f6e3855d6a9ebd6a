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
