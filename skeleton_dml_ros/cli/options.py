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

"""Arguments and options that several commands have, in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StoreArgument = Annotated[
    Path, typer.Argument(metavar="STORE", help="The file that holds what was taught.")
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="DIR",
        help="Folder of the model; the one that comes with the package if left out.",
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
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")
]
