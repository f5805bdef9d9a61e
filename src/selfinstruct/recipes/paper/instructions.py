"""Step 1, new instructions (section 2.2, Table 5): a numbered list that the model continues.

Come up with a series of tasks:
1. <demonstration>
…
8. <demonstration>
9.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from selfinstruct.config import RecipeConfig
from selfinstruct.recipes.attributes import attribute_line
from selfinstruct.recipes.reply import Reply
from selfinstruct.records import Attributes, InstructionCandidate

__all__ = ["MORE", "REFERENCE_STOPS", "header", "list_stops", "parse_list", "render_list"]


REFERENCE_STOPS = ("\n\n", "\n16", "16.", "16 .")
"""The reference code's, whatever the number of demonstrations; they cut `… in 2016.` short."""

_ITEM = re.compile(r"\n\d+\s?\. ")
_REPEATED_NUMBER = re.compile(r"\A\s*\d+\s?\.(?:\s+|\Z)")
_UNWRITTEN_ITEM = re.compile(r"\n\d+\s?\.?\s*\Z")


def header(recipe: RecipeConfig) -> str:
    """The line above the list. What tasks should be about, and in, is all that it says beyond the paper's;
    classification tasks are asked to name their labels, as in its code."""
    kind = "classification tasks" if recipe.classification_only else "tasks"
    language = f" in {recipe.language}" if recipe.language else ""
    about = f" about {recipe.about}" if recipe.about else ""
    labels = ", each naming its possible labels" if recipe.classification_only else ""
    return f"Come up with a series of {kind}{language}{about}{labels}:\n"


MORE = "More tasks ("
"""What the line begins with that says which attributes the new tasks have. A list that a model goes on with
ends where it writes another."""


def render_list(
    demonstrations: Sequence[str], *, strip_colons: bool, asked: Sequence[Attributes] = ()
) -> str:
    """One numbered line a demonstration, then the bare next number, which the reply follows on.

    asked: attributes of the new tasks, of which the first entry stands in a line before that number.
    """
    lines = [" ".join(text.split()) for text in demonstrations]
    if strip_colons:
        lines = [line.rstrip(":") for line in lines]
    numbered = [f"{number}. {line}\n" for number, line in enumerate(lines, start=1)]
    lead = f"{MORE}{line}):\n" if asked and (line := attribute_line(asked[0])) else ""
    return "".join(numbered) + f"{lead}{len(lines) + 1}."


def list_stops(demonstrations: int) -> tuple[str, ...]:
    """End a list at twice its demonstrations (8 shown: before item 16), but never before one is written."""
    end = max(2 * demonstrations, demonstrations + 2)
    return ("\n\n", f"\n{end}.", f"\n{end} .")


def parse_list(
    reply: Reply, *, exact_items: bool, lowercase: bool, discard_cut: bool
) -> list[InstructionCandidate]:
    """Every item, whitespace collapsed, empty ones too, for the filters to count.

    The reply starts behind a number, so its first item has none; a model may repeat it all the same.
    A number at the very end, with nothing behind it, is where the reply was stopped and no item.
    exact_items: the reference splits the raw text and looks no further: those two numbers stay in it.
    Of a reply that was cut, the last item is flawed `truncated`; with `discard_cut` all of them are.
    lowercase: the reference's `str.capitalize`, which lower-cases all but the first letter.
    """
    text, unwritten = reply.text, 0
    if not exact_items:
        text, unwritten = _UNWRITTEN_ITEM.subn("", _REPEATED_NUMBER.sub("", text))
    items = [" ".join(item.split()) for item in _ITEM.split(text)]
    if items == [""]:
        return []
    if lowercase:
        items = [item.capitalize() for item in items]
    if not reply.cut:
        first_flawed = len(items)
    elif discard_cut:
        first_flawed = 0
    else:
        first_flawed = len(items) if unwritten else len(items) - 1
    return [
        InstructionCandidate(item, flaw="truncated" if place >= first_flawed else None)
        for place, item in enumerate(items)
    ]
