# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""``skeleton-dml report``: the page as a file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., tuple[str, str]]


def test_a_page_of_recordings_is_written_where_it_was_asked_for(
    run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    said = run_json(
        *("report", untrained_model, "--data", "motions.npz"),
        *("--draws", "3", "--known", "1", "--out", "page.html"),
    )
    page = (folder / "page.html").read_bytes()
    assert said["bytes"] == len(page)
    assert said["one_shot_accuracy_mean"] >= 0
    assert page.startswith(b"<!DOCTYPE html>")
    assert b"raise_left taken for raise_right" in page or b"raise_left, not raise_right" in page
    assert b"odd:name" in page


def test_without_data_and_place_it_shows_the_folder_and_lies_in_it(
    run: Command, folder: Path, untrained_model: Path
) -> None:
    shutil.copytree(untrained_model, folder / "run")
    shown, _ = run("report", "run")
    assert shown.startswith("page written to run/report.html (0.0 MB)")
    assert "No recordings were given" in (folder / "run" / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere",), "there is no folder"),
        ((".", "--out", "page.html"), "lacks model.yaml"),
        (("MODEL", "--data", "motions.npz", "--classes", "dance"), "no class 'dance'"),
        (("MODEL", "--data", "motions.npz", "--classes", "1"), "at least two classes"),
        (("MODEL", "--data", "one.npz"), "at least two classes"),
        (("MODEL", "--data", "nowhere.npz"), "nowhere.npz"),
        (("MODEL", "--classes", "1"), "give --data"),
        (("MODEL", "--out", "nowhere/page.html"), "there is no folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_shown_is_refused(
    arguments: tuple[str, ...],
    complaint: str,
    run: Command,
    folder: Path,
    untrained_model: Path,
) -> None:
    shutil.copytree(untrained_model, folder / "MODEL")
    _, said = run("report", *arguments, status=2)
    assert complaint in said
    assert not list(folder.rglob("*.html"))
