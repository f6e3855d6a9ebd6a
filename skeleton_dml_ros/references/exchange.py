# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Export and import references as bytes, to copy them between robots.

The format is safetensors.  All of an export is checked before anything is stored:

``references``
    in the header's metadata: a JSON list with an object for each reference (id, label, kind,
    created, source, quality, layout, units, axes).
``0/positions``, ``0/timestamps``, ``0/observed``, ``0/confidence`` (if known), ``1/positions``, ...
    the recordings, numbered as in the list.
``digest``
    in the header's metadata: SHA-256 of list and recordings.

Embeddings are left out; the importing robot computes them with its own model.
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

MAX_EXPORT_BYTES = 512_000_000
"""Five thousand references of 300 frames; importing takes three times as much memory."""

MAX_HEADER_BYTES = 100_000_000
"""The limit of safetensors: tens of thousands of references."""


class ExchangeError(SkeletonDmlError):
    """The content is not a complete export of references."""


def export_references(references: Iterable[Reference]) -> bytes:
    """Export references with their recordings.

    Raises:
        ExchangeError: the export would be too large to be imported.
    """
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
    _check_size(sum(array.nbytes for array in arrays.values()), len(listed.encode()))
    content = save(arrays, metadata)
    _check_size(len(content), int.from_bytes(content[:8], "little"))
    return content


def _check_size(size: int, header_size: int) -> None:
    """Refuse an export that is too large, when it is written and when it is read."""
    for name, value, maximum in (
        ("the export", size, MAX_EXPORT_BYTES),
        ("the export's list of references", header_size, MAX_HEADER_BYTES),
    ):
        if value > maximum:
            raise ExchangeError(
                f"{name} has {value / 1e6:.0f} MB; the maximum is {maximum / 1e6:.0f} MB: export "
                "fewer labels at a time (--label)"
            )


def import_references(content: bytes) -> list[Reference]:
    """Read and check the references of an export.

    Raises:
        ExchangeError: the content is not an export, is too large or damaged, has a newer version,
            or has a reference that is not valid.
    """
    # safetensors itself refuses a longer header.
    _check_size(len(content), 0)
    try:
        return _imported(content)
    except SkeletonDmlError as error:
        raise ExchangeError(one_line(str(error))) from None


def _imported(content: bytes) -> list[Reference]:
    metadata, arrays = _opened(content)
    listed = metadata["references"]
    if metadata.get("digest") != _digest(listed, arrays):
        raise ExchangeError("the export is damaged (its digest differs); export again")
    try:
        descriptions = json.loads(listed)
    except (ValueError, RecursionError) as error:
        raise ExchangeError(f"the export's list of references cannot be read: {error}") from None
    if not isinstance(descriptions, list):
        raise ExchangeError("the export has no list of references; export again")
    references = [
        _reference(place, description, arrays) for place, description in enumerate(descriptions)
    ]
    ids = [reference.reference_id for reference in references]
    if len(set(ids)) != len(ids):
        raise ExchangeError("the export has two references with the same id; export again")
    return references


def _opened(content: bytes) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Metadata and arrays of an export."""
    try:
        arrays = load(bytes(content))
        # load() does not return the metadata: 8 bytes of length, then the JSON header.
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ExchangeError(
            f"this is not an export of references, or it is truncated ({reason}); export again"
        ) from None
    metadata = header.get("__metadata__") or {}
    if metadata.get("format") != FORMAT or "references" not in metadata:
        raise ExchangeError("this safetensors file is not an export of references; give an export")
    version = metadata.get("format_version", "")
    if not re.fullmatch(r"[0-9]{1,9}", version) or int(version) > FORMAT_VERSION:
        raise ExchangeError(
            f"the export has format version {version[:20] or 'none'}, but this version of the "
            f"package reads up to {FORMAT_VERSION}; update the package"
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
