"""Evaluation sets of any kind that is read here, told apart by what they look like.

a folder                natural-instructions: a checkout, or a folder of its task files
NAME.json               one of its task files
a list of its tasks     beside the folder `tasks`, or in `splits/default/` of a checkout
NAME.txt                any other text: an instruction a line
any other file          JSON Lines or a JSON array (`jsonl`), the user-oriented tasks among them
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from selfinstruct.errors import UserError
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.jsonl import load_jsonl
from selfinstruct.evalsets.rows import read_file
from selfinstruct.evalsets.superni import LISTS, load_superni, load_task

__all__ = ["load_any"]

_TASK_NAME = re.compile(r"task\d+_\w+")


def load_any(path: Path) -> tuple[EvaluationItem, ...]:
    """All items, of natural-instructions those that are evaluated: the first 100 instances of a task. Where
    there are no answers, items have no references.

    Raises UserError for what cannot be read, or is empty. Ids may come twice.
    """
    if path.is_dir():
        return _folder(path)
    if path.suffix == ".txt":
        return _text(path)
    if path.suffix == ".json" and _is_task(path):
        return tuple(load_task(path))
    return load_jsonl(path, answers_needed=False)


def _folder(path: Path) -> tuple[EvaluationItem, ...]:
    if any((path / name).is_file() for name in LISTS):
        return load_superni(path)
    folder = path / "tasks" if (path / "tasks").is_dir() else path
    files = sorted(folder.glob("*.json"))
    strange = [file for file in files if not _is_task(file, broken=True)]
    items = [item for file in files if file not in strange for item in load_task(file)]
    if not items:
        raise UserError(
            f"{path} holds no task of natural-instructions.", "Name a folder of task files, or a single file."
        )
    if strange:  # passing over it would leave out a set that the user takes for used
        raise UserError(
            f"{strange[0]} is not a task of natural-instructions, unlike other files in its folder.",
            "Name it on its own, and a folder that holds tasks alone.",
        )
    return tuple(items)


def _text(path: Path) -> tuple[EvaluationItem, ...]:
    lines = [(number, line.strip()) for number, line in enumerate(read_file(path).split("\n"), start=1)]
    lines = [(number, line) for number, line in lines if line]
    if not lines:
        raise UserError(f"{path} is empty.", "Write one instruction per line.")
    if all(_TASK_NAME.fullmatch(line) for _, line in lines):
        return load_superni(path)
    return tuple(EvaluationItem(f"line {number}", line, "", ()) for number, line in lines)


def _is_task(path: Path, *, broken: bool = False) -> bool:
    """Whether a JSON file is a task of natural-instructions. broken: what to say of one that is no JSON."""
    try:
        task = json.loads(read_file(path))
    except (ValueError, RecursionError):
        return broken  # whoever reads it says what is wrong
    return isinstance(task, dict) and "Definition" in task
