"""What `filter` does unless it is told to regenerate: drop, and nothing else.

The new run holds the recorded tasks under their recorded numbers. Those that the filters reject stay as tasks
without a valid instance, with the reason, so that ids mean the same in both runs and no task waits for a
request. What the run itself rejected stays rejected, even where these filters would keep it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError
from selfinstruct.filters.heuristics import find_phrase
from selfinstruct.paths import path_problem
from selfinstruct.records import JudgedInstance, JudgedInstruction, Verdict
from selfinstruct.store.copying import Place
from selfinstruct.store.reader import JudgedTask

__all__ = [
    "WORDS_IN",
    "DropWords",
    "only_dropped",
    "read_words",
    "with_fewer_tasks",
    "without_words",
]

MOST_BYTES = 1 << 24
"""Of a list of words."""

WordsIn = Literal["instruction", "input", "output", "any"]
WORDS_IN: tuple[WordsIn, ...] = ("instruction", "input", "output", "any")


@dataclass(frozen=True, slots=True)
class DropWords:
    """Words or phrases that no instance may have. where: `input`, `output` or `any` of both; instructions
    are judged by the setting `filters.keywords`."""

    words: tuple[str, ...]
    where: WordsIn

    def found_in(self, instance: JudgedInstance) -> str | None:
        """The first of them, whole words in any case."""
        looked_at = {"input": instance.input, "output": instance.output}
        texts = looked_at.values() if self.where == "any" else [looked_at[self.where]]
        return next((found for text in texts if (found := find_phrase(text, self.words))), None)


def read_words(path: Path) -> tuple[str, ...]:
    """A word or phrase a line; empty lines do not count, and neither does a word that is there twice.

    Raises ConfigError for a file that is not there, holds nothing, is not UTF-8 or has more than 16 MiB.
    """
    if problem := path_problem(path):
        raise problem
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ConfigError(
                f"{path} is larger than {MOST_BYTES >> 20} MiB.", "Name a shorter list of words."
            )
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path} is not there.", "Name a text file, a word or phrase a line.") from None
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder.", "Name a text file, a word or phrase a line.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}, line {line} is not UTF-8.", "Save the file as UTF-8.") from None
    words = tuple(dict.fromkeys(word for line in text.split("\n") if (word := " ".join(line.split()))))
    if not words:
        raise ConfigError(f"{path} holds no words.", "Write a word or phrase a line.")
    return words


def without_words(task: JudgedTask, drop: DropWords) -> JudgedTask:
    """Instances with such a word are rejected as `keyword`, a task that has no other as
    `no_valid_instance`."""
    judged = tuple(
        replace(each, verdict=Verdict("keyword", found))
        if each.verdict.accepted and (found := drop.found_in(each))
        else each
        for each in task.instances
    )
    return _emptied(replace(task, instances=judged))


def _emptied(task: JudgedTask) -> JudgedTask:
    empty = task.reason is None and not any(each.verdict.accepted for each in task.instances)
    return replace(task, reason="no_valid_instance") if empty else task


def only_dropped(
    recorded: Sequence[Sequence[JudgedInstruction]],
    judged: Sequence[Sequence[JudgedInstruction]],
    before: Mapping[Place, JudgedTask],
    after: Mapping[Place, JudgedTask],
) -> dict[Place, JudgedTask]:
    """By place, the tasks whose verdicts change: rejected as instructions, or by their instances.

    before: the settled tasks as they are recorded; after: judged again, where they were.
    """
    dropped: dict[Place, JudgedTask] = {}
    number = -1
    for ticket, pair in enumerate(zip(recorded, judged, strict=True)):
        for position, (was, now) in enumerate(zip(*pair, strict=True)):
            if not was.verdict.accepted:
                continue
            number += 1
            place = (ticket, position)
            settled = place in before
            unsettled = JudgedTask(number, was.text, bool(was.is_classification), (), None)
            kept = before.get(place, unsettled)
            if not now.verdict.accepted:
                dropped[place] = replace(kept, reason=kept.reason or now.verdict.reason)
            elif settled and place in after:
                instances = tuple(
                    new if old.verdict.accepted else old
                    for old, new in zip(kept.instances, after[place].instances, strict=True)
                )
                reason = kept.reason or after[place].reason
                if instances != kept.instances or reason != kept.reason:
                    dropped[place] = replace(kept, instances=instances, reason=reason)
    return dropped


def with_fewer_tasks(config: Config, kept: int, had: int) -> Config:
    """A data set that was whole stays so: it is of as many tasks as are left, one at least."""
    if had < config.limits.tasks:
        return config
    limits = config.limits.model_copy(update={"tasks": max(1, kept)})
    return config.model_copy(update={"limits": limits})
