"""Reading seed tasks, and saying exactly what is wrong with a file that cannot be read.

The format is the paper's `seed_tasks.jsonl`: one JSON object a line with `id`, `name`, `instruction`,
`instances` (objects with `input` and `output`) and `is_classification`. Only `instruction` is required:
generation shows a model nothing else of a seed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from selfinstruct.errors import SeedsError
from selfinstruct.records import Instance, SeedTask

__all__ = ["SeedProblem", "bundled_seeds", "load_seeds", "read_seeds", "seeds_digest"]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _InstanceLine(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    input: str = ""
    output: str


class _SeedLine(BaseModel):
    # Other fields are the user's own business: the paper's reference data carries several.
    model_config = ConfigDict(extra="ignore", strict=True)
    instruction: Text
    id: Text | None = None
    name: str = ""
    instances: list[_InstanceLine] = Field(default_factory=list)
    is_classification: bool = False


@dataclass(frozen=True, slots=True)
class SeedProblem:
    """Something wrong with a seeds file. `line` counts from 1; 0 is the file as a whole."""

    line: int
    message: str


def bundled_seeds() -> tuple[SeedTask, ...]:
    """The seed tasks that come with the package."""
    text = resources.files("selfinstruct.seeds").joinpath("bundled.jsonl").read_text(encoding="utf-8")
    tasks, problems = _parse(text)
    assert not problems, problems
    return tasks


def load_seeds(path: Path) -> tuple[SeedTask, ...]:
    """The tasks of a file. Raises `SeedsError` with the first problem's line, and how many more there are."""
    tasks, problems = read_seeds(path)
    if problems:
        first, more = problems[0], len(problems) - 1
        where = f"{path}, line {first.line}" if first.line else str(path)
        rest = f" ({more} more problem{'s' if more > 1 else ''} in this file)" if more else ""
        raise SeedsError(
            f"{where}: {first.message}{rest}.", "Nothing was started; mend the file and run again."
        )
    return tasks


def read_seeds(path: Path) -> tuple[tuple[SeedTask, ...], tuple[SeedProblem, ...]]:
    """The readable tasks of a file, and every problem found, in the order of its lines.

    Raises `SeedsError` where the file itself cannot be opened or is not UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SeedsError(f"{path}, line {line}: not UTF-8 text.", "Save the file as UTF-8.") from error
    except OSError as error:
        raise SeedsError(
            f"Cannot read the seeds file {path}: {error.strerror}.", "Check the path given to --seeds."
        ) from error
    return _parse(text)


def seeds_digest(tasks: Sequence[SeedTask]) -> str:
    """SHA-256 that names these tasks, in this order."""
    canonical = json.dumps([asdict(task) for task in tasks], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _parse(text: str) -> tuple[tuple[SeedTask, ...], tuple[SeedProblem, ...]]:
    tasks: list[SeedTask] = []
    problems: list[SeedProblem] = []
    lines_of_ids: dict[str, int] = {}
    # "\n" alone ends a line: str.splitlines would also cut at separators inside JSON strings.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            task = _parse_line(line, number)
        except ValueError as error:
            problems.append(SeedProblem(number, str(error)))
            continue
        if task.id in lines_of_ids:
            problems.append(
                SeedProblem(number, f"id {task.id!r} was already used on line {lines_of_ids[task.id]}")
            )
            continue
        lines_of_ids[task.id] = number
        tasks.append(task)
    if not tasks and not problems:
        problems.append(SeedProblem(0, "there is no seed task in this file"))
    return tuple(tasks), tuple(problems)


def _parse_line(line: str, number: int) -> SeedTask:
    """Raises `ValueError` with one readable sentence."""
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON ({error.msg} at column {error.colno})") from None
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found {_json_type(value)}")
    try:
        row = _SeedLine.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"field {field!r}: {_plain(first['type'], first['msg'])}") from None
    instances = tuple(Instance(instance.input, instance.output) for instance in row.instances)
    return SeedTask(
        id=row.id or f"seed_task_{number - 1}",
        name=row.name,
        instruction=row.instruction,
        instances=instances,
        is_classification=row.is_classification,
    )


def _plain(kind: str, message: str) -> str:
    known = {"missing": "is missing", "string_too_short": "is empty"}
    return known.get(kind, message[:1].lower() + message[1:])


def _json_type(value: object) -> str:
    match value:
        case None | bool():
            return json.dumps(value)
        case list():
            return "an array"
        case str():
            return "a string"
        case _:
            return "a number"
