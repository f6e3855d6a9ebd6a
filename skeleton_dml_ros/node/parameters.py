# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The one table of the node's parameters: name, type, default, range, meaning.

Declarations, checks, the commented default in ``config/recognition.yaml`` and the table in the
documentation are made from it.  Settings of recognition are not listed a second time: they come
from the fields of :class:`~skeleton_dml_ros.recognition.settings.RecognitionSettings`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass
from typing import Any, cast

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages import INPUT_FORMATS, make_input
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.recognition.settings import RecognitionSettings, Segmentation, Unknowns
from skeleton_dml_ros.skeleton.axes import Axes

Value = bool | int | float | str | tuple[str, ...]
"""What a parameter can hold; a tuple of texts is ROS's string array."""

Values = Mapping[str, Value]
"""What the parameters hold, by name, checked by the table."""

AXES = {
    "optical": Axes.CAMERA_OPTICAL,
    "body": Axes.ROS_BODY,
    "kinect": Axes.KINECT,
}
"""What ``input.<name>.axes`` can say, besides nothing."""

_INPUT_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")


class ParameterError(SkeletonDmlError):
    """A parameter's value cannot be used."""


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: as in a parameters file.
        default: its value where none is given; its type is the parameter's.
        meaning: one line for people, with the unit.
        low: smallest value of a number.
        high: largest value.
        choices: the texts that it may be; empty for any.
        read_only: counts as it was when the node started.
    """

    name: str
    default: Value
    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    read_only: bool = False

    def checked(self, value: object) -> Value:
        """The value, of the parameter's type.

        Raises:
            ParameterError: it has another type, or is out of range.
        """
        if isinstance(self.default, tuple):
            return self._texts(value)
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise self._refused(value, "true or false")
            return value
        if isinstance(self.default, str):
            return self._text(value)
        return self._number(value)

    def _texts(self, value: object) -> tuple[str, ...]:
        given: Sequence[object] = value if isinstance(value, (list, tuple)) else ()
        texts = tuple(one for one in given if isinstance(one, str))
        if not given or len(texts) != len(given):
            raise self._refused(value, "a list of names")
        return texts

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._refused(value, "a text")
        if self.choices and value not in self.choices:
            raise self._refused(value, " or ".join(map(repr, self.choices)))
        return value

    def _number(self, value: object) -> int | float:
        whole = isinstance(self.default, int)
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise self._refused(value, "a whole number" if whole else "a number")
        unset = isinstance(self.default, float) and math.isnan(self.default) and math.isnan(value)
        bounded = self.low is not None and self.high is not None
        if bounded and not unset and not self.low <= value <= self.high:  # type: ignore[operator]  # bounded
            raise self._refused(value, f"a value from {self.low:g} to {self.high:g}")
        return value if whole else float(value)

    def _refused(self, value: object, wanted: str) -> ParameterError:
        return ParameterError(f"{self.name} is {value!r}; give {wanted}")


INPUTS = Parameter(
    "inputs",
    ("camera",),
    "Names of the inputs; each has parameters input.<name>.*, and clip ids begin with it.",
    read_only=True,
)

_NODE = (
    Parameter(
        "model",
        "",
        "Folder of the model; empty for the one that comes with the package.",
        read_only=True,
    ),
    Parameter(
        "references",
        "~/.ros/skeleton_dml_ros/references.db",
        "File that keeps what was taught; made where it is missing.",
        read_only=True,
    ),
    Parameter(
        "engine",
        "auto",
        "What computes: torch; cuda, in half precision on a GPU; onnx or int8, which take a model "
        "exported for them and run on the CPU; or auto for cuda where there is a GPU, else the "
        "fastest of the exported, else torch.",
        read_only=True,
    ),
    Parameter(
        "device",
        "auto",
        "Where the network runs: cpu, cuda, cuda:1, or auto for CUDA where there is one.",
        read_only=True,
    ),
    Parameter(
        "fixed_frame",
        "odom",
        "Gravity-aligned TF frame (x, y horizontal, z up) into which skeletons go, so that neither "
        "a tilted nor a turning camera matters; empty for a camera that stands still and level.",
        read_only=True,
    ),
    Parameter(
        "transform_wait",
        0.2,
        "Seconds for which a skeleton waits for the transform into the fixed frame.",
        0.0,
        5.0,
        read_only=True,
    ),
    Parameter(
        "threshold",
        math.nan,
        "Highest score of a known action; lower is stricter.  NaN for the robot's own where it was "
        "calibrated, else the model's.",
        -100.0,
        100.0,
    ),
    Parameter("publish.markers", True, "Publish markers where somebody subscribes to them."),
    Parameter(
        "publish.marker_rate", 10.0, "Markers a second for each input at most, in Hz.", 0.1, 100.0
    ),
    Parameter(
        "publish.image", False, "Publish each clip's Skeleton-DML image where somebody subscribes."
    ),
    Parameter(
        "input_timeout",
        5.0,
        "Seconds without a message after which an input counts as silent.",
        0.5,
        3600.0,
    ),
)


def input_parameters(name: str, input_format: str) -> Iterator[Parameter]:
    """The parameters of one input of a known format, all of them read-only.

    The format's own parameter comes first.
    """
    prefix = f"input.{name}."
    yield format_parameter(name)
    for source in make_input(input_format, InputOptions()).sources():
        yield Parameter(
            prefix + source.parameter, source.topic, f"Topic of {source.type}.", read_only=True
        )
    yield Parameter(
        prefix + "axes",
        "",
        "Axes of the input where no fixed frame is used: optical (x right, y down, z forward), "
        "body (x forward, y left, z up), kinect (x left, y up, z forward); empty for the format's "
        "own.",
        choices=("", *AXES),
        read_only=True,
    )
    yield Parameter(
        prefix + "reliable",
        False,
        "Ask for every message; only from publishers that are reliable too.",
        read_only=True,
    )
    for option in fields(InputOptions):
        if "meaning" in option.metadata:
            yield _of_field(prefix, option, read_only=True)


def parameters_of(value_of: Callable[[Parameter], Value]) -> Iterator[Parameter]:
    """All parameters of a node, each once; which inputs it has and what they are, values say.

    Args:
        value_of: the value of a parameter that has come already.

    Raises:
        ParameterError: an input has a name that is none.
    """
    yield INPUTS
    for name in checked_inputs(cast("tuple[str, ...]", value_of(INPUTS))):
        chosen = format_parameter(name)
        yield chosen
        _, *others = input_parameters(name, cast(str, value_of(chosen)))
        yield from others
    yield from general_parameters()[1:]


def format_parameter(name: str) -> Parameter:
    """What kind of messages an input has."""
    return Parameter(
        f"input.{name}.format",
        "skeleton_array",
        "What the messages are.",
        choices=tuple(INPUT_FORMATS),
        read_only=True,
    )


def general_parameters() -> tuple[Parameter, ...]:
    """All parameters but those of single inputs."""
    return (INPUTS, *_NODE, *_settings_parameters("", RecognitionSettings()))


def _settings_parameters(prefix: str, settings: Any) -> Iterator[Parameter]:
    """One parameter for each setting; those of a part of the settings under the part's name."""
    nested = []
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            nested.append((f"{prefix}{field.name}.", value))
        else:
            yield _of_field(prefix, field)
    for inner, value in nested:
        yield from _settings_parameters(inner, value)


def _of_field(prefix: str, field: Field[Any], read_only: bool = False) -> Parameter:
    return Parameter(
        prefix + field.name,
        cast(Value, field.default),
        field.metadata["meaning"],
        field.metadata.get("low"),
        field.metadata.get("high"),
        tuple(field.metadata.get("choices", ())),
        read_only,
    )


def checked_inputs(names: Iterable[str]) -> tuple[str, ...]:
    """The names of the inputs.

    Raises:
        ParameterError: one is no name, or occurs twice.
    """
    checked = tuple(names)
    for name in checked:
        if not _INPUT_NAME.fullmatch(name):
            raise ParameterError(
                f"inputs names {name!r}; a name has letters, digits and _, and begins with a letter"
            )
        if checked.count(name) > 1:
            raise ParameterError(f"inputs names {name!r} twice; give each input its own name")
    return checked


def number(values: Values, name: str) -> float:
    """The value of a parameter that is a number."""
    return float(cast(float, values[name]))


def text(values: Values, name: str) -> str:
    """The value of a parameter that is a text."""
    return str(values[name])


def names_of_inputs(values: Values) -> tuple[str, ...]:
    """The names of the inputs; none before the parameters are known."""
    return cast("tuple[str, ...]", values.get(INPUTS.name, ()))


def settings_of(values: Values) -> RecognitionSettings:
    """Recognition's settings out of the parameters' values.

    Raises:
        SettingError: two settings contradict each other.
    """

    def part(kind: type[Any], prefix: str) -> dict[str, Any]:
        return {
            field.name: values[prefix + field.name]
            for field in fields(kind)
            if prefix + field.name in values
        }

    return RecognitionSettings(
        segmentation=Segmentation(**part(Segmentation, "segmentation.")),
        unknowns=Unknowns(**part(Unknowns, "unknowns.")),
        **part(RecognitionSettings, ""),
    )


def input_options(name: str, values: Values) -> InputOptions:
    """The options of an input out of the parameters' values."""
    prefix = f"input.{name}."
    given = {
        key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)
    }
    options = {
        field.name: given[field.name] for field in fields(InputOptions) if field.name in given
    }
    topics = {
        key: str(value) for key, value in given.items() if key == "topic" or key.endswith("_topic")
    }
    return InputOptions(topics=topics, **options)  # type: ignore[arg-type]  # checked by the table
