"""How many items an instruction asks for, and how many the output has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from selfinstruct.filters.signals.base import number_of, plain, without_code
from selfinstruct.records import Row, Verdict
from selfinstruct.text.tokens import count_words

__all__ = ["WrongCount"]

_NUMBER = (
    r"(?P<number>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|deux|trois|quatre|cinq|sept|huit|neuf|dix|dos"
    r"|tres|cuatro"
    r"|cinco|siete|ocho|nueve|diez)"
)
_BOUND = (
    r"(?P<bound>at least|at most|no more than|up to|a minimum of|a maximum of|exactly|more than"
    r"|mindestens|höchstens|au moins|au plus|al menos|como máximo)"
)
_ITEMS = (
    r"(?:list|name|give|provide|suggest|generate|write|come up with|create|find|propose|recommend"
    r"|brainstorm|identify|mention"
    r"|state|choose|pick|tell|share|offer|produce|show|think of|describe|make|outline|enumerate|cite"
    r"|compose|develop|design|highlight"
    r"|nenne|nennen sie|liste|gib|geben sie|schreibe|schreib|finde|cite[zr]?|donne[zr]?|énumère"
    r"|nomme[zr]?|propose[zr]?|écri[st]"
    r"|enumera|nombra|dame|da|menciona|escribe|lista|sugiere|propón|proporciona)"
)
_COUNTED = re.compile(
    rf"(?:^|[.!?:;,]\s+|\n|\band (?:then )?|\bto |\bplease |\byou |\bkindly )(?:please )?{_ITEMS}(?: "
    rf"down| out| up| mir| me| us|[- ]moi)?"
    rf"(?: a (?:short |brief |numbered |bulleted )?(?:list|set|series|collection) of"
    rf"| a list containing| a list with)?(?: the first| the top| the| my| your| some| another"
    rf"| any)?(?: {_BOUND})?(?: the)?"
    rf" {_NUMBER}(?!\s?[-–—]\s?(?:\d|[a-z])|[.,]\d| (?:to|or|bis|à|a) (?:\d|\w+ (?:ways|ideas))|%"
    rf"|\s?(?:°|\$|€|am|pm)\b|th\b|st\b|nd\b|rd\b)"
    rf" (?P<noun>(?:(?!of |in |for |about |that |from |with |to |on |and |or |von |de "
    rf"|para )[\w'’-]+,? ){{0,4}}?[\w'’-]{{2,}}(?:s|ren|en|n|er|x|e|a))\b(?P<after>[^.!?\n]*)",
    re.IGNORECASE,
)
_OTHER_COUNTS = (
    re.compile(
        rf"\b(?:I (?:need|want|would like)|add|include|with|containing|pick"
        rf"|select)(?: me)?(?: {_BOUND})? {_NUMBER}"
        rf" (?:(?!words of)[\w-]+ )?(?P<noun>items|ideas|examples|points|options|names|questions|tips"
        rf"|reasons|facts"
        rf"|hashtags|entries|ingredients|suggestions|titles|adjectives|words|keywords"
        rf"|tags)(?! (?:each|per|or|long))\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:in|with|using|as|into|mit|en)(?: a list of)?(?: {_BOUND})? {_NUMBER} (?:(?:numbered"
        rf"|short|simple|brief|main|key|easy|clear|concise|practical) )*(?P<noun>steps|bullets"
        rf"|bullet[- ]points|points|items|tips|stichpunkten|étapes|pasos|puntos)\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:what|which) (?:are|were|would be)(?: the| some)?(?P<bound> at least)? {_NUMBER} "
        rf"(?P<noun>(?:(?!of |in |for |and |or )[\w'’-]+ ){{0,3}}?[\w'’-]{{2,}}s)\b",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<bound>)(?:the |a |your )?top[- ]{_NUMBER}(?P<noun> \w+)?", re.IGNORECASE),
    re.compile(
        rf"\b(?:a |the )?(?:numbered |bulleted |short )?list (?:of|with)(?: {_BOUND})? {_NUMBER} "
        rf"(?P<noun>\w+s)\b(?! (?:numbers|strings|integers))",
        re.IGNORECASE,
    ),
)
_CHINESE_COUNT = re.compile(
    r"(?:列出|列举|给出|写出|说出|举出|提供|推荐|提出|生成|想出)(?P<bound>至少"
    r"|最多)?(?P<number>[两二三四五六七八九十]|\d{1,2})(?:个|种|条|项"
    r"|点|部|本|位)"
)
_NOT_COUNTED = re.compile(
    r"\b(?:words?|sentences?|paragraphs?|characters?|letters?|lines?|syllables?|pages?|minutes?"
    r"|hours?|days?|weeks?|months?|years?|seconds?|dollars?"
    r"|stars?|digits?|stanzas?|verses?|chapters?|people|persons|percent|points?|cups?|grams|parts"
    r"|dimensions|columns?|rows?|tables?|sets?|pairs?|times"
    r"|sätze|wörter|phrases|mots|frases|palabras|oraciones|feet|miles|players|servings|figures|turns|steps)$",
    re.IGNORECASE,
)
_MULTIPLIED = re.compile(
    r"\b(?:each|every|per|respectively|apiece|for both|both|jeweils|chaque|chacun|cada)\b|\b(?:and"
    r"|,) (?:one|two|three|four|five|\d+|a list of|list|give|describe|three|four) ",
    re.IGNORECASE,
)
_ITEM_LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:\*\*)?(?P<mark>\(?\d{1,3}[.):](?!\d)|\d{1,2}\s-\s|[-*•–+●▪]"
    r"|#{1,4} ?\d{1,2}[.):]|[a-zA-Z][.)]|(?:Step|Item|Tip|Idea|Example|Question|Q|Reason|Fact|Day"
    r"|No\.?|#|Number|Option)\s?\d{1,2}\s?[:.)-])\s*\S",
    re.IGNORECASE,
)
_IN_LINE = re.compile(r"(?:^|\s)\(?(\d{1,2})[.)](?=\s)")
_RECKONS = re.compile(r"\bhow (?:many|much|long|old|far)\b|wie viele?\b|combien|cuánt[oa]s?", re.IGNORECASE)
_IN_FORMAT = re.compile(
    r"\b(?:CSV|JSON|table|tabelle|YAML|XML|HTML|spreadsheet|markdown table|dictionary|array|code"
    r"|function|python|SQL)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WrongCount:
    """A list with more or fewer items than the instruction asks for."""

    name: ClassVar[str] = "wrong_count"
    version: ClassVar[str] = "1"
    reasons: ClassVar[tuple[str, ...]] = ("wrong_count",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "The instruction asks for a number of items, and the list has another."
    example: ClassVar[Row] = Row("List five fruits.", "", "apple, pear, plum")

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        wanted = _wanted_count(row.instruction)
        if wanted is None:
            return None
        number, bound, noun = wanted
        if _IN_FORMAT.search(row.instruction):
            return None
        counts = set(_item_counts(without_code(row.output).strip()))
        if not counts or any(_keeps(count, number, bound) for count in counts):
            return None
        found = min(counts, key=lambda count: abs(count - number))
        return Verdict("wrong_count", f"{found} of {f'{bound} ' if bound else ''}{number} {noun}".rstrip())


@lru_cache(maxsize=256)
def _wanted_count(instruction: str) -> tuple[int, str, str] | None:
    """The number, its bound and what is counted; None where none is asked for, or several are."""
    if len(instruction.split()) > 80 or _RECKONS.search(instruction):
        return None
    found = list(_COUNTED.finditer(instruction))
    if len(found) == 1:
        match = found[0]
        number, noun = number_of(match["number"]), match["noun"].split()[-1]
        if number is None or number < 2 or number > 60:
            return None
        verb = match[0].lower()
        if _NOT_COUNTED.search(noun) and not (
            re.match(
                r"words?$|sentences?$|points?$|sets?$|pairs?$|people$|steps$|letters$|phrases$",
                noun,
                re.IGNORECASE,
            )
            and re.search(
                r"\b(?:list|name|give|provide|suggest|generate|find|think|come up|nenne|cite|donne)", verb
            )
            and not re.search(
                r"\b(?:in|of|summary|description) ", verb[: match.start("number") - match.start()]
            )
        ):
            return None
        if _MULTIPLIED.search(match["after"]) or re.search(r"\b(?:another|more)\b", match["noun"]):
            return None
        return number, (match["bound"] or "").lower(), noun
    if (
        not found
        and len(others := [match for pattern in _OTHER_COUNTS for match in pattern.finditer(instruction)])
        == 1
    ):
        number = number_of(others[0]["number"])
        after = re.split(r"[.!?\n]", instruction[others[0].end() :])[0]
        if number and 1 < number < 61 and not _MULTIPLIED.search(after):
            return number, (others[0]["bound"] or "").lower(), others[0]["noun"]
    if not found and (chinese := _CHINESE_COUNT.search(instruction)):
        number = number_of(chinese["number"])
        if number and number > 1:
            return number, chinese["bound"] or "", ""
    return None


def _keeps(count: int, number: int, bound: str) -> bool:
    if bound in ("at least", "a minimum of", "mindestens", "au moins", "al menos", "至少", "more than"):
        return count >= number
    if bound in (
        "at most",
        "no more than",
        "up to",
        "a maximum of",
        "höchstens",
        "au plus",
        "como máximo",
        "最多",
    ):
        return 1 <= count <= number
    return count == number


def _item_counts(output: str) -> Iterator[int]:
    """Every count that a reader could come to; none for what is no list."""
    lines = [line for line in output.splitlines() if line.strip()]
    marked = [match for line in lines if (match := _ITEM_LINE.match(line))]
    if len(marked) > 1 or (marked and len(lines) <= 3):
        shallow = min(len(each["indent"]) for each in marked)
        top = [each for each in marked if len(each["indent"]) == shallow]
        yield len(top)
        kinds = {each["mark"][:1].isdigit() for each in top}
        if len(kinds) > 1:  # numbered headings with bullets under them, or the other way round
            yield sum(each["mark"][:1].isdigit() for each in top)
            yield sum(not each["mark"][:1].isdigit() for each in top)
        headings = [
            line for line in lines if line.strip().startswith(("**", "#")) or line.rstrip().endswith(":")
        ]
        if headings:
            yield len(headings)
        if len(marked) != len(top):
            yield len(marked)
        unmarked = [line for line in lines if not _ITEM_LINE.match(line)]
        if len(unmarked) > 1:
            yield len(lines)
        return
    numbers = [int(number) for number in _IN_LINE.findall(output)]
    if numbers[:2] == [1, 2]:
        run = 0
        for number in numbers:
            run = number if number == run + 1 else run
        yield run
        return
    if len(lines) > 1:
        yield len(lines)
        if lines[0].rstrip().endswith((":", "：")):
            yield len(lines) - 1
        if all(len(line) < 200 for line in lines):
            blocks = [block for block in re.split(r"\n\s*\n", output) if block.strip()]
            if len(blocks) > 1:
                yield len(blocks)
                yield len(blocks) - 1
        for line in lines:
            parts = len(_split_items(line))
            if parts > 2:
                yield parts
                yield sum(len(_split_items(each)) for each in lines)
        questions = output.count("?")
        if questions > 1:
            yield questions
        return
    yield from _inline_counts(output)


def _split_items(line: str) -> list[str]:
    text = re.sub(r"^[^:：]{0,60}[:：]\s*", "", line)
    text = re.sub(r",?\s+(?:and|or|und|oder|et|ou|y|e|o)\s+|\s*&\s*", ", ", text)
    return [part for part in re.split(r"[,，、;；]\s*", text.strip(" .。")) if part.strip()]


def _inline_counts(output: str) -> Iterator[int]:
    """Of one line: its parts between commas, where they are short; the counts with and without “and”."""
    sentences = [each for each in re.split(r"(?<=[.!?。！？])\s*", output) if each.strip()]
    if len(sentences) > 1:
        if len(sentences) > 2 or any(count_words(each) > 3 for each in sentences):
            yield len(sentences)
        if len(sentences) > 3 or any(len(_split_items(each)) > 2 for each in sentences):
            for each in sentences:
                yield len(_split_items(each))
        if output.count("?") > 1:
            yield output.count("?")
        if len(sentences) > 1 and not output.count("?"):
            return
        return
    parts = _split_items(output)
    if max(count_words(part) for part in parts or [output]) > 8:
        if len(parts) > 2:
            return
        return
    distinct = len({plain(part) for part in parts})
    if distinct < len(parts):
        yield distinct
        return
    yield len(parts)
    text = re.sub(r"^[^:：]{0,60}[:：]\s*", "", output)
    yield len([part for part in re.split(r"[,，、;；]\s*", text.strip(" .。")) if part.strip()])
    yield len([part for part in re.split(r"[;；]\s*", text) if part.strip()]) if ";" in text else len(parts)
    if len(parts) > 1 and " is " not in output and len(output.split()) == len(parts):
        yield len(parts)
    if len(parts) == 1 and count_words(output) < 12:
        yield count_words(output)
