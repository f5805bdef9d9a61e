"""What an English word can be: its possible parts of speech, with the lemma of each.

The words come from the NIH SPECIALIST lexicon as the package `lemminflect` carries it: 120,000 forms, no
download. It is read at the first word (half a second), and words are remembered. Words of computing that are
younger than the lexicon are added here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

__all__ = ["Word", "look_up"]

_NEW_VERBS = {"autocomplete", "debug", "deduplicate", "detokenize", "google", "refactor", "tokenize"}
_NEW_NOUNS = {"ai", "api", "chatbot", "csv", "emoji", "html", "json", "regex", "sql", "url", "xml", "yaml"}
_UNCHANGED = {"data", "media", "people"}
"""Nouns that are left as they are: their Latin or other singulars would surprise."""


@dataclass(frozen=True, slots=True)
class Word:
    """The lemma that a form has as a noun and as a verb, None where it cannot be one.

    base: whether it can be a verb's base form, as commands use it.
    adjective, adverb: whether it can be one.
    """

    noun: str | None = None
    verb: str | None = None
    base: bool = False
    adjective: bool = False
    adverb: bool = False


@lru_cache(maxsize=65_536)
def look_up(form: str) -> Word:
    """A lower-case form's parts of speech. A form that the lexicon does not have is looked up by what
    follows its last hyphen; an unknown one is none of them."""
    lemmas = _lexicon()(form)
    if not lemmas and "-" in form:
        tail = look_up(form.rpartition("-")[2])
        head = form.rpartition("-")[0]
        return Word(noun=f"{head}-{tail.noun}" if tail.noun else None, adjective=True)
    nouns, verbs = lemmas.get("NOUN", ()), lemmas.get("VERB", ())
    noun = form if form in _UNCHANGED or form in nouns else next(iter(nouns), None)
    verb = form if form in verbs else next(iter(verbs), None)
    if form in _NEW_NOUNS:
        noun = form
    if form in _NEW_VERBS:
        verb = form
    return Word(noun, verb, verb == form, "ADJ" in lemmas, "ADV" in lemmas)


@cache
def _lexicon() -> Callable[[str], dict[str, tuple[str, ...]]]:
    from lemminflect import Lemmatizer

    look: Callable[[str], dict[str, tuple[str, ...]]] = Lemmatizer().getAllLemmas
    return look
