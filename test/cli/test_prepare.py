# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Research sets and own recordings, from the command line to an archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from skeleton_dml_ros.datasets.archive import archive_of, read_archive, write_archive
from skeleton_dml_ros.datasets.synthetic_ntu import write_release
from skeleton_dml_ros.skeleton.layouts import SBU_15
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

Command = Callable[..., tuple[str, str]]


def test_an_ntu_release_becomes_a_folder(folder: Path, run: Command) -> None:
    write_release("raw", classes=5, clips=2, frames=8)
    said, _ = run("prepare", "ntu120", "raw", "ntu", "--workers", "1")
    assert (
        said == "wrote ntu: 10 clips of 5 classes; left out 1 that the authors list as incomplete\n"
    )
    assert len(read_archive("ntu")) == 10


def test_damaged_files_are_reported_and_change_the_exit_status(folder: Path, run: Command) -> None:
    damaged = write_release("raw", classes=3, clips=2, frames=8, damaged=1).damaged[0]
    said, complained = run(
        "prepare", "ntu120", "raw", "ntu.npz", "--workers", "1", "--json", status=1
    )
    made = json.loads(said)
    assert (made["clips"], made["classes"], made["report"]) == (5, 3, "ntu.report.txt")
    assert [one["file"] for one in made["damaged"]] == [f"{damaged}.skeleton"]
    assert complained == (
        "skeleton-dml: left out 1 file that cannot be read, listed in ntu.report.txt\n"
    )
    assert damaged in Path("ntu.report.txt").read_text()


def test_utd_mhad_becomes_an_archive(
    folder: Path, run_json: Callable[..., Any], shared_data: Path
) -> None:
    made = run_json("prepare", "utd_mhad", shared_data / "utd_mhad_raw", "utd.npz")
    assert (made["layout"], len(made["classes"])) == ("utd_mhad_20", 27)
    archive, other = read_archive("utd.npz"), read_archive(shared_data / "utd_mhad.npz")
    assert made["clips"] == len(archive) > 100
    for name in archive.names[::20]:
        clip, expected = archive.clip(archive.index(name)), other.clip(other.index(name))
        np.testing.assert_allclose(clip.positions, expected.positions, atol=1.1e-3)


def test_normalised_values_of_sbu_become_metres(folder: Path, run: Command) -> None:
    values = np.full((3, 2, 15, 3), 0.5)
    values[:, :, SBU_15.index("head"), 1] = 0.25
    clip = SkeletonSequence(values, np.arange(3) / 15, SBU_15)
    write_archive("raw.npz", archive_of([clip], [0], ["kick"]))
    said, _ = run("prepare", "sbu", "raw.npz", "sbu.npz")
    assert said == "wrote sbu.npz: 1 clips of 1 classes, 3 frames in layout sbu_15\n"
    head = read_archive("sbu.npz").clip(0).positions[0, 0, SBU_15.index("head")]
    np.testing.assert_allclose(head, [0, 0.48, 0.64], atol=1e-6)
    _, complained = run("prepare", "sbu", "sbu.npz", "again.npz", status=2)
    assert "does not hold SBU's normalised values" in complained


def test_csv_files_become_an_archive(folder: Path, run: Command) -> None:
    Path("mine/wave").mkdir(parents=True)
    Path("mine/wave/monday.csv").write_text("time,head_x,head_y,head_z\n0,1,2,3\n0.1,1,2,3\n")
    run("prepare", "csv", "mine", "mine.npz", "--axes", "optical")
    archive = read_archive("mine.npz")
    assert archive.names == ("wave/monday",)
    np.testing.assert_array_equal(archive.clip(0).positions[0, 0, 0], [-1, -2, 3])
    _, complained = run("prepare", "csv", "mine", "mine.npz", "--axes", "upwards", status=2)
    assert "there are no axes 'upwards'; give optical or body or kinect" in complained


def test_a_missing_output_folder_is_refused_before_anything_is_read(
    folder: Path, run: Command
) -> None:
    for name in ("ntu120", "utd_mhad", "sbu", "csv"):
        _, complained = run("prepare", name, "nowhere", "no/folder/out.npz", status=2)
        assert "there is no folder" in complained
        assert "for out.npz; create it first" in complained
