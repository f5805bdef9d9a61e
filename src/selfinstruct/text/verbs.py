"""What an English instruction commands: its verb, and the verb's direct object (Figure 3 of the paper).

The paper takes both from a neural parser. Here rules on a lexicon find them, for commands only, without a
model or a download. How often they are right is in docs/architecture.md; tests/text/verb_labels.jsonl has the
instructions that it was measured on.

The convention, for the rules and the labels alike:

* The verb is that of the text's first command: an imperative, or what the reader is told, asked or obliged to
  do (`You must …`, `Your task is to …`, `Can you …?`, `Help me to …`). Of coordinated verbs it is the first.
  Openings and statements before the command do not matter.
* A question has none, and neither has a text whose first command comes after a question: what follows
  only says how to answer. A question about the reader (`Have you ever …?`) is passed over.
* `Do not …` commands nothing. `Imagine`, `Suppose`, `Act as` and the like count only where nothing else is
  commanded or asked.
* A particle is not part of the verb: `Write down` is `write`.
* The object is the noun at the head of the direct object, in the singular: `letter` of a cover letter, `list`
  of a list of cities, but `city` of two of the cities. Of coordinated nouns it is the first. The one who
  receives is not the object. After a few verbs it follows a preposition: `Come up with a list`.
* There is no object where it is a clause, a gerund, a pronoun, a quotation or a number.
* Text in other languages has neither.
"""

from __future__ import annotations

from dataclasses import dataclass

from selfinstruct.text.english.commands import find_command, sets_scene
from selfinstruct.text.english.function_words import is_english
from selfinstruct.text.english.lexicon import look_up
from selfinstruct.text.english.objects import head_of_object
from selfinstruct.text.english.sentences import sentences

__all__ = ["VerbObject", "find_verb_and_object"]


@dataclass(frozen=True, slots=True)
class VerbObject:
    """Lemmas in lower case; None where there is none. An object never comes without a verb."""

    verb: str | None = None
    object: str | None = None


def find_verb_and_object(instruction: str) -> VerbObject:
    """The verb and object of an instruction, by the convention above."""
    scene = VerbObject()
    for sentence in sentences(instruction):
        words = sentence.words
        place = find_command(sentence) if is_english(words) else None
        if place is not None:
            verb = words[place]
            found = VerbObject(look_up(verb).verb or verb, head_of_object(words, place))
            if not sets_scene(words, place):
                return found
            if scene.verb is None:
                scene = found
        elif sentence.is_question and not _is_about_reader(words):
            return VerbObject()
    return scene


def _is_about_reader(words: list[str]) -> bool:
    """`Have you ever eaten durian?`, `Do you know what a haiku is?`"""
    return words[0] in ("do", "did", "have", "are", "were") and "you" in words[1:2]
