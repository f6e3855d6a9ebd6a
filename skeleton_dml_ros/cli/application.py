# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The commands under one name, and their exit status.

A user's mistake is one line on standard error and exit status 2, no matter where it was noticed: by the
argument parser, by this package or by the operating system.  A bug keeps its traceback.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, cast

import typer

import skeleton_dml_ros
from skeleton_dml_ros.cli import PROGRAM, USAGE_ERROR
from skeleton_dml_ros.cli.ablation import ablation
from skeleton_dml_ros.cli.benchmark import benchmark
from skeleton_dml_ros.cli.calibrate import calibrate
from skeleton_dml_ros.cli.convert import convert
from skeleton_dml_ros.cli.demo import demo
from skeleton_dml_ros.cli.enroll import enroll
from skeleton_dml_ros.cli.evaluate import evaluate
from skeleton_dml_ros.cli.evaluate_decisions import decisions
from skeleton_dml_ros.cli.evaluate_streams import stream
from skeleton_dml_ros.cli.export import export
from skeleton_dml_ros.cli.node import node
from skeleton_dml_ros.cli.play import play
from skeleton_dml_ros.cli.prepare import prepare
from skeleton_dml_ros.cli.recognize import recognize
from skeleton_dml_ros.cli.references import references
from skeleton_dml_ros.cli.report import report
from skeleton_dml_ros.cli.reproduce import reproduce
from skeleton_dml_ros.cli.teach import teach
from skeleton_dml_ros.cli.terminal import literal
from skeleton_dml_ros.cli.train import refit, train
from skeleton_dml_ros.cli.watch import watch
from skeleton_dml_ros.cli.webcam import webcam
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.shared_files import failing_import, import_failure

INTERRUPTED = 128 + 2
"""Exit status after Ctrl-C, as in shells: 128 plus the number of SIGINT."""
OUTPUT_CLOSED = 1
"""Exit status when the reader of the output is gone (``... | head``)."""

# Base class of the argument parser's errors.  Newer versions of typer contain a copy of click, so the
# class is taken from typer instead of click.
_UsageError = cast(type[Exception], typer.BadParameter.__mro__[1])

application = typer.Typer(
    name=PROGRAM,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"{PROGRAM} {skeleton_dml_ros.__version__}")
        raise typer.Exit


@application.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Teach a robot an action with one demonstration, and recognise it from then on.

    Start with `skeleton-dml demo`, which needs no data.
    """


_COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "Recordings": (demo, enroll, recognize),
    "Live": (node, watch, teach, calibrate, play, webcam),
    "Data": (convert,),
    "Models": (train, refit, export, report, ablation, reproduce),
}
for _panel, _commands in _COMMANDS.items():
    for _command in _commands:
        application.command(rich_help_panel=_panel)(_command)
evaluate.command()(stream)
evaluate.command()(decisions)
application.add_typer(references, name="references", rich_help_panel="Recordings")
application.add_typer(prepare, name="prepare", rich_help_panel="Data")
application.add_typer(evaluate, name="evaluate", rich_help_panel="Models")
application.add_typer(benchmark, name="benchmark", rich_help_panel="Models")


def run(arguments: Sequence[str]) -> int:
    """Run a command and return the exit status."""
    logging.basicConfig(level=logging.WARNING, format=f"{PROGRAM}: %(message)s")
    try:
        status = application(
            args=list(arguments) or ["--help"], prog_name=PROGRAM, standalone_mode=False
        )
        sys.stdout.flush()
    except SkeletonDmlError as error:
        return _fail(str(error))
    except _UsageError as error:
        return _fail_usage(error)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Otherwise Python reports the broken pipe when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED
    except OSError as error:
        if failing_import(error) or error.strerror is None:
            return _fail_import(error)
        where = f"{error.filename}: " if error.filename is not None else ""
        return _fail(f"{where}{error.strerror}")
    except Exception as error:
        return _fail_import(error)
    return status if isinstance(status, int) else 0


def _fail(message: str) -> int:
    """Print an error as one line."""
    print(f"{PROGRAM}: {literal(' '.join(message.split()))}", file=sys.stderr)
    return USAGE_ERROR


def _fail_import(error: Exception) -> int:
    """Name an installed package that fails at import; raises any other error again."""
    package = failing_import(error)
    if package is None:
        raise error
    return _fail(import_failure(package, error))


def _fail_usage(error: BaseException) -> int:
    """Print a wrong argument and the command whose help explains the arguments."""
    message = getattr(error, "format_message", error.__str__)()
    if not message:
        # A group without a command; typer has printed the group's help.
        return USAGE_ERROR
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else PROGRAM
    return _fail(f"{message.rstrip('.')} (see {command} --help)")
