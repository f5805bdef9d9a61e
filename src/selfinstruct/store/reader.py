"""Reading a run, while it is written or afterwards, without ever changing it.

Each call reads the run as it is at one moment, and holds nothing open once its answer is complete. An
iterator keeps its moment until it is exhausted or closed.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal, Self

from selfinstruct.config import Config
from selfinstruct.errors import NotARunError
from selfinstruct.records import (
    CALIBRATION,
    SEED_TEXTS,
    Attributes,
    Completion,
    Instance,
    JudgedInstance,
    JudgedInstruction,
    SeedTask,
    Stage,
    Task,
    Verdict,
)
from selfinstruct.store.attributes import attributes_of, load_asked
from selfinstruct.store.connection import snapshot
from selfinstruct.store.directory import RunPaths, run_to_read
from selfinstruct.store.encoding import neighbours_from_json
from selfinstruct.store.lineage import Lineage, trace
from selfinstruct.store.lock import is_held
from selfinstruct.store.meanings import RecordedTexts, load_embeddings, load_meanings
from selfinstruct.store.names import PoolNames, task_id
from selfinstruct.store.record import RunRecord, load_record
from selfinstruct.store.schema import has_completions, stored_config
from selfinstruct.store.selection import select_tasks
from selfinstruct.store.state import (
    RecordedRequest,
    load_latest_completions,
    load_notes,
    load_recorded_requests,
    load_seeds,
)
from selfinstruct.store.summary import Summary, summarize

__all__ = ["CandidateRow", "JudgedTask", "RequestRow", "RunReader"]


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """An instruction candidate. `position` is its place in the ticket's reply, from 0; `nearest` the id
    of the nearest pool entry and `score` the ROUGE-L F1 with it, both None where none was computed."""

    ticket: int
    position: int
    instruction: str
    verdict: Literal["accepted", "rejected"]
    reason: str | None
    nearest: str | None
    score: float | None


@dataclass(frozen=True, slots=True)
class JudgedTask:
    """A settled task with its instances. reason: why it is not in a data set; None where it may be."""

    number: int
    instruction: str
    is_classification: bool
    instances: tuple[JudgedInstance, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A completed request. `task` is None in the stages of instructions and meaning; elsewhere `ticket` is
    the one that bore the task. `position` is the place of an answer's input among those of the task; 1 for
    the kind of a seed, which `task` names, and which no ticket bore; -1 for the embeddings of seeds, which
    have no ticket either; 0 elsewhere."""

    stage: Stage
    ticket: int | None
    task: str | None
    position: int
    prompt: str
    completion: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int


TASKS = (
    "SELECT number, text, tasks.is_classification, input, output FROM tasks"
    " JOIN candidates USING (ticket, position) JOIN instances ON instances.task = number"
    " WHERE valid AND number >= ? AND number < ? AND instances.reason IS NULL"
    " ORDER BY number, instances.position"
)
PLACE = "SELECT number FROM tasks WHERE valid AND number < ? ORDER BY number LIMIT 1 OFFSET ?"
ADMITTED_BEFORE = (
    "SELECT text FROM tasks JOIN candidates USING (ticket, position)"
    " WHERE (ticket, position) < (?, ?) ORDER BY number"
)
CANDIDATES = (
    "SELECT ticket, position, text, reason, neighbours FROM candidates WHERE ticket <= ?"
    " ORDER BY ticket, position"
)
ADMISSIONS = (
    "SELECT number, text, reason, detail, neighbours, mean_similarity, is_classification, needs_input,"
    " given FROM tickets"
    " LEFT JOIN candidates ON ticket = number ORDER BY number, position"
)
INSTANCES = (
    "SELECT ticket, tasks.position, number, text, tasks.is_classification, tasks.reason, input, output,"
    " instances.reason, instances.detail FROM tasks JOIN candidates USING (ticket, position)"
    " JOIN instances ON task = number ORDER BY number, instances.position"
)
REQUESTS = (
    "SELECT r.subject, t.ticket, r.position, p.text || r.body, r.reply, a.finish_reason, a.prompt_tokens,"
    " a.completion_tokens FROM requests r JOIN attempts a ON a.id = r.attempt"
    " JOIN preambles p ON p.id = r.preamble"
    " LEFT JOIN tasks t ON r.stage NOT IN ('instructions', 'meaning') AND t.number = r.subject"
    " AND NOT (r.stage = 'classification' AND r.position = 1)"
    " WHERE r.stage = ? ORDER BY r.subject, r.position"
)
ALL = 2**62
"""A ticket beyond every ticket."""


class RunReader:
    """Reads the run in one directory. Every method raises StorageError for a damaged file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._paths = RunPaths(directory)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Raises NotARunError where there is no run, or one of another format."""
        directory = Path(directory)
        run_to_read(directory)
        reader = cls(directory)
        reader.config()
        return reader

    @property
    def is_being_written(self) -> bool:
        """Whether a process writes the run at this moment."""
        return is_held(self._paths.lock)

    def config(self) -> Config:
        """As of the latest resume."""
        with self._snapshot() as connection:
            return self._config(connection)

    def seeds(self) -> tuple[SeedTask, ...]:
        """In the pool's order."""
        with self._snapshot() as connection:
            return load_seeds(connection)

    def notes(self) -> dict[str, Any]:
        """Small facts, by key."""
        with self._snapshot() as connection:
            return load_notes(connection)

    def has_completions(self) -> bool:
        """Whether any request was ever completed; until then a run may be asked for something else. False
        also where there is no run, and for one that is just being created."""
        if not self._paths.database.exists():
            return False
        with self._snapshot() as connection:
            begun = stored_config(connection, self._paths.database) is not None
            return begun and has_completions(connection)

    def summary(self) -> Summary:
        """The run in numbers."""
        with self._snapshot() as connection:
            return summarize(connection, self._config(connection).limits.tasks)

    def record(
        self, *, whole_up_to: int | None = None, sample: int = 0, rows_alone: bool = False
    ) -> RunRecord:
        """All of it at once, but for prompts and replies; or a sample, as `load_record` draws it."""
        with self._snapshot() as connection:
            return load_record(
                connection,
                self._config(connection),
                whole_up_to=whole_up_to,
                sample=sample,
                rows_alone=rows_alone,
            )

    def deciding_ticket(self) -> int | None:
        """The ticket that bore the last task wanted; None while there are fewer."""
        with self._snapshot() as connection:
            return select_tasks(connection, self._config(connection).limits.tasks).deciding_ticket

    def task_count(self) -> int:
        """Tasks in the data set."""
        with self._snapshot() as connection:
            return select_tasks(connection, self._config(connection).limits.tasks).tasks

    def tasks(self, first: int = 0, most: int = -1) -> Iterator[Task]:
        """The data set (`selection`), or a part of it: from the place `first` on, and so many tasks at most;
        -1 for all."""
        with self._snapshot() as connection:
            end = select_tasks(connection, self._config(connection).limits.tasks).end

            def number_at(place: int) -> int:
                if place == 0:
                    return 0
                found = connection.execute(PLACE, (end, place)).fetchone()
                return end if found is None else int(found[0])

            begin, stop = number_at(first), end if most < 0 else number_at(first + most)
            yield from _tasks_between(connection, begin, stop)

    def task(self, name: str) -> Task | None:
        """The data set's task of this id; None where it has none."""
        if not re.fullmatch(r"task_(0|[1-9]\d{0,17})", name):
            return None
        number = int(name.removeprefix("task_"))
        with self._snapshot() as connection:
            end = select_tasks(connection, self._config(connection).limits.tasks).end
            return next(_tasks_between(connection, number, min(number + 1, end)), None)

    def candidates(self) -> Iterator[CandidateRow]:
        """In admission order, up to and with the deciding ticket; all where there is none yet."""
        with self._snapshot() as connection:
            last = select_tasks(connection, self._config(connection).limits.tasks).deciding_ticket
            names = PoolNames(connection)
            rows = connection.execute(CANDIDATES, (ALL if last is None else last,))
            for ticket, position, text, reason, neighbours in rows:
                near = neighbours_from_json(neighbours)
                yield CandidateRow(
                    ticket=ticket,
                    position=position,
                    instruction=text,
                    verdict="accepted" if reason is None else "rejected",
                    reason=reason,
                    nearest=names[near[0].index] if near else None,
                    score=near[0].score if near else None,
                )

    def admissions(self) -> Iterator[tuple[JudgedInstruction, ...]]:
        """What `RunWriter.admit` was told of tickets 0, 1, 2 …: of every admitted one, also of those beyond
        the deciding one."""
        with self._snapshot() as connection:
            meanings = load_meanings(connection)
            for ticket, rows in groupby(connection.execute(ADMISSIONS), key=itemgetter(0)):
                judged = tuple(
                    JudgedInstruction(
                        text=text,
                        verdict=Verdict(reason, detail),
                        neighbours=neighbours_from_json(neighbours),
                        mean_similarity=mean_similarity,
                        is_classification=None if kind is None else bool(kind),
                        needs_input=bool(needs_input),
                        input=given,
                    )
                    for _, text, reason, detail, neighbours, mean_similarity, kind, needs_input, given in rows
                    if text is not None  # one row even of a ticket that brought nothing
                )
                yield tuple(
                    replace(each, meaning=found[0], untested=found[1])
                    if (found := meanings.get((ticket, position)))
                    else each
                    for position, each in enumerate(judged)
                )

    def embeddings(self) -> Iterator[RecordedTexts]:
        """The requests for embeddings that are over, those of seeds first, then by ticket."""
        with self._snapshot() as connection:
            yield from load_embeddings(connection)

    def judged_tasks(self) -> Iterator[tuple[tuple[int, int], JudgedTask]]:
        """What `RunWriter.settle` was told of tasks that had instance candidates, each with its ticket and
        position."""
        with self._snapshot() as connection:
            rows = connection.execute(INSTANCES)
            for (ticket, position, number, text, kind, reason), group in groupby(
                rows, key=lambda row: row[:6]
            ):
                judged = tuple(
                    JudgedInstance(given, output, Verdict(why, detail))
                    for *_, given, output, why, detail in group
                )
                yield (ticket, position), JudgedTask(number, text, bool(kind), judged, reason)

    def requests(self) -> Iterator[RequestRow]:
        """Completed ones, stage by stage, by ticket or task number in each, answers by their places too."""
        with self._snapshot() as connection:
            seeds = PoolNames(connection).seeds
            for stage in Stage:
                for subject, ticket, position, *rest in connection.execute(REQUESTS, (stage.value,)):
                    if stage in (Stage.INSTRUCTIONS, Stage.MEANING):
                        of_seeds = stage is Stage.MEANING and position == SEED_TEXTS
                        yield RequestRow(stage, None if of_seeds else subject, None, position, *rest)
                    elif stage is Stage.CLASSIFICATION and position == CALIBRATION:
                        seed = seeds[subject] if subject < len(seeds) else None
                        yield RequestRow(stage, None, seed, position, *rest)
                    else:
                        yield RequestRow(stage, ticket, task_id(subject), position, *rest)

    def recorded_requests(self, stage: Stage) -> Iterator[RecordedRequest]:
        """Those of a stage that are over, lost ones too, by ticket or task number."""
        with self._snapshot() as connection:
            yield from load_recorded_requests(connection, stage)

    def latest_completions(self, stage: Stage, count: int) -> list[Completion]:
        """Those of a stage with the highest ticket or task numbers, so many at most, in their order."""
        with self._snapshot() as connection:
            return load_latest_completions(connection, stage, count)

    def attributes(self) -> dict[str, Attributes]:
        """What tasks were asked to be, by their ids; no entry for one that was asked for without."""
        with self._snapshot() as connection:
            asked = load_asked(connection)
            rows = connection.execute("SELECT number, ticket, position FROM tasks ORDER BY number")
            found = {
                task_id(number): attributes_of(asked.get(ticket, ()), position)
                for number, ticket, position in rows
            }
        return {name: attributes for name, attributes in found.items() if attributes is not None}

    def lineage(self, identifier: str) -> Lineage:
        """Everything about one instruction: `task_17`, `17.3` (ticket and position) or a seed's id.

        Raises UserError for an id that the run does not have.
        """
        with self._snapshot() as connection:
            return trace(connection, identifier)

    def admitted_before(self, ticket: int, position: int) -> list[str]:
        """The instructions that were admitted before a candidate, in their order."""
        with self._snapshot() as connection:
            return [text for (text,) in connection.execute(ADMITTED_BEFORE, (ticket, position))]

    def _snapshot(self) -> AbstractContextManager[sqlite3.Connection]:
        return snapshot(self._paths.database, self._paths.lock)

    def _config(self, connection: sqlite3.Connection) -> Config:
        config = stored_config(connection, self._paths.database)
        if config is None:
            raise NotARunError(
                f"{self.directory} holds a run whose creation was interrupted.",
                "Run the command that started it again.",
            )
        return config


def _tasks_between(connection: sqlite3.Connection, begin: int, stop: int) -> Iterator[Task]:
    """The valid ones of these numbers."""
    for number, rows in groupby(connection.execute(TASKS, (begin, stop)), key=itemgetter(0)):
        those = list(rows)
        _, text, is_classification, *_ = those[0]
        instances = tuple(Instance(row[3], row[4]) for row in those)
        yield Task(task_id(number), text, bool(is_classification), instances)
