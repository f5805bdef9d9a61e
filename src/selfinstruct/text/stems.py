"""Words as their stems, so that `walks` and `walked` agree: what evaluation compares texts by.

The stemmer is that of the rouge_score package (Porter's, as NLTK has it), for English. Importing it takes a
third of a second, so that it is loaded at the first word.
"""

from __future__ import annotations

from functools import cache

from selfinstruct.text.tokens import tokenize

__all__ = ["stemmed_tokens"]

SHORT = 3
"""Tokens of so many characters at most stay as they are."""


def stemmed_tokens(text: str) -> list[str]:
    """The tokens of rouge_score's default tokenizer with `use_stemmer=True`: a-z and 0-9 alone make tokens."""
    return [stem for token in tokenize(text, ascii_only=True) for stem in _stems(token)]


@cache
def _stems(token: str) -> tuple[str, ...]:
    """None where stemming leaves nothing."""
    if len(token) <= SHORT:
        return (token,)
    from rouge_score.tokenizers import DefaultTokenizer

    return tuple(DefaultTokenizer(use_stemmer=True).tokenize(token))
