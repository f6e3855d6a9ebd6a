# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Distributed training: processes started by torchrun share the work of each batch.

Every process samples the same batch and embeds its share.  The embeddings are gathered, so that pairs
are mined over the whole batch, and each process backpropagates through its own share.  The summed
gradient equals that of a single process, except for batch normalisation, whose training statistics
are those of each process's share.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor, distributed, nn

from skeleton_dml_ros.errors import SkeletonDmlError

MAX_WAIT = timedelta(hours=2)
"""Timeout of a process that waits for another, which may be normalising a large set."""


@dataclass(frozen=True)
class Workers:
    """The processes of a run, seen from one of them.

    Attributes:
        rank: this process's number, from 0.
        count: number of processes.
    """

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes files and reports."""
        return self.rank == 0

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.count > 1:
            distributed.barrier()

    def agree(self, number: float) -> float:
        """The first process's number, broadcast to all."""
        if self.count == 1:
            return number
        shared: list[Any] = [number]
        distributed.broadcast_object_list(shared, src=0)
        return float(shared[0])

    def gather(self, embeddings: Tensor) -> Tensor:
        """The embeddings of the whole batch, gathered from each process's (share, dimension).

        The share of process r is every clip r, r + count, ... of the batch.
        """
        if self.count == 1:
            return embeddings
        gathered: Tensor = _Gather.apply(embeddings, self)  # type: ignore[no-untyped-call]
        return gathered

    def sum_gradients(self, shared: nn.Module, replicated: nn.Module) -> None:
        """Reduce the gradients of both modules to those of the whole batch, equal in all processes.

        Args:
            shared: module that processed only this process's share; its gradients are summed.
            replicated: module that processed the whole batch in each process.
        """
        if self.count == 1:
            return
        gradients = _gradients(shared.parameters())
        equal = _gradients(replicated.parameters())
        for gradient in equal:
            gradient /= self.count
        _reduce([*gradients, *equal])

    def average_statistics(self, *modules: nn.Module | None) -> None:
        """Average the running statistics of batch normalisation over the processes."""
        if self.count == 1:
            return
        buffers = [
            buffer
            for module in modules
            if module is not None
            for buffer in module.buffers()
            if buffer.is_floating_point()
        ]
        for buffer in buffers:
            buffer /= self.count
        _reduce(buffers)


@contextmanager
def joined_workers(device: torch.device) -> Iterator[Workers]:
    """Join the processes that torchrun started for this block; without torchrun there is only one.

    Blocks may be nested: the outermost joins and leaves.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Workers()
        return
    outermost = not distributed.is_initialized()
    if outermost:
        backend = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=MAX_WAIT)
    try:
        yield Workers(distributed.get_rank(), distributed.get_world_size())
    finally:
        if outermost:
            distributed.destroy_process_group()


def is_first_process() -> bool:
    """Whether this is the process that reports, among those started by torchrun."""
    return int(os.environ.get("RANK", "0")) == 0


def training_device(name: str) -> torch.device:
    """The device called ``cpu``, ``cuda`` or ``auto``; of several GPUs, this process's own.

    Raises:
        SkeletonDmlError: the device cannot be used, or there are fewer GPUs than processes on this
            machine.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        local = int(os.environ.get("LOCAL_RANK", "0"))
        if local >= torch.cuda.device_count():
            raise SkeletonDmlError(
                f"process {local} of this machine finds {torch.cuda.device_count()} GPUs; give "
                "torchrun --nproc-per-node as many processes as there are GPUs, or --device cpu"
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
        return device
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise SkeletonDmlError(
            f"device {name!r} cannot be used: {reason}; give cpu, cuda or auto"
        ) from None
    return torch.device(name)


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, embeddings: Tensor, workers: Workers) -> Tensor:
        ctx.workers = workers
        parts = [torch.empty_like(embeddings) for _ in range(workers.count)]
        distributed.all_gather(parts, embeddings.contiguous())
        return torch.stack(parts, dim=1).flatten(0, 1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        # Each process computes the loss of the whole batch, so it backpropagates only its own part.
        return gradients[0][ctx.workers.rank :: ctx.workers.count].contiguous(), None


def _gradients(parameters: Iterable[nn.Parameter]) -> list[Tensor]:
    return [one.grad for one in parameters if one.grad is not None]


def _reduce(tensors: list[Tensor]) -> None:
    """Sum each tensor over the processes, in place, in one message."""
    if not tensors:
        return
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    distributed.all_reduce(flat)
    begin = 0
    for tensor in tensors:
        end = begin + tensor.numel()
        tensor.copy_(flat[begin:end].view_as(tensor))
        begin = end
