"""What is said to the model when new instructions are wanted, or the kind of one (section 2.2, steps 1, 2).

System prompts stay the same throughout a run; what varies is the user's turn. The form of the reply is told
in words too, for endpoints that cannot hold a model to a schema.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "CLASSIFICATION_SYSTEM",
    "classification_request",
    "instructions_request",
    "instructions_system",
]

_TASKS = """\
You write tasks for a collection on which a text-only assistant will be trained. Each task is one \
instruction, as a person might give it.

A good task
- is a single job, stated in one to three sentences, clear enough to start on at once;
- can be done by reading and writing alone. Nothing has to be seen, heard, drawn, opened, looked up or \
carried out, so there are no images, charts, maps, recordings, files or links in it;
- stands on its own, without an earlier conversation. It either holds all that is needed (“Why does bread \
rise?”), or works on some material that varies, such as a letter or a list of prices. Then it says what it \
works on, but leaves the material itself out (“Shorten the letter to five sentences.”): that is added later.
"""

_ANY_KIND = """
A good set of tasks
- varies the verb, the topic, the kind of work and the form of the answer, from a single word to a table, a \
dialogue or a piece of code;
- mixes questions and commands, short and detailed ones, easy and demanding ones, everyday and specialist \
ones;
- holds some classification tasks, two or three in ten. The answer to one is always a label out of a small \
fixed set, and the instruction names every label.
"""

_CLASSIFICATION_ONLY = """
Write classification tasks only. The answer to one is always a label out of a small fixed set, and the \
instruction names every label. A good set of them
- varies what is judged, from a word or a number to a pair of statements or a whole message;
- varies the topic, and the labels and how many there are;
- mixes questions and commands, short and detailed ones, easy and demanding ones, everyday and specialist \
ones.
"""

_TASKS_FORM = """
Reply with one JSON object and nothing else, in this form:
{"tasks": [{"instruction": "…", "is_classification": %s}, {"instruction": "…", "is_classification": true}]}
"""
"""Dots, for whatever words stand there small models write again: of 179 instructions that one of 135 M
parameters wrote to “the first task”, 148 were “the third task” and the like."""

_TWO_KINDS = '"is_classification" is true for a classification task and false for any other.\n'


def instructions_system(*, language: str, about: str, classification_only: bool) -> str:
    """What makes a good task and a good set of them. Empty `language` and `about` go unmentioned."""
    subject = (
        f"\nEvery task is about {about}. Cover as many sides of that as you can. "
        "The tasks shown to you may be about anything; they only show what a task can look like.\n"
        if about
        else ""
    )
    tongue = (
        f"\nWrite every task in {language}, whatever the language of the tasks shown to you. "
        "The names of the JSON fields stay in English.\n"
        if language
        else ""
    )
    kind = _CLASSIFICATION_ONLY if classification_only else _ANY_KIND
    form = _TASKS_FORM % "true" if classification_only else _TASKS_FORM % "false" + _TWO_KINDS
    return (_TASKS + kind + subject + tongue + form).rstrip()


def instructions_request(demonstrations: Sequence[str], wanted: int) -> str:
    """The demonstrations as a numbered list, if there are any, and how many new ones are wanted."""
    listed = "".join(
        f"{number}. {' '.join(text.split())}\n" for number, text in enumerate(demonstrations, start=1)
    )
    shown = f"Some tasks of the collection:\n\n{listed}\n" if demonstrations else ""
    new, each = ("1 new task", "It") if wanted == 1 else (f"{wanted} new tasks", "Each of them")
    return (
        f"{shown}Write {new}. {each} should differ from all other tasks in what it asks for, not only in its "
        "wording. Reply with the JSON object only."
    )


CLASSIFICATION_SYSTEM = """\
You are shown the instruction of a task. Decide whether it is a classification task, one whose answer is \
always a label out of a small fixed set: positive or negative, true or false, one of the categories that it \
lists. A task with an open answer is none, even if the answer is as short as a name or a number.

Answer with one English word, yes or no."""


def classification_request(instruction: str) -> str:
    """The question about one instruction."""
    return f"Task: {' '.join(instruction.split())}\n\nIs it a classification task? Answer yes or no."
