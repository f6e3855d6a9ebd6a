# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Arguments and options that several commands share, and how to open what they name.

Functions import what they need when called: help and wrong arguments must not wait for torch.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.fusion import Matcher

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.recording_file import BagOptions
    from skeleton_dml_ros.dds.endpoints import Participant
    from skeleton_dml_ros.embedding.model import Model
    from skeleton_dml_ros.embedding.model_engine import ModelEngine
    from skeleton_dml_ros.references.store import ReferenceStore
    from skeleton_dml_ros.skeleton.axes import Axes

StoreArgument = Annotated[
    Path, typer.Argument(metavar="STORE", help="File of the references that were taught.")
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model", metavar="DIR", help="Model folder; `default` is the model of this package."
    ),
]
MatcherOption = Annotated[
    Matcher,
    typer.Option(
        "--matcher",
        metavar="NAME",
        help="Matcher of clips: embedding (distance of the embeddings), alignment (of the motions), "
        "or fused (both).",
    ),
]
NodeOption = Annotated[
    str, typer.Option("--node", metavar="NAME", help="Full name of the running node.")
]
SkeletonsOption = Annotated[
    str, typer.Option("--topic", metavar="NAME", help="Topic that the node reads skeletons from.")
]
FrameOption = Annotated[
    str,
    typer.Option("--frame-id", metavar="NAME", help="TF frame of the camera (optical axes)."),
]
DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="ARCHIVE",
        help="Skeleton archive: an .npz file or a folder of .npy files.",
    ),
]
ClassesOption = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="Classes to use, by name or number (from 0), such as 0,3,6 or 0-5. Default: all.",
    ),
]
SubjectsOption = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="Numbers of the people (or pairs) whose clips to use, such as 1,3 or 5-8. Default: all.",
    ),
]
KnownOption = Annotated[
    int, typer.Option(metavar="K", help="Number of classes to enrol, chosen at random.", min=1)
]
EpisodesOption = Annotated[
    int,
    typer.Option(metavar="N", help="Number of episodes; each draws new references.", min=1),
]
SeedOption = Annotated[int, typer.Option(metavar="N", help="Seed of the random numbers.", min=0)]
SplitOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Split that defines the classes and their references, such as ntu120_one_shot or "
        "utd_mhad_23, or a .yaml file.",
    ),
]
ArchiveArgument = Annotated[
    Path,
    typer.Argument(
        metavar="OUT",
        help="Archive to write: a file ending in .npz, or a folder, which is memory-mapped when read.",
    ),
]
DataFolderOption = Annotated[
    Path | None,
    typer.Option(
        "--data-folder",
        metavar="DIR",
        help="Folder of the archives. Default: the configuration's folder.",
    ),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="Inference engine: torch, cuda (GPU), onnx or int8 (both need an exported model), or "
        "auto for the fastest available.",
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option("--device", metavar="NAME", help="cpu, cuda, or auto (CUDA where available)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]

BagInputOption = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="FORMAT",
        help="Bags: input format of the messages, such as zed. Needed if several fit.",
    ),
]
BagTopicOption = Annotated[
    list[str] | None,
    typer.Option(
        "--topic",
        metavar="TOPIC",
        help="Bags: topic to read. PARAMETER=TOPIC sets a further topic of the format, such as the "
        "depth image. Can be repeated.",
    ),
]
BagAxesOption = Annotated[
    str | None,
    typer.Option(
        "--axes",
        metavar="AXES",
        help="Bags: axes of the positions: optical, body or kinect. Default: the format's axes.",
    ),
]

BodyOption = Annotated[
    int | None,
    typer.Option(
        "--body",
        metavar="N",
        help="Use only this body of the recording, from 0. Default: in NTU .skeleton files those who "
        "act, else all.",
        min=0,
    ),
]


def bag_options(input_format: str | None, topics: Sequence[str], axes: str | None) -> BagOptions:
    """The values of ``--input``, ``--topic`` and ``--axes``.

    Args:
        input_format: name of the format, or None.
        topics: ``TOPIC`` for the main one, ``PARAMETER=TOPIC`` for others.
        axes: name of the axes, or None.

    Raises:
        SkeletonDmlError: the axes are unknown.
    """
    from skeleton_dml_ros.datasets.recording_file import BagOptions

    by_parameter: dict[str, str] = {}
    for given in topics:
        parameter, _, topic = given.rpartition("=")
        by_parameter[parameter or "topic"] = topic
    return BagOptions(input_format, by_parameter, None if axes is None else axes_named(axes))


def axes_named(name: str) -> Axes:
    """The axes of this name.

    Raises:
        SkeletonDmlError: the name is unknown.
    """
    from skeleton_dml_ros.node.parameters import AXES

    if name not in AXES:
        raise SkeletonDmlError(f"there are no axes {name!r}; give {' or '.join(AXES)}")
    return AXES[name]


def open_model(folder: str | Path) -> Model:
    """The model in a folder, or the package's model for ``default``.

    Raises:
        SkeletonDmlError: the folder is not a complete model.
    """
    from skeleton_dml_ros.embedding.model import load_model

    return load_model(folder)


def open_engine(model: Model, name: str) -> ModelEngine:
    """An inference engine for a model.

    Raises:
        SkeletonDmlError: the name is unknown, or the engine is not available here.
    """
    from skeleton_dml_ros.embedding.engines import make_engine

    return make_engine(model, name)


def existing_store(path: Path, read_only: bool = False) -> ReferenceStore:
    """Open a store without creating it.

    Args:
        path: of the store.
        read_only: change nothing; also works on read-only media.

    Raises:
        SkeletonDmlError: the store does not exist or cannot be opened.
    """
    from skeleton_dml_ros.references.store import ReferenceStore

    if not path.exists():
        raise SkeletonDmlError(
            f"there is no store {path}; teach a first action: skeleton-dml enroll "
            f"{shlex.quote(str(path))} LABEL CLIP"
        )
    return ReferenceStore(path, read_only=read_only)


def join(name: str) -> Participant:
    """Join the DDS network; use the participant in a ``with`` block.

    Args:
        name: name of the participant.

    Raises:
        SkeletonDmlError: DDS is not installed or cannot be used.
    """
    from skeleton_dml_ros.dds import require_dds

    require_dds()

    from skeleton_dml_ros.dds.endpoints import Participant

    return Participant(name)


def check_output(path: Path) -> Path:
    """The path of a file or folder to write, after a check that its parent folder exists.

    Raises:
        SkeletonDmlError: the parent folder does not exist.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise SkeletonDmlError(f"there is no folder {folder} for {path.name}; create it first")
    return path
