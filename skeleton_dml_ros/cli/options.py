# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Arguments and options that several commands have, in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StoreArgument = Annotated[
    Path, typer.Argument(metavar="STORE", help="The file that holds what was taught.")
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="DIR",
        help="Folder of the model; `default` is the one that comes with the package.",
    ),
]
NodeOption = Annotated[
    str, typer.Option("--node", metavar="NAME", help="Full name of the node that runs.")
]
SkeletonsOption = Annotated[
    str, typer.Option("--topic", metavar="NAME", help="Where the node listens for skeletons.")
]
FrameOption = Annotated[
    str,
    typer.Option("--frame-id", metavar="NAME", help="What the camera's optical frame is called."),
]
DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="ARCHIVE",
        help="Skeleton archive: an .npz file, or a folder of .npy files.",
    ),
]
ClassesOption = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="Classes that take part: names, or numbers from 0, as 0,3,6 or 0-5; all if left out.",
    ),
]
SubjectsOption = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="People, or pairs, whose clips take part: their numbers, as 1,3 or 5-8; all if left "
        "out.",
    ),
]
KnownOption = Annotated[
    int,
    typer.Option(metavar="K", help="How many of the classes are taught, chosen by chance.", min=1),
]
EpisodesOption = Annotated[
    int, typer.Option(metavar="N", help="How many times references are drawn.", min=1)
]
SeedOption = Annotated[
    int, typer.Option(metavar="N", help="Decides all that is left to chance.", min=0)
]
SplitOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Split that says which classes take part and which clips are their references: "
        "ntu120_one_shot, utd_mhad_23 and so on, or a .yaml file.",
    ),
]
ArchiveArgument = Annotated[
    Path,
    typer.Argument(
        metavar="OUT",
        help="The archive: a file ending in .npz, or a folder, which is read without taking memory.",
    ),
]
DataFolderOption = Annotated[
    Path | None,
    typer.Option(
        "--data-folder",
        metavar="DIR",
        help="Where the archives are; the configuration's own folder if left out.",
    ),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="What computes: torch, cuda for a GPU, onnx or int8, which take an exported model, or "
        "auto for the fastest that is there.",
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option("--device", metavar="NAME", help="cpu, cuda, or auto: CUDA where there is one."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")
]
