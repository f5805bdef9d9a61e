"""How many items the output has, where the instruction asks for a number of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.base import plain, without_code
from selfinstruct.filters.signals.wanted import wanted_count
from selfinstruct.records import Row, Verdict
from selfinstruct.text.tokens import count_words

__all__ = ["WrongCount"]

_ITEM_LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:\*\*)?(?P<mark>\(?\d{1,3}[.):、](?!\d)|\d{1,2}\s-\s|[-*•–+●▪]"
    r"|[一二三四五六七八九十]、"
    r"|#{1,4} ?\d{1,2}[.):]|[a-zA-Z][.)]|(?:Step|Item|Tip|Idea|Example|Question|Q|Reason|Fact|Day|Way|Joke"
    r"|No\.?|#|Number|Option|Schritt|Étape|Paso)\s?\d{1,2}\s?[:.)-])\s*\S",
    re.IGNORECASE,
)
_IN_LINE = re.compile(r"(?:^|\s)\(?(\d{1,2})[.)](?=\s)")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*")
_LEAD = re.compile(r"^[^:：]{0,80}[:：]\s*")
_AND = re.compile(
    r",?\s+(?:and|or|und|oder|sowie|et|ou|y|e|o)\s+|\s*&\s*|(?:以及|和|及|与|还有)(?=\S)", re.IGNORECASE
)
_COMMA = re.compile(r"[,，、;；]\s*")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*(?!\d)")


@dataclass(frozen=True, slots=True)
class WrongCount:
    """A list with more or fewer items than the instruction asks for."""

    name: ClassVar[str] = "wrong_count"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("wrong_count",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The instruction asks for a number of items, and the list has another."
    example: ClassVar[Row] = Row("List five fruits.", "", "apple, pear, plum")

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        wanted = wanted_count(row.instruction)
        if wanted is None:
            return None
        counts = set(_item_counts(without_code(row.output).strip()))
        if not counts or any(wanted.low <= count <= wanted.high for count in counts):
            return None
        found = min(counts, key=lambda count: abs(count - wanted.low))
        return Verdict("wrong_count", f"{found} of {wanted.shown}")


def _item_counts(output: str) -> Iterator[int]:
    """Every count that a reader could come to; none for what is no list."""
    lines = [line for line in output.splitlines() if line.strip()]
    marked = [match for line in lines if (match := _ITEM_LINE.match(line))]
    if any(_TABLE_RULE.fullmatch(line) and "|" in line for line in lines):
        yield sum("|" in line for line in lines) - 2
    elif len(marked) > 1 or (marked and len(lines) <= 3):
        yield from _marked_counts(lines, marked)
    elif [int(number) for number in _IN_LINE.findall(output)][:2] == [1, 2]:
        run = 0
        for number in map(int, _IN_LINE.findall(output)):
            run = number if number == run + 1 else run
        yield run
    elif len(lines) > 1:
        yield from _line_counts(output, lines)
    else:
        yield from _inline_counts(output)


def _marked_counts(lines: list[str], marked: list[re.Match[str]]) -> Iterator[int]:
    """Of a list with numbers or bullets: by its outermost items, and by headings and items under them."""
    shallow = min(len(each["indent"]) for each in marked)
    top = [each for each in marked if len(each["indent"]) == shallow]
    yield len({plain(each.string[each.end("mark") :]) for each in top})
    numbered = sum(each["mark"].strip("(")[:1].isdigit() for each in top)
    if 0 < numbered < len(top):  # numbered headings with bullets under them, or the other way round
        yield numbered
        yield len(top) - numbered
    headings = [line for line in lines if line.strip().startswith(("**", "#")) or line.rstrip().endswith(":")]
    if headings:
        yield len(headings)
    if len(marked) != len(top):
        yield len(marked)
    if sum(not _ITEM_LINE.match(line) for line in lines) > 1:
        yield len(lines)


def _line_counts(output: str, lines: list[str]) -> Iterator[int]:
    """Of lines without marks: lines, blocks of lines, and what stands between commas."""
    yield len(lines)
    if lines[0].rstrip().endswith((":", "：")):
        yield len(lines) - 1
    blocks = [block for block in re.split(r"\n\s*\n", output) if block.strip()]
    if len(blocks) > 1:
        yield len(blocks)
        yield len(blocks) - 1
    if all(line.strip()[0] in "\"“'‘«„" for line in lines):
        return
    parts = [len(_split_items(line)) for line in lines]
    yield sum(parts)
    yield from (each for each in parts if each > 2)
    if (questions := output.count("?")) > 1:
        yield questions


def _split_items(line: str) -> list[str]:
    text = _AND.sub(", ", _LEAD.sub("", line))
    return [part for part in _COMMA.split(text.strip(" .。")) if part.strip()]


def _inline_counts(output: str) -> Iterator[int]:
    """Of one line: its parts between commas, where they are short; the counts with and without “and”."""
    if (tags := output.split()) and all(tag.startswith("#") for tag in tags):
        yield len(tags)
        return
    sentences = [each for each in _SENTENCE.split(output) if each.strip()]
    if len(sentences) > 1:  # an item may take several sentences, and a sentence may hold several items
        yield from range(2, len(sentences) + 1)
        yield from (len(_split_items(each)) for each in sentences)
        yield sum(len(_split_items(each)) for each in sentences)
        return
    parts = _split_items(output)
    if max(count_words(part) for part in parts or [output]) > 8:
        return
    distinct = len({plain(part) for part in parts})
    yield distinct
    if distinct < len(parts):
        return
    text = _LEAD.sub("", output).strip(" .。")
    apart = [part for part in _COMMA.split(text) if part.strip()]
    if not _is_plain_list(apart, parts):
        yield len(apart)
    if ";" in text:
        yield text.count(";") + 1
    if len(parts) == 1 and count_words(output) < 12:
        yield count_words(output)


def _is_plain_list(apart: list[str], parts: list[str]) -> bool:
    """Whether the one “and” parts the last two items for sure, as in `Mercury, Venus and Earth`."""
    if len(apart) < 2 or len(parts) != len(apart) + 1 or not all(part.strip().isalpha() for part in parts):
        return False
    last = [part.strip() for part in parts[-2:]]
    return all(part[:1].isupper() for part in last) or not last[0].isascii()
