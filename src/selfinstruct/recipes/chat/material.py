"""Whether an instruction works on material that it does not hold: a letter, a list, some code.

What a model says of it itself is little worth where the model is small: one of 1.5 B parameters called “What
is the difference between a class and an object?” a task with a text. So what it says stands only where the
words, in English, do not plainly say otherwise. Of the bundled seeds they decide 83, and 80 of these rightly.
"""

from __future__ import annotations

import re

__all__ = ["speaks_of_material", "works_on_material"]

_POINTS = re.compile(
    r"\b(?:following|below|given|provided|attached|supplied|described)\b(?! that\b)"
    r"|\b(?:this|these) (?!year|month|week|day|morning|evening|way|case|kind|type|time)\w",
    re.IGNORECASE,
)
"""“The following sentences”, “this code”."""

_NAMES = re.compile(
    r"\b(?:the|those|each|my|our|your|its|his|her|their) (?:[\w'’-]+ ){0,2}"
    r"(?:abstract|advert\w*|animal|announcement|argument|article|caption|change|claim|clause|code|comments?"
    r"|complaint|contract|conversation|criticism|customer|data|definition|description|dialog|dialogue|document"
    r"|draft|emails?|entry|equation|essay|event|excerpt|expense|expression|facts|feedback|function|gap"
    r"|headlines?|hypothesis|input|instructions|invoice|items|letters?|lines?|lists?|log|lyrics|memo|menu"
    r"|messages?|minutes|mistake|names|news|notes?|numbers|numerals|opinion|options|pair|paragraphs?|passage"
    r"|phrases?|plan|poem|posts?|premise|prices|problem|product|program|proverb|questions?|quotation|quote"
    r"|recipe|records|remark|reply|report|request|response|reviews?|rows|scenario|schedule|scene|script"
    r"|sentences?|sequence|sign|snippet|source|speaker|speech|spreadsheet|statements?|step|story|strings?"
    r"|student|study|subject line|summary|symptoms|table|tasks?|texts?|ticket|title|transcript|tweet|user"
    r"|verse|visitor|words?)\b(?! of\b)",
    re.IGNORECASE,
)
"""“The letter”, “each sentence”."""

_QUOTED = re.compile(r"(?<!\w)[\"“‘'«](?:[^\s\"“”«»]+ ){3,40}?[^\s\"“”«»]+?[\"”’'»](?!\w)")
"""Four words or more between quotation marks."""

_FOLLOWS = re.compile(r"\bfollowing(?: (?!as\b|or\b)[\w'’-]+){1,8}: *\S", re.IGNORECASE)
"""“The following word: elephant”."""

_HELD = re.compile(r"\d+, ?\d+,|[:：] *\S+ +\S+ +\S")
"""A row of numbers, or what stands behind a colon."""

_CODE = re.compile(
    r"\b(?:this|these|following|provided|the given) (?:\w+ )?"
    r"(?:code|script|function|program|snippet|query)\b",
    re.IGNORECASE,
)
"""“The following code”."""

_PROGRAM = re.compile(
    r"\b(?:write|create|implement|build|develop|construct|define|design|code)\b[^.?!]{0,40}?"
    r"\b(?:function|program|script|class|method|query|regex|regular expression|algorithm|macro|module)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:what|who|whose|when|where|why|how|which|if|should|would)\b"
    r"|(?:is|are|were|does|did|can|could)\b.*\b(?:the|an?|you|your)\b",  # Dutch asks “Is …” too
    re.IGNORECASE,
)
_MAKES = re.compile(
    r"(?:write|compose|create|describe|explain|list|suggest|invent|imagine|draft|design|develop|outline|give"
    r"|name|define|discuss|estimate|plan|propose|generate|make|find|calculate|recommend|compare)"
    r" (?:[\w'’-]+ ){0,2}?(?:an?|one|two|three|four|five|six|ten|\d+|some|how|why|what"
    r"|the (?:[\w'’-]+ ){1,3}?(?:of|for|between|behind))\b",
    re.IGNORECASE,
)
_IN = re.compile(r"in [^,.:;]{1,40}, ", re.IGNORECASE)
"""“In one sentence, …”."""


def speaks_of_material(instruction: str) -> bool:
    """Whether it names what it could work on (“the article”), and neither holds it nor asks for something new
    (“write a story”): where no input came with it, one is missing."""
    return (
        works_on_material(instruction) is not False
        and _NAMES.search(instruction) is not None
        and _MAKES.search(instruction) is None
    )


def works_on_material(instruction: str) -> bool | None:
    """None where the words do not plainly say, and for other languages."""
    if _PROGRAM.match(instruction):  # “a function that takes a given string” takes none here
        return None if _CODE.search(instruction) else False
    if _QUOTED.search(instruction) or _FOLLOWS.search(instruction):
        return False
    held = _HELD.search(instruction) is not None
    if _POINTS.search(instruction):
        return None if held else True
    begins = _IN.sub("", instruction.lstrip("\"'“‘¿¡ "), count=1)
    if (_QUESTION.match(begins) or _MAKES.match(begins)) and (held or not _NAMES.search(instruction)):
        return False
    return None
