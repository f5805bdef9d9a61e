"""What an English word can be: its parts of speech, with the lemma of each.

The words are those of the NIH SPECIALIST lexicon as the package `lemminflect` carries it: no download. It is
read at the first word, which takes about half a second; answers are remembered. Some words of computing that
it lacks are added here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

__all__ = ["Word", "look_up"]

_MORE_VERBS = frozenset({"autocomplete", "debug", "deduplicate", "refactor", "tokenize"})
_MORE_NOUNS = frozenset({"gallery", "log", "questionnaire", "template", "trunk"})
"""The lexicon has them as verbs alone."""
_UNCHANGED = frozenset({"data", "goods", "means", "media", "news", "people"})
"""Nouns whose other lemma would surprise: `datum`, `good`."""


@dataclass(frozen=True, slots=True)
class Word:
    """The lemmas of a form as a noun and as a verb; None where it cannot be one.

    base: whether it can be a verb's base form, the one that commands use.
    known: whether the lexicon has it. What it lacks are mostly names and new nouns.
    """

    noun: str | None = None
    verb: str | None = None
    base: bool = False
    adjective: bool = False
    adverb: bool = False
    known: bool = True

    @property
    def participle_or_past(self) -> bool:
        """Whether it can be a verb, but not in its base form."""
        return self.verb is not None and not self.base


@lru_cache(maxsize=65_536)
def look_up(form: str) -> Word:
    """The parts of speech of a lower-case form. One with hyphens that is not in the lexicon is what its last
    part is; of other unknown words only the noun's lemma is guessed."""
    lemmas = _read()(form)
    if not lemmas and "-" in form:
        head, _, tail = form.rpartition("-")
        last = look_up(tail)
        return Word(
            noun=f"{head}-{last.noun}" if last.noun else None,
            verb=f"{head}-{last.verb}" if last.verb else None,
            base=last.base,
            adjective=True,
            adverb=last.adverb,
            known=last.known,
        )
    if not lemmas and form not in _MORE_VERBS:
        return Word(noun=_singular(form), adverb=form.endswith("ly"), known=False)
    verbs = lemmas.get("VERB", ())
    verb = form if form in verbs or form in _MORE_VERBS else next(iter(verbs), None)
    noun = verb if verb in _MORE_NOUNS else _noun(form, lemmas.get("NOUN", ()))
    # Not by a comparison that is a coincidence: `number` is no more `numb` than other things.
    adjective = form in lemmas.get("ADJ", ()) or ("ADJ" in lemmas and noun is None)
    return Word(noun, verb, verb == form, adjective, "ADV" in lemmas)


def _noun(form: str, lemmas: tuple[str, ...]) -> str | None:
    if form in _UNCHANGED:
        return form
    return next((lemma for lemma in lemmas if lemma != form), form if lemmas else None)


def _singular(form: str) -> str:
    """Of a word that no lexicon has: `playlists`, `counterstereotypes`."""
    if len(form) < 4 or not form.endswith("s") or form.endswith(("ss", "us")):
        return form
    if form.endswith("ies"):
        return f"{form[:-3]}y"
    return form[: -2 if form.endswith(("ches", "shes", "sses", "xes", "zes")) else -1]


@cache
def _read() -> Callable[[str], dict[str, tuple[str, ...]]]:
    from lemminflect import Lemmatizer

    look: Callable[[str], dict[str, tuple[str, ...]]] = Lemmatizer().getAllLemmas
    return look
