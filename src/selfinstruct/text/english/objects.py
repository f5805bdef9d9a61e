"""The direct object of a verb: the head noun of the phrase that follows it."""

from __future__ import annotations

from selfinstruct.text.english.function_words import (
    AUXILIARIES,
    CLAUSE_OPENERS,
    DETERMINERS,
    PARTICLES,
    POSSESSIVES,
    PRONOUNS,
    QUANTIFIERS,
    words_of,
)
from selfinstruct.text.english.lexicon import Word, look_up
from selfinstruct.text.english.sentences import NUMBER, QUOTATION

__all__ = ["head_of_object"]

_RECIPIENTS = frozenset({"me", "us", "him", "them"})
_GIVING = words_of(
    "ask bring buy find give hand lend make offer pay read recommend send show suggest teach tell write"
)
"""Verbs that can take two objects, of which the second is the direct one: `Give the brand a motto.`"""
_TELLING = frozenset({"ask", "show", "teach", "tell"})
_WITH_PREPOSITION = {
    "ask": ("for",), "come": ("with",), "follow": ("on",), "listen": ("to",), "look": ("at", "for"),
    "provide": ("with",), "refer": ("to",), "reply": ("to",), "respond": ("to",), "search": ("for",),
    "think": ("of",),
}  # fmt: skip
"""Where the object follows a preposition: `Come up with a list`, `Provide me with a list`."""
_WITH_PARTICLE = {"fill": "in", "put": "in", "type": "in", "go": "over", "look": "over", "carry": "on"}
_BEFORE_THAT = words_of(
    """
    argue assume check confirm demonstrate ensure express imagine pretend prove say show state suppose verify
    """
)
"""Verbs after which `that` begins a clause rather than points."""
_CAUSING = frozenset({"have", "help", "let", "make"})
_BECOMING = words_of("call consider declare grade keep label leave make mark rate render turn")
"""Verbs whose object may be followed by what it becomes: `Make the sentence negative.`"""
_PARTICIPLES = words_of(
    """
    arguing beginning coming dealing ending going leading living looking playing pointing referring relating
    running sitting speaking standing starting talking working
    """
)
"""Although they are nouns too, after a noun they begin a phrase about it: `a line starting with a verb`."""
_NO_HEADS = words_of("above best first following former given last latter next other others same worst")
_COUNT_NOUNS = words_of("bit couple dozen few handful lot number variety")
_JOINTS = words_of(", and or")
_STOPS = CLAUSE_OPENERS | AUXILIARIES | PRONOUNS | {","}
_FRESH_STARTS = DETERMINERS | POSSESSIVES | {QUOTATION, NUMBER}
_SECOND_OBJECT = (DETERMINERS - {"that"}) | QUANTIFIERS | {NUMBER}
_BEFORE_NOUN = DETERMINERS | POSSESSIVES | QUANTIFIERS | {NUMBER}


def head_of_object(words: list[str], verb: int) -> str | None:
    """The lemma of the head noun of the object of the verb at this index.

    None where there is no object, or it is a clause, a pronoun, a quotation, a number or a gerund.
    """
    lemma = words[verb]
    index = _skip_particles(words, verb + 1, lemma)
    received = lemma in _GIVING | {"provide"} and _at(words, index) in _RECIPIENTS
    if received:
        index = _skip_particles(words, index + 1, lemma)
    if _at(words, index) in _WITH_PREPOSITION.get(lemma, ()):
        index += 1
    if _begins_clause(words, index, lemma):
        return None
    head, end = _noun_phrase(words, index, lemma)
    if head is None or received or lemma not in _GIVING:
        return head
    if lemma in _TELLING and _at(words, end) in ("whether", "if", "how", "why", "what"):
        return None
    if _at(words, end) in _SECOND_OBJECT:
        return _noun_phrase(words, end, lemma)[0] or head
    return head


def _at(words: list[str], index: int) -> str:
    return words[index] if index < len(words) else ""


def _skip_particles(words: list[str], index: int, verb: str) -> int:
    while index < len(words):
        word = words[index]
        entry = look_up(word)
        adverb = entry.adverb and not (entry.noun and entry.known) and not entry.adjective and not entry.verb
        if word not in PARTICLES and _WITH_PARTICLE.get(verb) != word and (not adverb or word in _STOPS):
            break
        index += 1
    return index


def _begins_clause(words: list[str], index: int, verb: str) -> bool:
    word, after = _at(words, index), _at(words, index + 1)
    if word == "that":
        return verb in _BEFORE_THAT or after in DETERMINERS or after in POSSESSIVES or after in PRONOUNS
    gerund = word.endswith("ing") and look_up(word).participle_or_past
    return gerund and (after in _FRESH_STARTS or after in _STOPS or after in PARTICLES)


def _noun_phrase(words: list[str], index: int, verb: str) -> tuple[str | None, int]:
    """The lemma of the head, and the index after the phrase."""
    index = _first_noun(words, index)
    if index == len(words):
        return None, index
    head = words[index]
    index += 1
    while index < len(words):
        word = words[index]
        entry = look_up(word)
        if word in _JOINTS:
            if not _joins_adjectives(words, index):
                break
        elif _ends_phrase(word) or _leaves_phrase(look_up(head), word, _at(words, index + 1), verb):
            break
        elif entry.noun and not _is_possessive(word):
            head = word
        index += 1
    return (None if head in _NO_HEADS else look_up(head).noun or head), index


def _first_noun(words: list[str], index: int) -> int:
    """Where the phrase's first noun is, past all that may stand before it; the end of the words if it has
    none."""
    start = index
    while index < len(words):
        word, after = words[index], _at(words, index + 1)
        entry = look_up(word)
        if _counts(words, index):  # two of the cities
            index += 1
        elif word == QUOTATION:  # the "hello" program, but not the word "hello"
            if _ends_phrase(after) or look_up(after).noun is None:
                break
        elif word in _BEFORE_NOUN or (word in _JOINTS and index > start):  # some healthy and easy recipes
            pass
        elif word in _STOPS:
            break
        elif (entry.noun and not _is_possessive(word)) or (
            entry.base and index > start and _ends_phrase(after)
        ):
            return index
        index += 1
    return len(words)


def _counts(words: list[str], index: int) -> bool:
    """Whether this word and the next, `of`, only say how many."""
    word = words[index]
    if _at(words, index + 1) != "of":
        return False
    return word in QUANTIFIERS or (word in _COUNT_NOUNS and words[index - 1] in ("a", "any"))


def _joins_adjectives(words: list[str], index: int) -> bool:
    """`A fun and short story`, where `fun` might be the noun; unlike `the mean and median of it`."""
    after, beyond = _at(words, index + 1), _at(words, index + 2)
    adjectives = look_up(words[index - 1]).adjective and look_up(after).adjective
    return adjectives and look_up(beyond).noun is not None and not _ends_phrase(beyond)


def _is_possessive(word: str) -> bool:
    return word.endswith(("'s", "s'"))


def _ends_phrase(word: str) -> bool:
    return not word or word in _STOPS or word in _FRESH_STARTS or word in QUANTIFIERS


def _leaves_phrase(head: Word, word: str, after: str, verb: str) -> bool:
    """Whether a word after what has been the head so far is no longer part of the noun phrase."""
    entry, ends = look_up(word), _ends_phrase(after)
    if word == "set" and after in ("at", "during", "in", "on"):  # a story set in Rome
        return True
    if entry.participle_or_past and not word.endswith("s"):
        if head.adjective and look_up(after).noun and not ends:  # an equivalent rephrased sentence
            return False
        if not entry.noun or not word.endswith("ing"):  # a letter written by, a list naming the
            return True
        return ends and bool(after) and (word in _PARTICIPLES or after in _FRESH_STARTS)
    if verb in _CAUSING and entry.base and (after in _FRESH_STARTS or not entry.noun):
        return True  # Help a child build a kite
    if not entry.noun or not entry.known:
        verb_or_adverb = entry.base or (entry.adverb and not entry.adjective)
        return verb_or_adverb or (entry.adjective and ends)  # the claim again, the claim clearer
    return entry.adjective and ends and verb in _BECOMING
