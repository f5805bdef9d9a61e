"""Where an instruction came from, and what became of it."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass

from selfinstruct.errors import UserError
from selfinstruct.records import ACCEPTED, Attributes, JudgedInstance, Neighbour, Stage, Verdict
from selfinstruct.store.attributes import attributes_of, load_asked
from selfinstruct.store.encoding import neighbours_from_json
from selfinstruct.store.meanings import load_meanings
from selfinstruct.store.names import SEED, PoolNames, candidate_id, seed_name, task_id
from selfinstruct.store.notes import CUT_NOTE
from selfinstruct.store.state import load_notes, load_seeds

__all__ = ["Exchange", "Lineage", "NearEntry", "PoolEntry", "trace"]


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """An instruction of the pool; or, as a demonstration in a filtered run, of the pool that was."""

    id: str
    instruction: str


@dataclass(frozen=True, slots=True)
class NearEntry:
    """A pool entry near a candidate; `score` is the ROUGE-L F1 of the two, or their cosine."""

    id: str
    instruction: str
    score: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came of it: a completion, or the reason why it was lost.

    attempts: how often it was sent, as far as the run knows. Tokens are 0 where it was lost.
    """

    stage: Stage
    prompt: str
    attempts: int
    completion: str | None
    finish_reason: str | None
    prompt_tokens: int
    completion_tokens: int
    lost: str | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """All that is kept about one instruction.

    id: `task_17` where it was admitted, `17.3` where not, a seed's own (`names.seed_name`).
    ticket, position: None for seeds.
    neighbours, mean_similarity: empty and None where no similarity was computed.
    demonstrations: what the prompt that it came from showed.
    attributes: what it was asked to be, by its place in the reply; None where no attributes were asked for.
    valid: whether the task is one; None while it is not settled, and for rejected instructions;
        invalid_reason: why not.
    shown: in how many completed prompts it was a demonstration itself; offspring: how many instructions
        the replies to these added to the pool.
    meaning: the pool entry nearest in meaning, with the cosine; None where none was looked for, or none of a
        large pool is above the threshold. untested: whether it was not compared because its embedding was
        lost.
    cut: of the run, above which log P(Yes) - log P(No) means classification; None where answers are read.
    """

    id: str
    instruction: str
    verdict: Verdict
    ticket: int | None
    position: int | None
    neighbours: tuple[NearEntry, ...]
    mean_similarity: float | None
    demonstrations: tuple[PoolEntry, ...]
    requests: tuple[Exchange, ...]
    is_classification: bool | None
    valid: bool | None
    invalid_reason: str | None
    instances: tuple[JudgedInstance, ...]
    shown: int
    offspring: int
    cut: float | None = None
    attributes: Attributes | None = None
    meaning: NearEntry | None = None
    untested: bool = False


def trace(connection: sqlite3.Connection, identifier: str) -> Lineage:
    """Raises UserError for an id that the run does not have."""
    lookup = _Lookup(connection)
    if match := re.fullmatch(r"task_(\d{1,9})", identifier):
        row = connection.execute(
            "SELECT ticket, position FROM tasks WHERE number = ?", (int(match[1]),)
        ).fetchone()
        if row is not None:
            return _candidate(lookup, *row)
    elif match := re.fullmatch(r"(\d{1,9})\.(\d{1,9})", identifier):
        place = int(match[1]), int(match[2])
        query = "SELECT 1 FROM candidates WHERE ticket = ? AND position = ?"
        if connection.execute(query, place).fetchone() is not None:
            return _candidate(lookup, *place)
    for name in (identifier, seed_name(identifier), identifier.removeprefix(SEED)):
        if name in lookup.names.seeds:
            return _seed(lookup, lookup.names.seeds.index(name))
    raise UserError(
        f"The run has no instruction {identifier!r}.",
        "Ids are task_17 (a task), 17.3 (item 3, counted from 0, of the reply to instruction request "
        "17), or a"
        " seed's own, such as " + ", ".join(lookup.names.seeds[:1] or ["seed_task_0"]) + ".",
    )


class _Lookup:
    """What several parts of a lineage ask the database for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.names = PoolNames(connection)

    def instruction(self, index: int) -> str:
        """Of a pool entry."""
        seeds = len(self.names.seeds)
        query, number = (
            ("SELECT instruction FROM seeds WHERE number = ?", index)
            if index < seeds
            else (
                "SELECT text FROM tasks JOIN candidates USING (ticket, position) WHERE number = ?",
                index - seeds,
            )
        )
        (text,) = self.connection.execute(query, (number,)).fetchone()
        return str(text)

    def near(self, near: Neighbour) -> NearEntry:
        """With its name and its text."""
        return NearEntry(self.names[near.index], self.instruction(near.index), near.score)

    def demonstrations(self, ticket: int) -> tuple[PoolEntry, ...]:
        """What the ticket's prompt showed."""
        query = "SELECT shown FROM demonstrations WHERE ticket = ?"
        row = self.connection.execute(query, (ticket,)).fetchone()
        shown = json.loads(row[0]) if row else []
        return tuple(map(self._shown, shown))

    def _shown(self, entry: int | str) -> PoolEntry:
        """By pool index or, where filtering left it none, as a candidate."""
        if isinstance(entry, int):
            return PoolEntry(self.names[entry], self.instruction(entry))
        query = (
            "SELECT number, text FROM candidates LEFT JOIN tasks USING (ticket, position)"
            " WHERE ticket = ? AND position = ?"
        )
        number, text = self.connection.execute(query, entry.split(".")).fetchone()
        return PoolEntry(entry if number is None else task_id(number), text)

    def uses(self, index: int | None, candidate: str | None = None) -> tuple[int, int]:
        """In how many prompts an instruction was shown, and how many instructions these added. It may be
        named by its pool index or, in a filtered run, as a candidate."""
        shown, offspring = self.connection.execute(
            "SELECT count(*), coalesce(sum(admitted), 0) FROM demonstrations"
            " LEFT JOIN tickets ON tickets.number = ticket"
            " WHERE EXISTS (SELECT 1 FROM json_each(shown) WHERE value IN (?, ?))",
            (index, candidate),
        ).fetchone()
        return shown, offspring

    def exchanges(self, subjects: dict[Stage, int]) -> tuple[Exchange, ...]:
        """The requests that are over, in the stages' order."""
        query = (
            "SELECT p.text || r.body, (SELECT count(*) FROM attempts b WHERE b.stage = r.stage"
            " AND b.subject = r.subject AND b.position = r.position), r.reply, a.finish_reason,"
            " coalesce(a.prompt_tokens, 0), coalesce(a.completion_tokens, 0), r.lost FROM requests r"
            " JOIN preambles p ON p.id = r.preamble LEFT JOIN attempts a ON a.id = r.attempt"
            " WHERE r.stage = ? AND r.subject = ? AND (r.stage = 'answers' OR r.position = 0)"
            " ORDER BY r.position"
        )
        return tuple(
            Exchange(stage, *row)
            for stage, subject in subjects.items()
            for row in self.connection.execute(query, (stage.value, subject))
        )


def _candidate(lookup: _Lookup, ticket: int, position: int) -> Lineage:
    text, reason, detail, neighbours, mean_similarity = lookup.connection.execute(
        "SELECT text, reason, detail, neighbours, mean_similarity FROM candidates"
        " WHERE ticket = ? AND position = ?",
        (ticket, position),
    ).fetchone()
    number, is_classification, valid, invalid_reason = lookup.connection.execute(
        "SELECT number, is_classification, valid, reason FROM tasks WHERE ticket = ? AND position = ?",
        (ticket, position),
    ).fetchone() or (None, None, None, None)
    subjects, index = {Stage.INSTRUCTIONS: ticket}, None
    if number is not None:
        subjects |= dict.fromkeys((Stage.CLASSIFICATION, Stage.INSTANCES, Stage.ANSWERS), number)
        index = len(lookup.names.seeds) + number
    shown, offspring = lookup.uses(index, candidate_id(ticket, position))
    meaning, untested = load_meanings(lookup.connection, ticket).get((ticket, position), (None, False))
    return Lineage(
        id=candidate_id(ticket, position) if number is None else task_id(number),
        instruction=text,
        verdict=Verdict(reason, detail),
        ticket=ticket,
        position=position,
        neighbours=tuple(map(lookup.near, neighbours_from_json(neighbours))),
        mean_similarity=mean_similarity,
        demonstrations=lookup.demonstrations(ticket),
        requests=lookup.exchanges(subjects),
        is_classification=None if is_classification is None else bool(is_classification),
        valid=None if valid is None else bool(valid),
        invalid_reason=invalid_reason,
        instances=tuple(
            JudgedInstance(given, output, Verdict(why, what))
            for given, output, why, what in lookup.connection.execute(
                "SELECT input, output, reason, detail FROM instances WHERE task = ? ORDER BY position",
                (number,),
            )
        ),
        shown=shown,
        offspring=offspring,
        cut=load_notes(lookup.connection).get(CUT_NOTE, {}).get("at"),
        attributes=attributes_of(load_asked(lookup.connection, ticket).get(ticket, ()), position),
        meaning=None if meaning is None else lookup.near(meaning),
        untested=untested,
    )


def _seed(lookup: _Lookup, number: int) -> Lineage:
    seed = load_seeds(lookup.connection)[number]
    shown, offspring = lookup.uses(number)
    return Lineage(
        id=lookup.names.seeds[number],
        instruction=seed.instruction,
        verdict=ACCEPTED,
        ticket=None,
        position=None,
        neighbours=(),
        mean_similarity=None,
        demonstrations=(),
        requests=(),
        is_classification=seed.is_classification,
        valid=True,
        invalid_reason=None,
        instances=tuple(JudgedInstance(each.input, each.output, ACCEPTED) for each in seed.instances),
        shown=shown,
        offspring=offspring,
    )
