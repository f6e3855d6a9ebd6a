# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""HTML and SVG as text: what is no markup is escaped, so that no name can break the page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID = {"meta", "img", "br"}
"""Elements of HTML that have no end."""


class Markup(str):
    """Text that is HTML or SVG already."""

    __slots__ = ()


def element(tag: str, *children: str | Markup, **attributes: str | float | None) -> Markup:
    """An element with its content.

    Args:
        tag: its name.
        children: markup stays as it is, other text is escaped.
        attributes: an underscore stands for a hyphen, one at the end for nothing (``class_``);
            numbers are rounded to hundredths, and None leaves an attribute out.
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
    """Pieces one after the other."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(child, quote=False) for child in children
        )
    )


def number(value: float) -> str:
    """A number in hundredths, without zeros at its end."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def signed(value: float, digits: int = 2) -> str:
    """A number for people, with a minus sign that is as wide as a plus."""
    text = f"{value:.{digits}f}".replace("-", "\u2212")
    return text if text.strip("\u2212.0") else text.lstrip("\u2212")
