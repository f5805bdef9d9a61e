r"""The formats that a data set can be exported in: what a task becomes in each, and the kind of file.

    jsonl              {"id": "task_0", "instruction": "…", "is_classification": false,
                        "instances": [{"input": "", "output": "…"}]}
    alpaca             {"instruction": "…", "input": "", "output": "…"}
    chat, openai       {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", …}]}
    sharegpt           {"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", …}]}
    prompt-completion  {"prompt": "Name the capital.\nInput: France\nOutput:", "completion": " Paris"}
    preference         {"prompt": "…", "chosen": " Paris", "rejected": " Lyon"}, see dataset/preference.py
    parquet            columns task_id, instruction, input, output, is_classification
    candidates         {"ticket": 17, "position": 3, "instruction": "…", "verdict": "rejected",
                        "reason": "similar", "nearest": "seed_task_3", "score": 0.74}
    requests           {"stage": "answers", "ticket": 17, "task": "task_40", "position": 1, "prompt": "…",
                        "completion": "…", "finish_reason": "stop", "prompt_tokens": 812, …}

jsonl, the data set itself, has a task per line, and nothing of when, where or at what price it was made, so
that equal runs give equal bytes. The others have an instance per line; candidates and requests are records
of the run. Chat has no other field, because OpenAI's fine-tuning refuses files that do and TRL needs none.
prompt-completion is what TRL's `SFTTrainer` reads: it trains on the completion only, and ends it with the
end-of-text token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from selfinstruct.dataset.templates import render_prompt
from selfinstruct.errors import ConfigError
from selfinstruct.records import Task
from selfinstruct.store.reader import RunReader
from selfinstruct.text.spelling import did_you_mean

__all__ = [
    "FORMATS",
    "JSONL_COLUMNS",
    "PAIR_COLUMNS",
    "Columns",
    "ExportedRow",
    "Fields",
    "FileKind",
    "Rendering",
    "RunFormat",
    "TaskFormat",
    "chat_turns",
    "find_format",
    "jsonl_rows",
]

ExportedRow = Mapping[str, Any]
"""One line, or one row of a table."""


class Fields(dict[str, str]):
    """Of one object: its fields and their types."""


Columns = Mapping[str, str | Mapping[str, str]]
"""A row's fields and their types, `string`, `bool` or `float64`; a mapping is a list of objects with such
fields, or `Fields` of one object."""

FileKind = Literal["jsonl", "parquet"]
"""Also the end of the file's name."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What decides a row besides its task.

    seed: chooses among templates, where a format has several.
    system: what conversations begin with; empty for no system message.
    conversational: preference pairs as messages, rather than plain text.
    """

    seed: int = 0
    system: str = ""
    conversational: bool = False


@dataclass(frozen=True, slots=True)
class TaskFormat:
    """A form of the data set, task by task.

    about: what a row is, in a few words.
    takes_system: whether it has a place for `Rendering.system`.
    pairs: its rows are of two outputs to one prompt (`pairs.find_pairs`), and `rows` gives none.
    least_rows: what the reader of the format asks for in a file; fewer are written all the same.
    """

    about: str
    rows: Callable[[Task, Rendering], Iterator[ExportedRow]]
    columns: Columns
    kind: FileKind = "jsonl"
    takes_system: bool = False
    pairs: bool = False
    least_rows: int = 0


@dataclass(frozen=True, slots=True)
class RunFormat:
    """Records of the run. They belong to no task of the data set, so no splits apply."""

    about: str
    rows: Callable[[RunReader], Iterator[ExportedRow]]


JSONL_COLUMNS: Columns = {
    "id": "string",
    "instruction": "string",
    "is_classification": "bool",
    "instances": {"input": "string", "output": "string"},
}
ALPACA_COLUMNS: Columns = {"instruction": "string", "input": "string", "output": "string"}
CHAT_COLUMNS: Columns = {"messages": {"role": "string", "content": "string"}}
SHAREGPT_COLUMNS: Columns = {"conversations": {"from": "string", "value": "string"}}
PROMPT_COLUMNS: Columns = {"prompt": "string", "completion": "string"}
PAIR_COLUMNS: Columns = {"prompt": "string", "chosen": "string", "rejected": "string"}
TABLE_COLUMNS: Columns = {"task_id": "string", **ALPACA_COLUMNS, "is_classification": "bool"}

SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}
"""Roles as ShareGPT calls them."""


def jsonl_rows(task: Task, _: Rendering) -> Iterator[ExportedRow]:
    """One row: the task with all its instances."""
    yield {
        "id": task.id,
        "instruction": task.instruction,
        "is_classification": task.is_classification,
        "instances": [{"input": each.input, "output": each.output} for each in task.instances],
    }


def _alpaca(task: Task, _: Rendering) -> Iterator[ExportedRow]:
    for instance in task.instances:
        yield {"instruction": task.instruction, "input": instance.input, "output": instance.output}


def _table(task: Task, rendering: Rendering) -> Iterator[ExportedRow]:
    for row in _alpaca(task, rendering):
        yield {"task_id": task.id, **row, "is_classification": task.is_classification}


def chat_turns(task: Task, rendering: Rendering) -> Iterator[list[tuple[str, str]]]:
    """Each instance as (role, text) pairs. A blank line separates instruction and input."""
    opening = [("system", rendering.system)] if rendering.system else []
    for instance in task.instances:
        asked = f"{task.instruction}\n\n{instance.input}" if instance.input else task.instruction
        yield [*opening, ("user", asked), ("assistant", instance.output)]


def _chat(task: Task, rendering: Rendering) -> Iterator[ExportedRow]:
    for turns in chat_turns(task, rendering):
        yield {"messages": [{"role": role, "content": text} for role, text in turns]}


def _sharegpt(task: Task, rendering: Rendering) -> Iterator[ExportedRow]:
    for turns in chat_turns(task, rendering):
        yield {"conversations": [{"from": SPEAKERS[role], "value": text} for role, text in turns]}


def _prompt_completion(task: Task, rendering: Rendering) -> Iterator[ExportedRow]:
    """`rendering.seed` decides the templates."""
    for place, instance in enumerate(task.instances):
        key = f"{task.id}.{place}"
        rendered = render_prompt(task.instruction, instance.input, seed=rendering.seed, key=key)
        yield {"prompt": rendered.prompt, "completion": rendered.completion(instance.output)}


def _no_rows(_: Task, __: Rendering) -> Iterator[ExportedRow]:
    """Preference pairs: a task alone has none; `dataset/preference.py` writes them."""
    return iter(())


def _candidates(reader: RunReader) -> Iterator[ExportedRow]:
    """In admission order, up to the ticket that completed the data set."""
    return map(asdict, reader.candidates())


def _requests(reader: RunReader) -> Iterator[ExportedRow]:
    """Stage by stage, by ticket or task number in each."""
    return map(asdict, reader.requests())


FORMATS: Mapping[str, TaskFormat | RunFormat] = {
    "jsonl": TaskFormat("the data set: one task per line, with its instances", jsonl_rows, JSONL_COLUMNS),
    "alpaca": TaskFormat("one instance per line: instruction, input, output", _alpaca, ALPACA_COLUMNS),
    "chat": TaskFormat("one instance per line, as messages", _chat, CHAT_COLUMNS, takes_system=True),
    "sharegpt": TaskFormat(
        "one instance per line, as conversations", _sharegpt, SHAREGPT_COLUMNS, takes_system=True
    ),
    "openai": TaskFormat(
        "one instance per line, as messages for OpenAI's fine-tuning",
        _chat,
        CHAT_COLUMNS,
        takes_system=True,
        least_rows=10,
    ),
    "prompt-completion": TaskFormat(
        "one instance per line, as plain text in one of the paper's templates",
        _prompt_completion,
        PROMPT_COLUMNS,
    ),
    "parquet": TaskFormat(
        "one instance per row: instruction, input, output, with its task's id and kind",
        _table,
        TABLE_COLUMNS,
        kind="parquet",
    ),
    "preference": TaskFormat(
        "pairs of a better and a worse output, as TRL's DPOTrainer takes them",
        _no_rows,
        PAIR_COLUMNS,
        pairs=True,
    ),
    "candidates": RunFormat("every parsed instruction, with verdict and nearest neighbour", _candidates),
    "requests": RunFormat("every completed request: prompt and completion", _requests),
}
"""By the name on the command line. A new format is a function, its columns, and a line here."""


def find_format(name: str) -> TaskFormat | RunFormat:
    """Raises ConfigError for a name that is not in the table."""
    if name not in FORMATS:
        raise ConfigError(
            f"There is no format {name!r}.",
            f"{did_you_mean(str(name), FORMATS)} Formats are {', '.join(FORMATS)}.".lstrip(),
        )
    return FORMATS[name]
