"""Where a text commands something: the place of the verb."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selfinstruct.text.function_words import (
    AUXILIARIES,
    COMMANDS,
    DETERMINERS,
    LEAD_INS,
    OPENINGS,
    POSSESSIVES,
    PREPOSITIONS,
    QUESTION_WORDS,
)
from selfinstruct.text.lexicon import look_up

__all__ = ["NUMBER", "QUOTATION", "find_command", "sentences"]

QUOTATION = '"'
NUMBER = "#"

_ASIDE = re.compile(r"\([^()]*\)|\[[^\][]*\]")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|`+[^`]*`+|«[^»]*»|(?<!\w)['‘](?![\s])[^'’\n]*['’](?!\w)")
_TOKEN = re.compile(r"\"|[^\W\d_]+(?:['’_-][^\W_]+)*|\d[\w.,:/%]*\w|\d|[.!?;:\n,—–]")
_LABEL = re.compile(r"\s*(?:[-*•#>]+\s+|\(?\d+\s?[.)]\s+|[a-zA-Z]\)\s+)+")


def sentences(text: str) -> Iterator[list[str]]:
    """The text's sentences as lower-case tokens: words, commas, `NUMBER`, `QUOTATION`, and a closing `?`.

    Colons, semicolons and line ends divide as full stops do. What stands in brackets is left out.
    """
    text = _QUOTED.sub(f" {QUOTATION} ", _ASIDE.sub(" ", text))
    text = _LABEL.sub("", text.replace("’", "'"), count=1) if text[:4].strip() else text
    found: list[str] = []
    for piece in _TOKEN.findall(text):
        if piece in ".!?;:\n—–":
            if found:
                if piece == "?":
                    found.append(piece)
                yield found
                found = []
        else:
            found.append(NUMBER if piece[0].isdigit() else piece.lower())
    if found:
        yield found


def find_command(tokens: list[str]) -> int | None:
    """The index of the verb that the sentence commands, None if it commands nothing."""
    start = _skip_lead_ins(tokens, 0)
    found = _command_at(tokens, start)
    if found is not None or start >= len(tokens):
        return found
    first = tokens[start]
    if first in QUESTION_WORDS - {"if", "when", "whether"} or first in AUXILIARIES:
        return None
    opening = first in OPENINGS or first.endswith("ing")
    for index in range(start, len(tokens)):
        if tokens[index] == ",":
            after = _skip_lead_ins(tokens, index + 1)
            found = _command_at(tokens, after, strict=not opening)
            if found is not None:
                return found
    if opening:
        for index in range(start + 2, len(tokens) - 1):
            if tokens[index - 1] not in OPENINGS and _is_strong(tokens, index):
                return index
    return None


def _skip_lead_ins(tokens: list[str], index: int) -> int:
    while index < len(tokens) and (
        tokens[index] in LEAD_INS
        or tokens[index] in ",#"
        or (
            tokens[index].endswith("ly") and look_up(tokens[index]).adverb and not look_up(tokens[index]).base
        )
    ):
        index += 1
    return index


def _at(tokens: list[str], index: int) -> str:
    return tokens[index] if index < len(tokens) else ""


def _verb_at(tokens: list[str], index: int) -> int | None:
    """The index of a base form here, adverbs before it skipped."""
    index = _skip_lead_ins(tokens, index)
    if index < len(tokens) and (tokens[index] in COMMANDS or look_up(tokens[index]).base):
        return index
    return None


_TASK_NOUNS = {"task", "job", "goal", "aim", "objective", "role", "mission", "assignment", "challenge"}
_ASKING = {"want", "need", "ask", "like", "expect", "require", "wish"}
_OBLIGED = {"should", "must", "will", "shall", "can", "may"}
_MUST = {"need", "have", "ought", "get", "try"}
_ASKED = {"asked", "required", "expected", "supposed", "told", "instructed", "requested"}


def _command_at(tokens: list[str], index: int, *, strict: bool = False) -> int | None:
    first, second = _at(tokens, index), _at(tokens, index + 1)
    if not first:
        return None
    if first in ("can", "could", "would", "will") and second == "you":
        return _verb_at(tokens, index + 2)
    if first == "you":
        return _told(tokens, index + 1)
    if first in ("i", "we", "i'd", "we'd"):
        for place in range(index + 1, min(index + 4, len(tokens) - 2)):
            if tokens[place] in _ASKING and tokens[place + 1] == "you" and tokens[place + 2] == "to":
                return _verb_at(tokens, place + 3)
        return None
    if first in ("your", "the", "our"):
        for place in range(index + 1, min(index + 4, len(tokens) - 2)):
            if (
                tokens[place] in _TASK_NOUNS
                and tokens[place + 1] in ("is", "was")
                and tokens[place + 2] == "to"
            ):
                return _verb_at(tokens, place + 3)
        return None
    if first in ("don't", "never") or (first == "do" and second == "not"):
        return None
    return _imperative(tokens, index, strict=strict)


def _told(tokens: list[str], index: int) -> int | None:
    """After `you`: `must write`, `need to write`, `are asked to write`."""
    first, second = _at(tokens, index), _at(tokens, index + 1)
    if first in _OBLIGED:
        if second in ("be", "not", "see", "find", "get", "receive", "have"):
            return None
        if second in _MUST and _at(tokens, index + 2) == "to":
            return _verb_at(tokens, index + 3)
        return _verb_at(tokens, index + 1)
    if first in _MUST and second == "to":
        return _verb_at(tokens, index + 2)
    if first in ("are", "were") and second == "to":
        return _verb_at(tokens, index + 2)
    if first in ("are", "were") and second in _ASKED and _at(tokens, index + 2) == "to":
        return _verb_at(tokens, index + 3)
    return None


def _imperative(tokens: list[str], index: int, *, strict: bool) -> int | None:
    word, after = tokens[index], _at(tokens, index + 1)
    if word in AUXILIARIES and word not in ("do", "have", "be"):
        return None
    if word == "do" and after not in DETERMINERS and after not in POSSESSIVES:
        return None
    if word in ("have", "be", "had"):
        return None
    entry = look_up(word)
    if not entry.base and word not in COMMANDS:
        return None
    if after in AUXILIARIES or (after == "of" and word not in ("think",)):
        return None
    if word == "help" and after in ("me", "us"):
        inner = _verb_at(tokens, index + (3 if _at(tokens, index + 2) == "to" else 2))
        return inner if inner is not None and not look_up(tokens[inner]).noun else index
    if word == "try" and after == "to":
        return _verb_at(tokens, index + 2)
    if strict:
        return index if _is_strong(tokens, index) else None
    if word in COMMANDS or not (entry.noun or entry.adjective or entry.adverb):
        return index
    if word in PREPOSITIONS or word in DETERMINERS or word in POSSESSIVES or word in QUESTION_WORDS:
        return None
    return index if _begins_object(after) else None


def _is_strong(tokens: list[str], index: int) -> bool:
    return tokens[index] in COMMANDS and _begins_object(_at(tokens, index + 1))


def _begins_object(word: str) -> bool:
    return bool(word) and (
        word in DETERMINERS
        or word in POSSESSIVES
        or word in QUESTION_WORDS
        or word in (QUOTATION, NUMBER, "it", "them", "me", "us", "him", "one", "two", "three", "four", "five")
    )
