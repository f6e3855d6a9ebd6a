# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Damaged files of every format: each reader gives content, or one line with the file's name.

``READER_EXAMPLES=10000 python -m pytest test/test_reader_fuzzing.py`` searches for longer, with new
inputs in each run.
"""

from __future__ import annotations

import io
import os
import sqlite3
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skeleton_dml_ros.datasets.archive import archive_of, read_archive, write_archive
from skeleton_dml_ros.datasets.content import recording_from_bytes
from skeleton_dml_ros.datasets.csv_folder import read_csv_clip
from skeleton_dml_ros.datasets.ntu import read_skeleton_file
from skeleton_dml_ros.datasets.recording_file import BagOptions
from skeleton_dml_ros.datasets.sbu import read_clip as read_sbu_clip
from skeleton_dml_ros.datasets.splits import get_split
from skeleton_dml_ros.datasets.utd_mhad import read_clip as read_mat_clip
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.parameters_file import read_file
from skeleton_dml_ros.references.exchange import export_references, import_references
from skeleton_dml_ros.references.reference import Reference, ReferenceKind
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.shared_files import shared_file
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

EXAMPLES = int(os.environ.get("READER_EXAMPLES", "30"))

MAX_SECONDS = 5.0

JOINT = b"0.1 0.2 2.5 277.4 191.7 1036.2 519.6 -0.21 0.03 0.97 -0.07 2\n"
"""A line of a .skeleton file."""

SPITEFUL = (
    b"\x00",
    b"\xff\xff\xff\xff",
    b"-1",
    b"1e999",
    b"nan",
    b"\x1f",
    b"\n\n",
    b" " * 1000,
    b"[" * 2000,
    b"2001-13-45",
    b"-0,48",
    b"*a",
    b"99999999999999999999",
)


def recording() -> SkeletonSequence:
    positions = np.random.default_rng(0).normal(size=(6, 1, 25, 3)).round(3)
    return SkeletonSequence(positions, np.arange(6) / 30, NTU_25)


def reference() -> Reference:
    return Reference("0123456789ab", "wave", ReferenceKind.ACTION, 1, recording())


def archive_bytes(folder: Path) -> bytes:
    write_archive(folder / "valid.npz", archive_of([recording()], [0], ["wave"]))
    return (folder / "valid.npz").read_bytes()


def store_bytes(folder: Path) -> bytes:
    with ReferenceStore(folder / "valid.db") as store:
        store.add(reference(), {"key": np.full(4, 0.5, np.float32)})
    return (folder / "valid.db").read_bytes()


def mat_bytes(_: Path) -> bytes:
    savemat = pytest.importorskip("scipy.io").savemat
    buffer = io.BytesIO()
    savemat(buffer, {"d_skel": np.random.default_rng(0).random((20, 3, 5))}, do_compression=True)
    return buffer.getvalue()


def csv_bytes(_: Path) -> bytes:
    names = ",".join(f"{name}_{axis}" for name in NTU_25.joint_names for axis in "xyz")
    rows = [",".join([f"{frame / 30}", *["0.5"] * 75]) for frame in range(4)]
    return "\n".join([f"time,{names}", *rows]).encode()


def read_store(path: Path) -> None:
    with ReferenceStore(path) as store:
        store.summaries()
        store.index(["key"], "key")
        store.list()


def read_card(path: Path) -> None:
    folder = path.parent / "model"
    folder.mkdir(exist_ok=True)
    for each in shared_file("models/default").iterdir():
        if not (folder / each.name).exists() and each.name != "model.yaml":
            (folder / each.name).symlink_to(each)
    (folder / "model.yaml").write_bytes(path.read_bytes())
    load_model(folder)


READERS: dict[str, tuple[Callable[[Path], bytes], Callable[[Path], Any]]] = {
    "a.skeleton": (
        lambda _: b"2\n" + 2 * (b"1\n72057594037944738 0 1 0 1 1 0 0.02 -0.1 2\n25\n" + 25 * JOINT),
        read_skeleton_file,
    ),
    "a.npz": (archive_bytes, read_archive),
    "sent.npz": (archive_bytes, lambda path: recording_from_bytes(path.read_bytes())),
    "a.mat": (mat_bytes, read_mat_clip),
    "skeleton_pos.txt": (
        lambda _: b"".join(b"%d," % row + b"0.5," * 89 + b"0.5\n" for row in range(3)),
        read_sbu_clip,
    ),
    "a.csv": (csv_bytes, read_csv_clip),
    "a.db": (store_bytes, read_store),
    "a.safetensors": (
        lambda _: export_references([reference()]),
        lambda path: import_references(path.read_bytes()),
    ),
    "parameters.yaml": (
        lambda _: b"/**:\n  ros__parameters: {threshold: 0.5, model: &a default, device: *a}\n",
        lambda path: read_file(path, "/node"),
    ),
    "classes.yaml": (
        lambda _: b"a: [1, 2]\nb: {c: [x, y]}\n",
        lambda path: get_split(path, ["x", "y"]),
    ),
    "model.yaml": (lambda _: shared_file("models/default/model.yaml").read_bytes(), read_card),
    "a.db3": (store_bytes, lambda path: BagOptions().open(path)),
    "a.mcap": (
        lambda _: b"\x89MCAP0\r\n" + bytes(200) + b"\x89MCAP0\r\n",
        lambda path: BagOptions().open(path),
    ),
}
"""By the file's name: makes a valid one, and reads it."""

# Where the name of the file is that of what was sent.
SENT = ("sent.npz", "a.safetensors")


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_gives_content_or_one_line_with_its_name(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if name.endswith((".db3", ".mcap")):
        pytest.importorskip("rosbags")
    valid, read = READERS[name]
    folder = tmp_path_factory.mktemp("fuzzing")
    content = valid(folder)

    places = st.integers(0, len(content))
    edit = st.tuples(
        places, st.integers(0, 40), st.one_of(st.binary(max_size=8), st.sampled_from(SPITEFUL))
    )
    damaged = st.one_of(
        st.lists(edit, min_size=1, max_size=4).map(lambda edits: edited(content, edits)),
        places.map(lambda end: content[:end]),
        st.binary(max_size=200),
    )

    @settings(
        max_examples=EXAMPLES,
        derandomize="READER_EXAMPLES" not in os.environ,
        deadline=None,
        database=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(damaged)
    def check(data: bytes) -> None:
        path = folder / name
        for left in folder.glob(f"{name}-*"):
            left.unlink()
        path.write_bytes(data)
        begun = time.perf_counter()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read(path)
        except SkeletonDmlError as error:
            line = str(error)
            assert "\n" not in line
            assert line.encode()
            if name not in SENT:
                assert path.name in line
        assert time.perf_counter() - begun < MAX_SECONDS

    check()


def edited(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """The content with parts replaced: place, length, and what takes its place."""
    for place, length, replacement in edits:
        content = content[:place] + replacement + content[place + length :]
    return content


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "parameters.yaml",
            b"a: &a [x, x]\n"
            + b"".join(
                b"%c: &%c [%s]\n" % (98 + n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 9))
                for n in range(20)
            ),
        ),
        ("parameters.yaml", b"[" * 100_000),
        ("parameters.yaml", b"a: &a\n  b: *a\n"),
        ("parameters.yaml", b"a: 2001-13-45"),
        ("classes.yaml", b"2001-13-45: 1"),
        ("model.yaml", b"&a [*a]"),
        ("a.skeleton", b"1\x1f\n" + b"0\n"),
        ("a.npz", b"PK\x05\x06" + bytes(18)),
    ],
)
def test_a_hostile_file_is_refused_in_one_line_with_its_name(
    name: str, data: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SkeletonDmlError) as caught:
        READERS[name][1](tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("threshold", ["-0,48", ".nan", ".inf", "[1]", "yes", "2001-13-45"])
def test_a_number_of_a_model_card_is_a_finite_number(threshold: str, tmp_path: Path) -> None:
    text = shared_file("models/default/model.yaml").read_text()
    lines = [
        f"  threshold: {threshold}" if line.startswith("  threshold:") else line
        for line in text.splitlines()
    ]
    assert lines != text.splitlines()
    (tmp_path / "model.yaml").write_text("\n".join(lines))
    with pytest.raises(SkeletonDmlError, match=r"model\.yaml.*(threshold is|value is not valid)"):
        read_card(tmp_path / "model.yaml")


def test_lengths_that_wrap_around_are_refused(tmp_path: Path) -> None:
    write_archive(tmp_path / "a.npz", archive_of([recording()] * 4, [0] * 4, ["wave"]))
    with np.load(tmp_path / "a.npz") as file:
        arrays = dict(file)
    quarter = 2**62
    arrays["lengths"] = np.array([quarter, quarter, quarter, quarter + 24], dtype=np.uint64)
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(SkeletonDmlError, match=r"a\.npz.*lengths"):
        read_archive(tmp_path / "a.npz")


def test_a_store_with_pages_of_another_is_refused_or_read(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as disk:
        disk.execute("PRAGMA application_id = 1396983116")
    disk.close()
    with pytest.raises(SkeletonDmlError, match=r"a\.db"):
        read_store(tmp_path / "a.db")


@pytest.mark.parametrize("name", [b"\xff\xfe", b"two\nlines", b"\x1b[2J"])
def test_a_store_whose_tables_have_hostile_names_is_refused_in_one_line(
    name: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    store_bytes(tmp_path)
    (tmp_path / "valid.db").rename(path)
    with sqlite3.connect(path) as disk:
        disk.execute("PRAGMA writable_schema = ON")
        disk.execute(
            "UPDATE sqlite_master SET name = CAST(? AS TEXT), sql = 'CREATE TABLE' WHERE name = 'state'",
            (name,),
        )
    disk.close()
    with pytest.raises(SkeletonDmlError, match=r"a\.db is damaged") as caught:
        read_store(path)
    assert "\n" not in str(caught.value)
