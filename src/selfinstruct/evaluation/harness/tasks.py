"""lm-eval's tasks: found by name, loaded, and looked at before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError, UserError
from selfinstruct.text.spelling import did_you_mean

__all__ = ["LoadedTasks", "load_tasks", "refuse_code"]

_CODE = ("humaneval", "mbpp")
_SIGNS_OF_A_HUB = (
    "huggingface",
    "hub",
    "offline",
    "connection",
    "dataset_path",
    "couldn't reach",
    "max retries",
)
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
    if include is not None:
        _check_files(include)
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
        hint = f"Install it with: pip install {missing}" if missing else _hint(error, include)
        raise UserError(f"{', '.join(names)}: {type(error).__name__}: {said}", hint) from error
    for name, task in loaded["tasks"].items():
        if getattr(task, "UNSAFE_CODE", False):
            raise _runs_code(name)
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


def refuse_code(names: Sequence[str]) -> None:
    """Raises ConfigError for a task that runs what the model writes, before lm-eval imports it."""
    for name in names:
        if name.startswith(_CODE):
            raise _runs_code(name)


def _runs_code(name: str) -> ConfigError:
    own = next((suite for suite in _CODE if name.startswith(suite)), None)
    if own is None:
        hint = 'Leave it out: only `suite="humaneval"` and `suite="mbpp"` have a sandbox.'
    else:
        hint = f'Take the suite that has a sandbox, and reads chat replies: `suite="{own}"`'
    return ConfigError(
        f"lm-eval's {name} runs the model's programs with access to your keys and files.", hint
    )


def _hint(error: Exception, include: Path | None) -> str:
    """The Hub is to blame only where the error, or what it came of, says so."""
    told: BaseException | None = error
    while told is not None:
        words = f"{type(told).__module__} {type(told).__name__} {told}".lower()
        if any(sign in words for sign in _SIGNS_OF_A_HUB):
            return _ON_A_HUB
        told = told.__cause__ or told.__context__
    return "Look at the task's YAML file and its data." if include is not None else "The task itself fails."


def _check_files(folder: Path) -> None:
    """Raises UserError for a task file that is no YAML, which lm-eval passes over."""
    import yaml

    for path in sorted(folder.rglob("*.yaml")):
        try:
            yaml.compose(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, OSError, ValueError) as error:
            said = " ".join(str(error).split())[:300]
            raise UserError(f"{path} cannot be read: {said}.", "Correct it, or move it away.") from error


def _roots(loaded: Any) -> list[Any]:
    """Groups and tasks as they were named: those that no other group holds."""
    groups = loaded["groups"].values()
    inner = {name for group in groups for name in group.child_names}
    inner |= {task.task_name for group in groups for task in group.get_all_tasks()}
    roots = [group for group in groups if group.name not in inner]
    return roots + [task for name, task in loaded["tasks"].items() if name not in inner]
