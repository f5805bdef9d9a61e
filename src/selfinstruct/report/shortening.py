"""Texts of a model's, short enough to be quoted on a page."""

from __future__ import annotations

__all__ = ["shortened"]

LETTERS = 400


def shortened(text: str, letters: int = LETTERS) -> str:
    """Itself, or its beginning with an ellipsis."""
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"
