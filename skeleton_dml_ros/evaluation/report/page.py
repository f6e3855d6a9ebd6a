# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The report: one self-contained HTML file that loads nothing.

The same model, data and seed give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import skeleton_dml_ros
from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.evaluation.report import findings_sections, model_sections
from skeleton_dml_ros.evaluation.report.findings import Findings
from skeleton_dml_ros.evaluation.report.markup import Markup, element
from skeleton_dml_ros.evaluation.report.run_folder import Run
from skeleton_dml_ros.evaluation.report.style import STYLE

NO_REQUESTS = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Content security policy: the browser loads nothing, whatever a name on the page contains."""


@dataclass(frozen=True, eq=False)
class Examined:
    """Recordings and the findings on them.

    Attributes:
        archive: the recordings.
        source: their name on the page.
        findings: what was measured.
    """

    archive: SkeletonArchive
    source: str
    findings: Findings


def report_page(model: Model, run: Run, examined: Examined | None) -> str:
    """The HTML page of a model.

    Args:
        model: the model.
        run: files of its training.
        examined: recordings with their findings; without them, the page shows only the folder's
            content.
    """
    parts: list[tuple[str, str, Markup]] = [
        ("model", "Model", model_sections.facts(model, run)),
        ("curves", "Training", model_sections.curves(run.history)),
    ]
    if examined is not None:
        archive, found = examined.archive, examined.findings
        parts[:0] = [
            (
                "figures",
                "Figures",
                findings_sections.figures(model, archive, examined.source, found),
            )
        ]
        parts += [
            ("failures", "Failures", findings_sections.examples(model, archive, found)),
            ("confusions", "Confusions", findings_sections.confusions(found)),
            ("map", "Embeddings", findings_sections.embedding_map(archive, found)),
            ("open-set", "Known or unknown", findings_sections.open_set(found)),
        ]
    return _document(f"{model.card.name}: report", model, parts, examined)


def _document(
    title: str,
    model: Model,
    parts: Sequence[tuple[str, str, Markup]],
    examined: Examined | None,
) -> str:
    links = [element("li", element("a", heading, href=f"#{name}")) for name, heading, _ in parts]
    body = [
        element("a", "Skip to the figures", href="#main", class_="skip"),
        element(
            "header",
            element("h1", f"Report on {model.card.name}"),
            element("p", _subtitle(examined), class_="quiet"),
            element("nav", element("ul", *links), aria_label="Sections"),
        ),
        element(
            "main",
            *(
                element(
                    "section",
                    element("h2", heading, id=f"{name}-heading"),
                    content,
                    id=name,
                    aria_labelledby=f"{name}-heading",
                )
                for name, heading, content in parts
            ),
            id="main",
        ),
        element(
            "footer",
            "Made by skeleton-dml report, skeleton_dml_ros "
            f"{skeleton_dml_ros.__version__}. This page loads no other resources.",
        ),
    ]
    head = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=NO_REQUESTS),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Markup(STYLE)),
    ]
    page = element(
        "html",
        Markup("\n"),
        element("head", *head),
        Markup("\n"),
        element("body", *body),
        Markup("\n"),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _subtitle(examined: Examined | None) -> str:
    if examined is None:
        return "No recordings were given; the page shows the content of the model's folder."
    found = examined.findings
    return (
        f"On {len(found.clips)} clips of {len(found.class_names)} classes of {examined.source}, "
        f"{len(found.accuracies)} episodes, seed {found.seed}."
    )
