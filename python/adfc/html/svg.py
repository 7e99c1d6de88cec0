"""Small pieces of SVG."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

Attribute = str | int | float | None


def number(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, body: str = "", /, **attributes: Attribute) -> str:
    """An element; underscores in names become hyphens, a trailing one is dropped, None is left
    out. `body` is markup."""
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        shown = number(value) if isinstance(value, float) else str(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    opening = " ".join(parts)
    return f"<{opening}>{body}</{name}>" if body else f"<{opening}/>"


def text(content: str, x: float, y: float, **attributes: Attribute) -> str:
    """A text element."""
    return element("text", escape(content), x=x, y=y, **attributes)


def picture(
    body: Iterable[str], width: float, height: float, title: str, /, **attributes: Attribute
) -> str:
    """A whole picture, with a name for screen readers."""
    return element(
        "svg",
        element("title", escape(title)) + "".join(body),
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
        **attributes,
    )
