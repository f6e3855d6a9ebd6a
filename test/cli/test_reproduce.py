# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml reproduce``, from raw files on."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from skeleton_dml_ros.cli import main
from skeleton_dml_ros.cli.reproduce import What
from skeleton_dml_ros.datasets.prepare_ntu120 import prepare_ntu120
from skeleton_dml_ros.datasets.synthetic_ntu import write_release
from skeleton_dml_ros.evaluation.reproduction import REPRODUCTIONS

Command = Callable[..., tuple[str, str]]

SHRUNK = ("--epochs", "1", "--image-size", "32", "--clips-a-class", "2", "--pretrained", "none")
ROWS = {"table1": 4, "table2": 5, "table3": 24, "table4": 8, "figure6": 5, "figure7": 20}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive, in a folder, of a synthetic release with all 120 classes."""
    folder = tmp_path_factory.mktemp("release")
    write_release(folder / "raw", subjects=2, clips=3, frames=24)
    prepare_ntu120(folder / "raw", folder / "ntu120")
    shutil.rmtree(folder / "raw")
    return folder / "ntu120"


@pytest.fixture(scope="module")
def pages(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of all seven reproductions at the smallest scale."""
    pytest.importorskip("umap")
    out = tmp_path_factory.mktemp("reproduction")
    arguments = ["reproduce", *REPRODUCTIONS, "--data", str(release), "--out", str(out), *SHRUNK]
    assert main(arguments) == 0
    yield out
    # The weights of 34 networks.
    shutil.rmtree(out)


def test_all_seven_are_written_as_markdown_csv_json_and_plots(pages: Path) -> None:
    for name in REPRODUCTIONS:
        page = (pages / f"{name}.md").read_text()
        content = json.loads((pages / f"{name}.json").read_text())
        with (pages / f"{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert page.startswith("# ")
        assert len(content["rows"]) == len(rows) == ROWS.get(name, len(rows))
        if name.startswith("figure"):
            assert content["picture"] == f"{name}.png"
            assert (pages / f"{name}.png").read_bytes().startswith(b"\x89PNG")
            assert f"({name}.png)" in page


def test_every_page_names_its_caveats(pages: Path) -> None:
    for name in REPRODUCTIONS:
        page = (pages / f"{name}.md").read_text()
        (line,) = [line for line in page.splitlines() if line.startswith("**No result")]
        assert "the archive holds 300 of the protocol's 95001 auxiliary" in line
        assert "epochs set to 1" in line
        assert json.loads((pages / f"{name}.json").read_text())["no_result_because"]


def test_the_papers_values_are_beside_the_measured_ones(pages: Path) -> None:
    *_, recipe, best = json.loads((pages / "table1.json").read_text())["rows"]
    assert (recipe["paper's accuracy (%)"], best["paper's accuracy (%)"]) == (54.2, 58.6)
    for row in (recipe, best):
        assert 0 <= row["measured here (%)"] <= 100
        assert row["training clips"] == 200
    unstated = json.loads((pages / "table4.json").read_text())["rows"][0]
    assert unstated["paper's accuracy (%)"] is None
    assert "not available here" in (pages / "table4.md").read_text()


def test_finished_runs_are_not_repeated(pages: Path, release: Path, run: Command) -> None:
    runs = {path: path.stat().st_mtime_ns for path in (pages / "runs").rglob("result.json")}
    # 2 of Table I, 4 more of Table II, 22 more of Table III (embedding 128 and the best recipe, for
    # one epoch each, are there), 6 more of Table IV.
    assert len(runs) == 34
    printed, said = run(
        *("reproduce", "table1", "table3", "--data", release, "--out", pages, *SHRUNK, "--json")
    )
    assert "epoch" not in said
    table1, table3 = json.loads(printed)
    assert len(table3["rows"]) == 24
    assert table1["no_result_because"]
    assert {path: path.stat().st_mtime_ns for path in runs} == runs


def test_an_interrupted_run_is_resumed(
    release: Path, tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skeleton_dml_ros.evaluation.reproduction import running

    arguments = ("reproduce", "figure7", "--data", release, "--out", tmp_path, *SHRUNK)

    def interrupted(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        # After the training, before there is a result.
        patched.setattr(running, "embed_clips", interrupted)
        run(*arguments, status=130)
    (checkpoint,) = tmp_path.rglob("checkpoint.safetensors")
    _, said = run(*arguments)
    assert "epoch 1 of 1" not in said
    assert not checkpoint.exists()
    assert (tmp_path / "figure7.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("table5",), "table5"),
        (("table1", "--seeds", "one"), "--seeds is 'one'; give whole numbers"),
        (("table1", "--image-size", "20"), "the network needs at least 32 pixels"),
        (("table1", "--split", "mine"), "there is no split 'mine'"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: tuple[str, ...], complaint: str, release: Path, tmp_path: Path, run: Command
) -> None:
    _, said = run("reproduce", *arguments, "--data", release, "--out", tmp_path, status=2)
    assert complaint in said


def test_the_command_knows_every_table_and_figure() -> None:
    assert [one.value for one in What] == list(REPRODUCTIONS)


def test_a_missing_package_is_reported_before_the_first_run(
    release: Path, tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "umap", None)
    _, said = run("reproduce", "figure8", "--data", release, "--out", tmp_path, status=2)
    assert "pip install 'skeleton_dml_ros[umap]'" in said
    assert not list(tmp_path.iterdir())
