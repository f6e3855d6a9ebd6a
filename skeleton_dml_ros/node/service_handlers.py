# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Handles the node's services and actions.

User errors become a response with ``success=False`` and a one-line message; nothing is stored then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from skeleton_dml_ros.datasets.content import recording_from_bytes
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.make import Make, nanoseconds_of
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.active_recognizer import ActiveRecognizer
from skeleton_dml_ros.node.calibrate_threshold import calibrate
from skeleton_dml_ros.node.conversions import (
    kind_of,
    model_name,
    reference_message,
    references_message,
)
from skeleton_dml_ros.node.diagnostics import NO_CLOCK, counted
from skeleton_dml_ros.node.interface import Action, Service
from skeleton_dml_ros.node.record_reference import Demonstration, Progress, Recorder
from skeleton_dml_ros.recognition.clips import UnknownClipError
from skeleton_dml_ros.references.library import Enrolled
from skeleton_dml_ros.references.reference import ReferenceKind, ReferenceSummary
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

logger = logging.getLogger(__name__)

Fields = dict[str, Any]
Feedback = Callable[..., None]
Cancelled = Callable[[], bool]


class RequestError(SkeletonDmlError):
    """A request is contradictory or incomplete."""


class ServiceHandlers:
    """Handles services and actions of the node; thread-safe.

    Args:
        make: creates messages.
        now_ns: the node's clock, nanoseconds.
        why_inactive: says why requests are refused while the node is inactive, and the remedy.

    Attributes:
        shares: whether references are exported and imported.
    """

    def __init__(
        self, make: Make, now_ns: Callable[[], int], why_inactive: Callable[[], str]
    ) -> None:
        self._make = make
        self._now_ns = now_ns
        self._why_inactive = why_inactive
        self.shares = True
        self._last_unknown: tuple[str, int] | None = None
        self._services: dict[Service, Callable[[ActiveRecognizer, Any], Fields]] = {
            interface.ENROLL: self._enroll,
            interface.LIST: self._list,
            interface.REMOVE: self._remove,
            interface.RENAME: self._rename,
            interface.EXPORT: self._export,
            interface.IMPORT: self._import,
        }
        self._actions: dict[
            Action, Callable[[ActiveRecognizer, Any, Feedback, Cancelled], Fields]
        ] = {
            interface.RECORD: self._record,
            interface.CALIBRATE: self._calibrate,
        }

    def note_unknown(self, clip_id: str | None) -> None:
        """Remember the unknown action that was reported last; None forgets it."""
        self._last_unknown = None if clip_id is None else (clip_id, self._now_ns())

    def answer(self, live: ActiveRecognizer | None, service: Service, request: Any) -> Any:
        """The response to a service request; never raises.

        Args:
            live: the active recogniser; None while the node is inactive.
            service: one of :data:`~skeleton_dml_ros.node.interface.SERVICES`.
            request: the service's request message.
        """
        fields = self._handled(service, live, lambda live: self._services[service](live, request))
        return self._make(f"{service.type}_Response", **fields)

    def execute(
        self,
        live: ActiveRecognizer | None,
        action: Action,
        goal: Any,
        feedback: Callable[[Any], None],
        cancelled: Cancelled,
    ) -> Any:
        """Execute an action and return its result; never raises.

        Args:
            live: the active recogniser; None while the node is inactive.
            action: one of :data:`~skeleton_dml_ros.node.interface.ACTIONS`.
            goal: the action's goal message.
            feedback: called with feedback messages.
            cancelled: whether the client has cancelled.
        """

        def report(**fields: Any) -> None:
            feedback(self._make(f"{action.type}_Feedback", **fields))

        def handle(live: ActiveRecognizer) -> Fields:
            if not self._now_ns():
                # A countdown on a clock that never starts would never end.
                raise RequestError(NO_CLOCK)
            return self._actions[action](live, goal, report, cancelled)

        fields = self._handled(action, live, handle)
        return self._make(f"{action.type}_Result", **fields)

    def references(self, live: ActiveRecognizer) -> Any:
        """A ``ReferenceArray`` of the references in use."""
        library = live.library
        return references_message(
            self._make,
            self._now_ns(),
            library.summaries(),
            library.version,
            model_name(live.model),
            library.threshold,
        )

    def _handled(
        self,
        what: Service,
        live: ActiveRecognizer | None,
        handle: Callable[[ActiveRecognizer], Fields],
    ) -> Fields:
        try:
            if live is None:
                raise RequestError(self._why_inactive())
            return {"success": True, **handle(live)}
        except SkeletonDmlError as error:
            # A path may hold bytes that are not text, which no message can carry.
            message = str(error).encode(errors="backslashreplace").decode()
            return {"success": False, "message": message}
        except Exception as error:
            logger.exception("%s failed", what.name)
            return {
                "success": False,
                "message": f"internal error, see the node's log: {error!r}",
            }

    def _enroll(self, live: ActiveRecognizer, request: Any) -> Fields:
        kind = kind_of(request.kind)
        sources = {
            "clip_id": bool(request.clip_id),
            "person_id": bool(request.person_id),
            "recording": len(request.recording) > 0,
        }
        filled = [name for name, given in sources.items() if given]
        if len(filled) > 1:
            raise RequestError(
                f"{' and '.join(filled)} are filled; fill one of clip_id, person_id (with start "
                "and end) and recording, or none for the last unknown action"
            )
        start_ns, end_ns = nanoseconds_of(request.start), nanoseconds_of(request.end)
        if (start_ns or end_ns) and not request.person_id:
            raise RequestError("start and end belong to person_id; leave them at zero")
        if request.clip_id:
            reference = live.recognizer.enroll_clip(request.clip_id, request.label, kind)
        elif request.person_id:
            if end_ns and end_ns <= start_ns:
                raise RequestError("end is not after start; give a later end")
            reference = live.recognizer.enroll_span(
                request.person_id, start_ns, end_ns, request.label, kind
            )
        elif len(request.recording):
            recording = recording_from_bytes(bytes(request.recording))
            reference = live.recognizer.enroll(recording, request.label, kind)
        else:
            return self._enroll_last_unknown(live, request.label, kind)
        return self._enrolled(reference)

    def _enroll_last_unknown(
        self, live: ActiveRecognizer, label: str, kind: ReferenceKind
    ) -> Fields:
        if self._last_unknown is None:
            raise RequestError(
                "no unknown action has been reported, or the last one was taught already; fill one of "
                "clip_id, person_id and recording"
            )
        clip_id, reported_ns = self._last_unknown
        ago = max(0, self._now_ns() - reported_ns) / NANOSECONDS_PER_SECOND
        try:
            reference = live.recognizer.enroll_clip(clip_id, label, kind)
        except UnknownClipError:
            raise RequestError(
                f"the last unknown action, {clip_id}, was reported {ago:.1f} s ago and is no longer "
                "kept; repeat the movement, or raise max_clips or max_clip_age"
            ) from None
        # A second request must not teach the same clip again.
        self._last_unknown = None
        return self._enrolled(reference, f" from {clip_id}, {ago:.1f} s ago,")

    def _enrolled(self, reference: Enrolled, origin: str = "") -> Fields:
        warning = f"; it {reference.warning}" if reference.warning else ""
        return {
            "message": (
                f"taught {reference.label!r}{origin} as {reference.reference_id}: "
                f"{reference.duration:.1f} s, {reference.visibility:.0%} of joints seen{warning}"
            ),
            "reference": reference_message(self._make, reference.summary),
        }

    def _list(self, live: ActiveRecognizer, request: Any) -> Fields:
        references = self.references(live)
        labels = {one.label for one in references.references}
        return {
            "message": (
                f"{counted(len(references.references), 'reference')}, "
                f"{counted(len(labels), 'label')}"
            ),
            "references": references,
        }

    def _remove(self, live: ActiveRecognizer, request: Any) -> Fields:
        removed = live.library.remove(**_selection(request))
        labels = ", ".join(sorted({repr(reference.label) for reference in removed}))
        return {
            "message": f"removed {counted(len(removed), 'reference')} of {labels}",
            "removed": self._messages(removed),
        }

    def _rename(self, live: ActiveRecognizer, request: Any) -> Fields:
        renamed = live.library.rename(new_label=request.new_label, **_selection(request))
        return {
            "message": f"renamed {counted(len(renamed), 'reference')} to {renamed[0].label!r}",
            "renamed": self._messages(renamed),
        }

    def _export(self, live: ActiveRecognizer, request: Any) -> Fields:
        self._check_shares()
        content = live.library.export(list(request.labels) or None)
        return {"message": f"{len(content)} bytes", "content": content}

    def _import(self, live: ActiveRecognizer, request: Any) -> Fields:
        self._check_shares()
        merged = live.library.import_(bytes(request.content), replace=bool(request.replace))
        already_here = len(merged.already_here)
        return {
            "message": f"added {counted(len(merged.added), 'reference')}, {already_here} already here",
            "added": self._messages([reference.summary for reference in merged.added]),
            "already_here": already_here,
        }

    def _check_shares(self) -> None:
        """Refuse to send or take recordings of people if the owner does not want it."""
        if not self.shares:
            raise RequestError(
                "the node neither exports nor imports references, since its parameter "
                "share_references is false; copy the file on the robot with skeleton-dml references"
            )

    def _record(
        self, live: ActiveRecognizer, goal: Any, feedback: Feedback, cancelled: Cancelled
    ) -> Fields:
        def report(progress: Progress) -> None:
            feedback(
                phase=progress.phase.value,
                seconds_left=progress.seconds_left,
                frames=progress.frames,
            )

        demonstration = Demonstration(
            goal.label,
            kind_of(goal.kind),
            goal.person_id,
            float(goal.countdown),
            float(goal.maximum_duration),
        )
        recorder = Recorder(live, demonstration, self._now_ns, report, cancelled)
        return self._enrolled(recorder.run())

    def _calibrate(
        self, live: ActiveRecognizer, goal: Any, feedback: Feedback, cancelled: Cancelled
    ) -> Fields:
        calibration = calibrate(
            live,
            _as_written(goal.seconds),
            _as_written(goal.false_accept_rate),
            self._now_ns,
            lambda left, movements: feedback(seconds_left=left, movements=movements),
            cancelled,
        )
        message = (
            f"threshold {calibration.threshold:.2f} accepts {calibration.measured_rate:.1%} of "
            f"{counted(calibration.clips, 'background movement')}"
        )
        if live.library.override_threshold is not None:
            message += (
                "; it is stored, but the parameter threshold "
                f"({live.library.override_threshold:g}) is in force: set it to .nan"
            )
        return {
            "message": message,
            "threshold": calibration.threshold,
            "measured_rate": calibration.measured_rate,
            "clips": calibration.clips,
        }

    def _messages(self, references: list[ReferenceSummary]) -> list[Any]:
        return [reference_message(self._make, reference) for reference in references]


def _as_written(number: float) -> float:
    """A float32 as the decimal number that was typed: 0.01 rather than 0.00999999977648258."""
    return float(f"{number:.7g}")


def _selection(request: Any) -> dict[str, str]:
    """``reference_id`` or ``label``, exactly one of which must be filled."""
    given = {
        name: getattr(request, name) for name in ("reference_id", "label") if getattr(request, name)
    }
    if len(given) != 1:
        raise RequestError("fill exactly one of reference_id and label")
    return given
