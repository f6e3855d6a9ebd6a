# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The answer to each service.

What the user got wrong is an answer without success, in one line; nothing was stored then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from skeleton_dml_ros.datasets.content import recording_from_bytes
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.make import Make, nanoseconds_of
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.calibrate_threshold import calibrate
from skeleton_dml_ros.node.interface import Service
from skeleton_dml_ros.node.live import Live
from skeleton_dml_ros.node.outgoing_messages import (
    kind_of,
    model_name,
    reference_message,
    references_message,
)
from skeleton_dml_ros.node.wording import counted
from skeleton_dml_ros.references.reference import Reference, ReferenceSummary

logger = logging.getLogger(__name__)

Fields = dict[str, Any]


class RequestError(SkeletonDmlError):
    """A request contradicts itself, or lacks something."""


class ServiceHandlers:
    """Answers the services of an active node; safe to use from several threads.

    Args:
        make: makes messages.
        now_ns: the node's clock, nanoseconds.
        node_name: the node's full name.
    """

    def __init__(self, make: Make, now_ns: Callable[[], int], node_name: str) -> None:
        self._make = make
        self._now_ns = now_ns
        self._node_name = node_name
        self._service_handlers: dict[Service, Callable[[Live, Any], Fields]] = {
            interface.ENROLL: self._enroll,
            interface.LIST: self._list,
            interface.REMOVE: self._remove,
            interface.RENAME: self._rename,
            interface.EXPORT: self._export,
            interface.IMPORT: self._import,
            interface.CALIBRATE: self._calibrate,
        }

    def answer(self, live: Live | None, service: Service, request: Any) -> Any:
        """The response to a request; never raises.

        Args:
            live: the recogniser at work; None while the node is not active.
            service: one of the interface's.
            request: of its type.
        """
        try:
            if live is None:
                raise not_active(self._node_name)
            fields = {"success": True, **self._service_handlers[service](live, request)}
        except Exception as error:
            fields = failed(service.name, error)
        return self._make(f"{service.type}_Response", **fields)

    def references(self, live: Live) -> Any:
        """A ``ReferenceArray`` of what is in force now."""
        library = live.library
        return references_message(
            self._make,
            self._now_ns(),
            library.summaries(),
            library.version,
            model_name(live.model),
            library.threshold,
        )

    def _enroll(self, live: Live, request: Any) -> Fields:
        kind = kind_of(request.kind)
        sources = {
            "clip_id": bool(request.clip_id),
            "person_id": bool(request.person_id),
            "recording": len(request.recording) > 0,
        }
        given = [name for name, filled in sources.items() if filled]
        if len(given) != 1:
            raise RequestError(
                f"{' and '.join(given) or 'no source'} {'are' if given else 'is'} filled; give "
                "exactly one of clip_id, person_id (with start and end) and recording"
            )
        start_ns, end_ns = nanoseconds_of(request.start), nanoseconds_of(request.end)
        if (start_ns or end_ns) and not request.person_id:
            raise RequestError("start and end belong to person_id; leave them at zero")
        if request.clip_id:
            reference = live.recognizer.enroll_clip(request.clip_id, request.label, kind)
        elif request.person_id:
            if end_ns and end_ns <= start_ns:
                raise RequestError("end is not after start; give a stretch of time")
            reference = live.recognizer.enroll_span(
                request.person_id, start_ns, end_ns, request.label, kind
            )
        else:
            recording = recording_from_bytes(bytes(request.recording))
            reference = live.recognizer.enroll_recording(recording, request.label, kind)
        return enrolled(self._make, reference)

    def _list(self, live: Live, request: Any) -> Fields:
        references = self.references(live)
        count = len(references.references)
        labels = len({one.label for one in references.references})
        return {
            "message": f"{counted(count, 'reference')} of {counted(labels, 'label')}",
            "references": references,
        }

    def _remove(self, live: Live, request: Any) -> Fields:
        removed = live.library.remove(**_which(request))
        return {
            "message": f"forgot {_named(removed)}",
            "removed": [reference_message(self._make, one) for one in removed],
        }

    def _rename(self, live: Live, request: Any) -> Fields:
        renamed = live.library.rename(new_label=request.new_label, **_which(request))
        return {
            "message": f"{counted(len(renamed), 'reference')} now called {renamed[0].label!r}",
            "renamed": [reference_message(self._make, one) for one in renamed],
        }

    def _export(self, live: Live, request: Any) -> Fields:
        content = live.library.export(list(request.labels) or None)
        return {"message": f"{len(content)} bytes", "content": content}

    def _import(self, live: Live, request: Any) -> Fields:
        merged = live.library.import_(bytes(request.content), replace=bool(request.replace))
        here = len(merged.already_here)
        return {
            "message": f"{counted(len(merged.added), 'reference')} added, {here} already here",
            "added": [reference_message(self._make, one.summary) for one in merged.added],
            "already_here": here,
        }

    def _calibrate(self, live: Live, request: Any) -> Fields:
        rate = _as_written(request.false_accept_rate)
        calibration = calibrate(live, _as_written(request.seconds), rate, self._now_ns)
        overridden = live.library.override_threshold
        message = (
            f"threshold {calibration.threshold:.3f} accepts {calibration.measured_rate:.1%} of "
            f"{counted(calibration.clips, 'background movement')}"
        )
        if overridden is not None:
            message += (
                f"; it is stored, but the parameter threshold ({overridden:g}) is in force: set it "
                "to .nan"
            )
        return {
            "message": message,
            "threshold": calibration.threshold,
            "measured_rate": calibration.measured_rate,
            "clips": calibration.clips,
        }


def not_active(node_name: str) -> RequestError:
    """Why a node that is not active does nothing of what it is asked.

    Args:
        node_name: its full name.
    """
    return RequestError(
        f"{node_name} is not active; activate it: ros2 lifecycle set {node_name} activate"
    )


def enrolled(make: Make, reference: Reference) -> Fields:
    """What is said of an action that was taught."""
    return {
        "message": (
            f"taught {reference.label!r} as {reference.reference_id}: {reference.duration:.1f} s, "
            f"{reference.visibility:.0%} of joints seen"
        ),
        "reference": reference_message(make, reference.summary),
    }


def failed(what: str, error: Exception) -> Fields:
    """What is said where something could not be done; a fault of this package is logged as well."""
    if isinstance(error, SkeletonDmlError):
        return {"success": False, "message": str(error)}
    logger.error("%s failed", what, exc_info=error)
    return {"success": False, "message": f"a fault of this package, see the node's log: {error!r}"}


def _as_written(number: float) -> float:
    """The number that somebody wrote into a float32: 0.01, not 0.00999999977648258."""
    return float(f"{number:.7g}")


def _which(request: Any) -> dict[str, str]:
    """A reference or a label, exactly one of them."""
    given = {
        name: getattr(request, name) for name in ("reference_id", "label") if getattr(request, name)
    }
    if len(given) != 1:
        raise RequestError("give exactly one of reference_id and label")
    return given


def _named(references: list[ReferenceSummary]) -> str:
    labels = sorted({reference.label for reference in references})
    return f"{counted(len(references), 'reference')} of {', '.join(map(repr, labels))}"
