"""Improved outputs: a second model's answers to the instances of a run, beside the run's own.

    my-run/improved/NAME/
      config.toml, run.db …   the batch of requests that they come from, stored as a run is
      candidates.jsonl        where several were written: of each instance all outputs that can be used, the
                              original first, and the place of the one that was kept: {"id": "task_0",
                              "instance": 0, "outputs": ["…", "…"], "scores": [3.0, null], "kept": 0}
      outputs.jsonl           one verdict a line: {"id": "task_0", "instance": 0, "output": "…"}, or with a
                              `reason` in place of the output; replaced as a whole whenever `improve` ends

The run itself is never changed. An instance without an improved output keeps the original.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from selfinstruct.errors import ConfigError
from selfinstruct.records import Task
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.encoding import to_json
from selfinstruct.store.failures import damaged, storage_errors
from selfinstruct.store.reader import RunReader

__all__ = [
    "ORIGINAL",
    "OutputCandidates",
    "OutputVerdict",
    "chosen_tasks",
    "improved_candidates",
    "improved_outputs",
    "improvement_directory",
    "improvements",
    "write_candidates",
    "write_improved",
]

ORIGINAL = "original"
"""The run's own outputs, where one set of outputs is to be named."""

FILE, CANDIDATES = "outputs.jsonl", "candidates.jsonl"


@dataclass(frozen=True, slots=True)
class OutputVerdict:
    """task: its id. instance: its place in the task, from 0. reason: why the output is not to be used; None
    where it is."""

    task: str
    instance: int
    output: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OutputCandidates:
    """All outputs of an instance that can be used, the original first. scores: None for one without. kept:
    the place of the best."""

    task: str
    instance: int
    outputs: tuple[str, ...]
    scores: tuple[float | None, ...]
    kept: int


def improvement_directory(run: Path, name: str) -> Path:
    """Where the outputs of that name are kept, once there are any."""
    return run / "improved" / name


def improvements(run: Path) -> tuple[str, ...]:
    """The names of all improved outputs of a run, sorted."""
    return tuple(sorted(path.parent.name for path in improvement_directory(run, "").glob(f"*/{FILE}")))


def write_improved(run: Path, name: str, verdicts: Iterable[OutputVerdict]) -> Path:
    """Replace those of that name; the file. Raises what `atomic_write` raises."""
    path = improvement_directory(run, name) / FILE
    with atomic_write(path) as file:
        for each in verdicts:
            verdict = {"output": each.output} if each.reason is None else {"reason": each.reason}
            file.write(to_json({"id": each.task, "instance": each.instance, **verdict}) + "\n")
    return path


def write_candidates(run: Path, name: str, candidates: Iterable[OutputCandidates]) -> Path:
    """Replace those of that name; the file. Raises what `atomic_write` raises."""
    path = improvement_directory(run, name) / CANDIDATES
    with atomic_write(path) as file:
        for each in candidates:
            row = {"id": each.task, "instance": each.instance, "outputs": each.outputs}
            file.write(to_json({**row, "scores": each.scores, "kept": each.kept}) + "\n")
    return path


def improved_candidates(run: Path, name: str) -> dict[tuple[str, int], list[str]]:
    """All outputs that were there to choose from, the original first, by task id and the instance's place.
    Empty where only one was written. Raises StorageError for a damaged file."""
    path, found = improvement_directory(run, name) / CANDIDATES, dict[tuple[str, int], list[str]]()
    with storage_errors(path):
        if not path.exists():
            return found
        with path.open(encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                row = json.loads(line)
                try:
                    found[row["id"], row["instance"]] = list(row["outputs"])
                except (KeyError, TypeError) as error:
                    raise damaged(path, f"line {number} is not a list of candidates") from error
    return found


def improved_outputs(run: Path, name: str) -> dict[tuple[str, int], str]:
    """The outputs to use in place of the originals, by task id and the instance's place in its task.

    Raises ConfigError for a name that the run does not have, StorageError for a damaged file.
    """
    names = improvements(run)
    if name not in names:
        there = (
            f"There are: {', '.join((ORIGINAL, *names))}." if names else "`selfinstruct improve` makes some."
        )
        raise ConfigError(f"{run} has no improved outputs named {name!r}.", there)
    path = improvement_directory(run, name) / FILE
    found = {}
    with storage_errors(path), path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            row = json.loads(line)
            try:
                if "reason" not in row:
                    found[row["id"], row["instance"]] = row["output"]
            except (KeyError, TypeError) as error:
                raise damaged(path, f"line {number} is not a verdict") from error
    return found


def chosen_tasks(reader: RunReader, outputs: str = ORIGINAL) -> Iterator[Task]:
    """The data set with the outputs of that name, as `RunReader.tasks`. Raises what `improved_outputs`
    raises, before the first task."""
    if outputs == ORIGINAL:
        return reader.tasks()
    return _with_outputs(reader.tasks(), improved_outputs(reader.directory, outputs))


def _with_outputs(tasks: Iterable[Task], outputs: Mapping[tuple[str, int], str]) -> Iterator[Task]:
    for task in tasks:
        instances = tuple(
            replace(instance, output=outputs.get((task.id, place), instance.output))
            for place, instance in enumerate(task.instances)
        )
        yield replace(task, instances=instances)
