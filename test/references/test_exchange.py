# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save
from teaching import recording, reference

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.references import exchange
from skeleton_dml_ros.references.exchange import (
    ExchangeError,
    export_references,
    import_references,
)
from skeleton_dml_ros.references.reference import Reference, ReferenceKind
from skeleton_dml_ros.skeleton.layouts import get_layout


@pytest.fixture
def references() -> list[Reference]:
    two_people = replace(
        reference("hug"), kind=ReferenceKind.IGNORE, sequence=recording(2, bodies=2, frames=7)
    )
    no_confidence = recording(1).replace(confidence=None)
    return [reference("wave"), replace(reference("bow"), sequence=no_confidence), two_people]


def altered(
    content: bytes, change: Callable[[dict[str, Any], list[dict[str, Any]]], None]
) -> bytes:
    """An export with changed content and a digest that fits it."""
    arrays = load(content)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    descriptions = json.loads(header["__metadata__"]["references"])
    change(arrays, descriptions)
    listed = json.dumps(descriptions)
    metadata = header["__metadata__"] | {
        "references": listed,
        "digest": exchange._digest(listed, arrays),
    }
    return save(arrays, metadata)


def test_an_export_is_imported_unchanged(references: list[Reference]) -> None:
    assert import_references(export_references(references)) == references


def test_an_empty_export_is_imported() -> None:
    assert import_references(export_references([])) == []


def test_a_real_recording_is_imported_bit_by_bit(shared_data: Path) -> None:
    archive = read_archive(shared_data / "utd_mhad.npz")
    given = [replace(reference(), sequence=archive.clip(index)) for index in (0, 400, 860)]
    assert import_references(export_references(given)) == given


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.01, 0.5, 0.99])
def test_a_truncated_export_is_refused(references: list[Reference], share: float) -> None:
    content = export_references(references)
    with pytest.raises(ExchangeError, match="export again"):
        import_references(content[: int(share * len(content))])


def test_an_export_with_any_byte_altered_is_refused(references: list[Reference]) -> None:
    content = export_references(references)
    refused = 0
    positions = np.random.default_rng(0).choice(len(content), size=200, replace=False)
    for position in positions:
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        try:
            # Bytes between header and arrays are padding.
            assert import_references(bytes(damaged)) == references
        except ExchangeError:
            refused += 1
    assert refused > 190


@pytest.mark.parametrize(
    "content", [b"", b"wave", pickle.dumps({"references": []}), b"PK\3\4" + bytes(100)]
)
def test_other_content_is_refused(content: bytes) -> None:
    with pytest.raises(ExchangeError, match="not an export"):
        import_references(content)


def test_a_model_is_not_an_export() -> None:
    content = save({"weight": np.zeros(3, dtype=np.float32)}, {"format": "pt"})
    with pytest.raises(ExchangeError, match="not an export of references"):
        import_references(content)


@pytest.mark.parametrize("version", ["2", "", "new", "9" * 10_000])
def test_an_export_of_a_newer_format_is_refused(
    references: list[Reference], monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(exchange, "FORMAT_VERSION", version)
        content = export_references(references)
    with pytest.raises(ExchangeError, match="update the package"):
        import_references(content)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda arrays, listed: listed[1].update(label=" "), "reference 1.*label ' ' is empty"),
        (lambda arrays, listed: listed[1].pop("label"), "reference 1.*lacks 'label'"),
        (lambda arrays, listed: listed[0].update(kind="unknown"), "reference 0.*'unknown'"),
        (lambda arrays, listed: listed[0].update(quality="good"), "visibility is 'good'"),
        (lambda arrays, listed: listed[0].update(created_ns=2**70), "64 bits"),
        (lambda arrays, listed: listed[0].update(units="foot"), "foot"),
        (lambda arrays, listed: listed[0].update(frame="body"), "'body'"),
        (lambda arrays, listed: listed[0].update(layout=None), "layout"),
        (lambda arrays, listed: listed[0].update(start_ns=float("inf")), "reference 0.*infinity"),
        (lambda arrays, listed: listed[0]["layout"].update(dimensions=float("inf")), "layout"),
        (lambda arrays, listed: listed[0]["layout"].update(name="\ud800"), "layout .*ud800"),
        (
            lambda arrays, listed: listed[0].update(units="\ud800\n\n"),
            r"reference 0.*ud800 in frame",
        ),
        (lambda arrays, listed: arrays["1/timestamps"].__imul__(1e300), "timestamps reach"),
        (lambda arrays, listed: listed.insert(0, None), "reference 0"),
        (lambda arrays, listed: listed.append(listed[0]), "reference 3.*lacks"),
        (
            lambda arrays, listed: listed[1].update(reference_id=listed[0]["reference_id"]),
            "the same id",
        ),
        (lambda arrays, listed: arrays.pop("2/positions"), "reference 2.*lacks '2/positions'"),
        (lambda arrays, listed: arrays["0/positions"].fill(np.inf), "infinite"),
        (lambda arrays, listed: arrays["0/timestamps"].fill(0), "timestamps do not increase"),
        (
            lambda arrays, listed: arrays.update(
                {"0/positions": arrays["0/positions"][:, :, :9].copy()}
            ),
            "joint count 9",
        ),
    ],
)
def test_an_invalid_reference_is_named(
    references: list[Reference],
    change: Callable[[dict[str, Any], list[dict[str, Any]]], None],
    complaint: str,
) -> None:
    content = altered(export_references(references), change)
    with pytest.raises(ExchangeError, match=complaint) as caught:
        import_references(content)
    assert "\n" not in str(caught.value)
    assert str(caught.value).encode()


def test_an_export_that_is_too_large_is_refused_before_it_is_parsed(
    references: list[Reference], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = export_references(references)
    monkeypatch.setattr(exchange, "MAX_EXPORT_BYTES", len(content) - 1)
    monkeypatch.setattr(exchange, "load", None)
    with pytest.raises(
        ExchangeError, match="the export has 0 MB; the maximum is 0 MB: export fewer"
    ):
        import_references(content)


@pytest.mark.parametrize(
    ("limit", "of_header"), [("MAX_EXPORT_BYTES", False), ("MAX_HEADER_BYTES", True)]
)
def test_what_is_exported_can_be_imported_up_to_the_limit(
    references: list[Reference], monkeypatch: pytest.MonkeyPatch, limit: str, of_header: bool
) -> None:
    content = export_references(references)
    size = int.from_bytes(content[:8], "little") if of_header else len(content)
    monkeypatch.setattr(exchange, limit, size)
    assert import_references(export_references(references)) == references
    # More is refused when it is exported, not only when it is imported elsewhere.
    with pytest.raises(ExchangeError, match="export fewer labels at a time"):
        export_references([*references, reference("nod")])


def test_the_limits_fit_thousands_of_references() -> None:
    one = replace(reference(), sequence=recording(frames=300, layout=get_layout("ntu_25")))
    size = len(export_references([one] * 3))
    header = int.from_bytes(export_references([one] * 3)[:8], "little")
    assert 2900 * size / 3 < exchange.MAX_EXPORT_BYTES
    assert 2900 * header / 3 < exchange.MAX_HEADER_BYTES


def test_an_id_of_an_import_is_checked_like_a_label(references: list[Reference]) -> None:
    def change(_: dict[str, Any], descriptions: list[dict[str, Any]]) -> None:
        descriptions[0]["reference_id"] = "\x1b]52;c;cm0gLXJm\x07"

    with pytest.raises(ExchangeError, match=r"reference_id .* which is not printable") as caught:
        import_references(altered(export_references(references), change))
    assert str(caught.value).isprintable()


def test_a_deeply_nested_list_is_refused(references: list[Reference]) -> None:
    content = export_references(references)
    arrays = load(content)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    listed = "[" * 100_000
    metadata = header["__metadata__"] | {
        "references": listed,
        "digest": exchange._digest(listed, arrays),
    }
    with pytest.raises(ExchangeError, match="list of references cannot be read"):
        import_references(save(arrays, metadata))
