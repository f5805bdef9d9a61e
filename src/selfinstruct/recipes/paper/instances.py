"""Step 3, instances (section 2.2, Tables 7 and 8).

Input first, for tasks that are not classification; a task without input has outputs alone:

    Task: <instruction>
    Example 1
    Input: <input>
    Output: <output>

Output first, for classification, so that every label gets its inputs:

    Task: <instruction>
    Class label: <output>
    <input>
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from selfinstruct.recipes.reply import Reply
from selfinstruct.records import Instance, InstanceCandidate

__all__ = [
    "INPUT_FIRST_HEADER",
    "OUTPUT_FIRST_HEADER",
    "ExampleTask",
    "in_language",
    "instance_stops",
    "parse_input_first",
    "parse_output_first",
    "render_examples",
    "render_input_first",
    "render_output_first",
    "render_question",
]

INPUT_FIRST_HEADER = (
    "Write worked examples for each of these tasks, several of them where the task allows it. "
    "A task that needs no input of its own has its output written right away."
)

OUTPUT_FIRST_HEADER = (
    "Each of these tasks sorts its input into one of a few classes. "
    "For every class, write its label first and then an input that belongs to it."
)


@dataclass(frozen=True, slots=True)
class ExampleTask:
    """A few-shot example: a task with its instances."""

    instruction: str
    instances: tuple[Instance, ...]


def instance_stops(max_instances: int) -> tuple[str, ...]:
    """Before the first example too many, and before a task that the model makes up."""
    return (f"Example {max_instances + 1}", "Task:")


def in_language(language: str) -> str:
    """Ends the header if inputs and outputs are wanted in a language; the few-shot examples are English."""
    return f" From the next task on, everything is written in {language}." if language else ""


# Rendering


def render_examples(
    header: str, tasks: Sequence[ExampleTask], render: Callable[[Sequence[Instance]], str]
) -> str:
    """The header and the tasks, each with its instances as `render` writes them."""
    blocks = [f"{render_question(task.instruction)}{render(task.instances)}" for task in tasks]
    return "".join(f"{block}\n\n" for block in [header, *blocks])


def render_question(instruction: str) -> str:
    """The task that the reply writes instances for, ending in a newline."""
    return f"Task: {' '.join(instruction.split())}\n"


def render_input_first(instances: Sequence[Instance]) -> str:
    """Numbered examples; a single instance without input is its output alone."""
    if len(instances) == 1 and not instances[0].input:
        return _field("Output", instances[0].output)
    return "\n\n".join(
        f"Example {number}\n"
        + (f"{_field('Input', instance.input)}\n" if instance.input else "")
        + _field("Output", instance.output)
        for number, instance in enumerate(instances, start=1)
    )


def render_output_first(instances: Sequence[Instance]) -> str:
    """A label with an input each."""
    return "\n\n".join(f"Class label: {instance.output}\n{instance.input}" for instance in instances)


def _field(name: str, text: str) -> str:
    """Text of several lines starts on a line of its own, so that code and lists keep their shape."""
    gap = "\n" if "\n" in text else " "
    return f"{name}:{gap}{text}"


# Parsing. Quantifiers are possessive (`*+`): no reply, however odd, takes more than linear time.

_INPUT = re.compile(r"Input\s*+\d*+\s*+:")
_OUTPUT = re.compile(r"Output\s*+\d*+\s*+:")
_OUTPUT_LINE = re.compile(rf"\n[^\S\n]*+{_OUTPUT.pattern}")
_EXAMPLE = re.compile(
    r"""^[^\S\n]*+ Example [^\S\n]*+ \d++ [^\S\n]*+ [.:]?+ [^\S\n]*+
        (?: $ | (?= (?:Input|Output) \s*+ \d*+ \s*+ : ) )  # nothing more on the line, or a field""",
    re.MULTILINE | re.VERBOSE,
)
_EXAMPLE_ANYWHERE = re.compile(r"Example\s?\d*\.?")
_CLASS_LABEL = re.compile(r"^[^\S\n]*+Class[^\S\n]++label[^\S\n]*+:", re.MULTILINE | re.IGNORECASE)
_CLASS_LABEL_EXACT = re.compile(r"Class label:")


def parse_input_first(
    reply: Reply, *, split_inner_examples: bool, unmarked_outputs: bool, end_at_inner_outputs: bool
) -> list[InstanceCandidate]:
    """The examples of a reply; a reply with `Output:` but no example heading is a single one.

    split_inner_examples: the reference's heading, `Example` anywhere (`For Example, …`). Ours is
        `Example N` on a line of its own, or before a field's name.
    unmarked_outputs: the reference takes an example without `Output:` for an output. Ours keeps it as
        an input, flawed `no_output`: whether it was meant as question or as answer cannot be told, also
        where it is the only one.
    end_at_inner_outputs: the reference ends an output at `Output:` anywhere in it. Ours at the start of a
        line, where it is a second answer to the same input.
    A reply with neither a heading nor `Output:` has no instance, plain prose included, in both.
    Of a reply that was cut, the last instance is flawed `truncated`.
    """
    heading = _EXAMPLE_ANYWHERE if split_inner_examples else _EXAMPLE
    if not heading.search(reply.text) and not _OUTPUT.search(reply.text):
        return []
    chunks = [chunk for chunk in heading.split(reply.text) if chunk.strip()]
    second_output = _OUTPUT if end_at_inner_outputs else _OUTPUT_LINE
    return _flag_cut(
        [_input_first_candidate(chunk, unmarked_outputs, second_output) for chunk in chunks], reply
    )


def _input_first_candidate(
    chunk: str, unmarked_outputs: bool, second_output: re.Pattern[str]
) -> InstanceCandidate:
    """The first `Output:` divides; a second one, or a later `Input:`, would begin another instance and ends
    this one."""
    before, *after = _OUTPUT.split(chunk, maxsplit=1)
    if after:
        output = second_output.split(after[0], maxsplit=1)[0]
    elif unmarked_outputs:
        before, output = "", before
    else:
        return InstanceCandidate(_without_name(before), "", flaw="no_output")
    return InstanceCandidate(_without_name(before), _INPUT.split(output, maxsplit=1)[0].strip())


def _without_name(text: str) -> str:
    """A leading `Input:` is the field's name; one further in belongs to the input."""
    text = text.strip()
    name = _INPUT.match(text)
    return text[name.end() :].strip() if name else text


def parse_output_first(reply: Reply, *, exact_class_label: bool) -> list[InstanceCandidate]:
    """A label, the rest of its line being the output, and all up to the next label its input.

    exact_class_label: the reference's `Class label:`, in this case only and anywhere. Ours is at the
        start of a line, in any case.
    What precedes the first label belongs to no instance. Of a reply that was cut, the last instance
    is flawed `truncated`.
    """
    marker = _CLASS_LABEL_EXACT if exact_class_label else _CLASS_LABEL
    candidates = []
    for chunk in marker.split(reply.text)[1:]:
        label, _, text = chunk.strip().partition("\n")
        candidates.append(InstanceCandidate(text.strip(), label.strip()))
    return _flag_cut(candidates, reply)


def _flag_cut(candidates: list[InstanceCandidate], reply: Reply) -> list[InstanceCandidate]:
    if reply.cut and candidates:
        candidates[-1] = replace(candidates[-1], flaw="truncated")
    return candidates
