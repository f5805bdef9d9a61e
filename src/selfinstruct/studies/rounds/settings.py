"""What an experiment of rounds was asked to do, kept in its folder: the same command, or a shorter one,
resumes it. What decides the result never changes on resume; budgets and the number of rounds may."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import ConfigDict, Field, ValidationError

from selfinstruct.config.checks import Typed
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.pipeline.settings import wrong_argument
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import damaged, storage_errors

__all__ = [
    "RoundPaths",
    "RoundsPaths",
    "RoundsSettings",
    "check_same",
    "flat",
    "read_settings",
    "validated",
    "write_settings",
]

Positive = Annotated[int, Field(ge=1)]

HEADER = "# What these rounds were asked to do, resolved. Changing it here is refused.\n\n"
MAY_CHANGE = ("max_rounds", "max_requests", "max_total_tokens", "concurrency")
PLACES = ("model", "seeds", "items")
"""Names and paths: a digest beside each stands for its content."""
DIGESTS = {"model_digest": "model", "seeds_digest": "seeds", "items_digest": "items"}


class RoundsSettings(Typed):
    """All of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    model: str
    """The starting model, one that can be tuned on this machine."""
    model_digest: str
    """Of its weights."""
    seeds: str = ""
    """An absolute path; empty for the bundled ones."""
    seeds_digest: str
    tasks: Positive = 100
    """To be written in each round."""
    seed: int = 42
    """Of round 1; later rounds add their number less one, so that their prompts differ."""
    config: dict[str, Any] = Field(default_factory=dict)
    """Further settings of each round's run, laid out like its config.toml."""
    signals: str = "all"
    """Instances that these signals flag are not kept: `certain`, `all`, `none`, or names. Those that are
    hardly ever wrong reject in the run already; it is the others that choose here."""
    judge: str = ""
    """Whose scores decide too what is kept; empty for nobody's."""
    judge_base_url: str = ""
    """The endpoint that has it, where `judge` is its own name for it."""
    min_score: Annotated[float, Field(ge=1, le=5)] | None = None
    """The least mean score over judges of what is kept."""
    include_seeds: bool = True
    """Whether seed tasks are learnt too, as in the paper."""
    tune_from: Literal["start", "last"] = "start"
    """What each round tunes: the starting model, or the model of the round before."""
    tuning: dict[str, Any] = Field(default_factory=dict)
    """Options of `finetune` that were given."""
    suite: str
    items: str = ""
    """Where the suite's items are: an absolute path; empty where a benchmark is fetched."""
    items_digest: str = ""
    limit: Positive | None = None
    """Only the first so many items; None for all."""
    template: str | None = None
    """Of the items' prompts; None for what suits suite and model."""
    max_tokens: Positive | None = None
    """Of an answer; None for the suite's own limit."""
    stop: tuple[str, ...] = ()
    max_rounds: Positive = 3
    max_requests: Positive | None = None
    """Over all rounds: for tasks, verdicts and answers, retries included."""
    max_total_tokens: Positive | None = None
    """The same in tokens."""
    concurrency: Positive | None = None


class RoundPaths:
    """Where everything of one round lies."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.run = directory / "run"
        self.kept = directory / "kept"
        self.training = directory / "training"
        self.tuned = directory / "model"
        self.evaluation = directory / "evaluation"
        self.figures = directory / "round.json"


class RoundsPaths:
    """Where everything lies."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings = directory / "rounds.toml"
        self.page = directory / "rounds.html"
        self.figures = directory / "rounds.json"
        self.lock = directory / ".lock"

    def round(self, number: int) -> RoundPaths:
        """0 is the starting model's."""
        return RoundPaths(self.directory / f"round-{number}")


def read_settings(directory: Path) -> RoundsSettings | None:
    """None where new rounds can begin: nothing is there, or an empty folder.

    Raises ConfigError where the folder is somebody else's, StorageError for a damaged file.
    """
    path = RoundsPaths(directory).settings
    hint = "Name a new or empty folder, or that of earlier rounds."
    with storage_errors(path):
        if directory.exists() and not directory.is_dir():
            raise ConfigError(f"{directory} is a file, not a folder.", hint)
        if not directory.exists() or not any(each.name != ".lock" for each in directory.iterdir()):
            return None
        if not path.exists():
            raise ConfigError(f"{directory} holds files, but no rounds.", hint)
        try:
            return RoundsSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (ValidationError, ValueError) as error:
            raise damaged(path, str(error).splitlines()[0]) from error


def write_settings(directory: Path, settings: RoundsSettings) -> None:
    """Replace the file. Raises what `atomic_write` raises."""
    path = RoundsPaths(directory).settings
    with storage_errors(directory):
        directory.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write(HEADER + tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True)))


def validated(values: Mapping[str, Any]) -> RoundsSettings:
    """Raises ConfigError naming the argument that is wrong."""
    try:
        return RoundsSettings.model_validate(dict(values))
    except ValidationError as error:
        raise wrong_argument(error, zero_lifts=("limit", "max_requests", "max_total_tokens")) from None


def check_same(before: RoundsSettings, now: RoundsSettings, directory: Path) -> None:
    """Raises RunMismatchError naming the first setting that decides the result and is another one."""
    was, wanted = (dict(flat(each.model_dump(mode="json"))) for each in (before, now))
    for name in {**was, **wanted}:
        old, new = was.get(name), wanted.get(name)
        if old == new or name in MAY_CHANGE or name in PLACES:
            continue
        if name in DIGESTS:
            raise RunMismatchError(
                f"The rounds {directory} were started with {_other(name)}.",
                "Restore what they were started with, or start new ones in another folder.",
            )
        shown = [json.dumps(each, ensure_ascii=False) for each in (old, new)]
        raise RunMismatchError(
            f"The rounds {directory} were started with other settings: {name} is {shown[0]}, not {shown[1]}.",
            "Start new ones in another folder, or leave the option out to resume.",
        )


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values of nested tables."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _other(digest: str) -> str:
    return {"model": "another model", "seeds": "other seeds", "items": "other items"}[DIGESTS[digest]]
