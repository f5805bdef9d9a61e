"""A whole run as it is at one moment, for whoever looks at all of it: reports.

Everything but the texts of prompts and replies; 50,000 tasks take some 150 MB of memory. Of a larger run a
sample can be read: tickets drawn at random, each with all that came of it. Counts are of the whole run.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby
from math import ceil
from operator import itemgetter
from typing import Any

from selfinstruct.config import Config
from selfinstruct.records import (
    Attributes,
    Instance,
    JudgedInstance,
    Neighbour,
    SeedTask,
    Stage,
    Task,
    Verdict,
)
from selfinstruct.store.attributes import load_asked
from selfinstruct.store.batches import holds_batches
from selfinstruct.store.meanings import load_meanings
from selfinstruct.store.names import candidate_id, task_id
from selfinstruct.store.selection import select_tasks
from selfinstruct.store.state import load_notes, load_seeds
from selfinstruct.store.summary import Summary, summarize

__all__ = [
    "AttemptRecord",
    "CandidateRecord",
    "RunCounts",
    "RunRecord",
    "Sample",
    "TaskRecord",
    "TicketRecord",
    "load_record",
]


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """An admitted ticket. candidates, admitted: how many. shown: what its prompt showed, pool indices or,
    in a run that was filtered from another, candidates' ids (`17.3`). lost: it has no reply. asked: the
    attributes asked for (`store.attributes`)."""

    number: int
    candidates: int
    admitted: int
    shown: tuple[int | str, ...]
    lost: bool
    asked: tuple[Attributes, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateRecord:
    """An instruction candidate. nearest: the pool entry that it was most like; None where no similarity was
    computed. task: the number of the task that it became; None where it was rejected. meaning: the entry
    nearest in meaning, with the cosine; None where there is none to tell."""

    ticket: int
    position: int
    text: str
    verdict: Verdict
    nearest: Neighbour | None
    task: int | None
    meaning: Neighbour | None = None

    @property
    def id(self) -> str:
        """`task_17` or `17.3`."""
        return candidate_id(self.ticket, self.position) if self.task is None else task_id(self.task)


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """An admitted task. valid: None until it is settled; reason: why it is not. instances: all, with their
    verdicts."""

    number: int
    ticket: int
    text: str
    is_classification: bool | None
    valid: bool | None
    reason: str | None
    instances: tuple[JudgedInstance, ...]

    def task(self) -> Task:
        """As a data set holds it."""
        kept = tuple(Instance(each.input, each.output) for each in self.instances if each.verdict.accepted)
        return Task(task_id(self.number), self.text, bool(self.is_classification), kept)


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """A request sent once. stage, subject, position: as in `Request`.

    outcome: `completed`, the error's class, or None where its process died before
    there was one. started: seconds since 1970; seconds: None without an outcome. Tokens: as `TokenCounts` has
    them, 0 unless completed. in_batch: whether it went in a batch of the provider's."""

    stage: Stage
    subject: int
    position: int
    started: float
    seconds: float | None
    outcome: str | None
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    in_batch: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """What was read of a run that is too large to read whole: tickets drawn at random, of those admitted, and
    the tasks that they bore, of all."""

    tickets: int
    of_tickets: int
    tasks: int
    of_tasks: int


@dataclass(frozen=True, slots=True)
class RunCounts:
    """Of the whole run, beyond what its summary has. classification, other: admitted tasks; the rest is not
    classified yet. valid, settled: admitted tasks. instances: of all tasks, rejected ones too.
    classification_tasks, empty_inputs: of the data set. failed: attempts, by stage; open: those whose process
    died before their outcome, or is still at work."""

    classification: int
    other: int
    valid: int
    settled: int
    instances: int
    classification_tasks: int
    empty_inputs: int
    failed: dict[Stage, int]
    open: int


NOT_COUNTED = RunCounts(0, 0, 0, 0, 0, 0, 0, {}, 0)


@dataclass(frozen=True)
class RunRecord:
    """tickets: all admitted ones, in order. candidates, tasks: in admission order. attempts: in the order in
    which they were sent. Where there is a `sample`, the last three are those of its tickets alone.
    end: tasks with a lower number are the data set, as far as they are valid (`selection`).
    pool: the instructions of all admitted tasks."""

    config: Config
    seeds: tuple[SeedTask, ...]
    notes: dict[str, Any]
    summary: Summary
    counts: RunCounts
    end: int
    sample: Sample | None
    tickets: list[TicketRecord]
    candidates: list[CandidateRecord]
    tasks: list[TaskRecord]
    attempts: list[AttemptRecord]
    pool: list[str]

    @property
    def scale(self) -> float:
        """What to multiply a sum over what was read by, for the whole run's; 1.0 where all was read."""
        return 1.0 if self.sample is None else self.sample.of_tickets / self.sample.tickets

    @cached_property
    def by_number(self) -> dict[int, TaskRecord]:
        """The tasks that were read."""
        return {task.number: task for task in self.tasks}

    def in_data_set(self, task: TaskRecord) -> bool:
        """Whether it is one of those wanted, and valid."""
        return bool(task.valid) and task.number < self.end

    def pool_text(self, index: int) -> str:
        """Of a pool entry, seeds first."""
        seeds = len(self.seeds)
        return self.seeds[index].instruction if index < seeds else self.pool[index - seeds]

    def pool_name(self, index: int) -> str:
        """Its id."""
        seeds = len(self.seeds)
        return self.seeds[index].id if index < seeds else task_id(index - seeds)


TICKETS = (
    "SELECT number, candidates, admitted, coalesce(shown, '[]'), lost IS NOT NULL FROM tickets"
    " LEFT JOIN demonstrations ON ticket = number"
    " LEFT JOIN requests ON stage = 'instructions' AND subject = number ORDER BY number"
)
CANDIDATES = (
    "SELECT ticket, position, text, reason, detail, json_extract(neighbours, '$[0][0]'),"
    " json_extract(neighbours, '$[0][1]') FROM {} ORDER BY ticket, position"
)
TASKS = "SELECT number, ticket, is_classification, valid, reason FROM {} ORDER BY number"
INSTANCES = "SELECT task, input, output, reason, detail FROM {} ORDER BY task, position"
WHOLE = {CANDIDATES: "candidates", TASKS: "tasks", INSTANCES: "instances"}
CHOSEN = {
    CANDIDATES: "chosen_tickets CROSS JOIN candidates USING (ticket)",
    TASKS: "chosen_tasks CROSS JOIN tasks USING (number)",
    INSTANCES: "chosen_tasks CROSS JOIN instances ON task = number",
}
POOL = "SELECT text FROM candidates WHERE reason IS NULL ORDER BY ticket, position"
ATTEMPTS = (
    "SELECT stage, subject, position, started, seconds, outcome, coalesce(prompt_tokens, 0),"
    " coalesce(completion_tokens, 0), coalesce(cached_tokens, 0), coalesce(cache_write_tokens, 0), {}"
    " FROM attempts{} ORDER BY id"
)
IN_BATCH = "EXISTS (SELECT 1 FROM batched WHERE attempt = id)"

CHOSEN_TICKETS = "CREATE TEMPORARY TABLE chosen_tickets (ticket INTEGER PRIMARY KEY)"
CHOSEN_TASKS = "CREATE TEMPORARY TABLE chosen_tasks (number INTEGER PRIMARY KEY)"
CHOSEN_ATTEMPTS = (
    " WHERE (stage IN ('instructions', 'meaning') AND position >= 0 AND subject IN chosen_tickets)"
    " OR (stage NOT IN ('instructions', 'meaning') AND subject IN chosen_tasks"
    " AND NOT (stage = 'classification' AND position = 1))"
)
FAILED = (
    "SELECT stage, count(*) FROM attempts WHERE outcome IS NOT NULL AND outcome <> 'completed'"
    " AND outcome <> 'negotiated' GROUP BY stage"
)
EMPTY_INPUTS = (
    "SELECT count(*) FROM instances JOIN tasks ON number = task"
    " WHERE input = '' AND instances.reason IS NULL AND valid AND number < ?"
)


def load_record(
    connection: sqlite3.Connection,
    config: Config,
    *,
    whole_up_to: int | None = None,
    sample: int = 0,
    rows_alone: bool = False,
) -> RunRecord:
    """Read within one snapshot.

    whole_up_to: the most tasks that are read whole, None for any number. sample: how many, about, of more.
    rows_alone: leave tickets, attempts and the pool empty, and the counts at 0.
    """
    summary = summarize(connection, config.limits.tasks)
    end = select_tasks(connection, config.limits.tasks).end
    admitted = [count for (count,) in connection.execute("SELECT admitted FROM tickets ORDER BY number")]
    firsts = [0, *accumulate(admitted)]
    chosen: range | list[int] = range(len(admitted))
    if whole_up_to is not None and firsts[-1] > whole_up_to:
        count = min(len(admitted), ceil(sample * len(admitted) / firsts[-1]))
        chosen = sorted(random.Random(config.seed).sample(chosen, count))
        _choose(connection, chosen, firsts)
    is_sample = len(chosen) < len(admitted)
    tables = CHOSEN if is_sample else WHOLE
    candidates = _candidates(connection, firsts, CANDIDATES.format(tables[CANDIDATES]))
    texts = {each.task: each.text for each in candidates if each.task is not None}
    tasks = _tasks(connection, texts, tables)
    return RunRecord(
        config=config,
        seeds=load_seeds(connection),
        notes=load_notes(connection),
        summary=summary,
        counts=NOT_COUNTED if rows_alone else _counts(connection, summary, end),
        end=end,
        sample=Sample(len(chosen), len(admitted), len(tasks), firsts[-1]) if is_sample else None,
        tickets=[] if rows_alone else _tickets(connection),
        candidates=candidates,
        tasks=tasks,
        attempts=[] if rows_alone else _attempts(connection, CHOSEN_ATTEMPTS if is_sample else ""),
        pool=[] if rows_alone else _pool(connection, tasks, is_sample=is_sample),
    )


def _choose(connection: sqlite3.Connection, tickets: Sequence[int], firsts: Sequence[int]) -> None:
    """firsts: by ticket, the number of its first task; it bears them one after the other."""
    connection.execute(CHOSEN_TICKETS)
    connection.execute(CHOSEN_TASKS)
    connection.executemany("INSERT INTO chosen_tickets VALUES (?)", ((ticket,) for ticket in tickets))
    numbers = ((number,) for ticket in tickets for number in range(firsts[ticket], firsts[ticket + 1]))
    connection.executemany("INSERT INTO chosen_tasks VALUES (?)", numbers)


def _tickets(connection: sqlite3.Connection) -> list[TicketRecord]:
    asked = load_asked(connection)
    return [
        TicketRecord(
            number, candidates, admitted, tuple(json.loads(shown)), bool(lost), asked.get(number, ())
        )
        for number, candidates, admitted, shown, lost in connection.execute(TICKETS)
    ]


def _candidates(connection: sqlite3.Connection, firsts: Sequence[int], query: str) -> list[CandidateRecord]:
    """firsts: by ticket, the number of the first task that it bore; its accepted candidates are those."""
    meanings = load_meanings(connection)
    found = []
    for ticket, rows in groupby(connection.execute(query), key=itemgetter(0)):
        task = firsts[ticket]
        for _, position, text, reason, detail, index, score in rows:
            found.append(
                CandidateRecord(
                    ticket,
                    position,
                    text,
                    Verdict(reason, detail),
                    None if index is None else Neighbour(index, score),
                    task if reason is None else None,
                    meanings.get((ticket, position), (None, False))[0],
                )
            )
            task += reason is None
    return found


def _tasks(
    connection: sqlite3.Connection, texts: Mapping[int, str], tables: Mapping[str, str]
) -> list[TaskRecord]:
    """texts: instructions, by the task's number."""
    rows = connection.execute(INSTANCES.format(tables[INSTANCES]))
    instances = {
        task: tuple(
            JudgedInstance(given, output, Verdict(reason, detail))
            for _, given, output, reason, detail in group
        )
        for task, group in groupby(rows, key=itemgetter(0))
    }
    return [
        TaskRecord(
            number,
            ticket,
            texts[number],
            None if kind is None else bool(kind),
            None if valid is None else bool(valid),
            reason,
            instances.get(number, ()),
        )
        for number, ticket, kind, valid, reason in connection.execute(TASKS.format(tables[TASKS]))
    ]


def _attempts(connection: sqlite3.Connection, those: str) -> list[AttemptRecord]:
    in_batch = IN_BATCH if holds_batches(connection) else "0"
    rows = connection.execute(ATTEMPTS.format(in_batch, those))
    return [AttemptRecord(Stage(stage), subject, *rest) for stage, subject, *rest in rows]


def _pool(connection: sqlite3.Connection, tasks: Sequence[TaskRecord], *, is_sample: bool) -> list[str]:
    """In a sample, all that was admitted as well."""
    if is_sample:
        return [text for (text,) in connection.execute(POOL)]
    return [task.text for task in tasks]


def _counts(connection: sqlite3.Connection, summary: Summary, end: int) -> RunCounts:
    """A second or two in a run of a million tasks."""
    kinds: dict[int | None, int] = dict(
        connection.execute("SELECT is_classification, count(*) FROM tasks GROUP BY 1")
    )

    def count(query: str, *values: int) -> int:
        return int(connection.execute(query, values).fetchone()[0])

    return RunCounts(
        classification=kinds.get(1, 0),
        other=kinds.get(0, 0),
        valid=count("SELECT valid FROM task_totals"),
        settled=summary.admitted - summary.pending,
        instances=count("SELECT count(*) FROM instances"),
        classification_tasks=count(
            "SELECT count(*) FROM tasks WHERE valid AND number < ? AND is_classification", end
        ),
        empty_inputs=count(EMPTY_INPUTS, end),
        failed={Stage(stage): number for stage, number in connection.execute(FAILED)},
        open=count("SELECT count(*) FROM attempts WHERE outcome IS NULL"),
    )
