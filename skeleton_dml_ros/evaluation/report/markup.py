# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""HTML and SVG as text; everything that is not markup is escaped, so names cannot break the page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID = {"meta", "img", "br"}
"""HTML elements without an end tag."""


class Markup(str):
    """Text that already is HTML or SVG."""

    __slots__ = ()


def element(tag: str, *children: str | Markup, **attributes: str | float | None) -> Markup:
    """An element with its content.

    Args:
        tag: its name.
        children: markup is kept, other text is escaped.
        attributes: underscores become hyphens, a trailing one is dropped (``class_``); numbers are
            rounded to hundredths; None omits the attribute.
    """
    words = [tag]
    for name, value in attributes.items():
        if value is not None:
            text = value if isinstance(value, str) else number(value)
            words.append(f'{name.rstrip("_").replace("_", "-")}="{escape(text)}"')
    opening = f"<{' '.join(words)}>"
    if tag in VOID:
        return Markup(opening)
    return Markup(f"{opening}{joined(children)}</{tag}>")


def joined(children: Iterable[str | Markup]) -> Markup:
    """Pieces in sequence, text escaped."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(child, quote=False) for child in children
        )
    )


def number(value: float) -> str:
    """A number rounded to hundredths, without trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def signed(value: float, digits: int = 2) -> str:
    """A number for readers, with a true minus sign."""
    text = f"{value:.{digits}f}".replace("-", "\u2212")
    return text if text.strip("\u2212.0") else text.lstrip("\u2212")
