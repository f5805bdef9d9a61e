"""What judges said of a run's instances, beside the run.

    my-run/judge/NAME/
      rubric.txt         what the judge was asked to go by; replaced never
      cases.jsonl        the instances that were ever to be judged, one a line, in the order of their
                         requests: {"digest": "…"}; grows only
      verdicts.jsonl     one a case that is over: {"id": "task_0", "instance": 0, "outputs": "original",
                         "digest": "…", "score": 4, "task": true, "input": true, "output": true,
                         "reason": "…"}, or with a `problem` in place of the score; replaced as a whole
      requests/          the batch of requests, stored as a run is

The digest names the texts that were judged, as people's ratings do (`ratings.decisions.instance_digest`):
so a score counts for whichever outputs hold these texts, and no more once they change.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.paths import read_bytes
from selfinstruct.store.connection import snapshot
from selfinstruct.store.directory import RunPaths, atomic_write
from selfinstruct.store.encoding import clean_text, to_json
from selfinstruct.store.failures import damaged, storage_errors

__all__ = [
    "InstanceVerdict",
    "JudgePaths",
    "append_cases",
    "copy_judge",
    "judges",
    "keep_rubric",
    "kept_rubric",
    "read_cases",
    "read_rubric",
    "read_scores",
    "rubric_digest",
    "write_scores",
]

QUESTIONS = ("task", "input", "output")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class InstanceVerdict:
    """What one judge said of one instance.

    task, instance: where these texts were first met. outputs: whose output it was there.
    score: from 1 to 5, None with a `problem`. answers: to `task`, `input`, `output`, those that were given.
    """

    task: str
    instance: int
    outputs: str
    digest: str
    score: float | None
    answers: Mapping[str, bool] = field(default_factory=dict)
    reason: str = ""
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """A row of the file."""
        score = int(self.score) if self.score is not None and self.score == int(self.score) else self.score
        found = {"problem": self.problem} if score is None else {"score": score}
        where = {"id": self.task, "instance": self.instance, "outputs": self.outputs, "digest": self.digest}
        return {**where, **found, **self.answers, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class JudgePaths:
    """The files of one judge. Raises ConfigError for a name that is no file's."""

    run: Path
    name: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ConfigError(
                f"{self.name!r} cannot name a judge.", "Choose a `name` of letters, digits, dots, - and _."
            )

    @property
    def directory(self) -> Path:
        """All below."""
        return self.run / "judge" / self.name

    @property
    def rubric(self) -> Path:
        """In UTF-8."""
        return self.directory / "rubric.txt"

    @property
    def cases(self) -> Path:
        """JSON Lines."""
        return self.directory / "cases.jsonl"

    @property
    def verdicts(self) -> Path:
        """JSON Lines."""
        return self.directory / "verdicts.jsonl"

    @property
    def requests(self) -> Path:
        """The folder of the batch."""
        return self.directory / "requests"


def judges(run: Path) -> tuple[str, ...]:
    """The names of all that have given verdicts, sorted."""
    return tuple(sorted(path.parent.name for path in (run / "judge").glob("*/verdicts.jsonl")))


def rubric_digest(rubric: str) -> str:
    """SHA-256 of the text, in hexadecimal."""
    return hashlib.sha256(clean_text(rubric).encode()).hexdigest()


def read_rubric(path: Path) -> str:
    """A rubric of the user's own. Raises ConfigError for a file that cannot be read, is not UTF-8 or is
    empty."""
    try:
        text = read_bytes(path, ConfigError, "the rubric", at_most=1 << 20).decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the rubric is not UTF-8 text.", "Save it as UTF-8.") from error
    if not text:
        raise ConfigError(f"{path}: the rubric is empty.", "Write the criteria that the judge should use.")
    return text


def kept_rubric(paths: JudgePaths) -> str | None:
    """None where this judge was never begun."""
    with storage_errors(paths.rubric):
        return paths.rubric.read_text(encoding="utf-8") if paths.rubric.exists() else None


def keep_rubric(paths: JudgePaths, rubric: str) -> None:
    """For later invocations. Raises StorageError."""
    with storage_errors(paths.directory):
        paths.directory.mkdir(parents=True, exist_ok=True)
    with atomic_write(paths.rubric) as file:
        file.write(clean_text(rubric))


def read_cases(paths: JudgePaths) -> dict[str, int]:
    """The number of each case's request, by digest. Raises StorageError for a damaged file."""
    found: dict[str, int] = {}
    with storage_errors(paths.cases):
        if not paths.cases.exists():
            return found
        for number, row in _rows(paths.cases):
            if not isinstance(row.get("digest"), str):
                raise damaged(paths.cases, f"line {number} is no case")
            found[row["digest"]] = len(found)
    return found


def append_cases(paths: JudgePaths, digests: Iterable[str]) -> dict[str, int]:
    """All cases, new ones at the end, on the disk before this returns. Raises StorageError."""
    known = read_cases(paths)
    every = list(dict.fromkeys([*known, *digests]))
    if len(every) > len(known):
        with storage_errors(paths.directory):
            paths.directory.mkdir(parents=True, exist_ok=True)
        with atomic_write(paths.cases) as file:
            for digest in every:
                file.write(to_json({"digest": digest}) + "\n")
    return {digest: number for number, digest in enumerate(every)}


def write_scores(paths: JudgePaths, verdicts: Sequence[InstanceVerdict]) -> None:
    """Replace them. Raises what `atomic_write` raises."""
    with atomic_write(paths.verdicts) as file:
        for verdict in verdicts:
            file.write(clean_text(to_json(verdict.to_json())) + "\n")


def read_scores(run: Path, name: str) -> dict[str, InstanceVerdict]:
    """By digest; none where this judge has said nothing yet. Raises StorageError for a damaged file."""
    path, found = JudgePaths(run, name).verdicts, dict[str, InstanceVerdict]()
    with storage_errors(path):
        if not path.exists():
            return found
        for number, row in _rows(path):
            try:
                score = row.get("score")
                found[row["digest"]] = InstanceVerdict(
                    row["id"],
                    row["instance"],
                    row["outputs"],
                    row["digest"],
                    None if score is None else float(score),
                    {name: row[name] for name in QUESTIONS if name in row},
                    row["reason"],
                    row.get("problem", ""),
                )
            except (KeyError, TypeError, ValueError) as error:
                raise damaged(path, f"line {number} is not a verdict") from error
    return found


def copy_judge(source: JudgePaths, run: Path, kept: Mapping[str, tuple[str, int]]) -> int:
    """Let a new run, made of the judge's own, have the judge too, with its verdicts on what that run keeps.

    run: the new one, without this judge. kept: by digest, the task and the place of each of its instances.
    The requests come along as a whole: so the judge can be resumed there, and asks nothing twice. Returns how
    many verdicts came along; without any, nothing is written. Raises StorageError.
    """
    found = [
        replace(verdict, task=kept[digest][0], instance=kept[digest][1])
        for digest, verdict in read_scores(source.run, source.name).items()
        if digest in kept
    ]
    if not found:
        return 0
    target = JudgePaths(run, source.name)
    old, new = RunPaths(source.requests), RunPaths(target.requests)
    with storage_errors(target.directory):
        new.directory.mkdir(parents=True)
        with snapshot(old.database, old.lock) as origin, closing(sqlite3.connect(new.database)) as copy:
            origin.backup(copy)
        files = ((old.config, new.config), (source.cases, target.cases), (source.rubric, target.rubric))
        for path, to in files:  # the cases last: they name every request that there is
            to.write_bytes(path.read_bytes())
    write_scores(target, found)
    return len(found)


def _rows(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    """With the numbers of their lines, from 1."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            row = json.loads(line)
            if not isinstance(row, dict):
                raise damaged(path, f"line {number} is not an object")
            yield number, row
