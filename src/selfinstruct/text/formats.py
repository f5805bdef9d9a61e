"""Which format an output has: label, list, table, JSON, code … By rules on the text, in any language.

The text decides; its instruction tells a label from a word, and verse and dialogue from other lines.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Any

from selfinstruct.text.tokens import count_words
from selfinstruct.text.verbs import find_verb_and_object

__all__ = ["Format", "output_format"]


class Format(StrEnum):
    """From short to structured; every output has exactly one.

    LABEL: one of the answers that the instruction names, or yes, no, true, false.
    PHRASE: at most eight words without a full stop.
    PARAGRAPHS: several; also lines that have none of the other formats.
    VERSE: short lines where the instruction speaks of a poem, a song or the like.
    DIALOGUE: `Name: what is said`, where speakers take turns or the instruction commands a conversation.
    FIELDS: most lines are `Name: value` otherwise.
    LIST: items in one line, parted by commas or semicolons, or lines of at most eight words.
    MARKUP: HTML, XML or YAML.
    """

    LABEL = "label"
    NUMBER = "number"
    WORD = "one word"
    PHRASE = "phrase"
    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"
    PARAGRAPHS = "paragraphs"
    VERSE = "verse"
    DIALOGUE = "dialogue"
    LETTER = "letter or email"
    LIST = "plain list"
    BULLETS = "bulleted list"
    STEPS = "numbered list"
    FIELDS = "labelled lines"
    TABLE = "table"
    JSON = "JSON"
    MARKUP = "markup"
    CODE = "code"


_LABEL_WORDS = 4
_ITEM_WORDS = 4
_PHRASE_WORDS = 8
_VERSE_WORDS = 14
_YES_OR_NO = frozenset({"yes", "no", "true", "false"})

_NUMBER = re.compile(r"[+\-−~≈]?\s*[$€£¥]?\s*\d[\d.,:/]*(?:\s\d{3})*\s*(?:%|°\s?[CF]?|[a-zA-Zµ²³]{1,3})?\.?")
_BULLET = re.compile(r"\s*(?:[-*•–+]\s+\S|[-*•–][^\W\d])")
_STEP = re.compile(r"\s*\(?(?:\d{1,3}-|(?:\d{1,3}|[a-zA-Z])[.):])\s+\S")
_STEP_IN_LINE = re.compile(r"(?:^|\s)(\d{1,2})[.)]\s+\S")
_FIELD = re.compile(r"\s*\*{0,2}([^\W\d_a-z][\w.'’-]*(?: [\w.'’-]+){0,2})\*{0,2}:\*{0,2}\s+\S")
_CODE_BEGINS = re.compile(
    r"(?:def|class|function|public|private|package|using|import|from) \w|#include|#!|<\?php|\"\"\"|SELECT\s"
)
_CODE_LINE = re.compile(
    r"^[ \t]*(?:def \w+\(|class \w+[(:]|import \w+|from \w+ import|for \w+ in .*:$|while .*:$|if .*:$"
    r"|return\b|function \w*\(|const \w+ ?=|let \w+ ?=|var \w+ ?=|#include\b|public \w+"
    r"|(?:SELECT|FROM|WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|(?:LEFT |INNER )?JOIN) \S.*$"
    r"|\w+\(.*\);?$|[{}\])]+[;,]?$)",
    re.MULTILINE,
)
_TAG = re.compile(r"<(?:!DOCTYPE|\?xml|/?[a-zA-Z][\w-]*)(?:\s[^<>]*)?/?>")
_KEY = re.compile(r"(?:\s*-\s)?\s*[a-z_][\w-]*:(?:\s+\S.*)?")
_SALUTATION = re.compile(
    r"(?:subject:.*\n\s*)?"
    r"(?:dear\s[^\n,]{1,60},|(?:hi|hello|hey|good (?:morning|afternoon|evening))\b.{0,60}\n)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\n[ \t]*(?:(?:best|kind|warm|many) (?:regards|wishes|thanks)|regards|sincerely|yours\b.*|cheers|love"
    r"|thanks|thank you),?[ \t]*\n+[ \t]*\S[^\n]{0,60}$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*(?:\s+|$)|[。！？]")
_TALK = frozenset({"chat", "conversation", "dialog", "dialogue", "exchange", "interview", "scene", "script"})
_VERSE = re.compile(r"\b(?:haiku|limerick|lyrics?|poem|poetry|rhym\w+|song|sonnet|stanza|verse)s?\b", re.I)


@lru_cache(maxsize=64)
def output_format(output: str, instruction: str = "") -> Format:
    """The format that an output has. Without the instruction only yes, no, true and false are labels."""
    text = output.strip()
    if _is_label(text, instruction):
        return Format.LABEL
    found = next((each for each, holds in _RULES if holds(text)), Format.PARAGRAPH)
    if found is Format.FIELDS and (_takes_turns(text) or find_verb_and_object(instruction).object in _TALK):
        return Format.DIALOGUE
    if found in (Format.LIST, Format.PARAGRAPHS) and _is_short_lined(text) and _VERSE.search(instruction):
        return Format.VERSE
    return found


def _is_label(text: str, instruction: str) -> bool:
    label = text.rstrip(".").casefold()
    if label in _YES_OR_NO:
        return True
    if not label or count_words(label) > _LABEL_WORDS or _NUMBER.fullmatch(label):
        return False
    return re.search(rf"(?<!\w){re.escape(label)}(?!\w)", instruction.casefold()) is not None


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _most_lines(text: str, pattern: re.Pattern[str]) -> bool:
    """At least two, and at least half of them: a list may have a heading and an ending."""
    lines = _lines(text)
    found = sum(pattern.match(line) is not None for line in lines)
    return found > 1 and 2 * found >= len(lines)


def _is_json(text: str) -> bool:
    inner = text.removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    if not inner.startswith(("{", "[")):
        return False
    try:
        value: Any = json.loads(inner)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict | list)


def _is_code(text: str) -> bool:
    lines = len(_lines(text))
    begins = lines > 1 and _CODE_BEGINS.match(text) is not None
    return begins or "```" in text or len(_CODE_LINE.findall(text)) >= max(1, lines / 2)


def _is_markup(text: str) -> bool:
    lines = _lines(text)
    if len(lines) > 1 and all(_KEY.fullmatch(line) for line in lines):
        return True
    return len(_TAG.findall(text)) >= max(2, len(lines) / 2)


def _is_table(text: str) -> bool:
    """Two lines or more, two thirds of them of as many columns; all, and three columns, where commas part
    them."""
    lines = _lines(text)
    if len(lines) < 2:
        return False
    for mark in "|\t":
        counts = [line.count(mark) for line in lines]
        commonest = max(set(counts) - {0}, key=counts.count, default=0)
        if commonest and counts.count(commonest) > 1 and 3 * counts.count(commonest) >= 2 * len(lines):
            return True
    return len({line.count(",") for line in lines}) == 1 and lines[0].count(",") > 1 and ". " not in text


def _is_numbered(text: str) -> bool:
    if "\n" in text:
        return _most_lines(text, _STEP)
    return [int(number) for number in _STEP_IN_LINE.findall(text)][:2] == [1, 2]


def _takes_turns(text: str) -> bool:
    """At least two speakers have at least two turns."""
    turns = Counter(found[1] for line in _lines(text) if (found := _FIELD.match(line)))
    return sum(count > 1 for count in turns.values()) > 1


def _is_short_lined(text: str) -> bool:
    lines = _lines(text)
    return len(lines) > 1 and max(map(count_words, lines)) <= _VERSE_WORDS


def _is_plain_list(text: str) -> bool:
    lines = _lines(text)
    if len(lines) > 1:
        return max(map(count_words, lines)) <= _PHRASE_WORDS
    items = re.split(r"[,;]\s", text)
    longest = max(map(count_words, items))
    return len(items) > 2 and longest <= _ITEM_WORDS and not _SENTENCE_END.search(text[:-1])


def _is_sentence(text: str) -> bool:
    return sum(1 for part in _SENTENCE_END.split(text) if part.strip()) == 1


_RULES: tuple[tuple[Format, Callable[[str], bool]], ...] = (
    (Format.JSON, _is_json),
    (Format.CODE, _is_code),
    (Format.MARKUP, _is_markup),
    (Format.TABLE, _is_table),
    (Format.LETTER, lambda text: bool(_SALUTATION.match(text) or _CLOSING.search(text))),
    (Format.STEPS, _is_numbered),
    (Format.BULLETS, lambda text: _most_lines(text, _BULLET)),
    (Format.FIELDS, lambda text: _most_lines(text, _FIELD)),
    (Format.NUMBER, lambda text: _NUMBER.fullmatch(text) is not None),
    (Format.WORD, lambda text: count_words(text) == 1),
    (Format.LIST, _is_plain_list),
    (Format.PARAGRAPHS, lambda text: len(_lines(text)) > 1),
    (Format.PHRASE, lambda text: count_words(text) <= _PHRASE_WORDS and not _SENTENCE_END.search(text)),
    (Format.SENTENCE, _is_sentence),
)
"""The first that holds; a paragraph otherwise."""
