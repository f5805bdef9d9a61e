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
    PARTICLES,
    POSSESSIVES,
    QUANTIFIERS,
    QUESTION_WORDS,
    SCENE_SETTERS,
    words_of,
)
from selfinstruct.text.english.lexicon import look_up
from selfinstruct.text.english.sentences import NUMBER, QUOTATION, Sentence

__all__ = ["find_command", "sets_scene"]

_FRAME = re.compile(
    r"""(?:
      (?:can|could|would|will)\ you
    | you\ (?:need|have|ought)\ to
    | (?:you\ )?(?:are|were|(?:will|would)\ be)
      \ (?:asked|expected|instructed|required|requested|supposed|told)\ to
    | you\ (?:should|must|shall|will)(?:\ (?:need|have)\ to)?
    | you\ are\ to
    | it\ is\ up\ to\ you\ to
    | (?:i|we|i'd|we'd)(?:\ [a-z']+){1,2}\ you\ to
    | (?:your?|the|our)(?:\ [a-z]+)?\ (?:aim|assignment|goal|job|mission|objective|role|task)
      (?:\ here|\ of\ this\ task)?\ is\ to
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
_OBJECT_STARTS = (
    DETERMINERS | POSSESSIVES | QUESTION_WORDS | QUANTIFIERS | OBJECT_PRONOUNS | {QUOTATION, NUMBER}
)
_QUESTIONS = ((QUESTION_WORDS - OPENINGS) | AUXILIARIES) - {"do", "don't"}
_BEFORE_NOUN = OPENINGS | DETERMINERS


def find_command(sentence: Sentence) -> int | None:
    """The index of the first verb that a sentence commands, None if it commands nothing.

    A scene-setter (`Imagine you are a baker and write an ad`) counts only if no other command follows it.
    """
    words = sentence.words
    if sentence.end == ":" and len(words) == 1 and look_up(words[0]).noun:
        return None  # a label, such as `Answer:`
    start = _skip_lead_ins(words, 0)
    found = _command_at(words, start)
    if found is not None and sets_scene(words, found):
        later = _after_pause(words, found, and_too=True)
        return found if later is None else later
    if found is None and start < len(words) and words[start] not in _QUESTIONS:
        found = _after_pause(words, start)
        if found is None and _opens(words, start):
            found = _within_opening(words, start)
    if found is not None and words[found] == "do" and sentence.is_question:
        return None
    return found


def sets_scene(words: list[str], verb: int) -> bool:
    """Whether the verb at this index leads up to a command rather than being one: `Imagine that …`,
    `Act as …`, but not `Act out a conversation`."""
    return words[verb] in SCENE_SETTERS and (words[verb] != "act" or _at(words, verb + 1) in ("as", "like"))


def _opens(words: list[str], start: int) -> bool:
    return words[start] in OPENINGS or words[start].endswith("ing")


def _after_pause(words: list[str], start: int, *, and_too: bool = False) -> int | None:
    """A command after a comma: of an opening (`Given a list, sort it`), a statement or a scene-setter.

    Except after an opening it has to be more plainly a command than one at the head of a sentence has.
    """
    strict = not _opens(words, start)
    for index in range(start + 1, len(words)):
        if words[index] not in (",", "and"):
            continue
        after = _skip_lead_ins(words, index + 1)
        found = _framed(words, after)
        if found is None and (words[index] == "," or and_too):
            found = _imperative(words, after, strict=strict or and_too)
        if found is not None:
            return found
    return None


def _within_opening(words: list[str], start: int) -> int | None:
    """A command that no comma sets off: `In your own words explain the term`."""
    pauses = "," in words
    for index in range(start + 2, len(words)):
        found = _framed(words, index) if words[index] in ("you", "your") else None
        if found is not None:
            return found
        if not pauses and words[index - 1] not in _BEFORE_NOUN and _is_plain(words, index):
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


def _command_at(words: list[str], index: int) -> int | None:
    found = _framed(words, index)
    return _imperative(words, index, strict=False) if found is None else found


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
    if after in PARTICLES:
        after = _at(words, index + 2)
    return index if only_a_verb or word in COMMANDS or after in _OBJECT_STARTS else None


def _has_finite_verb(words: list[str], index: int) -> bool:
    """Whether the word is the subject of the next: `Research shows the …`, `List names the …`."""
    after, beyond = look_up(_at(words, index + 1)), _at(words, index + 2)
    third_person = after.participle_or_past and words[index + 1].endswith("s")
    return (
        third_person and look_up(words[index]).noun is not None and beyond in DETERMINERS and beyond != "that"
    )


def _is_plain(words: list[str], index: int) -> bool:
    return words[index] in COMMANDS and _at(words, index + 1) in _OBJECT_STARTS
