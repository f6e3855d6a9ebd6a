# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where the node and its inputs stand, for the diagnostics."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from skeleton_dml_ros.recognition.status import Status


@dataclass(frozen=True)
class Misfit:
    """A publisher that an input does not hear, since it offers less than is asked for.

    Attributes:
        topic: that it publishes.
        policy: of its quality of service, such as ``reliability``.
        latched: whether what was published before is asked for on this topic.
    """

    topic: str
    policy: str
    latched: bool = False

    def remedy(self, input_name: str) -> str:
        """What to do about it."""
        if self.latched:
            return "let it publish reliably and keep it for those who come late (transient local)"
        return f"set input.{input_name}.reliable to false, or let it publish reliably"


@dataclass(frozen=True)
class InputStatus:
    """Where one input stands.

    Attributes:
        name: of the input.
        format: of its messages.
        topics: that it listens to.
        subscribed: whether it listens; it does while the node is active.
        unpublished: those of its topics that nobody publishes in a way that it hears.
        misfits: publishers of its topics that it does not hear.
        received: messages, since the node became active.
        refused: of these, how many could not be used.
        refused_lately: how many since the last report.
        last_refusal: why the latest one could not.
        without_transform: instants that were left out for want of a transform.
        without_transform_lately: how many since the last report.
        last_transform_error: why there was none.
        rate: messages a second over the last seconds.
        age: seconds since the latest message, whether used or refused; None = never.
        input_timeout: seconds without a message after which the input counts as silent.
        people: seen in the latest message.
    """

    name: str
    format: str
    topics: tuple[str, ...]
    subscribed: bool = True
    unpublished: tuple[str, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    received: int = 0
    refused: int = 0
    refused_lately: int = 0
    last_refusal: str = ""
    without_transform: int = 0
    without_transform_lately: int = 0
    last_transform_error: str = ""
    rate: float = 0.0
    age: float | None = None
    input_timeout: float = 5.0
    people: int = 0

    @property
    def silent(self) -> bool:
        """Whether nothing comes: not yet, or not any more."""
        return self.age is None or self.age > self.input_timeout


@dataclass(frozen=True)
class NodeStatus:
    """Where the node stands; what exists only while it is active may be left out else.

    Attributes:
        active: whether it takes messages and recognises.
        inputs: of all inputs.
        recognition: what the recogniser says about itself.
        waiting_limit: clips that may wait for their embedding.
        dropped: clips that nobody judged, since the node became active.
        dropped_lately: how many since the last report.
        device: where the network runs.
        device_memory: bytes that it takes there; None where that cannot be known.
        model: its name; empty before the node is configured.
        model_digest: of its weights and of all that prepares a clip for them.
        engine_key: under which its embeddings are kept.
        references: in the store.
        unmatched_references: of these, how many this model cannot embed.
        store: path of the file that keeps them.
        store_version: it grows with each change.
        threshold: highest score of a known action.
        calibrated: whether this robot has learned from its own background.
        last_error: what went wrong last and still matters; empty where nothing does.
    """

    active: bool
    inputs: tuple[InputStatus, ...] = ()
    recognition: Status = field(default_factory=lambda: Status(0, 0, {}, 0.0, True))
    waiting_limit: int = 0
    dropped: int = 0
    dropped_lately: int = 0
    device: str = ""
    device_memory: int | None = None
    model: str = ""
    model_digest: str = ""
    engine_key: str = ""
    references: int = 0
    unmatched_references: int = 0
    store: str = ""
    store_version: int = 0
    threshold: float = math.nan
    calibrated: bool = False
    last_error: str = ""
