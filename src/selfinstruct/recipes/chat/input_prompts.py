"""What is said to the model when inputs of a task are wanted, each to be answered on its own afterwards.

As in `instance_prompts`, the format of the reply is both described and shown in examples.
"""

from __future__ import annotations

from collections.abc import Sequence

from selfinstruct.recipes.chat.phrasing import Example, how_many, system_prompt, task_line
from selfinstruct.records import Instance

__all__ = ["EXAMPLES", "inputs_request", "inputs_system", "labelled_inputs_system"]

_INPUTS = """\
You write inputs for a collection of tasks on which a text-only assistant will be trained. You are sent the \
instruction of one task, which is done on some material. You do not do the task; you write {many} for it.

- An input is the material itself, complete and true to life, as a person would paste it below the \
instruction. An article is the article, several sentences long, and not “The article discusses …”. There are \
no blanks such as [name]. It does not repeat the instruction and does not give the answer.
- It fits what the instruction says, and holds all that is needed to do the task.
{variety}- If the instruction itself holds all that is needed, the list of inputs is empty.
"""

_VARIETY = """\
- Inputs differ in kind, not in a word: in topic, in length, in difficulty, in who wrote it. Before each, \
say in a few words what kind it is, so that no two are alike.
"""

_LABELLED_INPUTS = """\
You write inputs for a collection of tasks on which a text-only assistant will be trained. You are sent the \
instruction of one classification task: its answer is always a label out of a small fixed set. You write \
{many} for it, each with the label that is right for it.

- Take the labels in turn. Write the label first, then an input that clearly belongs to it, so that every \
label is used equally often. Where there are more labels than that, write one input for each.
- Spell a label exactly as the instruction does and add nothing to it. If the instruction names no labels, \
settle on a few that fit.
- An input is the material to be judged, complete and true to life, as a person would paste it below the \
instruction. It is not a description of the material, has no blanks such as [name], does not repeat the \
instruction, and does not give its label away by naming it.
"""

_EXAMPLES: Sequence[Example] = (
    (
        "Reply to the neighbor's note in one polite sentence.",
        {
            "inputs": (
                {
                    "kind": "an angry complaint about noise, four sentences",
                    "input": "Your son practices the drums until ten at night. My wife starts work at five "
                    "in the morning. We have asked you twice. If it does not stop, we will speak to the "
                    "landlord.",
                },
                {
                    "kind": "a friendly request",
                    "input": "Hi! We are away from the 3rd to the 9th. Could you water the tomatoes on our "
                    "balcony every other day?",
                },
                {"kind": "bad news, very short", "input": "The elevator is broken again."},
            )
        },
    ),
    ("Why is the sea salty?", {"inputs": ()}),
)

_LABELLED_EXAMPLES: Sequence[Example] = (
    (
        "Is the message to the hotel a booking, a complaint, or a question?",
        {
            "inputs": (
                {"label": "booking", "input": "A double room from the 3rd to the 5th of May, please."},
                {"label": "complaint", "input": "The heating in room 12 has been off since yesterday."},
                {"label": "question", "input": "Until when is breakfast served on Sundays?"},
            )
        },
    ),
)

EXAMPLES = tuple(
    Instance(shown["input"], shown.get("label", ""))
    for _, reply in (*_EXAMPLES, *_LABELLED_EXAMPLES)
    for shown in reply["inputs"]
)
"""What either system prompt shows."""


def inputs_system(*, language: str, about: str, most: int) -> str:
    """How to write the inputs of a task that is not classification."""
    many = how_many(most, "input", "different inputs")
    rules = _INPUTS.format(many=many, variety=_VARIETY if most > 1 else "")
    return _system(rules, _EXAMPLES, language, about, most, f"Now write {many}", ", or none")


def inputs_request(instruction: str, given: str) -> str:
    """given: the input that there is already; empty for none."""
    shown = f"\n\nOne input is there already; yours differ from it:\n\n{given}" if given else ""
    return task_line(instruction) + shown


def labelled_inputs_system(*, language: str, about: str, most: int) -> str:
    """How to write those of a classification task, each behind its label."""
    many = how_many(most, "input", "inputs")
    rules = _LABELLED_INPUTS.format(many=many)
    return _system(rules, _LABELLED_EXAMPLES, language, about, most, f"Now write labels, and {many}")


def _system(
    rules: str, examples: Sequence[Example], language: str, about: str, most: int, now: str, unless: str = ""
) -> str:
    """Small models look to the end: without the last line, one of 1.5 B wrote one input where three were
    wanted."""
    shown = [(task, {"inputs": reply["inputs"][:most]}) for task, reply in examples]
    said = system_prompt(rules, shown, language=language, about=about, written="inputs")
    return f"{said}\n\n{now} for the task that you are sent{unless}."
