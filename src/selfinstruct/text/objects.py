"""The direct object of a verb: the head noun of the phrase that follows it."""

from __future__ import annotations

from selfinstruct.text.commands import NUMBER, QUOTATION
from selfinstruct.text.function_words import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PARTICLES,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUNS,
    QUANTIFIERS,
    QUESTION_WORDS,
)
from selfinstruct.text.lexicon import Word, look_up

__all__ = ["head_of_object"]

_RECIPIENTS = {"me", "us", "him", "them"}
_DITRANSITIVE = {
    "give",
    "tell",
    "send",
    "show",
    "offer",
    "teach",
    "write",
    "ask",
    "make",
    "find",
    "lend",
    "bring",
}
_WITH_PREPOSITION = {
    ("come", "with"), ("think", "of"), ("look", "at"), ("look", "for"), ("search", "for"), ("ask", "for"),
    ("respond", "to"), ("reply", "to"), ("listen", "to"), ("refer", "to"),
}  # fmt: skip
"""Verbs whose object follows a preposition: `Come up with a list` is about a list."""
_INTO_COMPLEMENTS = {"make", "call", "turn", "keep", "render", "mark", "leave", "consider"}
_OTHER_PARTICLES = {("fill", "in"), ("put", "in"), ("go", "over"), ("look", "over"), ("type", "in")}
_STOPS = PREPOSITIONS | CONJUNCTIONS | QUESTION_WORDS | AUXILIARIES | PRONOUNS | {",", "?", "that"}


def head_of_object(tokens: list[str], verb: int) -> str | None:
    """The lemma of the head noun of the object of the verb at this index, None if it has none."""
    index, lemma = verb + 1, tokens[verb]
    while index < len(tokens) and (
        tokens[index] in PARTICLES or (lemma, tokens[index]) in _OTHER_PARTICLES or _is_adverb(tokens[index])
    ):
        index += 1
    if index < len(tokens) and (lemma, tokens[index]) in _WITH_PREPOSITION:
        index += 1
    if index < len(tokens) and tokens[index] in _RECIPIENTS:
        index += 1
    head, end = _noun_phrase(tokens, index, lemma)
    if (
        head
        and lemma in _DITRANSITIVE
        and end < len(tokens)
        and (tokens[end] in DETERMINERS or tokens[end] in QUANTIFIERS or tokens[end] == NUMBER)
    ):
        second, _ = _noun_phrase(tokens, end, lemma)
        return second or head
    return head


def _is_adverb(word: str) -> bool:
    entry = look_up(word)
    return entry.adverb and not (entry.noun or entry.adjective or entry.verb) and word not in _STOPS


def _noun_phrase(tokens: list[str], index: int, verb: str) -> tuple[str | None, int]:
    """The head's lemma and where the phrase ends."""
    head: Word | None = None
    head_word = ""
    begun = index
    while index < len(tokens):
        word = tokens[index]
        after = tokens[index + 1] if index + 1 < len(tokens) else ""
        if word in QUANTIFIERS and after == "of" and (head is None):
            index += 2
            begun = index
            continue
        if (
            word == NUMBER
            or word in DETERMINERS
            or word in POSSESSIVES
            or (word in QUANTIFIERS and word != "number")
        ):
            if head is not None:
                break
            if after == "of":
                index += 2
                continue
            index += 1
            continue
        if word == QUOTATION:
            break
        if word in (",", "and", "or") and head is not None:
            entry, following = (
                look_up(after),
                look_up(tokens[index + 2]) if index + 2 < len(tokens) else Word(),
            )
            if (
                look_up(head_word).adjective
                and entry.adjective
                and following.noun
                and tokens[index + 2] not in _STOPS
            ):
                index += 1
                continue
            break
        if word in (",", "and", "or") and index > begun:
            index += 1
            continue
        if word in _STOPS:
            break
        entry = look_up(word)
        if word.endswith(("'s", "s'")):
            index += 1
            continue
        ends = (
            not after
            or after in _STOPS
            or after in DETERMINERS
            or after in POSSESSIVES
            or after in (QUOTATION, NUMBER)
        )
        if head is not None:
            inflected = entry.verb is not None and not entry.base
            if inflected and word.endswith("ing") and ((ends and after) or not entry.noun):
                break
            if inflected and not word.endswith("ing") and not word.endswith("s"):
                break
            if not entry.noun and entry.base:
                break
            if not entry.noun and entry.adverb and not entry.adjective:
                break
            if entry.adjective and ends and (not entry.noun or verb in _INTO_COMPLEMENTS):
                break
        known = entry != Word()
        if entry.noun or not known:
            head, head_word = entry, word
        index += 1
    if head is None:
        return None, index
    return head.noun or head_word, index
