"""What form an output has: JSON, a list, one word … By rules, on the text alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from selfinstruct.text.tokens import count_words

__all__ = ["SHAPES", "shape"]

SHAPES = (
    "number",
    "one word",
    "phrase",
    "sentence",
    "paragraph",
    "paragraphs",
    "list",
    "table",
    "JSON",
    "code",
)
"""From short to structured. A phrase has at most six words and no full stop; `paragraphs` are several, or
lines of verse or dialogue."""

PHRASE_WORDS = 6
NUMBER = re.compile(r"[+\-−~≈]?\s*[$€£¥]?\s*\d[\d.,:/ ]*\s*(%|°C?|[a-zA-Z]{1,3})?\.?")
ITEM = re.compile(r"\s*(?:[-*•–]|\(?\d{1,3}[.):]|\(?[a-zA-Z][.)])\s+\S")
INLINE_ITEM = re.compile(r"(?:^|\s)(\d{1,2})[.)]\s+\S")
CODE = re.compile(
    r"^\s*(?:def \w+\(|class \w+[(:]|import \w+|from \w+ import|for \w+ in .*:$|while .*:$|if .*:$|return\b"
    r"|function \w*\(|const \w+ ?=|let \w+ ?=|var \w+ ?=|#include\b|public \w+|SELECT\b.*\bFROM\b"
    r"|<!?[a-zA-Z/][^>]*>|\w+\(.*\);?$|[{}];?$)",
    re.MULTILINE,
)
SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*(?:\s+|$)|[。！？]")


def shape(output: str) -> str:
    """One of `SHAPES`. An output is never empty."""
    text = output.strip()
    return next((name for name, holds in _RULES if holds(text)), "paragraph")


def _is_json(text: str) -> bool:
    if not text.startswith(("{", "[")):
        return False
    try:
        value: Any = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict | list)


def _is_code(text: str) -> bool:
    lines = text.count("\n") + 1
    return "```" in text or len(CODE.findall(text)) >= max(1, lines / 2)


def _is_table(text: str) -> bool:
    """Two lines or more with the same number of columns, three or more where commas part them."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return False
    for mark, least in (("|", 1), ("\t", 1), (",", 2)):
        counts = {line.count(mark) for line in lines}
        if len(counts) == 1 and counts.pop() >= least and not (mark == "," and ". " in text):
            return True
    return False


def _is_list(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) >= 2:
        return 2 * sum(ITEM.match(line) is not None for line in lines) >= len(lines)
    return [int(number) for number in INLINE_ITEM.findall(text)][:2] == [1, 2]


def _sentences(text: str) -> int:
    return sum(1 for part in SENTENCE_END.split(text) if part and part.strip())


_RULES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("JSON", _is_json),
    ("code", _is_code),
    ("table", _is_table),
    ("list", _is_list),
    ("number", lambda text: NUMBER.fullmatch(text) is not None),
    ("paragraphs", lambda text: sum(1 for line in text.splitlines() if line.strip()) > 1),
    ("one word", lambda text: count_words(text) <= 1),
    ("phrase", lambda text: count_words(text) <= PHRASE_WORDS and not SENTENCE_END.search(text)),
    ("sentence", lambda text: _sentences(text) == 1),
)
"""The first that holds."""
