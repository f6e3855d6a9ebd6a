# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node's parameters: name, type, default, range, meaning.

ROS declarations, checks, ``config/recognition.yaml`` and the documentation's tables are generated from
this table.  Parameters of recognition come from the fields of
:class:`~skeleton_dml_ros.recognition.settings.RecognitionSettings`.
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
from skeleton_dml_ros.references.fusion import Matcher
from skeleton_dml_ros.skeleton.axes import Axes

Value = bool | int | float | str | tuple[str, ...]
"""Value of a parameter; a tuple is a ROS string array."""

Values = Mapping[str, Value]
"""Checked values by parameter name."""

AXES = {
    "optical": Axes.CAMERA_OPTICAL,
    "body": Axes.ROS_BODY,
    "kinect": Axes.KINECT,
}
"""Values of ``input.<name>.axes``, besides the empty string."""

_INPUT_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")


class ParameterError(SkeletonDmlError):
    """A parameter has an invalid value."""


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: name as in a parameters file.
        default: default value; its type is the parameter's type.
        meaning: one-line description with the unit.
        low: minimum of a number.
        high: maximum of a number.
        choices: allowed strings; empty for any.
        read_only: fixed at start.
    """

    name: str
    default: Value
    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    read_only: bool = False

    def checked(self, value: object) -> Value:
        """The value, converted to the parameter's type.

        Raises:
            ParameterError: the type is wrong, or the value is out of range.
        """
        if isinstance(self.default, tuple):
            return self._strings(value)
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise self._refused(value, "true or false")
            return value
        if isinstance(self.default, str):
            return self._string(value)
        return self._number(value)

    def _strings(self, value: object) -> tuple[str, ...]:
        given: Sequence[object] = value if isinstance(value, (list, tuple)) else ()
        texts = tuple(one for one in given if isinstance(one, str))
        if not given or len(texts) != len(given):
            raise self._refused(value, "a list of names")
        return texts

    def _string(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._refused(value, "a string")
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
    "Names of the inputs. Each input has parameters input.<name>.*; its clip ids begin with its name.",
    read_only=True,
)

_NODE = (
    Parameter(
        "model",
        "",
        "Folder of the model. Empty: the default model of this package.",
        read_only=True,
    ),
    Parameter(
        "references",
        "~/.ros/skeleton_dml_ros/references.db",
        "File that stores the references; created if it does not exist.",
        read_only=True,
    ),
    Parameter(
        "engine",
        "auto",
        "Inference engine. torch: CPU or GPU. cuda: half precision on a GPU. onnx, int8: a model "
        "exported for the CPU. auto: cuda if there is a GPU, else the fastest exported model, else "
        "torch.",
        read_only=True,
    ),
    Parameter(
        "device",
        "auto",
        "Device of the network: cpu, cuda, cuda:1, or auto for CUDA if available.",
        read_only=True,
    ),
    Parameter(
        "fixed_frame",
        "odom",
        "Gravity-aligned TF frame (x, y horizontal, z up) into which skeletons are transformed, for "
        "cameras that move or tilt. Empty: no transform, for a stationary, level camera.",
        read_only=True,
    ),
    Parameter(
        "transform_wait",
        0.2,
        "Maximum time (s) that a skeleton waits for its transform into the fixed frame.",
        0.0,
        5.0,
        read_only=True,
    ),
    Parameter(
        "threshold",
        math.nan,
        "Minimum confidence of a known action; higher is stricter. NaN: the calibrated threshold, or "
        "the model's without a calibration.",
        0.0,
        1.0,
    ),
    Parameter(
        "matcher",
        Matcher.FUSED.value,
        "How clips are matched. embedding: by the distance of the embeddings. alignment: by aligning "
        "the motions. fused: by both.",
        choices=tuple(one.value for one in Matcher),
        read_only=True,
    ),
    Parameter(
        "match_mirrored",
        True,
        "Also match the mirror image of each reference, at a penalty: the left hand does what was "
        "taught with the right.",
        read_only=True,
    ),
    Parameter(
        "share_references",
        True,
        "Answer ~/export_references and ~/import_references, which send and take recordings of people.",
        read_only=True,
    ),
    Parameter("publish.markers", True, "Publish markers while they are subscribed to."),
    Parameter(
        "publish.marker_rate", 10.0, "Maximum rate (Hz) of the markers of each input.", 0.1, 100.0
    ),
    Parameter(
        "publish.image", False, "Publish each clip's Skeleton-DML image while it is subscribed to."
    ),
    Parameter(
        "input_timeout",
        5.0,
        "Time (s) without messages after which an input counts as silent.",
        0.5,
        3600.0,
    ),
)


def input_parameters(name: str, input_format: str) -> Iterator[Parameter]:
    """The parameters of one input, all read-only; ``format`` comes first."""
    prefix = f"input.{name}."
    yield format_parameter(name)
    for source in make_input(input_format, InputOptions()).sources():
        yield Parameter(
            prefix + source.parameter, source.topic, f"Topic of {source.type}.", read_only=True
        )
    yield Parameter(
        prefix + "axes",
        "",
        "Axes of the input if no fixed frame is used: optical (x right, y down, z forward), "
        "body (x forward, y left, z up) or kinect (x left, y up, z forward). Empty: the format's "
        "default.",
        choices=("", *AXES),
        read_only=True,
    )
    yield Parameter(
        prefix + "reliable",
        False,
        "Subscribe with reliable QoS; requires reliable publishers.",
        read_only=True,
    )
    for option in fields(InputOptions):
        if "meaning" in option.metadata:
            yield _of_field(prefix, option, read_only=True)


def parameters_of(value_of: Callable[[Parameter], Value]) -> Iterator[Parameter]:
    """All parameters of a node; values decide which inputs it has and of which format.

    Args:
        value_of: returns the value of a parameter that was yielded before.

    Raises:
        ParameterError: an input's name is invalid.
    """
    yield INPUTS
    for name in checked_inputs(cast("tuple[str, ...]", value_of(INPUTS))):
        chosen = format_parameter(name)
        yield chosen
        _, *others = input_parameters(name, cast(str, value_of(chosen)))
        yield from others
    yield from general_parameters()[1:]


def format_parameter(name: str) -> Parameter:
    """The parameter that selects an input's message format."""
    return Parameter(
        f"input.{name}.format",
        "skeleton_array",
        "Message format.",
        choices=tuple(INPUT_FORMATS),
        read_only=True,
    )


def general_parameters() -> tuple[Parameter, ...]:
    """All parameters except those of inputs."""
    return (INPUTS, *_NODE, *_settings_parameters("", RecognitionSettings()))


def _settings_parameters(prefix: str, settings: Any) -> Iterator[Parameter]:
    """One parameter per setting; nested settings are prefixed with their field's name."""
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
        ParameterError: a name is invalid or occurs twice.
    """
    checked = tuple(names)
    for name in checked:
        if not _INPUT_NAME.fullmatch(name):
            raise ParameterError(
                f"inputs contains {name!r}; a name has letters, digits and _, and begins with a letter"
            )
        if checked.count(name) > 1:
            raise ParameterError(f"inputs contains {name!r} twice; give each input its own name")
    return checked


def number(values: Values, name: str) -> float:
    """The value of a numeric parameter."""
    return float(cast(float, values[name]))


def text(values: Values, name: str) -> str:
    """The value of a string parameter."""
    return str(values[name])


def names_of_inputs(values: Values) -> tuple[str, ...]:
    """The names of the inputs; empty before configuration."""
    return cast("tuple[str, ...]", values.get(INPUTS.name, ()))


def settings_of(values: Values) -> RecognitionSettings:
    """The recognition settings from the parameters' values.

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
    """The options of an input from the parameters' values."""
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
