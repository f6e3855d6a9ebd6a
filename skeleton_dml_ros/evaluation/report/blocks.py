# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the page's sections are made of: tiles, lists of facts, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skeleton_dml_ros.evaluation.report.markup import Markup, element, joined
from skeleton_dml_ros.evaluation.spread import Spread


def tile(name: str, value: Markup, explanation: str) -> Markup:
    """A figure that catches the eye, and what it is."""
    return element(
        "div",
        element("div", name, class_="quiet"),
        element("div", value, class_="value"),
        element("div", explanation, class_="quiet"),
        class_="tile",
    )


def percent(share: Spread) -> Markup:
    """Mean and standard deviation of a share in [0, 1], the mean large."""
    small = element("small", f" ± {100 * share.std:.1f} %")
    return joined([f"{100 * share.mean:.1f}", small])


def fact_list(entries: Mapping[str, str]) -> Markup:
    """Names and what each of them is."""
    pairs = [
        piece
        for name, value in entries.items()
        for piece in (element("dt", name), element("dd", value))
    ]
    return element("dl", *pairs)


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int] | None = None,
) -> Markup:
    """A plain table; ``right`` are the columns with figures, all but the first if left out."""
    aligned = range(1, len(columns)) if right is None else right
    kinds = ["figure" if column in aligned else None for column in range(len(columns))]
    head = [
        element("th", name, scope="col", class_=kind)
        for name, kind in zip(columns, kinds, strict=True)
    ]
    body = [
        element(
            "tr", *(element("td", cell, class_=kind) for cell, kind in zip(row, kinds, strict=True))
        )
        for row in rows
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head)),
        element("tbody", *body),
        class_="list",
    )


def scrolling(content: Markup, label: str) -> Markup:
    """What may be wider than the page: it scrolls by itself, with the keyboard too."""
    return element("div", content, class_="scroll", tabindex="0", role="region", aria_label=label)


def heading(name: str) -> str:
    """A field's name as the words of a heading."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
