# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""All commands under one name, and what becomes of an error.

What the user got wrong is one line on standard error and exit status 2, whoever noticed it: the
parser of arguments, a room of this package, or the operating system.  A fault of this package
keeps its traceback, for the person who mends it.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated, cast

import typer

import skeleton_dml_ros
from skeleton_dml_ros.cli import PROGRAM, WRONG_USE
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
from skeleton_dml_ros.cli.refit import refit
from skeleton_dml_ros.cli.report import report
from skeleton_dml_ros.cli.reproduce import reproduce
from skeleton_dml_ros.cli.teach import teach
from skeleton_dml_ros.cli.train import train
from skeleton_dml_ros.cli.watch import watch
from skeleton_dml_ros.cli.webcam import webcam
from skeleton_dml_ros.errors import SkeletonDmlError

INTERRUPTED = 128 + 2
"""Exit status after Ctrl-C, as shells count it: 128 and the number of the signal SIGINT."""
OUTPUT_CLOSED = 1
"""Exit status when the reader of the output has gone (``... | head``), which is no complaint."""

# What the parser of arguments raises for a wrong argument.  Newer versions of typer bring their
# own copy of click, so the class is had from typer, which both name alike.
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
    """Teach a robot an action by one demonstration, and recognise it from then on.

    Begin with `skeleton-dml demo`, which needs no data of yours.
    """


application.command()(demo)
application.command()(enroll)
application.command()(recognize)
application.add_typer(references, name="references")
application.command()(convert)
application.command()(play)
application.command()(watch)
application.command()(teach)
application.command()(calibrate)
application.command()(webcam)
application.command()(node)
application.add_typer(prepare, name="prepare")
application.command()(train)
application.command()(refit)
application.command()(export)
application.command()(ablation)
evaluate.command()(stream)
evaluate.command()(decisions)
application.add_typer(evaluate, name="evaluate")
application.add_typer(benchmark, name="benchmark")
application.command()(reproduce)
application.command()(report)


def run(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name, and turn errors into an exit status."""
    logging.basicConfig(level=logging.WARNING, format=f"{PROGRAM}: %(message)s")
    try:
        status = application(
            args=list(arguments) or ["--help"], prog_name=PROGRAM, standalone_mode=False
        )
        sys.stdout.flush()
    except SkeletonDmlError as error:
        return _refuse(str(error))
    except _UsageError as error:
        return _refuse_usage(error)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more when it closes its output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OUTPUT_CLOSED
    except OSError as error:
        if error.strerror is None:
            raise
        where = f"{error.filename}: " if error.filename is not None else ""
        return _refuse(f"{where}{error.strerror}")
    return status if isinstance(status, int) else 0


def _refuse(message: str) -> int:
    """One line, whatever the message holds."""
    print(f"{PROGRAM}: {' '.join(message.split())}", file=sys.stderr)
    return WRONG_USE


def _refuse_usage(error: BaseException) -> int:
    """A wrong argument, with the command whose help would tell the right one."""
    message = getattr(error, "format_message", error.__str__)()
    if not message:
        # A group of commands without a command: its help has been shown.
        return WRONG_USE
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else PROGRAM
    return _refuse(f"{message.rstrip('.')} (see {command} --help)")
