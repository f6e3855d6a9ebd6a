# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml references``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from network import Network

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.messages.make import time_message
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.references.reference import Reference, ReferenceKind
from skeleton_dml_ros.references.store import Calibration, ReferenceStore

Command = Callable[..., tuple[str, str]]


@pytest.fixture
def store(folder: Path) -> Path:
    """A store with two references of one label and one of another."""
    archive = read_archive(folder / "motions.npz")
    enrolled = (
        ("a" * 12, "raise", ReferenceKind.ACTION),
        ("b" * 12, "raise", ReferenceKind.ACTION),
        ("c" * 12, "scratch [sic]", ReferenceKind.IGNORE),
    )
    with ReferenceStore(folder / "taught.db") as opened:
        for index, (reference_id, label, kind) in enumerate(enrolled):
            clip = archive.clip(index)
            opened.add(Reference(reference_id, label, kind, 1_700_000_000_000_000_000, clip))
    return folder / "taught.db"


def labels(path: Path) -> dict[str, str]:
    """The labels of a store's references by the first letter of their ids."""
    with ReferenceStore(path) as opened:
        return {reference.reference_id[0]: reference.label for reference in opened.list()}


def test_the_list_has_a_row_for_each_reference(run: Command, store: Path) -> None:
    shown, _ = run("references", "list", store)
    heading, *rows = shown.splitlines()
    assert heading.split() == ["id", "label", "kind", "seconds", "visibility", "taught", "source"]
    assert [row.split()[0] for row in rows] == ["a" * 12, "b" * 12, "c" * 12]
    assert "scratch [sic]  ignore" in rows[2]
    assert "2023-11-1" in rows[0]


def test_json_lists_everything_but_the_recordings(
    run_json: Callable[..., Any], store: Path
) -> None:
    first, _, third = run_json("references", "list", store)
    assert first["reference_id"] == "a" * 12
    assert first["duration"] == pytest.approx(104 / 30, abs=0.001)
    assert first["frames"] == 105
    assert first["created_ns"] == 1_700_000_000_000_000_000
    assert third["kind"] == "ignore"


def test_uncalibrate_deletes_only_the_calibration(
    run: Command, run_json: Callable[..., Any], store: Path
) -> None:
    with ReferenceStore(store) as opened:
        for key in ("one model", "another"):
            opened.set_calibration(Calibration(key, 0.8, 0.1, 0.08, 3, 1, 12))
    before = labels(store)
    assert run_json("references", "uncalibrate", store)["forgotten"] == ["one model", "another"]
    with ReferenceStore(store) as opened:
        assert opened.calibration_keys() == ()
    assert labels(store) == before
    assert "has no calibration" in run("references", "uncalibrate", store)[0]


def test_an_empty_store_is_reported(run: Command, folder: Path) -> None:
    with ReferenceStore(folder / "empty.db"):
        pass
    assert run("references", "list", "empty.db")[0] == "there are no references in empty.db\n"


def test_a_label_removes_all_its_references(run: Command, store: Path) -> None:
    shown, _ = run("references", "remove", store, "raise")
    assert shown.splitlines() == [f"removed raise ({'a' * 12})", f"removed raise ({'b' * 12})"]
    assert labels(store) == {"c": "scratch [sic]"}


def test_an_id_removes_one_reference(run_json: Callable[..., Any], store: Path) -> None:
    (removed,) = run_json("references", "remove", store, "b" * 12)
    assert removed["reference_id"] == "b" * 12
    assert labels(store) == {"a": "raise", "c": "scratch [sic]"}


def test_references_are_renamed_by_label_or_id(run: Command, store: Path) -> None:
    run("references", "rename", store, "b" * 12, "raise high")
    run("references", "rename", store, "scratch [sic]", "scratch")
    assert labels(store) == {"a": "raise", "b": "raise high", "c": "scratch"}


def test_an_export_can_be_imported_by_another_robot(
    run: Command, store: Path, folder: Path
) -> None:
    run("references", "export", store, "taught.safetensors")
    shown, _ = run("references", "import", "other.db", "taught.safetensors")
    assert len(shown.splitlines()) == 3
    with ReferenceStore(store) as here, ReferenceStore(folder / "other.db") as there:
        assert there.list() == here.list()
    shown, _ = run("references", "import", "other.db", "taught.safetensors")
    assert "3 were present already" in shown


def test_an_import_can_replace_the_present_references(
    run: Command, run_json: Callable[..., Any], store: Path, folder: Path
) -> None:
    run("references", "remove", store, "scratch [sic]")
    run("references", "export", store, "two.safetensors")
    run("references", "rename", store, "raise", "lift")
    imported = run_json("references", "import", store, "two.safetensors", "--replace")
    assert len(imported["added"]) == 2
    assert set(labels(store).values()) == {"raise"}


def test_a_space_before_a_nodes_name_is_refused(run: Command, network: Network) -> None:
    _, said = run("references", "remove", "--node", "/left", "wave", status=2)
    assert "--node=/left" in said
    assert network.asked == []


def test_an_export_of_labels_holds_their_references_only(
    run: Command, store: Path, folder: Path
) -> None:
    name = sorted(labels(store).values())[0]
    run("references", "export", store, "some.safetensors", "--label", name)
    run("references", "import", "some.db", "some.safetensors")
    assert set(labels(folder / "some.db").values()) == {name}
    _, said = run(
        "references", "export", store, "none.safetensors", "--label", "unheard of", status=2
    )
    assert "no reference has the label 'unheard of'" in said
    assert not (folder / "none.safetensors").exists()


def test_an_export_overwrites_only_with_the_option(run: Command, store: Path, folder: Path) -> None:
    (folder / "kept.safetensors").write_text("dear")
    _, said = run("references", "export", store, "kept.safetensors", status=2)
    assert "--overwrite" in said
    assert (folder / "kept.safetensors").read_text() == "dear"
    run("references", "export", store, "kept.safetensors", "--overwrite")
    assert (folder / "kept.safetensors").stat().st_size > 1000


def test_messages_of_a_node_cannot_control_the_terminal(run: Command, network: Network) -> None:
    hostile = make(
        "skeleton_dml_ros/msg/Reference",
        reference_id="[red]id",
        label="[/x]\x1b]0;title\x07",
        source="\x9b2J\u202e[/x]",
        created=time_message(make, 1),
    )
    listed = SimpleNamespace(references=[hostile])
    network.answer(interface.LIST, references=listed)
    network.answer(interface.REMOVE, removed=[hostile])
    shown, _ = run("references", "list", "--node")
    assert {"[red]id", "[/x]]0;title", "2J[/x]"} <= set(shown.split())
    assert "".join(shown.split()).isprintable()
    shown, _ = run("references", "remove", "--node", "x")
    assert shown == "removed [/x]]0;title ([red]id)\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("remove", "taught.db", "dance"), "'dance'"),
        (("rename", "taught.db", "dance", "walk"), "'dance'"),
        (("rename", "taught.db", "raise", " "), "is empty"),
        (("export", "taught.db", "nowhere/taught.safetensors"), "there is no folder"),
        (("import", "taught.db", "motions.npz"), "not an export"),
        (("import", "nowhere/taught.db", "motions.npz"), "not an export"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_refused_change_leaves_everything_as_it_was(
    arguments: tuple[str, ...], complaint: str, run: Command, store: Path
) -> None:
    before = labels(store), sorted(path.name for path in store.parent.iterdir())
    _, said = run("references", *arguments, status=2)
    assert complaint in said
    assert (labels(store), sorted(path.name for path in store.parent.iterdir())) == before
