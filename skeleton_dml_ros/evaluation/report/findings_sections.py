# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Sections on recordings: figures, failures, confusions, embeddings, known or unknown."""

from __future__ import annotations

import platform
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

import skeleton_dml_ros
from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.evaluation.report.blocks import (
    fact_list,
    percent,
    scrolling,
    table,
    tile,
)
from skeleton_dml_ros.evaluation.report.charts import (
    Axis,
    Line,
    Mark,
    dots,
    fitted,
    histogram,
    legend_mark,
    line_chart,
    map_clips,
    scatter,
)
from skeleton_dml_ros.evaluation.report.clip_pictures import clip_pictures
from skeleton_dml_ros.evaluation.report.findings import (
    Comparison,
    Example,
    Findings,
    roc,
)
from skeleton_dml_ros.evaluation.report.markup import Markup, element, joined, signed
from skeleton_dml_ros.evaluation.spread import Spread


def figures(model: Model, archive: SkeletonArchive, source: str, found: Findings) -> Markup:
    """The figures with their spread, and the data."""
    classes = len(found.class_names)
    accuracy = percent(Spread.of(found.accuracies / 100))
    drawn = f"{len(found.accuracies)} episodes with one reference per class, {found.queries} queries each"
    if found.fixed:
        accuracy = joined([f"{found.accuracies[0]:.1f}", element("small", " %")])
        drawn = f"the split's references, one per class, {found.queries} queries"
    tiles = [tile("One-shot accuracy", accuracy, f"{drawn}; chance {100 / classes:.1f} %")]
    if found.open_set is not None:
        opened = found.open_set.figures
        area = opened.auroc
        tiles += [
            tile(
                "Known against unknown (AUROC)",
                joined([f"{area.mean:.3f}", element("small", f" ± {area.std:.3f}")]),
                f"{opened.known} of {classes} classes taught in each episode; chance 0.5",
            ),
            tile(
                "Rightly recognised",
                percent(opened.correct_accept_rate),
                "of queries of taught actions: accepted at the model's threshold, with the right "
                "label",
            ),
            tile(
                "Wrongly accepted",
                percent(opened.false_accept_rate),
                "of queries of actions that were not taught, at the same threshold",
            ),
        ]
    left_out = f"; too little was seen in {found.left_out} others" if found.left_out else ""
    data = fact_list(
        {
            "Data": source,
            "Joints": f"{archive.layout.name} ({len(archive.layout.joint_names)})",
            "Clips": f"{len(found.clips)} of {len(archive)}" + left_out,
            "Classes": ", ".join(found.class_names),
            "Seed": str(found.seed),
            "Software": f"skeleton_dml_ros {skeleton_dml_ros.__version__}, torch "
            f"{torch.__version__}, numpy {np.__version__}, Python {platform.python_version()}",
        }
    )
    return joined(
        [
            element("p", "Mean ± standard deviation over the episodes.", class_="quiet"),
            element("div", *tiles, class_="tiles"),
            _trained_on_warning(model, found),
            element("div", data, class_="facts", style="margin-top:14px"),
        ]
    )


def _trained_on_warning(model: Model, found: Findings) -> Markup:
    trained = set(model.card.trained_on.get("classes", ()))
    shared = [name for name in found.class_names if name in trained]
    if not shared:
        return Markup()
    return element(
        "p",
        f"{len(shared)} of the {len(found.class_names)} classes have the name of a class that the "
        "model was trained on, so the figures do not show how it does on new actions: "
        f"{', '.join(shared)}.",
        class_="warning",
    )


def examples(model: Model, archive: SkeletonArchive, found: Findings) -> Markup:
    """Queries of the first episode beside their competing references, failures first."""
    shown = sum(one.failed for one in found.examples)
    narrow = len(found.examples) - shown
    where = "With the split's references" if found.fixed else "In the first episode"
    words = (
        f"{where}, {found.failures} of {found.queries} queries were nearest to a reference of "
        "another class. "
    )
    if shown:
        words += f"{shown} are shown, the surest first, one per pair of classes. "
    if narrow:
        words += f"Then follow {narrow} right ones, the narrowest first. "
    words += (
        "The smaller distance wins; a score of at most "
        f"{signed(model.score_threshold)} counts as known. "
        "Left limbs are blue, right limbs orange. The images are the network's input, with stretched "
        "contrast."
    )
    return joined(
        [
            element("p", words, class_="quiet"),
            *(_example(model, archive, one) for one in found.examples),
        ]
    )


def _example(model: Model, archive: SkeletonArchive, one: Example) -> Markup:
    truth = archive.class_names[archive.labels[one.query]]
    other = archive.class_names[archive.labels[one.rival.clip]]
    chosen = one.rival if one.failed else one.right
    known = "accepted as known" if chosen.score <= model.score_threshold else "reported as unknown"
    verdict = f"{truth} taken for {other}" if one.failed else f"{truth}, not {other}"
    query = ("Query", one.query, None)
    right = ("Right reference", one.right.clip, one.right)
    rival_role = "Nearest reference" if one.failed else "Nearest of another class"
    rival = (rival_role, one.rival.clip, one.rival)
    compared = (query, rival, right) if one.failed else (query, right, rival)
    pictures = clip_pictures(
        model,
        [archive.clip(index) for _, index, _ in compared],
        [archive.names[index] for _, index, _ in compared],
    )
    figures = [
        element("figure", _caption(archive, *which), picture)
        for which, picture in zip(compared, pictures, strict=True)
    ]
    return element(
        "article",
        element(
            "h3",
            element("span", verdict, class_="verdict"),
            f" ({known}, score {signed(chosen.score)})",
        ),
        element("div", *figures, class_="compared"),
        class_="example failed" if one.failed else "example succeeded",
    )


def _caption(
    archive: SkeletonArchive, role: str, index: int, comparison: Comparison | None
) -> Markup:
    class_name = archive.class_names[archive.labels[index]]
    lines = [element("b", f"{role}: {class_name}"), element("br"), archive.names[index]]
    if comparison is not None:
        compared = f"distance {comparison.distance:.3f}, score {signed(comparison.score)}"
        lines += [element("br"), compared]
    return element("figcaption", *lines)


def confusions(found: Findings) -> Markup:
    """Confusion matrix over all episodes, and a table of the classes."""
    where = (
        "with the split's references" if found.fixed else f"over {len(found.accuracies)} episodes"
    )
    return joined(
        [
            element(
                "p",
                f"Rows are the queries' classes, columns those of their nearest references, {where}.",
                class_="quiet",
            ),
            element(
                "div",
                scrolling(_matrix(found), "Confusion matrix"),
                scrolling(_class_table(found), "Class by class"),
                class_="tables",
            ),
        ]
    )


def _matrix(found: Findings) -> Markup:
    totals = np.maximum(found.confusions.sum(axis=1, keepdims=True), 1)
    shares = 100 * found.confusions / totals
    names = found.class_names
    head = [element("th", element("span", name), scope="col", title=name) for name in names]
    rows = []
    for row, name in enumerate(names):
        cells = []
        for column, share in enumerate(shares[row]):
            if found.confusions[row, column] == 0:
                cells.append(element("td"))
                continue
            depth = 100 * float(np.sqrt(share / 100))
            kinds = [
                kind for kind, is_so in (("own", row == column), ("full", depth > 60)) if is_so
            ]
            cells.append(
                element(
                    "td",
                    f"{share:.0f}" if share >= 0.5 else "·",
                    class_=" ".join(kinds) or None,
                    style=f"--depth:{depth:.0f}",
                    title=f"{name} taken for {names[column]}: {share:.1f} %"
                    if row != column
                    else None,
                )
            )
        rows.append(element("tr", element("th", name, scope="row", title=name), *cells))
    return element(
        "table",
        element("caption", "Percent of each row"),
        element("thead", element("tr", element("td", style="border:0"), *head)),
        element("tbody", *rows),
        class_="confusions",
    )


def _class_table(found: Findings) -> Markup:
    recalls = found.recalls
    rows = []
    for label in np.argsort(recalls, kind="stable"):
        wrong = found.confusions[label].copy()
        total = max(int(wrong.sum()), 1)
        wrong[label] = 0
        others = [
            f"{found.class_names[other]} {100 * wrong[other] / total:.1f} %"
            for other in np.argsort(-wrong, kind="stable")[:3]
            if wrong[other]
        ]
        right = f"{100 * recalls[label]:.1f} %" if np.isfinite(recalls[label]) else "no query"
        clips = str(int((found.labels == label).sum()))
        rows.append([found.class_names[label], right, clips, ", ".join(others) or "nothing"])
    return table(
        "Class by class, the worst first",
        ["Class", "Right", "Clips", "Most often confused with"],
        rows,
        (1, 2),
    )


def embedding_map(archive: SkeletonArchive, found: Findings) -> Markup:
    """The embeddings in a plane, all classes in one map, and each in a small one."""
    places = found.plane.places
    chosen = map_clips(len(places))
    labels = found.labels[chosen]
    names = [archive.names[index] for index in found.clips[chosen]]
    words = found.plane.description
    if len(chosen) < len(places):
        words += f" {len(chosen)} of {len(places)} clips are drawn."
    description = (
        f"Map of {len(chosen)} clips of {len(found.class_names)} classes by {found.plane.name}"
    )
    legend = element(
        "ul",
        *(element("li", legend_mark(label), name) for label, name in enumerate(found.class_names)),
        class_="legend",
    )
    overview = element(
        "figure",
        scatter(places[chosen], labels, found.class_names, names, description),
        element("figcaption", legend),
    )
    apart = element(
        "div",
        *_maps_apart(places[chosen], labels, found.class_names),
        class_="small",
    )
    return joined(
        [element("p", words, class_="quiet"), element("div", overview, apart, class_="maps")]
    )


def _maps_apart(
    places: NDArray[np.float64], labels: NDArray[np.intp], class_names: Sequence[str]
) -> list[Markup]:
    """One small map per class, its clips in front of all others in grey."""
    points = fitted(places, 400)
    maps = []
    for label, name in enumerate(class_names):
        behind = (
            element("use", href="#all-dots")
            if label
            else element("path", d=dots(points), id="all-dots", class_="dots")
        )
        own = element("path", d=dots(points[labels == label]), class_="dots own")
        picture = element(
            "svg", behind, own, viewBox="0 0 400 400", role="img", aria_label=f"Clips of {name}"
        )
        maps.append(element("figure", picture, element("figcaption", name)))
    return maps


def open_set(found: Findings) -> Markup:
    """How well a threshold on the score separates known actions from unknown ones."""
    if found.open_set is None:
        return element(
            "p",
            "In some episode all taught classes have a single clip, so no query of theirs is left; "
            "give recordings with more clips per class to see how known is told from unknown.",
            class_="quiet",
        )
    genuine, impostor = found.open_set.genuine, found.open_set.impostor
    figures = found.open_set.figures
    threshold = figures.threshold
    low, high = np.percentile(np.concatenate([genuine, impostor]), [0.5, 99.5])
    spread = histogram(
        [("taught", genuine), ("never taught", impostor)],
        Axis(
            "score of the nearest reference (lower is more similar)",
            min(float(low), threshold - 0.1 * float(high - low)),
            max(float(high), threshold + 0.1 * float(high - low)),
        ),
        f"Histogram of scores: median {signed(np.median(genuine))} for taught actions and "
        f"{signed(np.median(impostor))} for others, threshold {signed(threshold)}",
        Mark(f"threshold {signed(threshold)}", threshold),
    )
    x, y = roc(genuine, impostor)
    accepted = 100 * float(np.mean(impostor <= threshold))
    hit = 100 * float(np.mean(genuine <= threshold))
    area = f"{figures.auroc.mean:.3f} ± {figures.auroc.std:.3f}"
    curve = line_chart(
        [Line("", x, y)],
        Axis("never taught and accepted, %", 0, 100),
        Axis("taught and accepted, %", 0, 105),
        f"ROC curve, area {area}; the threshold accepts {accepted:.1f} % of unknown and {hit:.1f} % "
        "of known actions",
        [Mark(f"threshold: {accepted:.0f} %, {hit:.0f} %", accepted, hit)],
    )
    words = (
        f"In each of {figures.episodes} episodes {figures.known} classes are taught by one clip each, "
        f"and {figures.queries} clips of all {figures.known + figures.unknown} classes are scored. "
        f"False positives at 95 % true positives {_percent(figures.fpr_at_95_tpr)}, equal error rate "
        f"{_percent(figures.equal_error_rate)}, OSCR {figures.oscr.mean:.3f} ± "
        f"{figures.oscr.std:.3f}."
    )
    return joined(
        [
            element("p", words, class_="quiet"),
            element(
                "div",
                element("figure", element("figcaption", "Scores"), spread),
                element("figure", element("figcaption", f"ROC, area {area}"), curve),
                class_="charts",
            ),
        ]
    )


def _percent(share: Spread) -> str:
    return f"{100 * share.mean:.1f} ± {100 * share.std:.1f} %"
