"""Words as their stems, so that `walks` and `walked` agree: what evaluation compares texts by."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from selfinstruct.text.tokens import tokenize

if TYPE_CHECKING:
    from nltk.stem.porter import PorterStemmer

__all__ = ["stemmed_tokens"]

SHORT = 3
"""Tokens of so many characters at most stay as they are."""


def stemmed_tokens(text: str) -> list[str]:
    """As rouge_score's default tokenizer has them with `use_stemmer=True`: a-z and 0-9 alone make tokens."""
    return [_stem(token) for token in tokenize(text, ascii_only=True)]


@cache
def _stem(token: str) -> str:
    return token if len(token) <= SHORT else _stemmer().stem(token)


@cache
def _stemmer() -> PorterStemmer:
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()
