# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""References as rows of plain values that JSON knows, without their recordings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skeleton_dml_ros.references.reference import ReferenceSummary

Row = dict[str, Any]
"""A reference without its recording."""

Rows = list[Row]


def row_of_summary(reference: ReferenceSummary) -> Row:
    """A reference out of a store."""
    return {
        "reference_id": reference.reference_id,
        "label": reference.label,
        "kind": reference.kind.value,
        "created_ns": reference.created_ns,
        "duration": round(reference.duration, 3),
        "frames": reference.frames,
        "people": reference.bodies,
        "layout": reference.layout,
        "visibility": round(reference.visibility, 4),
        "source": reference.source,
    }


def row_of_message(reference: Any) -> Row:
    """A message ``Reference``, which holds neither the layout nor the number of people."""
    from skeleton_dml_ros.messages.make import nanoseconds_of
    from skeleton_dml_ros.node.conversions import kind_of

    return {
        "reference_id": reference.reference_id,
        "label": reference.label,
        "kind": kind_of(reference.kind).value,
        "created_ns": nanoseconds_of(reference.created),
        "duration": round(float(reference.duration), 3),
        "frames": int(reference.frames),
        "visibility": round(float(reference.visibility), 4),
        "source": reference.source,
    }


def rows_of_messages(references: Iterable[Any]) -> Rows:
    """Messages ``Reference`` as rows."""
    return [row_of_message(reference) for reference in references]
