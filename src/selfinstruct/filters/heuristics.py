"""Cheap rules on the text of one new instruction (section 2.2, step 4; the reference code's own list).

Knows nothing of the pool: filters/novelty compares.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from selfinstruct.config import FilterConfig, ReferenceConfig
from selfinstruct.records import ACCEPTED, Verdict
from selfinstruct.text.tokens import count_words, is_unspaced

__all__ = ["Heuristics", "find_phrase"]

_MAY_OPEN = frozenset("\"'¿¡")  # besides opening brackets and quotation marks, known by their category
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffd]")


@dataclass(frozen=True, slots=True)
class Heuristics:
    """A `Filter` of instructions: the first rule that one breaks, in the order of `reasons`.

    With `reference.ascii_start` words are those between white space in any script, ASCII punctuation may
    not begin an instruction, and neither may a character outside ASCII: the reference code's rules.
    Without, every script is welcome.
    """

    rules: FilterConfig = FilterConfig()  # noqa: RUF009 - a frozen value
    reference: ReferenceConfig = ReferenceConfig()  # noqa: RUF009 - a frozen value
    name: ClassVar[str] = "heuristics"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = (
        "empty", "too_short", "too_long", "keyword", "prefix", "punctuation", "script",
    )  # fmt: skip

    @property
    def settings(self) -> Mapping[str, Any]:
        """See `Filter`."""
        chosen = self.rules.model_dump(
            mode="json", include={"min_words", "max_words", "keywords", "keyword_exceptions", "prefixes"}
        )
        return chosen | self.reference.model_dump(include={"bare_keywords", "ascii_start"})

    def __call__(self, instruction: str) -> Verdict:
        """White space around it and its kind do not matter."""
        rules, reference = self.rules, self.reference
        text = " ".join(instruction.split())
        if not text:
            return Verdict("empty")
        words = len(text.split()) if reference.ascii_start else count_words(text)
        if words < rules.min_words:
            return Verdict("too_short", f"{words} of at least {rules.min_words} words")
        if words > rules.max_words:
            return Verdict("too_long", f"{words} of at most {rules.max_words} words")
        exceptions = () if reference.bare_keywords else rules.keyword_exceptions
        if keyword := _keyword_in(text, rules.keywords, exceptions):
            return Verdict("keyword", keyword)
        if prefix := _prefix_of(text, rules.prefixes):
            return Verdict("prefix", prefix)
        return _judge_ascii_characters(text) if reference.ascii_start else _judge_characters(text)


def find_phrase(text: str, phrases: tuple[str, ...]) -> str | None:
    """The first of the words or phrases that the text has, whole and in any case, in lower case."""
    return _keyword_in(" ".join(text.split()), phrases, ())


def _keyword_in(text: str, keywords: tuple[str, ...], exceptions: tuple[str, ...]) -> str | None:
    """The first keyword outside the exceptions, in lower case."""
    if not _any_within(keywords).search(text):  # true of most texts, and quicker to find out
        return None
    blanked = _any_of(exceptions).sub("…", text)  # a sign, not a space: what it parts stays apart
    match = _any_of(keywords).search(blanked)
    return match and match[0].lower()


@lru_cache(maxsize=64)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Matches the longest of the phrases that stands at a place, in any case; none matches nothing."""
    words = sorted((_whole_words(phrase) for phrase in phrases if phrase.strip()), key=len, reverse=True)
    return re.compile("|".join(words) or "(?!)", re.IGNORECASE)


@lru_cache(maxsize=64)
def _any_within(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Matches wherever `_any_of` could, exceptions blanked or not: in longer words too."""
    words = (re.escape(" ".join(phrase.split())) for phrase in phrases if phrase.strip())
    return re.compile("|".join(words) or "(?!)", re.IGNORECASE)


def _whole_words(phrase: str) -> str:
    """Words end at white space, punctuation and signs; in scripts written without spaces, anywhere."""
    phrase = " ".join(phrase.split())
    start = "" if is_unspaced(phrase[0]) else r"(?<!\w)"
    end = "" if is_unspaced(phrase[-1]) else r"(?!\w)"
    return f"{start}{re.escape(phrase)}{end}"


def _prefix_of(text: str, prefixes: tuple[str, ...]) -> str | None:
    folded = text.casefold()
    return next((prefix for prefix in prefixes if prefix and folded.startswith(prefix.casefold())), None)


def _judge_ascii_characters(text: str) -> Verdict:
    first = text[0]
    if first in string.punctuation:
        return Verdict("punctuation", first)
    return ACCEPTED if first.isascii() else Verdict("script", f"begins with {first}, outside ASCII")


def _judge_characters(text: str) -> Verdict:
    """Bullets, signs and emoji may not begin an instruction, what opens a quotation or a bracket may."""
    first = text[0]
    category = unicodedata.category(first)
    if category[0] in "PS" and category not in ("Ps", "Pi") and first not in _MAY_OPEN:
        return Verdict("punctuation", first)
    if unreadable := _UNREADABLE.search(text):
        return Verdict("script", f"holds U+{ord(unreadable[0]):04X}, no readable character")
    if not any(map(str.isalpha, text)):
        return Verdict("script", "has no letters")
    return ACCEPTED
