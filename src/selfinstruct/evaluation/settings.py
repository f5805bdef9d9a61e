"""What an evaluation was asked to do, kept in its folder: the same command, or a shorter one, goes on.

    my-evaluation/
      evaluation.json     these settings; written first
      requests/           the model's requests and replies, stored as a run is (`pipeline.batch`)
      predictions.jsonl   one item a line (`evaluation.predictions`)
      scores.json         what they come to; no time, path or URL in it
      programs.jsonl      what became of the programs that were run (`humaneval`, `mbpp`)
      judge/NAME/         what the judge of that name was asked, and its verdicts

`predictions.jsonl` and `scores.json` are replaced as a whole whenever the command ends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from selfinstruct.config.checks import Typed
from selfinstruct.errors import RunMismatchError, UserError
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import damaged, storage_errors
from selfinstruct.store.reader import RunReader

__all__ = ["EvaluationPaths", "EvaluationSettings", "keep_settings", "read_settings"]

Positive = Annotated[int, Field(ge=1)]


class EvaluationSettings(Typed):
    """Which items, and how they are asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suite: str
    """One of `suites.SUITES`."""
    tasks: str = ""
    """Where the suite's items are read from; empty where a predictions file has them itself."""
    predictions: str = ""
    """The file that is scored; empty where a model is asked."""
    items: str = ""
    """SHA-256 of the items: the file may move, but not change."""
    per_task: Positive | None = None
    """Items of each task or subject at most (`superni`, `mmlu`); None for the suite's own number."""
    examples: Annotated[int, Field(ge=0)] | None = None
    """Solved examples shown before each item; None for the suite's own number."""
    samples: Positive = 1
    """Answers that are asked for each item (`humaneval`, `mbpp`)."""
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    """At which these are drawn; None for the suite's own: 0 with one program, 0.8 with several."""
    limit: Positive | None = None
    """Only the first so many items, or problems, are asked; None for all. More may follow later."""
    template: str | None = None
    """One of `layouts.LAYOUTS`; None for what suits suite and model."""
    max_tokens: Positive = 1024
    """Of an answer at most: the paper's limit, or the benchmark's."""
    stop: tuple[str, ...] = ()
    """What ends an answer besides its own end; nothing does in the paper."""
    run: str = ""
    """Whose seeds and tasks the items are compared with; empty: the seeds that come with the package."""
    seed: int = 42
    """Of the intervals, and sent with requests."""


@dataclass(frozen=True, slots=True)
class EvaluationPaths:
    """Where everything lies."""

    directory: Path

    @property
    def settings(self) -> Path:
        """What was asked."""
        return self.directory / "evaluation.json"

    @property
    def requests(self) -> Path:
        """A batch."""
        return self.directory / "requests"

    @property
    def predictions(self) -> Path:
        """What was answered."""
        return self.directory / "predictions.jsonl"

    @property
    def scores(self) -> Path:
        """What that comes to."""
        return self.directory / "scores.json"

    @property
    def programs(self) -> Path:
        """What became of programs."""
        return self.directory / "programs.jsonl"

    @property
    def judges(self) -> Path:
        """What judges were asked, and said, each under its name."""
        return self.directory / "judge"


def read_settings(directory: Path) -> EvaluationSettings | None:
    """None where a new evaluation can begin: nothing is there, or an empty folder.

    Raises UserError where the folder is somebody else's, StorageError for a damaged file.
    """
    path = EvaluationPaths(directory).settings
    with storage_errors(path):
        if not directory.exists():
            return None
        if not directory.is_dir():
            raise UserError(f"{directory} is a file, not a folder.", "Name a folder: `out=DIR`")
        if not path.exists():
            if any(directory.iterdir()):
                raise UserError(
                    f"{directory} holds files, but no evaluation.", "Name a new or empty folder: `out=DIR`"
                )
            return None
        text = path.read_text(encoding="utf-8")
    try:
        return EvaluationSettings.model_validate_json(text)
    except ValidationError as error:
        raise damaged(path, str(error.errors()[0]["msg"])) from error


def keep_settings(directory: Path, settings: EvaluationSettings) -> None:
    """Write them, where nothing that was answered depends on others.

    Raises RunMismatchError naming the field and both values where something does.
    """
    paths = EvaluationPaths(directory)
    stored = read_settings(directory)
    if stored is not None and _asked(paths) and RunReader(paths.requests).has_completions():
        for name, before, now in _changes(stored, settings):
            if name == "items":
                raise RunMismatchError(
                    f"{directory} was started with other items than those of {settings.tasks}.",
                    "Name another folder (`out`), or the tasks it was started with.",
                )
            raise RunMismatchError(
                f"{directory} was started with another {name}: {json.dumps(before)}, not {json.dumps(now)}.",
                "Name another folder (`out`), or leave the option out to resume.",
            )
    with storage_errors(directory):
        directory.mkdir(parents=True, exist_ok=True)
    with atomic_write(paths.settings) as file:
        file.write(json.dumps(settings.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n")


def _asked(paths: EvaluationPaths) -> bool:
    """Whether a model was, in one batch. lm-eval's tasks have a folder each, below that."""
    return paths.requests.is_dir() and not any(path.is_dir() for path in paths.requests.iterdir())


def _changes(stored: EvaluationSettings, settings: EvaluationSettings) -> list[tuple[str, Any, Any]]:
    before, now = (
        each.model_dump(mode="json", exclude={"tasks", "limit", "run"}) for each in (stored, settings)
    )
    changes = [(name, before[name], now[name]) for name in before if before[name] != now[name]]
    return sorted(changes, key=lambda change: change[0] == "items")  # which another setting may have changed
