"""Long texts fitted to a model's context window: how many tokens they take, and what is cut.

A local model counts by its own tokenizer, which is loaded where a text has more bytes than there is room for
tokens. Behind an endpoint a careful estimate decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

__all__ = ["LONGEST_TOKEN", "CountTokens", "careful_tokens", "cut_middle", "most_that_fit"]

CountTokens = Callable[[str], int]

LONGEST_TOKEN = 12
"""Characters a token on average that no tokenizer exceeds in text or code: what is longer is not counted."""
NEAR = 0.97
"""Of the room that a cut text should fill at least; what comes closer is not worth counting again."""
TRIES = 6

_ONE_EACH = re.compile(r"[^A-Za-z\s]")


def careful_tokens(text: str) -> int:
    """At least as many as most tokenizers make of it: 4 letters and spaces a token, every digit, punctuation
    mark and character of other scripts one."""
    single = len(_ONE_EACH.findall(text))
    return math.ceil((len(text) - single) / 4) + single


def cut_middle(text: str, most: int, count: CountTokens) -> str:
    """The text, or its beginning and its end, equally long, as much of them as fits `most` tokens. What lies
    between is left out without a sign, as ∞Bench's code does. most: at least 1."""
    if len(text) <= LONGEST_TOKEN * most and count(text) <= most:
        return text
    kept = min(len(text) - 1, LONGEST_TOKEN * most)
    best = ""
    most_kept = kept
    for _ in range(TRIES):
        shorter = _ends(text, kept)
        tokens = count(shorter)
        if tokens <= most:
            best = shorter
            if tokens >= NEAR * most or kept == most_kept:
                break
            kept = min(most_kept, max(kept + 1, int(kept * most / max(tokens, 1))))
        else:
            most_kept = kept - 1
            kept = max(1, min(most_kept, int(kept * most / tokens * (1 + NEAR) / 2)))
    while not best and kept > 1:
        kept //= 2
        shorter = _ends(text, kept)
        best = shorter if count(shorter) <= most else ""
    return best


def _ends(text: str, characters: int) -> str:
    """So many of both ends together."""
    head = characters // 2
    return text[:head] + text[len(text) - (characters - head) :]


def most_that_fit(many: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `many` that fits, where smaller ones fit if larger ones do; 0 where none does,
    which is not asked."""
    if fits(many):
        return many
    low, high = 0, many
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
