# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml enroll``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import archive_of, read_archive, write_archive
from skeleton_dml_ros.datasets.ntu_writer import write_skeleton_file
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

Command = Callable[..., tuple[str, str]]


def test_the_reference_is_trimmed_to_the_movement(
    run: Command, folder: Path, untrained_model: Path
) -> None:
    said, _ = run("enroll", "taught.db", "raise", "one.npz", "--model", untrained_model)
    with ReferenceStore(folder / "taught.db") as store:
        (reference,) = store.list()
    assert reference.label == "raise"
    assert reference.kind is ReferenceKind.ACTION
    assert reference.source == "one:first"
    assert 30 < reference.frames < 60
    assert f"({reference.frames} of 105 frames)" in said
    assert reference.reference_id in said
    assert "visibility 100 %" in said


def test_json_describes_the_reference(
    run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    enrolled = run_json(
        *("enroll", "taught.db", "scratch", "motions.npz:last"),
        *("--kind", "ignore", "--model", untrained_model),
    )
    with ReferenceStore(folder / "taught.db") as store:
        (reference,) = store.list()
    assert enrolled["reference_id"] == reference.reference_id
    assert (enrolled["label"], enrolled["kind"]) == ("scratch", "ignore")
    assert enrolled["frames"] == reference.frames < enrolled["recorded_frames"] == 105
    assert enrolled["layout"] == "ntu_25"
    assert enrolled["visibility"] == 1.0


@pytest.mark.parametrize(
    ("clip", "name"),
    [("first", "first"), ("0", "first"), ("3", "last"), ("7", "7"), ("odd:name", "odd:name")],
)
def test_a_clip_of_an_archive_is_chosen_by_name_or_number(
    clip: str, name: str, run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    enrolled = run_json(
        "enroll", "taught.db", "raise", f"motions.npz:{clip}", "--model", untrained_model
    )
    assert enrolled["source"] == f"motions:{name}"


def test_a_file_name_may_contain_a_colon(
    run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    (folder / "motions.npz").rename(folder / "at:noon.npz")
    enrolled = run_json(
        "enroll", "taught.db", "raise", "at:noon.npz:odd:name", "--model", untrained_model
    )
    assert enrolled["source"] == "at:noon:odd:name"


def test_a_second_reference_of_a_label_is_reported(
    run: Command, folder: Path, untrained_model: Path
) -> None:
    run("enroll", "taught.db", "raise", "motions.npz:0", "--model", untrained_model)
    said, _ = run("enroll", "taught.db", "raise", "motions.npz:2", "--model", untrained_model)
    assert "2 references have this label now" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("taught.db", "raise", "motions.npz"), "holds 4 clips; choose one"),
        (("taught.db", "raise", "motions.npz:9"), "there is no clip 9; the archive has 4"),
        (("taught.db", "raise", "motions.npz:wave"), "no clip 'wave'"),
        (("taught.db", "raise", "nowhere.npz:wave"), "nowhere.npz:wave"),
        (("taught.db", "  ", "one.npz"), "is empty"),
        (("nowhere/taught.db", "raise", "one.npz"), "there is no folder"),
        (("motions.npz", "raise", "one.npz"), "motions.npz is not a reference store"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_clip_label_or_store_is_refused_and_changes_nothing(
    arguments: tuple[str, ...],
    complaint: str,
    run: Command,
    folder: Path,
    untrained_model: Path,
) -> None:
    before = (folder / "motions.npz").read_bytes()
    _, said = run("enroll", *arguments, "--model", untrained_model, status=2)
    assert complaint in said
    assert (folder / "motions.npz").read_bytes() == before
    if (folder / "taught.db").exists():
        with ReferenceStore(folder / "taught.db") as store:
            assert store.list() == []


def test_a_recording_without_people_is_refused(
    run: Command, folder: Path, untrained_model: Path
) -> None:
    nobody = np.full((30, 1, 25, 3), np.nan, dtype=np.float32)
    sequence = SkeletonSequence(nobody, np.arange(30) / 30, NTU_25)
    write_archive(folder / "nobody.npz", archive_of([sequence], [0], ["nothing"], fps=30))
    run("enroll", "taught.db", "raise", "nobody.npz", "--model", untrained_model, status=2)


def test_an_incomplete_model_folder_is_refused(
    run: Command, folder: Path, untrained_model: Path
) -> None:
    model = folder / "model"
    model.mkdir()
    for name in ("model.yaml", "cohort.safetensors"):
        (model / name).write_bytes((untrained_model / name).read_bytes())
    _, said = run("enroll", "taught.db", "raise", "one.npz", "--model", model, status=2)
    assert "lacks weights.safetensors" in said
    assert not (folder / "taught.db").exists()


def test_prepare_and_enroll_decide_alike_who_acts(
    run: Command, run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    alone = read_archive(folder / "one.npz").clip(0).positions
    furniture = np.repeat(alone[:1] + np.array([1.5, 0, 1]), len(alone), axis=0)
    ghost = np.full_like(alone, np.nan)
    ghost[40:48] = alone[40:48] + np.array([2, 0, 0])
    half = np.arange(len(alone))[:, None, None, None] < len(alone) // 2
    bodies = [np.where(half, alone, np.nan), furniture, ghost, np.where(half, np.nan, alone)]
    positions = np.concatenate(bodies, axis=1)
    (folder / "raw").mkdir()
    path = folder / "raw" / "S001C001P001R001A023.skeleton"
    write_skeleton_file(path, SkeletonSequence(positions, np.arange(len(alone)) / 30, NTU_25))
    run("prepare", "ntu120", "raw", "ntu.npz", "--workers", "1")
    prepared = read_archive(folder / "ntu.npz").clip(0)
    np.testing.assert_allclose(prepared.positions, alone, atol=1e-3)
    run("enroll", "taught.db", "raise", path, "--model", untrained_model)
    run("convert", path, "converted.npz")
    converted = read_archive(folder / "converted.npz").clip(0)
    np.testing.assert_allclose(converted.positions, alone, atol=1e-3)
    with ReferenceStore(folder / "taught.db") as store:
        (taught,) = store.list()
    assert taught.visibility == 1
    run("convert", path, "furniture.npz", "--body", "1")
    chosen = read_archive(folder / "furniture.npz").clip(0)
    np.testing.assert_allclose(chosen.positions, furniture, atol=1e-3)
    _, said = run("enroll", "taught.db", "x", path, "--body", "9", status=2)
    assert "has no body 9; it has 3, counted from 0" in said
    _, said = run("enroll", "taught.db", "x", "one.npz", "--body", "1", status=2)
    assert "has no body 1 in clip first; it has 1" in said
