"""Reading seed tasks, and saying exactly what is wrong with a file that cannot be read.

The formats are those of formats.py; the fields those of the paper's `seed_tasks.jsonl`: `id`, `name`,
`instruction`, `instances` (objects with `input` and `output`) and `is_classification`. In place of
`instances` a row may have one `input` and `output` of its own. Only `instruction` is required: generation
shows a model nothing else of a seed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from shlex import quote

from selfinstruct.errors import SeedsError
from selfinstruct.paths import read_bytes
from selfinstruct.records import SeedTask
from selfinstruct.seeds.conversations import read_conversations
from selfinstruct.seeds.formats import read_rows
from selfinstruct.seeds.rows import SeedProblem
from selfinstruct.seeds.tasks import tasks_from_rows

__all__ = [
    "SeedProblem",
    "SeedsFile",
    "bundled_seeds",
    "load_seeds",
    "open_seeds",
    "read_seeds",
    "seeds_digest",
]

MOST_BYTES = 1 << 26
"""Of a seeds file; all of it is held in memory, several times over."""

_NOTHING = SeedProblem(
    0,
    "there is no seed task in this file",
    hint='Write one instruction, or one {"instruction": "…"}, per line.',
)


@dataclass(frozen=True, slots=True)
class SeedsFile:
    """All that is in a seeds file.

    format: as people call it (`JSON Lines`); empty where it is no text.
    tasks, lines: the readable ones, and on which line each begins.
    problems: in the order of their lines; notes: what was passed over on purpose.
    """

    path: Path
    format: str
    tasks: tuple[SeedTask, ...]
    lines: tuple[int, ...]
    problems: tuple[SeedProblem, ...]
    notes: tuple[str, ...]


def bundled_seeds() -> tuple[SeedTask, ...]:
    """The seed tasks that come with the package."""
    data = resources.files("selfinstruct.seeds").joinpath("bundled.jsonl").read_bytes()
    numbered, problems = tasks_from_rows(read_rows(data, ".jsonl").rows)
    assert not problems, problems
    return tuple(task for _, task in numbered)


def load_seeds(path: Path) -> tuple[SeedTask, ...]:
    """The tasks of a file. Raises `SeedsError` with the first problem's line, and how many more there are."""
    file = open_seeds(path)
    if file.problems:
        first, more = file.problems[0], len(file.problems) - 1
        where = f"{path}, line {first.line}" if first.line else str(path)
        rest = f" ({more} more problem{'s' if more > 1 else ''} in this file)" if more else ""
        command = f"selfinstruct seeds check {quote(str(path))}"
        hint = f"{first.hint} To see them all: {command}" if more else first.hint
        raise SeedsError(f"{where}: {first}{rest}.", hint)
    return file.tasks


def read_seeds(path: Path) -> tuple[tuple[SeedTask, ...], tuple[SeedProblem, ...]]:
    """The readable tasks of a file, and every problem found, as `open_seeds` has them."""
    file = open_seeds(path)
    return file.tasks, file.problems


def open_seeds(path: Path) -> SeedsFile:
    """Read a whole file, good or bad; a wrong encoding or file type is a problem too.

    Raises `SeedsError` where it cannot be opened.
    """
    data = read_bytes(path, SeedsError, "the seeds file", at_most=MOST_BYTES)
    read = read_rows(data, path.suffix)
    conversations = read_conversations(read.rows)
    numbered, problems = tasks_from_rows(conversations.rows)
    problems = sorted((*read.problems, *conversations.problems, *problems), key=lambda problem: problem.line)
    if not numbered and not problems:
        problems.append(_NOTHING)
    return SeedsFile(
        path,
        read.format,
        tuple(task for _, task in numbered),
        tuple(line for line, _ in numbered),
        tuple(problems),
        (*read.notes, *conversations.notes),
    )


def seeds_digest(tasks: Sequence[SeedTask]) -> str:
    """SHA-256 that names these tasks, in this order."""
    canonical = json.dumps([asdict(task) for task in tasks], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
