# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from skeleton_dml_ros.datasets.archive import read_archive, write_archive
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.training import data
from skeleton_dml_ros.training.clip_file import ROWS, kept_in_file
from skeleton_dml_ros.training.clips import PER_CLIP, LabelledClips
from skeleton_dml_ros.training.configuration import DataSource
from skeleton_dml_ros.training.data import bytes_of_clips, read_clips

SOURCES = (DataSource("people.npz", same_as={"wave": "greet"}),)


def read(folder: Path, cache: Path | None, frames: int = 24) -> LabelledClips:
    return read_clips(SOURCES, folder, Preparation(frames=frames), frames, cache)


def assert_same(first: LabelledClips, second: LabelledClips) -> None:
    assert torch.equal(first.rows, second.rows)
    assert first.class_names == second.class_names
    for name in PER_CLIP:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_clips_from_a_file_are_those_in_memory(people_folder: Path, tmp_path: Path) -> None:
    written = read(people_folder, tmp_path)
    assert_same(written, read(people_folder, None))
    assert written.class_names == ("bow", "bow to each other", "greet", "hand over")
    assert_same(written, read(people_folder, tmp_path))


def test_a_file_is_written_once(
    people_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(people_folder, tmp_path)

    def prepared_again(*arguments: object) -> None:
        raise AssertionError("clips were prepared again")

    monkeypatch.setattr(Preparation, "normalized", prepared_again)
    assert_same(read(people_folder, tmp_path), first)


def test_other_recordings_or_another_preparation_have_another_file(
    people_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    read(people_folder, cache)
    read(people_folder, cache, frames=12)
    assert len(list(cache.iterdir())) == 2

    archive = read_archive(people_folder / "people.npz")
    write_archive(tmp_path / "people.npz", replace(archive, positions_mm=archive.positions_mm + 1))
    assert not torch.equal(read(tmp_path, cache).rows, read(people_folder, cache).rows)
    assert len(list(cache.iterdir())) == 3

    monkeypatch.setattr(data, "preparing_code_digest", lambda: "other code")
    read(people_folder, cache)
    assert len(list(cache.iterdir())) == 4


def test_preparing_that_stops_in_the_middle_leaves_no_file(tmp_path: Path) -> None:
    def stopping() -> object:
        yield "clip", "wave", np.zeros((4, 1, 25, 3), np.float32)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept_in_file(stopping, tmp_path / "clips")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_rows_are_mapped_and_not_read(people_folder: Path, tmp_path: Path) -> None:
    mapped = read(people_folder, tmp_path).rows
    expected = mapped.clone()
    file = next(tmp_path.iterdir()) / ROWS
    assert str(file) in Path("/proc/self/maps").read_text()
    # What is mapped outlives its name.
    shutil.rmtree(file.parent)
    assert torch.equal(mapped, expected)


def test_the_bytes_of_clips_are_known_before_they_are_read(people_folder: Path) -> None:
    rows = read(people_folder, None).rows
    # The archive has room for two people in each clip; half of the clips are of one.
    assert bytes_of_clips(SOURCES, people_folder, 24) == pytest.approx(rows.nbytes * 4 / 3)
    own = read_clips(SOURCES, people_folder, Preparation(frames=0), 0).rows
    assert own.nbytes <= bytes_of_clips(SOURCES, people_folder, 0) <= 2 * own.nbytes
