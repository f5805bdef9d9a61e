"""lm-eval's tasks: found by name, loaded, and looked at before anything is asked."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError, UserError
from selfinstruct.text.spelling import did_you_mean

__all__ = ["LoadedTasks", "check_code", "load_tasks"]

_ON_A_HUB = "Most tasks fetch their data from the Hugging Face Hub: can it be reached from here?"


@dataclass(frozen=True, slots=True)
class LoadedTasks:
    """Objects of lm-eval. tasks: all of them by name, also those of groups. roots: groups and tasks that no
    other group holds, as they were asked for."""

    manager: Any
    tasks: Mapping[str, Any]
    roots: list[Any]


def load_tasks(names: Sequence[str], include: Path | None) -> LoadedTasks:
    """names: of tasks and groups. include: a folder of task files of one's own.

    Raises ConfigError for a name that is none, UserError where a task's data or packages are not there.
    """
    if include is not None and not include.is_dir():
        raise ConfigError(f"There is no folder {include}.", "Name the one that holds the tasks' YAML files.")
    manager = _manager(names, include)
    for name in names:
        if name not in manager.all_tasks:
            hint = f"{did_you_mean(name, manager.all_tasks)} To see all: lm-eval ls tasks".strip()
            raise ConfigError(f"lm-eval has no task or group named {name!r}.", hint)
    try:
        loaded = manager.load(list(names))
    except Exception as error:  # whatever a task's own code and `datasets` raise
        said = " ".join(str(error).split())[:300]
        missing = error.name if isinstance(error, ImportError) else None
        hint = f"Install it with: pip install {missing}" if missing else _ON_A_HUB
        raise UserError(f"{', '.join(names)}: {type(error).__name__}: {said}", hint) from error
    return LoadedTasks(manager, loaded["tasks"], _roots(loaded))


def _manager(names: Sequence[str], include: Path | None) -> Any:
    """Of one's own tasks alone, where these are all: to look through lm-eval's own, some 14,000, takes ten
    seconds. A group of one's own is looked for among all, since it may hold tasks of lm-eval's."""
    from lm_eval.tasks import TaskManager

    if include is None:
        return TaskManager()
    own = TaskManager(include_path=str(include), include_defaults=False)
    if set(names) <= set(own.all_subtasks):
        return own
    return TaskManager(include_path=str(include))


def check_code(tasks: Mapping[str, Any], run_code: bool) -> None:
    """Raises ConfigError for a task that runs what the model writes, unless that is allowed."""
    unsafe = [name for name, task in tasks.items() if getattr(task, "UNSAFE_CODE", False)]
    if unsafe and not run_code:
        raise ConfigError(
            f"{unsafe[0]} runs the programs that the model writes, on this machine.",
            "Allow it in a disposable container only: `run_code=True`",
        )
    if unsafe:
        os.environ["HF_ALLOW_CODE_EVAL"] = "1"  # the metric's own question


def _roots(loaded: Any) -> list[Any]:
    """Groups and tasks as they were named: those that no other group holds."""
    groups = loaded["groups"].values()
    inner = {name for group in groups for name in group.child_names}
    inner |= {task.task_name for group in groups for task in group.get_all_tasks()}
    roots = [group for group in groups if group.name not in inner]
    return roots + [task for name, task in loaded["tasks"].items() if name not in inner]
