"""What is said to the model when instances of a task are wanted with their outputs (section 2.2, step 3).

Input first, or for classification output first, so that every label gets its inputs. The form of the reply
is told in words and shown in examples too, for endpoints that cannot hold a model to a schema.
"""

from __future__ import annotations

from collections.abc import Sequence

from selfinstruct.recipes.chat.phrasing import Example, system_prompt
from selfinstruct.records import Instance

__all__ = ["EXAMPLES", "instances_system", "labelled_instances_system"]

_INSTANCES = """\
You write worked examples for a collection of tasks on which a text-only assistant will be trained. You are \
shown the instruction of one task. You do not answer it; you write instances of it. An instance is an input \
that the task is done on, and the output that a careful expert would give for it.

First decide whether the task needs an input.
- If the instruction already holds all that is needed (a question, something to explain or to make up), \
write exactly one instance and leave its input empty ("").
- If it works on material that it does not contain, write {many}. Each input is that material itself, \
complete and true to life. It is not a description of the material, has no blanks such as [name], and does \
not repeat the instruction.{variety}

An output is correct and complete, has the form that the instruction asks for, and says nothing besides the \
answer. Up to about 200 words each is long enough, unless the task asks for more.
"""

_LABELLED_INSTANCES = """\
You write worked examples for a collection of tasks on which a text-only assistant will be trained. You are \
shown the instruction of one classification task: its answer is always a label out of a small fixed set. You \
do not answer it; you write instances of it. An instance is a label, which is its output, and an input that \
the label is right for.

- Take the labels in turn. Write the label first, then an input that clearly belongs to it, so that every \
label is used equally often. Write {many} in all.
- Spell a label exactly as the instruction does and add nothing to it. If the instruction names no labels, \
settle on a few that fit.
- An input is the material to be judged, complete and true to life. It is not a description of the material, \
has no blanks such as [name], does not repeat the instruction, and does not give its label away by naming \
it.{variety}
- If the instruction itself holds all that is to be judged, write exactly one instance: the right label, and \
an empty input ("").
"""

_OPEN_EXAMPLES: Sequence[Example] = (
    (
        "Put the sentence into the past tense.",
        {
            "instances": (
                {"input": "The ferry leaves at noon.", "output": "The ferry left at noon."},
                {"input": "Do you know who is coming?", "output": "Did you know who was coming?"},
            )
        },
    ),
    (
        "Why is the sea salty?",
        {
            "instances": (
                {
                    "input": "",
                    "output": "Rain dissolves small amounts of salt from rocks, and rivers carry it to the "
                    "sea. When water evaporates there, the salt stays behind, so it has built up over "
                    "millions of years.",
                },
            )
        },
    ),
)

_LABELLED_EXAMPLES: Sequence[Example] = (
    (
        "Is the message to the hotel a booking, a complaint, or a question?",
        {
            "instances": (
                {"output": "booking", "input": "A double room from the 3rd to the 5th of May, please."},
                {"output": "complaint", "input": "The heating in room 12 has been off since yesterday."},
                {"output": "question", "input": "Until when is breakfast served on Sundays?"},
            )
        },
    ),
)

EXAMPLES = tuple(
    Instance(**shown) for _, reply in (*_OPEN_EXAMPLES, *_LABELLED_EXAMPLES) for shown in reply["instances"]
)
"""The instances that either system prompt shows."""


def instances_system(*, language: str, about: str, most: int) -> str:
    """How to write instances of a task that is not classification: the input first."""
    return _system(_INSTANCES, _OPEN_EXAMPLES, language, about, most)


def labelled_instances_system(*, language: str, about: str, most: int) -> str:
    """How to write instances of a classification task: the output first."""
    return _system(_LABELLED_INSTANCES, _LABELLED_EXAMPLES, language, about, most)


def _system(rules: str, examples: Sequence[Example], language: str, about: str, most: int) -> str:
    variety = "" if most == 1 else " The inputs differ in topic, length and difficulty."
    many = "one instance" if most == 1 else f"up to {most} instances"
    shown = [(task, {"instances": reply["instances"][:most]}) for task, reply in examples]
    return system_prompt(
        rules.format(many=many, variety=variety),
        shown,
        language=language,
        about=about,
        written="inputs and outputs",
    )
