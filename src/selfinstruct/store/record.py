"""A whole run as it is at one moment, for whoever looks at all of it: reports.

Everything but the texts of prompts and replies. 50,000 tasks take some 150 MB of memory.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from itertools import groupby
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

__all__ = ["AttemptRecord", "CandidateRecord", "RunRecord", "TaskRecord", "TicketRecord", "load_record"]


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
class RunRecord:
    """tickets, candidates, tasks: in admission order; attempts: in the order in which they were sent.
    end: tasks with a lower number are the data set, as far as they are valid (`selection`)."""

    config: Config
    seeds: tuple[SeedTask, ...]
    notes: dict[str, Any]
    summary: Summary
    end: int
    tickets: list[TicketRecord]
    candidates: list[CandidateRecord]
    tasks: list[TaskRecord]
    attempts: list[AttemptRecord]

    def in_data_set(self, task: TaskRecord) -> bool:
        """Whether it is one of those wanted, and valid."""
        return bool(task.valid) and task.number < self.end

    def pool_text(self, index: int) -> str:
        """Of a pool entry, seeds first."""
        seeds = len(self.seeds)
        return self.seeds[index].instruction if index < seeds else self.tasks[index - seeds].text

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
    "SELECT ticket, position, text, candidates.reason, detail, json_extract(neighbours, '$[0][0]'),"
    " json_extract(neighbours, '$[0][1]'), number FROM candidates LEFT JOIN tasks USING (ticket, position)"
    " ORDER BY ticket, position"
)
TASKS = (
    "SELECT number, ticket, text, tasks.is_classification, valid, tasks.reason FROM tasks"
    " JOIN candidates USING (ticket, position) ORDER BY number"
)
INSTANCES = "SELECT task, input, output, reason, detail FROM instances ORDER BY task, position"
ATTEMPTS = (
    "SELECT stage, subject, position, started, seconds, outcome, coalesce(prompt_tokens, 0),"
    " coalesce(completion_tokens, 0), coalesce(cached_tokens, 0), coalesce(cache_write_tokens, 0), {}"
    " FROM attempts ORDER BY id"
)


IN_BATCH = "EXISTS (SELECT 1 FROM batched WHERE attempt = id)"


def load_record(connection: sqlite3.Connection, config: Config) -> RunRecord:
    """Read all of it, within one snapshot."""
    asked = load_asked(connection)
    meanings = load_meanings(connection)
    attempts = connection.execute(ATTEMPTS.format(IN_BATCH if holds_batches(connection) else "0"))
    return RunRecord(
        config=config,
        seeds=load_seeds(connection),
        notes=load_notes(connection),
        summary=summarize(connection, config.limits.tasks),
        end=select_tasks(connection, config.limits.tasks).end,
        tickets=[
            TicketRecord(
                number, candidates, admitted, tuple(json.loads(shown)), bool(lost), asked.get(number, ())
            )
            for number, candidates, admitted, shown, lost in connection.execute(TICKETS)
        ],
        candidates=[
            CandidateRecord(
                ticket,
                position,
                text,
                Verdict(reason, detail),
                None if index is None else Neighbour(index, score),
                task,
                meanings.get((ticket, position), (None, False))[0],
            )
            for ticket, position, text, reason, detail, index, score, task in connection.execute(CANDIDATES)
        ],
        tasks=_tasks(connection),
        attempts=[AttemptRecord(Stage(stage), subject, *rest) for stage, subject, *rest in attempts],
    )


def _tasks(connection: sqlite3.Connection) -> list[TaskRecord]:
    instances = {
        task: tuple(
            JudgedInstance(given, output, Verdict(reason, detail))
            for _, given, output, reason, detail in rows
        )
        for task, rows in groupby(connection.execute(INSTANCES), key=itemgetter(0))
    }
    return [
        TaskRecord(
            number,
            ticket,
            text,
            None if kind is None else bool(kind),
            None if valid is None else bool(valid),
            reason,
            instances.get(number, ()),
        )
        for number, ticket, text, kind, valid, reason in connection.execute(TASKS)
    ]
