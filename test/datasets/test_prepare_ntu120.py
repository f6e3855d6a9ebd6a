# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.datasets import prepare_ntu120 as module
from skeleton_dml_ros.datasets.archive import ArchiveError, read_archive
from skeleton_dml_ros.datasets.ntu import NtuError, parse_sample_name, read_actors
from skeleton_dml_ros.datasets.ntu120 import CLASS_NAMES
from skeleton_dml_ros.datasets.prepare_ntu120 import prepare_ntu120
from skeleton_dml_ros.datasets.synthetic_ntu import SyntheticRelease, write_release


class CutShortError(BaseException):
    """What stands for the end of the process."""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> SyntheticRelease:
    folder = tmp_path_factory.mktemp("raw")
    classes = (1, 2, 3, 4, 50, 61, 112)
    return write_release(folder, classes, subjects=2, clips=6, frames=12, damaged=2)


@pytest.fixture(scope="module")
def whole(release: SyntheticRelease, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run that nothing cuts short makes: a folder and a file."""
    folder = tmp_path_factory.mktemp("whole")
    for name in ("ntu", "ntu.npz"):
        prepare_ntu120(release.folder, folder / name)
    return folder


def content(path: Path) -> dict[str, bytes]:
    """All bytes of an archive."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return {file.name: file.read_bytes() for file in files}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", ["ntu", "ntu.npz"])
def test_an_archive_holds_the_main_actors_of_all_samples(
    release: SyntheticRelease, whole: Path, name: str
) -> None:
    archive = read_archive(whole / name)
    assert archive.names == release.samples
    assert archive.class_names == CLASS_NAMES
    assert isinstance(archive.positions_mm, np.memmap) == (name == "ntu")
    for index, sample in enumerate(map(parse_sample_name, release.samples)):
        assert archive.labels[index] == sample.action - 1
        assert archive.subjects[index] == sample.performer
        expected = read_actors(release.folder / f"{sample}.skeleton")
        clip = archive.clip(index)
        np.testing.assert_allclose(clip.positions, expected.positions, atol=5.1e-4)
        np.testing.assert_array_equal(clip.confidence, expected.confidence)
    assert {archive.clip(index).bodies for index in range(len(archive))} == {1, 2}


def test_listed_and_damaged_files_are_skipped_and_reported(
    release: SyntheticRelease, tmp_path: Path
) -> None:
    done: list[tuple[int, int]] = []
    prepared = prepare_ntu120(
        release.folder, tmp_path / "ntu.npz", progress=lambda *numbers: done.append(numbers)
    )
    assert (prepared.clips, prepared.classes) == (len(release.samples), 7)
    assert prepared.listed == release.listed
    assert [damage.file for damage in prepared.damaged] == [
        f"{name}.skeleton" for name in release.damaged
    ]
    files = len(release.samples) + len(release.damaged)
    assert (done[0], done[-1]) == ((0, files), (files, files))
    lines = prepared.report.read_text().splitlines()
    assert prepared.report == tmp_path / "ntu.report.txt"
    assert lines[0] == f"ntu.npz: 40 clips of 7 classes, {prepared.frames} frames"
    assert lines[1].startswith("1 samples skipped, as the data set's authors ask")
    assert lines[2] == "2 files skipped because they cannot be read"
    for line, name in zip(lines[3:], release.damaged, strict=True):
        assert line.startswith(f"{name}.skeleton is ")
    assert names_in(tmp_path) == ["ntu.npz", "ntu.report.txt"]


def test_several_processes_make_the_same_bytes(
    release: SyntheticRelease, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FILES_A_PART", 24)
    # A sample may lie in any folder, as the two halves of the release do.
    raw = tmp_path / "raw"
    shutil.copytree(release.folder, raw / "first")
    (raw / "second").mkdir()
    for file in (raw / "first").glob("S018*"):
        file.replace(raw / "second" / file.name)
    prepare_ntu120(raw, tmp_path / "ntu", workers=2)
    assert content(tmp_path / "ntu") == content(whole / "ntu")


STAGES = ("_make_part", "write_archive", "write_joined", "_report", "check_target")


@pytest.mark.parametrize("name", ["ntu", "ntu.npz"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_run_continues_an_interrupted_one(
    release: SyntheticRelease,
    whole: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    stage: str,
) -> None:
    monkeypatch.setattr(module, "FILES_A_PART", 10)
    whole_function = getattr(module, stage)
    calls = 0

    def cut_short(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == {"_make_part": 3, "write_archive": 2, "check_target": 2}.get(stage, 1):
            raise CutShortError
        return whole_function(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(module, stage, cut_short)
        with pytest.raises(CutShortError):
            prepare_ntu120(release.folder, tmp_path / name)
    done: list[int] = []
    prepare_ntu120(release.folder, tmp_path / name, progress=lambda one, _: done.append(one))
    assert done[0] == {"_make_part": 20, "write_archive": 10}.get(stage, 42)
    assert content(tmp_path / name) == content(whole / name)
    assert names_in(tmp_path) == [name, "ntu.report.txt"]
    reports = [(folder / "ntu.report.txt").read_text() for folder in (tmp_path, whole)]
    assert reports[0].splitlines()[1:] == reports[1].splitlines()[1:]


def test_a_killed_process_leaves_no_harmful_files(
    release: SyntheticRelease, whole: Path, tmp_path: Path
) -> None:
    program = (
        "import sys\n"
        "from skeleton_dml_ros.datasets import prepare_ntu120 as module\n"
        "module.FILES_A_PART = 4\n"
        "if __name__ == '__main__':\n"
        "    module.prepare_ntu120(*sys.argv[1:], workers=1)\n"
    )
    script = tmp_path / "program.py"
    script.write_text(program)
    out = tmp_path / "out" / "ntu.npz"
    out.parent.mkdir()
    command = [sys.executable, str(script), str(release.folder), str(out)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, env=environment) as process:
        work = out.parent / ".ntu.npz.unfinished"
        while process.poll() is None and len(list(work.glob("part_*.json"))) < 4:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    subprocess.run(command, env=environment, check=True)
    assert content(out) == content(whole / "ntu.npz")
    assert names_in(out.parent) == ["ntu.npz", "ntu.report.txt"]


def test_changed_files_are_prepared_again(
    release: SyntheticRelease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(*_: object) -> None:
        raise CutShortError

    raw = tmp_path / "raw"
    shutil.copytree(release.folder, raw)
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_joined", cut_short)
        with pytest.raises(CutShortError):
            prepare_ntu120(raw, tmp_path / "ntu.npz")
    (raw / f"{release.samples[0]}.skeleton").unlink()
    prepare_ntu120(raw, tmp_path / "ntu.npz")
    assert read_archive(tmp_path / "ntu.npz").names == release.samples[1:]


def test_memory_does_not_grow_with_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FILES_A_PART", 8)
    (sample,) = write_release(tmp_path, classes=1, subjects=1, clips=1, frames=60).samples
    peaks = []
    for samples in (16, 160):
        raw, out = tmp_path / f"raw{samples}", tmp_path / f"ntu{samples}"
        raw.mkdir()
        for number in range(1, samples + 1):
            (raw / f"S001C001P{number:03}R001A001.skeleton").hardlink_to(
                tmp_path / f"{sample}.skeleton"
            )
        tracemalloc.start()
        prepare_ntu120(raw, out)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    archive = read_archive(out)
    assert len(archive) == 160
    assert peaks[1] - peaks[0] < archive.positions_mm.nbytes / 5


def test_invalid_folders_and_targets_are_refused(release: SyntheticRelease, tmp_path: Path) -> None:
    with pytest.raises(NtuError, match=r"there is no folder .*nowhere; give the one with the"):
        prepare_ntu120(tmp_path / "nowhere", tmp_path / "ntu")
    raw = tmp_path / "raw"
    raw.mkdir()
    with pytest.raises(NtuError, match=r"raw holds no \.skeleton file; unpack the release"):
        prepare_ntu120(raw, tmp_path / "ntu")
    shutil.copy(release.folder / f"{release.listed[0]}.skeleton", raw)
    with pytest.raises(NtuError, match="holds only samples whose skeletons are missing"):
        prepare_ntu120(raw, tmp_path / "ntu")
    (raw / "S001C001P001R001A001.skeleton").write_text("1\n")
    with pytest.raises(NtuError, match=r"none of 1 files in .* can be read; first: S001C001P001"):
        prepare_ntu120(raw, tmp_path / "ntu")
    (raw / "twice").mkdir()
    (raw / "twice" / "S001C001P001R001A001.skeleton").write_text("1\n")
    with pytest.raises(NtuError, match=r"S001C001P001R001A001 occurs twice in"):
        prepare_ntu120(raw, tmp_path / "ntu")
    (tmp_path / "ntu").mkdir()
    (tmp_path / "ntu" / "thesis.txt").write_text("ten years of work")
    with pytest.raises(ArchiveError, match="exists already; give a new folder"):
        prepare_ntu120(release.folder, tmp_path / "ntu")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("S001C001P001R001A121", None, "action 121 is not one of 1 to 120"),
        ("holiday", None, "'holiday.skeleton' is not the name of an NTU sample"),
        ("S001C001P001R001A002", (" 2.", " 412."), "a joint is 412"),
        ("S001C001P001R001A002", ("\n25\n", "\n24\n"), "has 24 joints, not 25"),
    ],
)
def test_files_that_are_not_samples_are_skipped(
    tmp_path: Path, name: str, text: tuple[str, str] | None, message: str
) -> None:
    raw = tmp_path / "raw"
    (sample,) = write_release(raw, classes=1, subjects=1, clips=1, frames=8).samples
    whole = (raw / f"{sample}.skeleton").read_text()
    (raw / f"{name}.skeleton").write_text(whole if text is None else whole.replace(*text, 1))
    prepared = prepare_ntu120(raw, tmp_path / "ntu")
    assert prepared.clips == 1
    (damage,) = prepared.damaged
    assert damage.file == f"{name}.skeleton"
    assert message in damage.reason
    assert name in damage.reason
