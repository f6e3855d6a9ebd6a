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

"""What the documentation says can be done, can be done."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from skeleton_dml_ros.cli import main
from skeleton_dml_ros.skeleton.layouts import get_layout, layout_names

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a language in a page."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [content for name, content in fenced if name == language]


def shell_lines(page: Path, command: str) -> list[list[str]]:
    """The lines of a page's shell blocks that begin with a command, split into words."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    split = [shlex.split(line, comments=True) for line in lines]
    return [words for words in split if words and words[0] == command]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_two_commands_of_the_readme_are_made_by_the_makefile() -> None:
    targets = shell_lines(PAGES[0], "make")
    assert [words[1] for words in targets] == ["demo", "test"]
    for words in targets:
        subprocess.run(
            [*words, "--dry-run"], cwd=REPOSITORY, check=True, capture_output=True, timeout=60
        )


def test_the_examples_of_the_readme_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    recordings, from_python = blocks(PAGES[0], "python")
    exec(recordings, {})
    commands = shell_lines(PAGES[0], "skeleton-dml")
    assert len(commands) >= 8
    shown = {}
    for words in commands:
        assert main(words[1:]) == 0, words
        shown[" ".join(words)] = capsys.readouterr().out
    table = shown["skeleton-dml recognize taught.db evening.npz"]
    verdicts = [line.split()[3:5] for line in table.splitlines()[1:-1]]
    assert [words[-1] for words in verdicts if words[0] == "known"] == ["wave", "bow", "wave"]
    events = shown["skeleton-dml recognize taught.db evening.npz --json"].splitlines()
    assert len([json.loads(event) for event in events]) == len(verdicts)
    # The README shows this very table; scores may differ in the last digit elsewhere.
    printed = re.sub(r"[\d.]+", "", table).split()
    assert printed == re.sub(r"[\d.]+", "", blocks(PAGES[0], "")[-1]).split()
    exec(from_python, {})
    assert "known wave" in capsys.readouterr().out
    assert main(["references", "list", "taught.db"]) == 0
    assert "what the person answered" in capsys.readouterr().out


def test_the_example_of_an_archive_can_be_taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = blocks(REPOSITORY / "docs" / "recordings.md", "python")
    exec(example, {})
    assert main(["enroll", "taught.db", "wave", "mine.npz:wave_1"]) == 0
    assert "taught 'wave'" in capsys.readouterr().out


def test_the_table_of_layouts_is_complete() -> None:
    page = (REPOSITORY / "docs" / "recordings.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.MULTILINE)
    assert rows == [(name, str(len(get_layout(name).joint_names))) for name in layout_names()]


def test_the_rooms_of_the_readme_are_those_of_the_package() -> None:
    table = PAGES[0].read_text().split("## The rooms")[1].split("\n## ")[0]
    named = [
        room
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for room in re.findall(r"`(\w+)`", row)
    ]
    package = REPOSITORY / "skeleton_dml_ros"
    assert sorted(named) == sorted(path.parent.name for path in package.glob("*/__init__.py"))


def test_every_option_that_the_readme_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    spans = re.findall(r"`skeleton-dml ([^`]+)`", PAGES[0].read_text())
    assert spans
    for span in spans:
        words = span.split()
        names = [word for word in words if re.fullmatch(r"[a-z-]+", word) and word[0] != "-"]
        assert main([*names, "--help"]) == 0, span
        shown = capsys.readouterr().out
        assert all(word in shown for word in words if word.startswith("--")), span
