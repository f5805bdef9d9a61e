"""How much of a stage's prompts a provider's cache can hold: the beginning that all of them share."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile

from selfinstruct.records import Prompt

__all__ = ["CUE_WORDS", "words_not_shared"]

CUE_WORDS = 12
"""Behind what varies a prompt may say where the reply begins (`Is it classification?`), and no more: whatever
stands there is read, and paid for, again with every request."""

_VARYING = ("qq qqq", "qqqq", "q qqqqq qq")  # such words are in no prompt of ours


def words_not_shared(prompt_of: Callable[[str], Prompt]) -> int:
    """Words of a stage's prompts that never vary, and yet are not in the beginning that all of them share.

    prompt_of: the stage's prompt for an instruction. Preambles, which chat endpoints get as a message of
        their own, have to be equal.
    """
    prompts = [prompt_of(text) for text in _VARYING]
    assert len({prompt.preamble for prompt in prompts}) == 1, "the preamble is the same for all of a stage"
    letters = zip(*(prompt.body for prompt in prompts), strict=False)
    shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, letters))
    words = re.findall(r"[^\W\d_]+", prompts[0].body[shared:])
    return sum(word.strip("q") != "" for word in words)
