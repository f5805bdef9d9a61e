"""Which words tell what an instruction is about: those left when the words of all instructions are out."""

from __future__ import annotations

from selfinstruct.text.english.lexicon import look_up
from selfinstruct.text.tokens import tokenize

__all__ = ["content_words"]

LEAST_LETTERS = 4

_COMMON = """\
able about above across after again against ahead almost along already also although always among amount
another answer answers anything appropriate around article asked asking available away back base based
because become been before begin being below best better between both brief briefly bring came cannot
case category certain change choose chosen classify clear clearly come comes compare complete concerning
concerns consider consisting contain containing contains could create current decide describe describing
description detail determine develop devise different does doing done down draft during each easily
either else enough entire even ever every everyone everything exactly example examples explain
explaining fact facts fewer find first five following form format four from full gave general generate
give given gives giving goes going good great group have having help helps here high himself identify
include includes including information input instead instruction instructions into item items itself
just keep kind know label larger last least leave less letter letters like line lines list listed lists
little long look made main make makes making many mark matter mean meaning mention more most much must
name named names naming need needed needs never next none note nothing number once only opinion option
options order other others otherwise outline output over own paragraph paragraphs part parts people
person piece place plain please point points possible present propose provide provided purpose question
questions rather read reader really reason reply report respond response result return rewrite right
said same sentence sentences several short should show simple simply since single some someone something
sort state statement step steps stick still story such suggest suitable summarize sure take tell tells
than that their them then there these they thing things think this those three through time together
topic toward true turn type under unless until upon used using usual very want wants ways well were what
whatever when where whether which while whole whose will with within without word words work would write
writing written your yourself
"""
COMMON = frozenset(_COMMON.split())
"""Words that any instruction may hold, whatever it is about."""


def content_words(instruction: str, verb: str | None) -> set[str]:
    """Words of four letters or more that are not common ones and can be nouns, in the singular, without the
    root verb; words that the English lexicon does not know count as nouns. Nothing in scripts without spaces,
    whose tokens are single letters."""
    words = {word for word in tokenize(instruction) if len(word) >= LEAST_LETTERS and not word.isdigit()}
    nouns = {look_up(word).noun for word in words - COMMON}
    return {noun for noun in nouns if noun is not None} - COMMON - {verb or ""}
