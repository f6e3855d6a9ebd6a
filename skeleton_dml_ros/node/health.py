# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Gathers what diagnostics are made from: where the node stands, and what has changed lately."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.node.diagnostics import diagnose
from skeleton_dml_ros.node.inputs import LiveInput
from skeleton_dml_ros.node.live import Live
from skeleton_dml_ros.node.middleware_adapter import MiddlewareAdapter
from skeleton_dml_ros.node.parameters import Values, names_of_inputs, number
from skeleton_dml_ros.node.status import InputStatus, Misfit, NodeStatus
from skeleton_dml_ros.node.throttled_log import ThrottledLog
from skeleton_dml_ros.recognition.status import Status
from skeleton_dml_ros.references.store import ReferenceStore

NOTHING = Status(people=0, waiting=0, counts={}, embedding_seconds=0.0, alive=True)
"""What a recogniser that is not there has to tell."""

DROPPED = "clips dropped"
"""What the recogniser counts them under."""


class Health:
    """Makes the node's diagnostics; to be asked from one thread.

    Args:
        adapter: the middleware, which knows who publishes and the time.

    Attributes:
        last_error: what has kept the node from becoming configured or active; empty for nothing.
    """

    def __init__(self, adapter: MiddlewareAdapter) -> None:
        self._adapter = adapter
        self._before: dict[str, int] = {}
        self._throttled_log = ThrottledLog()
        self._began = 0.0
        self.last_error = ""

    def begin(self) -> None:
        """The node has become active."""
        self._before.clear()
        self._throttled_log = ThrottledLog()
        self._began = time.monotonic()

    def diagnose(
        self,
        values: Values,
        live: Live | None,
        model: Model | None,
        store: ReferenceStore | None,
    ) -> Any:
        """A ``DiagnosticArray`` of this moment.

        Args:
            values: the parameters'.
            live: the recogniser at work; None while the node is not active.
            model: None before it is configured.
            store: likewise.
        """
        now = time.monotonic()
        inputs = tuple(self._inputs(values, live, now))
        for one in inputs:
            self._warn_of_silence(one, now)
        recognition = live.recognizer.status if live is not None else NOTHING
        dropped = recognition.counts.get(DROPPED, 0)
        status = NodeStatus(
            active=live is not None,
            inputs=inputs,
            recognition=recognition,
            waiting_limit=live.recognizer.settings.queue_size if live is not None else 0,
            dropped=dropped,
            dropped_lately=self._lately(DROPPED, dropped),
            device=live.engine.device_name if live is not None else str(values.get("device", "")),
            device_memory=live.engine.device_memory() if live is not None else None,
            model=model.card.name if model is not None else "",
            model_digest=model.digest if model is not None else "",
            engine_key=str(live.engine.key) if live is not None else "",
            references=len(live.library.snapshot()) + live.library.unmatched if live else 0,
            unmatched_references=live.library.unmatched if live is not None else 0,
            store=str(store.path) if store is not None else "",
            store_version=live.library.version if live is not None else 0,
            threshold=live.library.threshold if live is not None else float("nan"),
            calibrated=live is not None and live.library.calibration is not None,
            last_error=self.last_error,
        )
        return diagnose(self._adapter.make, self._adapter.now_ns(), self._adapter.node_name, status)

    def _inputs(self, values: Values, live: Live | None, now: float) -> Iterator[InputStatus]:
        for name in names_of_inputs(values):
            input_format = str(values.get(f"input.{name}.format", ""))
            if live is None:
                yield InputStatus(name, input_format, (), subscribed=False)
            else:
                yield self._input(live.inputs[name], input_format, values, live, now)

    def _input(
        self,
        source: LiveInput,
        input_format: str,
        values: Values,
        live: Live,
        now: float,
    ) -> InputStatus:
        counts = source.counts
        heard = source.format.sources()
        people = sum(who[0] == source.name for who in live.recognizer.moving())
        return InputStatus(
            name=source.name,
            format=input_format,
            topics=tuple(one.topic for one in heard),
            unpublished=tuple(
                one.topic for one in heard if not self._adapter.publishers(source.name, one)
            ),
            misfits=tuple(
                Misfit(one.topic, policy, one.latched)
                for one in heard
                if (policy := self._adapter.incompatible_qos(source.name, one))
            ),
            received=counts.received,
            refused=counts.refused,
            refused_lately=self._lately(f"{source.name} refused", counts.refused),
            last_refusal=counts.last_refusal,
            without_transform=counts.without_transform,
            without_transform_lately=self._lately(
                f"{source.name} without transform", counts.without_transform
            ),
            last_transform_error=counts.last_transform_error,
            rate=source.rate(now),
            age=source.age(now),
            input_timeout=number(values, "input_timeout"),
            people=people,
        )

    def _lately(self, name: str, count: int) -> int:
        """How much a count has grown since it was asked for last."""
        grown = count - self._before.get(name, 0)
        self._before[name] = count
        return grown

    def _warn_of_silence(self, one: InputStatus, now: float) -> None:
        """Say in the log what diagnostics say, for those who have no viewer of these."""
        if not one.subscribed or not one.silent or now - self._began < one.input_timeout:
            return
        if one.age is None:
            what = f"no message yet on {', '.join(one.topics)}"
        else:
            what = f"no message on {', '.join(one.topics)} for {one.age:.0f} s"
        if one.misfits:
            why = "; ".join(
                f"a publisher of {misfit.topic} does not fit: {misfit.policy}"
                for misfit in one.misfits
            )
        elif one.unpublished:
            why = f"nobody publishes {', '.join(one.unpublished)}"
        else:
            why = "somebody publishes there"
        self._throttled_log.warn(now, one.name, f"input {one.name}: {what} ({why})")
