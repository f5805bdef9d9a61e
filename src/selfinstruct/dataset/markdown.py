"""Pieces of Markdown, safe for whatever text is put into them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["code", "table"]


def code(text: str) -> str:
    """The text as it is, on one line, in a cell or out of it; nothing for nothing."""
    plain = " ".join(text.replace("`", "'").replace("|", "¦").split())
    return f"`{plain}`" if plain else ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns after the first are numbers or short, and stand to the right where there are more than two."""
    rules = ("---", *("--:" if len(header) > 2 else "---" for _ in header[1:]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rules, *rows))
