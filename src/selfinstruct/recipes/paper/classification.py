"""Step 2, classification or not (section 2.2, Table 6): answered questions as examples, then one more.

Task: <instruction>
Is it classification? Yes
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from selfinstruct.recipes.reply import Reply

__all__ = ["ANSWERS", "HEADER", "STOPS", "parse_answer", "render_examples", "render_question"]

HEADER = (
    "Say of each task below whether it is a classification task, "
    "one whose answer is always a label out of a small fixed set.\n\n"
)

STOPS = ("\n", "Task")
ANSWERS = ("Yes", "No")

_YES = re.compile(r"[\W_]*yes(?![^\W_])", re.IGNORECASE)
_EXACT_YES = frozenset({"Yes", "yes", "YES"})


def render_examples(demonstrations: Sequence[tuple[str, bool]]) -> str:
    """The header and the answered questions: (instruction, whether it is classification)."""
    answered = [
        f"{render_question(instruction)} {ANSWERS[not is_classification]}\n\n"
        for instruction, is_classification in demonstrations
    ]
    return HEADER + "".join(answered)


def render_question(instruction: str) -> str:
    """The question that the reply answers, with no space behind it."""
    return f"Task: {' '.join(instruction.split())}\nIs it classification?"


def parse_answer(reply: Reply, *, exact_yes: bool) -> bool:
    """True where the first word is yes, in any case; every other answer is a no.

    exact_yes: the reference wants the whole reply to be the word, in one of three spellings.
    """
    if exact_yes:
        return reply.text.strip() in _EXACT_YES
    return _YES.match(reply.text) is not None
