"""What is said to the model when new instructions are wanted, or the kind of one (section 2.2, steps 1, 2).

System messages stay the same throughout a run; what varies is the user's. The form of the reply is told in
words too, for endpoints that cannot hold a model to a schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from selfinstruct.recipes.attributes import joined_values
from selfinstruct.recipes.chat.kinds import COMPLETE, KINDS, WITH_LABEL, WITH_TEXT
from selfinstruct.records import Attributes, Example

__all__ = ["CLASSIFICATION_SYSTEM", "FITTING", "instructions_request", "instructions_system", "line"]

_TASKS = """\
You write tasks for a collection on which a text-only assistant will be trained. Each task is one \
instruction, as a person might give it.

A good task
- is a single job, stated in one to three sentences, clear enough to start on at once;
- can be done well by somebody who can only read and write, and who knows nothing but what the task says and \
what is commonly known. Nothing has to be seen, heard, opened, looked up or carried out, and nothing private \
is asked for;
- stands on its own, without an earlier conversation.
"""

_KINDS = f"""
There are three kinds:
- "{COMPLETE}": the instruction holds all that is needed (“Why does bread rise?”, “Write a limerick about a \
lighthouse.”).
- "{WITH_TEXT}": it is done on a text that is added later, such as a letter, a sentence or a list of prices. \
The instruction says what it works on, but leaves it out (“Shorten the letter to five sentences.”).
- "{WITH_LABEL}": like "{WITH_TEXT}", but the answer is always one of a few labels, and the instruction \
names every label (“Is the review positive or negative?”).
"""

_TASKS_WITH_INPUTS = """\
You write tasks for a collection on which a text-only assistant will be trained. A task is an instruction, \
as a person might give it, and an input: the text that the instruction works on, or "" where the \
instruction holds all that is needed.

A good instruction
- asks for a piece of work that ends in a text: to write, rewrite, correct, explain, compare, describe, \
suggest, plan, sort, extract, classify or program something. It is not a quiz question, a riddle or a sum;
- can be carried out well by somebody who can only read and write, and who knows nothing but the task and \
what everybody knows;
- is plain and true to life, has no false premise, and leaves nothing open.

A good input is the text itself, whole, as that person would paste it: of a message the message, of notes \
the notes, of code the code. It has no blanks such as [name], does not repeat the instruction, and does not \
hold the answer.

A good set of tasks varies the verb, the topic, the kind of text, and the form and length of the answer. Of \
ten, about five have an input.
"""

_ANY_KIND = """
A good set of tasks
- varies the verb, the topic, the kind of work and the form of the answer, from a single word to a table, a \
dialogue or a piece of code;
- mixes questions and commands, short and detailed ones, easy and demanding ones, everyday and specialist \
ones;
- asks for work (to write, rewrite, explain, compare, plan, work out) far more often than for a bare fact;
- holds all kinds: of ten, about five complete ones, three with a text and two with labels.
"""

_CLASSIFICATION_ONLY = f"""
Write classification tasks only, of the kind "{WITH_LABEL}": each is done on a text that is added later, its \
answer is always one of a few labels, and the instruction names every label (“Is the review positive or \
negative?”). A good set of them
- varies what is judged, from a word or a number to a pair of statements or a whole message;
- varies the topic, and the labels and how many there are;
- mixes questions and commands, short and detailed ones, easy and demanding ones, everyday and specialist \
ones.
"""

_FORM = """
You are shown some tasks of the collection. New ones differ from all of them, and from each other, in what \
they ask for, not only in wording. Reply with one JSON object and nothing else, in this form:
"""
"""Followed by dots, for whatever words stand there small models write again: of 179 instructions that one of
135 M parameters wrote to “the first task”, 148 were “the third task” and the like."""


def instructions_system(
    *, language: str, about: str, classification_only: bool, inputs: bool, attributes: Sequence[str] = ()
) -> str:
    """What makes a good task and a good set of them. Empty `language` and `about` go unmentioned.

    inputs: each instruction comes with its input, unless all are classification.
    attributes: the fields of the reply that repeat what a task is asked to be like.
    """
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
    tasks: list[dict[str, str]]
    if classification_only:
        rules = _TASKS + _CLASSIFICATION_ONLY
        tasks = [{"instruction": "…", "kind": WITH_LABEL}] * 2
    elif inputs:
        rules = _TASKS_WITH_INPUTS
        tasks = [{"instruction": "…", "input": "…"}, {"instruction": "…", "input": ""}]
    else:
        rules = _TASKS + _KINDS + _ANY_KIND
        tasks = [{"instruction": "…", "kind": kind} for kind in KINDS]
    asked = dict.fromkeys(attributes, "…")
    form = json.dumps({"tasks": [asked | task for task in tasks]}, ensure_ascii=False)
    return rules + subject + tongue + _FORM + form


def instructions_request(
    demonstrations: Sequence[str],
    examples: Sequence[Example],
    wanted: int,
    lines: Sequence[str] = (),
) -> str:
    """The demonstrations, if there are any, and how many new ones are wanted.

    lines: of each new one the fields that say what it is asked to be like (`line`).
    examples: the same in the form that new ones are to have; empty where instructions are shown alone. (Shown
    alone where inputs were wanted too, they came back with their own words as inputs.)

    That last line is the one text of the stage that follows what varies, so that no cache can hold it. It is
    needed there: where it stood in the system message or above the list, a model of 1.5 B parameters sent the
    eight demonstrations back as its new tasks.
    """
    listed = "".join(
        [f"{json.dumps(_shown(each), ensure_ascii=False)}\n" for each in examples]
        or [f"- {' '.join(text.split())}\n" for text in demonstrations]
    )
    shown = f"Some tasks of the collection:\n\n{listed}\n" if demonstrations else ""
    new = "1 new task that differs" if wanted == 1 else f"{wanted} new tasks that differ"
    request = f"{shown}Write {new} from all others in what is asked for, not only in wording."
    return "\n".join((request, FITTING, "", *lines)) if lines else request


def line(fields: Mapping[str, str], asked: Attributes) -> str:
    """A new task's first fields: what it is asked to be like. Those that it is to have are left out: shown
    empty, a small model gave some of them back empty.

    fields: the name of each attribute to the field that holds it. One that is not asked of this task is
    empty, as in the reply, where a schema wants every field.
    """
    values = joined_values(asked)
    return json.dumps({field: values.get(name, "") for name, field in fields.items()}, ensure_ascii=False)


FITTING = (
    "These are the first fields of each, in this order. Repeat them, and add the other fields: the "
    "instruction is as they say, and does not quote them. A persona is the one who asks, and is not "
    "described."
)
"""Above the lines. As a numbered list, one line a task, the same values left no trace in what a model of
1.5 B parameters wrote; where its reply repeats them field by field, it follows them."""


EXAMPLE_CHARACTERS = 300
"""Of an input that is shown, at most: it is cut before the word in which it would go on."""


def _shown(example: Example) -> dict[str, str]:
    given = example.input
    if len(given) > EXAMPLE_CHARACTERS:
        given = given[:EXAMPLE_CHARACTERS].rsplit(maxsplit=1)[0]
    return {"instruction": " ".join(example.instruction.split()), "input": given}


CLASSIFICATION_SYSTEM = """\
You are shown the instruction of a task. Decide whether it is a classification task, one whose answer is \
always a label out of a small fixed set: positive or negative, true or false, one of the categories that it \
lists. A task with an open answer is none, even if the answer is as short as a name or a number.

Answer with one English word, yes or no."""
