# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Building blocks of the report: tiles, lists of facts, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skeleton_dml_ros.evaluation.report.markup import Markup, element, joined
from skeleton_dml_ros.evaluation.spread import Spread


def tile(name: str, value: Markup, explanation: str) -> Markup:
    """A large figure with its name and explanation."""
    return element(
        "div",
        element("div", name, class_="quiet"),
        element("div", value, class_="value"),
        element("div", explanation, class_="quiet"),
        class_="tile",
    )


def percent(share: Spread) -> Markup:
    """Mean, in large type, and standard deviation of a share in [0, 1]."""
    small = element("small", f" ± {100 * share.std:.1f} %")
    return joined([f"{100 * share.mean:.1f}", small])


def fact_list(entries: Mapping[str, str]) -> Markup:
    """A list of names and values."""
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
    """A plain table; ``right`` lists the right-aligned columns, all but the first by default."""
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
    """A box that scrolls, also by keyboard, if its content is wider than the page."""
    return element("div", content, class_="scroll", tabindex="0", role="region", aria_label=label)


def heading(name: str) -> str:
    """A field's name as a heading."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
