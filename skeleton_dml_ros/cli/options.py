"""Arguments and options that several commands have, in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StoreArgument = Annotated[
    Path,
    typer.Argument(
        metavar="STORE", help="The file that holds what was taught.", show_default=False
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="DIR",
        help="Folder of the model; the one that comes with the package if left out.",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")
]
