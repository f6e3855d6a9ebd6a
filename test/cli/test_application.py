# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What all commands have in common: exit status, one-line errors, fast help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

import skeleton_dml_ros
from skeleton_dml_ros.cli import main
from skeleton_dml_ros.cli.application import application
from skeleton_dml_ros.errors import SkeletonDmlError

REPOSITORY = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-m", "skeleton_dml_ros.cli"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "80"}


def command(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a separate process."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment or ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )


def every_command() -> list[Sequence[str]]:
    """The arguments that name each command."""
    groups = [
        (group.name, registered.name or registered.callback.__name__)
        for group in application.registered_groups
        for registered in group.typer_instance.registered_commands  # type: ignore[union-attr]
        if registered.callback
    ]
    single = [
        (registered.name or registered.callback.__name__,)
        for registered in application.registered_commands
        if registered.callback
    ]
    return [*single, *((str(group), name) for group, name in groups)]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]], ids=str)
def test_help_lists_the_commands(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    for name in ("demo", "enroll", "recognize", "references", "evaluate", "train"):
        assert name in shown.out


@pytest.mark.parametrize("names", every_command(), ids=" ".join)
def test_the_help_of_every_command_fits_a_small_terminal(
    names: Sequence[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*names, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Usage: skeleton-dml {' '.join(names)}" in " ".join(shown.split())
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_help_does_not_import_torch() -> None:
    checked = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from skeleton_dml_ros.cli import main; main(['--help']);"
            "print(*sorted({name.split('.')[0] for name in sys.modules}))",
        ],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = checked.stdout.splitlines()[-1].split()
    assert "typer" in imported
    assert not {"torch", "torchvision", "faiss", "matplotlib", "scipy"} & set(imported)


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"skeleton-dml {skeleton_dml_ros.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["dance"], "dance"),
        (["--dance"], "--dance"),
        (["evaluate", "one-shot"], "--data"),
        (["evaluate", "one-shot", "--data", "x.npz", "--episodes", "many"], "--episodes"),
        (["evaluate", "one-shot", "--data", "x.npz", "--episodes", "0"], "--episodes"),
        (["enroll", "taught.db"], "LABEL"),
        (["enroll", "taught.db", "wave", "x.npz", "--kind", "dance"], "--kind"),
        (["train", "nowhere.yaml"], "--out"),
        (["train", "nowhere.yaml", "--out", "run"], "nowhere.yaml"),
        (["recognize", "taught.db", "nowhere.npz"], "nowhere.npz"),
        (["references", "list", "taught.db"], "taught.db"),
        (["references", "remove", "taught.db", "wave"], "taught.db"),
        (["references", "import", "taught.db", "nowhere.safetensors"], "nowhere.safetensors"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line_with_status_2(
    arguments: list[str],
    named: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert shown.err.startswith("skeleton-dml: ")
    assert named in shown.err
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_looks_the_same_in_a_separate_process(tmp_path: Path) -> None:
    done = command("references", "list", str(tmp_path / "taught.db"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"skeleton-dml: there is no store {tmp_path / 'taught.db'}; teach a first action: "
        f"skeleton-dml enroll {tmp_path / 'taught.db'} LABEL CLIP"
    ]


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["references"]) == 2
    shown = capsys.readouterr()
    assert "rename" in shown.out + shown.err
    assert "Traceback" not in shown.err


def failing_with(error: BaseException) -> Callable[..., None]:
    """A command that raises this error."""

    def fail(**_: object) -> None:
        raise error

    return fail


def test_a_full_disk_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OSError(28, "No space left on device", "run/checkpoint")
    monkeypatch.setattr("skeleton_dml_ros.cli.application.application", failing_with(error))
    assert main(["train"]) == 2
    assert capsys.readouterr().err == "skeleton-dml: run/checkpoint: No space left on device\n"


def test_an_error_cannot_control_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = SkeletonDmlError("no label [/x]\x1b]0;title\x07\nelsewhere")
    monkeypatch.setattr("skeleton_dml_ros.cli.application.application", failing_with(error))
    assert main(["train"]) == 2
    assert capsys.readouterr().err == "skeleton-dml: no label [/x]]0;title elsewhere\n"


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "skeleton_dml_ros.cli.application.application", failing_with(RuntimeError("a fault"))
    )
    with pytest.raises(RuntimeError, match="a fault"):
        main(["train"])


def test_the_extra_to_install_is_named_without_typer(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'typer'\", name='typer')\n"
    )
    path = os.pathsep.join([str(tmp_path), str(REPOSITORY)])
    done = command("--help", environment={**ENVIRONMENT, "PYTHONPATH": path})
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "skeleton-dml: typer is not installed, but the commands require it; "
        "pip install 'skeleton_dml_ros[cli]'"
    ]


def test_a_closed_output_is_not_reported() -> None:
    process = subprocess.Popen(
        [*COMMAND, "--help"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, complaint = process.communicate()
    assert (process.returncode, complaint) == (1, "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_command_runs_without_output_streams(closed: str) -> None:
    command = f'"{sys.executable}" -m skeleton_dml_ros.cli --version {closed}'
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert result.stderr == ""


def test_ctrl_c_gives_the_shells_status_without_a_traceback(
    training_configuration: Path, tmp_path: Path
) -> None:
    endless = yaml.safe_load(training_configuration.read_text())
    endless["optimisation"]["epochs"] = 100_000
    (tmp_path / "endless.yaml").write_text(yaml.safe_dump(endless))
    arguments = ["train", str(tmp_path / "endless.yaml"), "--out", str(tmp_path / "run")]
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--data-folder", str(training_configuration.parent)],
        env={**ENVIRONMENT, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    # After an epoch all imports are done; an import may handle an interruption differently.
    while process.poll() is None and not (tmp_path / "run" / "history.jsonl").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "--resume" in said
    assert "Traceback" not in said
