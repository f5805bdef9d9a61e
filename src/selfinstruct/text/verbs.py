"""What an English instruction commands: its verb and the verb's direct object (Figure 3 of the paper).

The paper parsed with a neural parser; this is a finder by rules, on a lexicon, for commands only.
"""

from __future__ import annotations

from dataclasses import dataclass

from selfinstruct.text.commands import find_command, sentences
from selfinstruct.text.function_words import FOREIGN, SCENE_SETTERS, SURELY_ENGLISH
from selfinstruct.text.lexicon import look_up
from selfinstruct.text.objects import head_of_object

__all__ = ["VerbObject", "find_verb_and_object"]


@dataclass(frozen=True, slots=True)
class VerbObject:
    """Lower-case lemmas; None where there is none. An object never comes without a verb."""

    verb: str | None
    object: str | None


def find_verb_and_object(instruction: str) -> VerbObject:
    """The verb of the first command in the text, and the head noun of its direct object."""
    fallback = VerbObject(None, None)
    for tokens in sentences(instruction):
        if not _is_english(tokens):
            continue
        place = find_command(tokens)
        if place is None:
            continue
        verb = tokens[place]
        found = VerbObject(look_up(verb).verb or verb, head_of_object(tokens, place))
        if verb not in SCENE_SETTERS:
            return found
        if fallback.verb is None:
            fallback = found
    return fallback


def _is_english(tokens: list[str]) -> bool:
    return SURELY_ENGLISH.intersection(tokens) != set() or not FOREIGN.intersection(tokens)
