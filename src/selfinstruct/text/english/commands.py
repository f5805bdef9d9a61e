"""Where a sentence commands something: the place of the verb."""

from __future__ import annotations

import re

from selfinstruct.text.english.function_words import (
    AUXILIARIES,
    CLAUSE_OPENERS,
    COMMANDS,
    DETERMINERS,
    LEAD_INS,
    OBJECT_PRONOUNS,
    OPENINGS,
    POSSESSIVES,
    QUANTIFIERS,
    QUESTION_WORDS,
    SCENE_SETTERS,
    words_of,
)
from selfinstruct.text.english.lexicon import look_up
from selfinstruct.text.english.sentences import NUMBER, QUOTATION

__all__ = ["find_command"]

_FRAME = re.compile(
    r"""(?:
      (?:can|could|would|will)\ you
    | you\ (?:need|have|ought)\ to
    | (?:you\ )?(?:are|were|will\ be)\ (?:asked|expected|instructed|required|requested|supposed|told)\ to
    | you\ (?:should|must|shall|will)(?:\ (?:need|have)\ to)?
    | you\ are\ to
    | it\ is\ up\ to\ you\ to
    | (?:i|we|i'd|we'd)(?:\ [a-z']+){1,2}\ you\ to
    | (?:your|the|our)(?:\ [a-z]+)?\ (?:aim|assignment|goal|job|mission|objective|role|task)(?:\ [a-z]+)?
      \ is\ to
    )\ """,
    re.VERBOSE,
)
"""What may stand before the verb when the reader is told, asked or obliged to do something."""
_AFTER_WILL = words_of("be find get have hear need read receive see")
"""`You will be given a text` tells of something; it commands nothing."""
_HOPS = tuple(
    tuple(hop.split())
    for hop in (
        "help me to", "help me", "help us to", "help us", "let me", "let us", "try to", "be sure to",
        "make sure to", "remember to", "feel free to", "go ahead and", "take a moment to",
    )
)  # fmt: skip
"""Verbs that only lead to the one that matters."""
_QUESTIONS = (QUESTION_WORDS - OPENINGS) | AUXILIARIES


def find_command(words: list[str]) -> int | None:
    """The index of the first verb that a sentence commands, None if it commands nothing.

    A scene-setter (`Imagine you are a baker and write an ad`) counts only if no other command follows it.
    """
    start = _skip_lead_ins(words, 0)
    found = _command_at(words, start)
    if found is None:
        if start == len(words) or (words[start] in _QUESTIONS and words[start] not in ("do", "don't")):
            return None
        return _later_command(words, start)
    if words[found] in SCENE_SETTERS:
        later = _later_command(words, found + 1, after_and=True)
        return found if later is None else later
    return found


def _later_command(words: list[str], start: int, *, after_and: bool = False) -> int | None:
    """A command after an opening (`Given a list, sort it`), a statement or a scene-setter.

    Such a one has to be more plainly a command than one at the head, except after an opening's comma.
    """
    opening = words[start] in OPENINGS or words[start].endswith("ing")
    for index in range(start + 1, len(words)):
        if words[index] == ",":
            found = _command_at(words, _skip_lead_ins(words, index + 1), strict=not opening)
        elif words[index] == "and":
            after = _skip_lead_ins(words, index + 1)
            found = _framed(words, after)
            if found is None and after_and:
                found = _command_at(words, after, strict=True)
        else:
            continue
        if found is not None:
            return found
    if opening and "," not in words:  # In your own words explain the term
        for index in range(start + 2, len(words)):
            if words[index - 1] not in OPENINGS | DETERMINERS and _is_plain(words, index):
                return index
    return None


def _skip_lead_ins(words: list[str], index: int) -> int:
    while index < len(words):
        word = words[index]
        if word not in LEAD_INS and word not in (",", NUMBER):
            entry = look_up(word)
            if not (word.endswith("ly") and entry.adverb and not entry.base):
                break
        index += 1
    return index


def _at(words: list[str], index: int) -> str:
    return words[index] if index < len(words) else ""


def _command_at(words: list[str], index: int, *, strict: bool = False) -> int | None:
    found = _framed(words, index)
    return _imperative(words, index, strict=strict) if found is None else found


def _framed(words: list[str], index: int) -> int | None:
    """`You must now write …`, `Can you please write …`, `Your task is to write …`."""
    frame = _FRAME.match(" ".join(words[index : index + 12]))
    if frame is None:
        return None
    verb = _skip_lead_ins(words, index + frame[0].count(" "))
    if frame[0] == "you will " and _at(words, verb) in _AFTER_WILL:
        return None
    return _hop(words, verb) if look_up(_at(words, verb)).base else None


def _hop(words: list[str], index: int) -> int:
    """From `help me to write` to `write`."""
    for hop in _HOPS:
        beyond = index + len(hop)
        if tuple(words[index:beyond]) == hop:
            beyond = _skip_lead_ins(words, beyond)
            entry = look_up(_at(words, beyond))
            if entry.base and _at(words, beyond) not in CLAUSE_OPENERS:
                return _hop(words, beyond)
    return index


def _imperative(words: list[str], index: int, *, strict: bool) -> int | None:
    word, after = _at(words, index), _at(words, index + 1)
    if not (word in COMMANDS or look_up(word).base):
        return None
    beyond = _hop(words, index)
    if beyond != index:
        return beyond
    if word in AUXILIARIES or word in CLAUSE_OPENERS or word in DETERMINERS:
        return index if word == "do" and (after in DETERMINERS or after in POSSESSIVES) else None
    if after in AUXILIARIES or (after == "of" and word != "think") or _has_finite_verb(words, index):
        return None
    if strict:
        return index if _is_plain(words, index) else None
    entry = look_up(word)
    only_a_verb = not (entry.noun or entry.adjective or entry.adverb)
    return index if only_a_verb or word in COMMANDS or _begins_object(after) else None


def _has_finite_verb(words: list[str], index: int) -> bool:
    """Whether the word is the subject of the next: `Research shows the …`, `List names the …`."""
    after, beyond = look_up(_at(words, index + 1)), _at(words, index + 2)
    third_person = after.participle_or_past and words[index + 1].endswith("s")
    return third_person and look_up(words[index]).noun is not None and beyond in DETERMINERS - {"that"}


def _is_plain(words: list[str], index: int) -> bool:
    return words[index] in COMMANDS and _begins_object(_at(words, index + 1))


def _begins_object(word: str) -> bool:
    return (
        word in DETERMINERS
        or word in POSSESSIVES
        or word in QUESTION_WORDS
        or word in QUANTIFIERS
        or word in OBJECT_PRONOUNS
        or word in (QUOTATION, NUMBER)
    )
