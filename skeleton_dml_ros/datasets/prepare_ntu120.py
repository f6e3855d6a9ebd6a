# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Convert NTU RGB+D 120 from its ``.skeleton`` files to one skeleton archive.

The release's 114,480 files become some 3 GB of positions, so the work is done in parts: each process
reads the files of one part and writes them as a small archive into a folder beside the result; at the
end the parts are joined.  Parts are written atomically.  An interrupted run continues with the missing
parts, and gives the same bytes, since parts depend only on the files.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

from skeleton_dml_ros import __version__
from skeleton_dml_ros.datasets.archive import (
    SkeletonArchive,
    archive_of,
    millimetres,
    read_archive,
    write_archive,
    write_joined,
)
from skeleton_dml_ros.datasets.array_files import check_target
from skeleton_dml_ros.datasets.ntu import (
    FRAMES_PER_SECOND,
    NtuError,
    actors_of,
    parse_sample_name,
    parse_skeleton_file,
)
from skeleton_dml_ros.datasets.ntu120 import CLASS_NAMES, missing_skeletons
from skeleton_dml_ros.errors import SkeletonDmlError, one_line

FILES_A_PART = 64
"""Files that a process holds at a time, some 2 MB of positions."""


@dataclass(frozen=True)
class Damage:
    """A file that was skipped.

    Attributes:
        file: relative to the release's folder.
        reason: one line that names the file.
    """

    file: str
    reason: str


@dataclass(frozen=True)
class PreparedRelease:
    """Result of the conversion.

    Attributes:
        archive: path of the archive.
        report: path of a text file with these figures.
        clips: in the archive.
        classes: with at least one clip.
        frames: in the archive.
        listed: samples skipped because the authors list their skeletons as missing.
        damaged: files skipped because they cannot be read.
    """

    archive: Path
    report: Path
    clips: int
    classes: int
    frames: int
    listed: tuple[str, ...]
    damaged: tuple[Damage, ...]


@dataclass(frozen=True)
class _Part:
    """Content of a part."""

    clips: int
    frames: int
    labels: list[int]
    damaged: list[Damage]


def prepare_ntu120(
    folder: str | Path,
    out: str | Path,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> PreparedRelease:
    """Convert the release to a skeleton archive.

    Samples are in order of their names; labels are class numbers minus one.  Only the main actors are
    kept, in descending order of motion.  Damaged files are skipped and listed in a report beside the
    archive, whose name ends in ``.report.txt``.

    Args:
        folder: of the ``.skeleton`` files, also in subfolders.
        out: the archive: a file ending in .npz, or a new folder.
        workers: processes. With more than one, the calling program must be importable, as always
            when starting processes.
        progress: called with the number of files done and of all files.

    Raises:
        NtuError: there is no file, a sample occurs twice, or no file can be read.
        ArchiveError: the archive cannot be written.
        SkeletonDmlError: a process was killed.
    """
    folder, out = Path(folder), Path(out)
    work = out.with_name(f".{out.name}.unfinished")
    files, listed = _files_of(folder)
    plan = _plan(folder, files)
    if _read_plan(work) != plan:
        check_target(out)
        _begin(work, plan)
    parts = _Parts(folder, work, files)
    parts.make(workers, progress)

    made = [parts.read(number) for number in range(len(parts))]
    clips = sum(part.clips for part in made)
    prepared = PreparedRelease(
        archive=out,
        report=out.with_name(f"{out.stem}.report.txt"),
        clips=clips,
        classes=len({label for part in made for label in part.labels}),
        frames=sum(part.frames for part in made),
        listed=listed,
        damaged=tuple(damage for part in made for damage in part.damaged),
    )
    if clips == 0:
        first = prepared.damaged[0]
        raise NtuError(f"none of {len(files)} files in {folder} can be read; first: {first.reason}")
    _finish(work, out, parts, prepared)
    return prepared


def _files_of(folder: Path) -> tuple[list[str], tuple[str, ...]]:
    """Files to read, relative and in order of their samples, and the skipped listed samples."""
    if not folder.is_dir():
        raise NtuError(f"there is no folder {folder}; give the one with the .skeleton files")
    found: dict[str, str] = {}
    for path in folder.rglob("*.skeleton"):
        name = path.name.partition(".")[0]
        relative = path.relative_to(folder).as_posix()
        if name in found:
            raise NtuError(
                f"{name} occurs twice in {folder}: {found[name]} and {relative}; remove one"
            )
        found[name] = relative
    if not found:
        raise NtuError(f"{folder} holds no .skeleton file; unpack the release's skeletons there")
    listed = sorted(missing_skeletons() & set(found))
    files = [found[name] for name in sorted(found) if name not in missing_skeletons()]
    if not files:
        raise NtuError(f"{folder} holds only samples whose skeletons are missing or incomplete")
    return files, tuple(listed)


def _plan(folder: Path, files: Sequence[str]) -> dict[str, Any]:
    """What the parts depend on; if it changes, they are made again."""
    digest = hashlib.sha256()
    for file in files:
        status = (folder / file).stat()
        digest.update(f"{file} {status.st_size} {status.st_mtime_ns}\n".encode())
    return {"version": __version__, "files_a_part": FILES_A_PART, "files": digest.hexdigest()}


def _read_plan(work: Path) -> Any:
    try:
        return json.loads((work / "plan.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _begin(work: Path, plan: dict[str, Any]) -> None:
    try:
        if work.exists():
            shutil.rmtree(work)
        work.mkdir()
        _write_whole(work / "plan.json", json.dumps(plan))
    except OSError as error:
        raise SkeletonDmlError(f"{work} cannot be made: {error.strerror or error}") from error


def _finish(work: Path, out: Path, parts: _Parts, prepared: PreparedRelease) -> None:
    """Join the parts and move the result to its place; resumes after an interruption."""
    joined = work / f"joined{out.suffix}"
    is_joined = work / "is_joined"
    try:
        if not is_joined.exists():
            for leftover in work.glob(".joined*"):
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            if not joined.exists():
                write_joined(joined, parts.archives)
            is_joined.touch()
        if joined.exists():
            check_target(out)
            joined.replace(out)
        _write_whole(prepared.report, _report(prepared))
        # Renamed first, so that a half-deleted folder is not taken for unfinished work.
        finished = work.with_name(f".{out.name}.finished")
        shutil.rmtree(finished, ignore_errors=True)
        work.replace(finished)
        shutil.rmtree(finished, ignore_errors=True)
    except OSError as error:
        raise SkeletonDmlError(f"{out} cannot be written: {error.strerror or error}") from error


def _report(prepared: PreparedRelease) -> str:
    lines = [
        f"{prepared.archive.name}: {prepared.clips} clips of {prepared.classes} classes, "
        f"{prepared.frames} frames",
        f"{len(prepared.listed)} samples skipped, as the data set's authors ask: their skeletons "
        "are missing or incomplete",
        f"{len(prepared.damaged)} files skipped because they cannot be read",
        *(damage.reason for damage in prepared.damaged),
    ]
    return "\n".join(lines) + "\n"


def _write_whole(path: Path, text: str) -> None:
    """Write a file atomically."""
    unfinished = path.with_name(f".{path.name}-{os.getpid()}")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


class _Parts:
    """Parts of a release in the work folder.

    Args:
        folder: of the release.
        work: the work folder.
        files: relative to ``folder``.
    """

    def __init__(self, folder: Path, work: Path, files: Sequence[str]) -> None:
        self._folder = folder
        self._work = work
        self._files = files

    def __len__(self) -> int:
        return -(-len(self._files) // FILES_A_PART)

    def _members(self, number: int) -> Sequence[str]:
        return self._files[number * FILES_A_PART : (number + 1) * FILES_A_PART]

    def make(self, workers: int, progress: Callable[[int, int], None] | None) -> None:
        """Make the missing parts."""
        missing = [one for one in range(len(self)) if not _paths(self._work, one)[1].exists()]
        done = len(self._files) - sum(len(self._members(number)) for number in missing)

        def tell(files: int) -> None:
            nonlocal done
            done += files
            if progress is not None:
                progress(done, len(self._files))

        tell(0)
        if workers <= 1 or len(missing) <= 1:
            for number in missing:
                tell(_make_part(self._folder, self._members(number), self._work, number))
            return
        # Forked processes would share locks with torch's threads.
        pool = ProcessPoolExecutor(
            min(workers, len(missing)), get_context("spawn"), initializer=_begin_worker
        )
        made: list[Future[int]] = [
            pool.submit(_make_part, self._folder, self._members(number), self._work, number)
            for number in missing
        ]
        try:
            for part in as_completed(made):
                tell(part.result())
        except BrokenProcessPool as error:
            raise SkeletonDmlError(
                "a process was killed, perhaps for lack of memory; run the same command again with "
                "fewer workers to continue"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)

    def read(self, number: int) -> _Part:
        """Content of a part."""
        content = json.loads(_paths(self._work, number)[1].read_text("utf-8"))
        damaged = [Damage(**damage) for damage in content.pop("damaged")]
        return _Part(**content, damaged=damaged)

    def archives(self) -> Iterator[SkeletonArchive]:
        """The archives of the parts, one after another."""
        for number in range(len(self)):
            archive = _paths(self._work, number)[0]
            if archive.exists():
                yield read_archive(archive)


def _paths(work: Path, number: int) -> tuple[Path, Path]:
    """A part's archive, and the file with its content, which is written last."""
    return work / f"part_{number:05d}.npz", work / f"part_{number:05d}.json"


def _make_part(folder: Path, files: Sequence[str], work: Path, number: int) -> int:
    """Make a part from its files; returns their number."""
    clips, labels, subjects, names = [], [], [], []
    damaged = []
    for file in files:
        try:
            sample = parse_sample_name(file)
            if not 1 <= sample.action <= len(CLASS_NAMES):
                raise NtuError(f"action {sample.action} is not one of 1 to {len(CLASS_NAMES)}")
            clip = actors_of(parse_skeleton_file((folder / file).read_bytes(), file), file)
            millimetres(clip.positions)
        except (SkeletonDmlError, OSError) as error:
            reason = one_line(str(error))
            damaged.append(Damage(file, reason if file in reason else f"{file}: {reason}"))
            continue
        clips.append(clip)
        labels.append(sample.action - 1)
        subjects.append(sample.performer)
        names.append(str(sample))
    archive, content = _paths(work, number)
    if clips:
        write_archive(
            archive,
            archive_of(clips, labels, CLASS_NAMES, subjects, names, fps=FRAMES_PER_SECOND),
            compressed=False,
        )
    part = _Part(len(clips), sum(map(len, clips)), sorted(set(labels)), damaged)
    _write_whole(content, json.dumps(asdict(part)))
    return len(files)


def _begin_worker() -> None:
    """Leave Ctrl-C to the parent, and exit if the parent was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
