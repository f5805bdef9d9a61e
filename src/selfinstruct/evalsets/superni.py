"""Super-NaturalInstructions (Wang et al., EMNLP 2022): tasks that a model has not seen, defined in words.

Reads a checkout of natural-instructions: `tasks/NAME.json`, and a list of names, one a line. Of each task the
first instances are taken, 100 by default: those were chosen and put there by the makers of the set, balanced
over labels, and Tk-Instruct takes the same. The paper's Table 3 is the 119 tasks of
`splits/default/test_tasks.txt`.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

from selfinstruct.errors import UserError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.rows import FileRow, read_file
from selfinstruct.records import Instance

__all__ = ["PER_TASK", "load_superni", "load_task"]

PER_TASK = 100

LISTS = ("splits/default/test_tasks.txt", "test_tasks.txt")
"""Where the list of names lies in a checkout."""

_CLONE = "Get one: git clone https://github.com/allenai/natural-instructions"
_ANEW = "Copy it from the checkout again."


def load_superni(path: Path, *, per_task: int = PER_TASK, examples: int = 0) -> tuple[EvaluationItem, ...]:
    """path: a checkout, or a list of task names in one. examples: the first so many positive ones of each
    task are shown with its instances.

    Raises UserError where there is no list, no folder `tasks`, a task without file or instances, or one with
    fewer positive examples than are to be shown.
    """
    task_list = _list(path) if path.is_dir() else path
    names = [line.strip() for line in read_file(task_list).split("\n") if line.strip()]
    if not names:
        raise UserError(f"{task_list} names no task.", "Write the names of tasks, one per line.")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise UserError(f"{task_list} names {twice[0]} twice.", "Name each task once.")
    folder = _folder(task_list)
    missing = [name for name in names if not (folder / f"{name}.json").is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UserError(
            f"{task_list} names {missing[0]}{more}, but {folder} has no {missing[0]}.json.",
            "Use the list and the tasks of the same checkout.",
        )
    items = [
        item
        for name in names
        for item in load_task(folder / f"{name}.json", per_task=per_task, examples=examples)
    ]
    return _with_names_of_their_own(items)


def _list(checkout: Path) -> Path:
    found = next((checkout / name for name in LISTS if (checkout / name).is_file()), None)
    if found is None:
        raise UserError(
            f"{checkout} is not a checkout of natural-instructions: it has neither {' nor '.join(LISTS)}.",
            f"Name one, or a list of task names inside one. {_CLONE}",
        )
    return found


def _folder(task_list: Path) -> Path:
    """Of the tasks: beside the list or up to two levels above it, as `splits/default/` is below."""
    folders = [parent / "tasks" for parent in task_list.absolute().parents[:3]]
    found = next((folder for folder in folders if folder.is_dir()), None)
    if found is None:
        raise UserError(f"There is no folder `tasks` beside {task_list}, nor above it.", _CLONE)
    return found


def load_task(path: Path, *, per_task: int = PER_TASK, examples: int = 0) -> list[EvaluationItem]:
    """The items of one task, named as its file. Raises UserError."""
    name = path.stem
    try:
        fields = json.loads(read_file(path))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not valid JSON ({error}).", _ANEW) from error
    if not isinstance(fields, dict):
        raise UserError(f"{path} is not a task: it is not one JSON object.", _ANEW)
    task = FileRow(path, 0, fields)
    definition = task.texts("Definition")[0].strip()
    category = task.texts("Categories")[0] if task.fields.get("Categories") else ""
    shown = tuple(
        Instance(example.text("input"), example.text("output"))
        for example in list(task.objects("Positive Examples"))[:examples]
    )
    if len(shown) < examples:
        raise task.mistake(
            f"{examples} positive examples are to be shown, and it has {len(shown)}", "Ask for fewer."
        )
    items = [
        EvaluationItem(
            id=instance.id() or f"{name}-{number}",
            instruction=definition,
            input=instance.text("input").strip(),
            references=instance.texts("output"),
            task=name,
            category=category,
            examples=shown,
        )
        for number, instance in enumerate(list(task.objects("Instances"))[:per_task])
    ]
    if not items:
        raise task.mistake("it has no instances", _ANEW)
    return items


def _with_names_of_their_own(items: list[EvaluationItem]) -> tuple[EvaluationItem, ...]:
    """Ids are the makers'; where one comes again, its later places are numbered."""
    seen: Counter[str] = Counter()
    named = []
    for item in items:
        seen[item.id] += 1
        named.append(item if seen[item.id] == 1 else replace(item, id=f"{item.id}#{seen[item.id]}"))
    return tuple(named)
