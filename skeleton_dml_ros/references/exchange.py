# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""References as one blob that another robot can take.

The blob is a safetensors file: arrays, and a header of JSON.  Reading one runs no code of the
sender, and nothing of it reaches a store before all of it has been checked:

``references``
    in the header's metadata, a JSON list with one object a reference: id, label, kind, created,
    source, quality, layout, unit, axes.
``0/positions``, ``0/timestamps``, ``0/observed``, ``0/confidence`` (where known), ``1/positions``, ...
    the recordings, each under its place in the list.
``digest``
    SHA-256 of list and recordings, so that a blob damaged on its way is told from a good one.

Embeddings do not travel: the other robot may run another model, and computes them anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from skeleton_dml_ros.errors import SkeletonDmlError, one_line
from skeleton_dml_ros.references.reference import (
    FRAME,
    UNITS,
    Reference,
    ReferenceKind,
    describe_layout,
    layout_of,
)
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

FORMAT = "skeleton_dml_ros references"
FORMAT_VERSION = 1

LARGEST_EXPORT = 256_000_000
"""Bytes: thousands of references, and no more than the smallest robot's memory bears."""


class ExchangeError(SkeletonDmlError):
    """The blob is no export of references, or not a whole one."""


def export_references(references: Iterable[Reference]) -> bytes:
    """The references with their recordings as one blob."""
    descriptions: list[dict[str, Any]] = []
    arrays: dict[str, NDArray[Any]] = {}
    for place, reference in enumerate(references):
        sequence = reference.sequence
        descriptions.append(
            {
                "reference_id": reference.reference_id,
                "label": reference.label,
                "kind": reference.kind.value,
                "created_ns": reference.created_ns,
                "source": reference.source,
                "quality": reference.visibility,
                "layout": describe_layout(sequence.layout),
                "units": UNITS[sequence.layout.dimensions],
                "frame": FRAME,
                "start_ns": sequence.start_ns,
            }
        )
        arrays[f"{place}/positions"] = np.ascontiguousarray(sequence.positions)
        arrays[f"{place}/timestamps"] = np.ascontiguousarray(sequence.timestamps)
        arrays[f"{place}/observed"] = np.ascontiguousarray(sequence.observed)
        if sequence.confidence is not None:
            arrays[f"{place}/confidence"] = np.ascontiguousarray(sequence.confidence)
    listed = json.dumps(descriptions, ensure_ascii=False)
    metadata = {
        "format": FORMAT,
        "format_version": str(FORMAT_VERSION),
        "digest": _digest(listed, arrays),
        "references": listed,
    }
    return save(arrays, metadata)


def import_references(content: bytes) -> list[Reference]:
    """The references of a blob, all of them checked.

    Raises:
        ExchangeError: it is no export, is too large, is damaged, is of a newer version, or a
            reference in it is not what it should be.
    """
    if len(content) > LARGEST_EXPORT:
        raise ExchangeError(
            f"the export has {len(content) / 1e6:.0f} MB, and at most {LARGEST_EXPORT / 1e6:.0f} "
            "are read; export some of the labels at a time"
        )
    try:
        return _imported(content)
    except SkeletonDmlError as error:
        raise ExchangeError(one_line(str(error))) from None


def _imported(content: bytes) -> list[Reference]:
    metadata, arrays = _opened(content)
    listed = metadata["references"]
    if metadata.get("digest") != _digest(listed, arrays):
        raise ExchangeError("the export is damaged (its digest differs); export and send it again")
    try:
        descriptions = json.loads(listed)
    except (ValueError, RecursionError) as error:
        raise ExchangeError(f"the export's list of references cannot be read: {error}") from None
    if not isinstance(descriptions, list):
        raise ExchangeError("the export holds no list of references; export again")
    references = [
        _reference(place, description, arrays) for place, description in enumerate(descriptions)
    ]
    ids = [reference.reference_id for reference in references]
    if len(set(ids)) != len(ids):
        raise ExchangeError("the export holds two references of one id; export again")
    return references


def _opened(content: bytes) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Metadata and arrays of a safetensors file that says that it is an export."""
    try:
        arrays = load(bytes(content))
        # The library returns no metadata of bytes: a length in 8 bytes, then the JSON header.
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ExchangeError(
            f"this is no export of references, or one cut short ({reason}); export and send it "
            "again"
        ) from None
    metadata = header.get("__metadata__") or {}
    if metadata.get("format") != FORMAT or "references" not in metadata:
        raise ExchangeError("this safetensors file is no export of references; give an export")
    version = metadata.get("format_version", "")
    if not re.fullmatch(r"[0-9]{1,9}", version) or int(version) > FORMAT_VERSION:
        raise ExchangeError(
            f"the export has format version {version[:20] or 'none'}, and this version of the package "
            f"reads up to {FORMAT_VERSION}; update the package"
        )
    return metadata, arrays


def _reference(
    place: int, description: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> Reference:
    try:
        layout = layout_of(description["layout"])
        units, frame = description["units"], description["frame"]
        if units != UNITS[layout.dimensions] or frame != FRAME:
            raise ExchangeError(f"{units} in frame {frame!r} is not known; update the package")
        return Reference(
            reference_id=description["reference_id"],
            label=description["label"],
            kind=ReferenceKind(description["kind"]),
            created_ns=description["created_ns"],
            sequence=SkeletonSequence(
                positions=arrays[f"{place}/positions"],
                timestamps=arrays[f"{place}/timestamps"],
                layout=layout,
                start_ns=int(description["start_ns"]),
                confidence=arrays.get(f"{place}/confidence"),
                observed=arrays[f"{place}/observed"],
            ),
            source=description["source"],
            visibility=description["quality"],
        )
    except KeyError as error:
        raise ExchangeError(
            f"reference {place} of the export lacks {error}; export again"
        ) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise ExchangeError(f"reference {place} of the export: {error}") from None


def _digest(listed: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256(listed.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
