# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Sections on the model and its training, from the model's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import yaml

from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.evaluation.report.blocks import fact_list, heading, scrolling, table
from skeleton_dml_ros.evaluation.report.charts import Axis, Line, line_chart
from skeleton_dml_ros.evaluation.report.markup import Markup, element, joined, signed
from skeleton_dml_ros.evaluation.report.run_folder import History, Run

NOT_LOSSES = ("learning_rate", "seconds", "clips_seen")
ACCURACY = "accuracy"

PARTS = {
    "validation": "On validation data",
    "validation_pairs": "On validation data of pairs",
    "training": "On training data",
    "training_pairs": "On training data of pairs",
}
"""Headings for what a card's threshold was fitted on."""


def facts(model: Model, run: Run) -> Markup:
    """The model's settings and its training."""
    card = model.card
    settings = ", ".join(
        f"{name} {value:g}" if isinstance(value, (int, float)) else f"{name} {value}"
        for name, value in card.representation.items()
        if name != "name"
    )
    decision = card.decision
    what = {
        "Name": card.name,
        "Network": f"ResNet18, embedding of {card.architecture.embedding_dimension}, "
        f"{card.architecture.embedder_layers} embedder layer"
        + ("s" if card.architecture.embedder_layers > 1 else ""),
        "Image": f"{card.representation['name']}" + (f" ({settings})" if settings else ""),
        "Preparation": f"{card.preparation.frames} frames; "
        + (", ".join(card.preparation.steps) or "not normalised"),
        "Threshold": f"{signed(decision.score_threshold)}, fitted for {100 * decision.false_accept_rate:g} % "
        f"false accepts with {decision.references} actions taught"
        + (
            f"; {signed(decision.pair_offset)} added to pairs' scores"
            if decision.pair_offset
            else ""
        ),
        "Cohort": f"{len(model.cohort)} embeddings",
        "Digest": model.digest[:16],
    }
    made = {
        "Trained on": ", ".join(str(name) for name in card.trained_on.get("archives", ()))
        or "not stated",
        "Classes": str(card.figures.get("training_classes", "not stated")),
        "Clips": str(card.figures.get("training_clips", "not stated")),
    }
    for part, name in PARTS.items():
        if isinstance(figures := card.figures.get(part), Mapping):
            made[name] = (
                f"{figures['one_shot_accuracy_mean']:.1f} ± "
                f"{figures['one_shot_accuracy_std']:.1f} % one-shot on "
                f"{len(figures['classes'])} classes"
            )
    made |= _how_it_ran(run.record)
    details = [
        element("details", element("summary", "Classes trained on"), element("p", ", ".join(names)))
        for names in [card.trained_on.get("classes", ())]
        if names
    ]
    if "configuration" in run.record:
        text = yaml.safe_dump(run.record["configuration"], sort_keys=False, allow_unicode=True)
        details.append(
            element("details", element("summary", "Configuration"), element("pre", text))
        )
    return joined([element("div", fact_list(what), fact_list(made), class_="facts"), *details])


def _how_it_ran(record: Mapping[str, Any]) -> dict[str, str]:
    """Fields of a run's record except its configuration."""
    said = {}
    if "seed" in record:
        said["Seed"] = str(record["seed"])
    if "epochs" in record:
        best = f", the best {record['best_epoch']}" if "best_epoch" in record else ""
        said["Epochs"] = f"{record['epochs']}{best}"
    if "clips_seen" in record:
        said["Clips seen"] = f"{record['clips_seen']:,}".replace(",", "\u202f")
    if "seconds" in record:
        said["Time"] = f"{record['seconds']:.0f} seconds"
    if "device" in record:
        processes, threads = record.get("processes", 1), record.get("threads", 1)
        said["Device"] = (
            f"{record['device']}, {record.get('precision', 'float32')}, {processes} "
            f"process{'es' if processes > 1 else ''} of {threads} "
            f"thread{'s' if threads > 1 else ''}"
        )
    if record.get("libraries"):
        said["Versions"] = ", ".join(f"{n} {v}" for n, v in record["libraries"].items())
    if record.get("data"):
        said["Data"] = ", ".join(
            f"{name} ({digest[:12]})" for name, digest in record["data"].items()
        )
    if record.get("left_out"):
        said["Left out"] = f"{len(record['left_out'])} clips, since too little was seen in them"
    return said


def curves(history: History | None) -> Markup:
    """Loss, accuracy on the validation classes, and learning rate by epoch."""
    if history is None:
        return element(
            "p",
            "There are no training curves, because the folder holds no history.jsonl. Training "
            "writes it; a model that was copied may lack it.",
            class_="quiet",
        )
    losses = [name for name in history.scalars if name not in NOT_LOSSES and ACCURACY not in name]
    accuracies = [name for name in history.scalars if ACCURACY in name]
    charts = [
        _curve(history, names, caption, label)
        for names, caption, label in (
            (losses, "Loss and its parts", "loss"),
            (accuracies, "One-shot accuracy on the validation classes", "%"),
            (["learning_rate"], "Learning rate", "learning rate"),
        )
        if any(name in history.scalars for name in names)
    ]
    return joined([element("div", *charts, class_="charts"), _history_table(history)])


def _curve(history: History, names: Sequence[str], caption: str, label: str) -> Markup:
    values = [history.scalars[name] for name in names]
    finite = np.concatenate([value[np.isfinite(value)] for value in values] or [np.zeros(0)])
    low, high = (0.0, 1.0) if not len(finite) else (float(finite.min()), float(finite.max()))
    low = min(0.0, low) if label != "%" else low
    room = 0.05 * (high - low) or 0.5 * abs(high) or 0.5
    first, last = float(history.epochs.min()), float(history.epochs.max())
    x = Axis("epoch", first, last if last > first else first + 1)
    lines = [
        Line(heading(name).lower(), history.epochs, value)
        for name, value in zip(names, values, strict=True)
    ]
    ends = "; ".join(f"{line.name} from {line.y[0]:.3g} to {line.y[-1]:.3g}" for line in lines)
    chart = line_chart(
        lines,
        x,
        Axis(label, low if low == 0 else low - room, high + room),
        f"{caption} over {len(history.epochs)} epochs: {ends}",
    )
    return element("figure", element("figcaption", caption), chart)


def _history_table(history: History) -> Markup:
    names = list(history.scalars)
    rows = [
        [f"{epoch:g}", *(f"{history.scalars[name][row]:.4g}" for name in names)]
        for row, epoch in enumerate(history.epochs)
    ]
    content = table("Each epoch", ["Epoch", *(heading(name) for name in names)], rows)
    return element(
        "details", element("summary", "The same as a table"), scrolling(content, "Each epoch")
    )
